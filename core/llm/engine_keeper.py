"""Keeps one engine process ready: starts it when asked, again when it died, and lets it rest when nobody asks.

Refuses to know what is asked of it.
"""

import asyncio
from typing import Any

from core.background import Background
from core.errors import ModelUnavailable
from core.llm.engine_process import EngineProcess


class EngineKeeper:
    """`rest_s` without a request ends the process and gives its memory back; None keeps it for ever."""

    def __init__(
        self, program: str, settings: dict[str, Any], *, start_s: float, close_s: float, rest_s: float | None
    ) -> None:
        self._program, self._settings = program, settings
        self._start_s, self._close_s, self._rest_s = start_s, close_s, rest_s
        self._starting: asyncio.Task[EngineProcess] | None = None
        self._background = Background()
        self._resting: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def running(self) -> EngineProcess:
        """The process, ready for requests. Raises `ModelUnavailable`.

        Starting takes seconds, for a large model minutes. A customer who does not wait that long leaves the start
        going on for those after him.
        """
        if self._is_closed:
            raise ModelUnavailable(reason="the model is closed")
        if not self._starting or (self._starting.done() and not self._engine):
            start = EngineProcess.start(self._program, self._settings, timeout_s=self._start_s)
            self._starting = self._background.start(start, "starting the language model")
        try:
            engine = await asyncio.shield(self._starting)
        except asyncio.CancelledError:
            if self._starting.cancelled():  # by `close`: whoever asked is not cancelled himself
                raise ModelUnavailable(reason="the model is closed") from None
            raise
        self._rest_later()
        return engine

    @property
    def _engine(self) -> EngineProcess | None:
        """The one that lives, if it has started."""
        engine = self._latest
        return engine if engine and engine.is_alive else None

    @property
    def _latest(self) -> EngineProcess | None:
        start = self._starting
        if not start or not start.done() or start.cancelled() or start.exception():
            return None
        return start.result()

    def forget(self, adapter_id: str) -> None:
        if self._engine:
            self._engine.send(forget=adapter_id)

    async def close(self) -> None:
        """Open requests get a few seconds to end."""
        self._is_closed = True
        if self._resting:
            self._resting.cancel()
        await self._background.close()
        if self._latest:
            await self._latest.close(timeout_s=self._close_s)

    def _rest_later(self) -> None:
        if self._resting:
            self._resting.cancel()
        if self._rest_s is not None:
            self._resting = asyncio.get_running_loop().call_later(self._rest_s, self._rest)

    def _rest(self) -> None:
        if self._engine and self._engine.open_requests:
            self._rest_later()
        elif self._engine:
            self._engine.kill()
