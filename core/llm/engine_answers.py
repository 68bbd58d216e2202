"""From an engine process's tokens to pieces of text, within time limits. Refuses to know models and prompts."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Protocol

from core.errors import ModelUnavailable
from core.llm.engine_process import EngineProcess, Event


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `waiting` is how many requests may be open beyond those that run `at_once`; after `rest_s`
    without adapters the process that serves them ends."""

    start_s: float = 120
    first_token_s: float = 60
    total_s: float = 180
    close_s: float = 5
    rest_s: float = 900
    waiting: int = 24
    at_once: int = 8


class TextOfTokens(Protocol):
    """Puts token ids together to whole letters. `is_done` ends an answer that its model does not end itself."""

    @property
    def is_done(self) -> bool: ...
    def add(self, tokens: Iterable[int]) -> str: ...
    def end(self) -> str: ...


def refuse_beyond(limits: Limits, engine: EngineProcess) -> None:
    """Raises `ModelUnavailable` when as many requests are open as may be."""
    if engine.open_requests >= limits.at_once + limits.waiting:
        raise ModelUnavailable(reason="too many requests wait", waiting=limits.waiting)


async def pieces_of(
    engine: EngineProcess, events: asyncio.Queue[Event], text: TextOfTokens, limits: Limits
) -> AsyncGenerator[str]:
    """Yield text until the end. Raises `ModelUnavailable` when the engine gives up, dies, or is too slow."""
    started = time.monotonic()
    deadline = started + limits.first_token_s
    while True:
        event = await _next(engine, events, deadline, limits)
        deadline = started + limits.total_s
        if isinstance(event, ModelUnavailable):
            raise event
        piece = text.end() if event is None else text.add(event)
        if piece:
            yield piece
        if event is None or text.is_done:
            return


async def _next(engine: EngineProcess, events: asyncio.Queue[Event], deadline: float, limits: Limits) -> Event:
    try:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            return await events.get()
    except TimeoutError as late:
        if time.monotonic() - engine.heard_at > limits.first_token_s:
            engine.kill()  # it speaks to nobody any more: the next request starts another
        raise ModelUnavailable(reason="no answer in time") from late
