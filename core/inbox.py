"""Events accepted from outside: each once, and none forgotten.

An event is written down before it is acknowledged to its platform; a restart finishes what was accepted and not
done. What comes a second time (platforms repeat themselves) is ignored. Knows no platform.
"""

import logging
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from core.arrivals import tell_of_arrival
from core.models import ProcessedEvent
from core.statements import Statement, as_id

log = logging.getLogger(__name__)

KEEP = timedelta(days=2)
MAX_ATTEMPTS = 3

_UNFINISHED = Statement("SELECT id FROM processed_events WHERE done_at IS NULL AND source || '' = :source")
"""Few events are unfinished, and a source has many: `|| ''` keeps databases from looking by source."""


async def accept_event(source: str, event_id: str, payload: dict[str, Any]) -> ProcessedEvent | None:
    """Write an event down; None when it was there already."""
    try:
        return await ProcessedEvent.create(source=source, event_id=event_id, payload=payload)
    except IntegrityError:
        return None


async def leave_event(source: str, event_id: str, payload: dict[str, Any]) -> bool:
    """Write an event down for whoever follows this source, in this process or in another; False when it was there."""
    if not await accept_event(source, event_id, payload):
        return False
    tell_of_arrival(source)
    return True


async def begin_event(event: ProcessedEvent) -> bool:
    """Count an attempt; False when it has crashed the process too often and should be left alone."""
    if event.attempts >= MAX_ATTEMPTS:
        log.error("%s: event %s is given up after %s attempts", event.source, event.event_id, event.attempts)
        await finish_event(event)
        return False
    await ProcessedEvent.filter(id=event.id).update(attempts=F("attempts") + 1)
    return True


async def forgive_attempt(event: ProcessedEvent) -> None:
    """The last one failed for something else than the event."""
    await ProcessedEvent.filter(id=event.id, attempts__gt=0).update(attempts=F("attempts") - 1)


async def keep_progress(event: ProcessedEvent, result: dict[str, Any]) -> None:
    """Remember how far an event has come, so that a restart goes on from there instead of from the beginning."""
    event.result = result
    await ProcessedEvent.filter(id=event.id).update(result=result)


async def finish_event(event: ProcessedEvent, result: dict[str, Any] | None = None) -> None:
    """Done; the payload is forgotten, the id is kept against repetition."""
    await ProcessedEvent.filter(id=event.id).update(done_at=datetime.now(UTC), payload={}, result=result)


async def finish_together(ids: Collection[str]) -> None:
    """All of them are done, or none: what was answered as one question."""
    if ids:
        await ProcessedEvent.filter(id__in=list(ids)).update(done_at=datetime.now(UTC), payload={})


async def unfinished_ids(source: str) -> set[str]:
    """Of what is accepted and not done."""
    return {str(as_id(row["id"])) for row in await _UNFINISHED.rows(source=source)}


async def events_of(ids: Collection[str]) -> list[ProcessedEvent]:
    return await ProcessedEvent.filter(id__in=list(ids)) if ids else []


async def unfinished_events(source: str) -> list[ProcessedEvent]:
    """Accepted and not done, oldest first: what a crash interrupted."""
    return await ProcessedEvent.filter(source=source, done_at=None).order_by("created_at")


async def forget_old_events() -> int:
    """Delete events done so long ago that no platform repeats them."""
    return await ProcessedEvent.filter(done_at__lt=datetime.now(UTC) - KEEP).delete()
