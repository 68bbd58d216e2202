"""Work that a caller may ask for again under the same key, and that is done once.

The key and its result stand in `processed_events`. Whoever works holds a short lease and renews it; when he dies or
gives up, the next to ask takes over. Knows no HTTP and nothing of the work.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import F

from core.database import DATABASE_AWAY
from core.errors import KeyReused, Unavailable
from core.inbox import accept_event, finish_event
from core.models import ProcessedEvent

LEASE = timedelta(seconds=8)
RENEW_S = 2.0
LOOK_S = 0.1
PATIENCE_S = 120.0

Answer = dict[str, Any]


async def do_once(source: str, key: str, request: Answer, work: Callable[[UUID], Awaitable[Answer]]) -> Answer:
    """What `work` returned for this key, now or earlier; `work` gets an id that stays the same over repetitions.

    Waits while another is at it. Raises `KeyReused` when the key was used for another request, `Unavailable` when
    the other takes too long, and whatever `work` raises: then the next to ask tries again.
    """
    mark = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    try:
        async with asyncio.timeout(PATIENCE_S):
            event = await _take_or_wait(source, key, mark)
    except TimeoutError:
        raise Unavailable(part="answer", reason="the same request is still being answered") from None
    if event.done_at:
        answer: Answer = (event.result or {})["answer"]
        return answer
    async with _lease(event, mark):
        answer = await work(event.id)
        await finish_event(event, {"mark": mark, "answer": answer})
    return answer


async def _take_or_wait(source: str, key: str, mark: str) -> ProcessedEvent:
    """The key's event: done, or ours to do."""
    while True:
        event = await accept_event(source, key, _held(mark))
        if event:
            return event
        event = await ProcessedEvent.get_or_none(source=source, event_id=key)
        if event is None:  # forgotten between the two looks
            continue
        if (event.result or event.payload).get("mark") != mark:
            raise KeyReused
        if event.done_at or await _take_over(event, mark):
            return event
        await asyncio.sleep(LOOK_S)


async def _take_over(event: ProcessedEvent, mark: str) -> bool:
    """Of many who see that a lease ran out, one gets it: `attempts` is what they compare."""
    if datetime.fromisoformat(event.payload["until"]) > datetime.now(UTC):
        return False
    taken = await ProcessedEvent.filter(id=event.id, done_at=None, attempts=event.attempts).update(
        attempts=F("attempts") + 1, payload=_held(mark)
    )
    return bool(taken)


@asynccontextmanager
async def _lease(event: ProcessedEvent, mark: str) -> AsyncIterator[None]:
    """Hold the event while the body runs, and let go of it at once when the body did not finish it."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await _open(event).update(payload=_held(mark))
            except DATABASE_AWAY:
                continue  # the database is away; the lease may still hold until it is back

    renewing = asyncio.get_running_loop().create_task(renew(), name=f"lease of {event.source} {event.event_id}")
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.wait({renewing})
        await asyncio.shield(_open(event).update(payload=_released(mark)))


def _open(event: ProcessedEvent) -> Any:
    return ProcessedEvent.filter(id=event.id, done_at=None)


def _held(mark: str) -> Answer:
    return {"mark": mark, "until": (datetime.now(UTC) + LEASE).isoformat()}


def _released(mark: str) -> Answer:
    return {"mark": mark, "until": datetime.now(UTC).isoformat()}
