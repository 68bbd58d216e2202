"""Keeps one engine process ready: starts it when asked, again when it died, and lets it rest when nobody asks.

Refuses to know what is asked of it.
"""

import asyncio
from typing import Any

from core.errors import ModelUnavailable
from core.llm.engine_process import EngineProcess


class EngineKeeper:
    """`rest_s` without a request ends the process and gives its memory back; None keeps it for ever."""

    def __init__(self, settings: dict[str, Any], *, start_s: float, close_s: float, rest_s: float | None) -> None:
        self._settings, self._start_s, self._close_s, self._rest_s = settings, start_s, close_s, rest_s
        self._starting = asyncio.Lock()
        self._engine: EngineProcess | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def running(self) -> EngineProcess:
        """The process, ready for requests (about 3 s when it must be started). Raises `ModelUnavailable`."""
        async with self._starting:
            if self._is_closed:
                raise ModelUnavailable(reason="the model is closed")
            if not self._engine or not self._engine.is_alive:
                self._engine = await EngineProcess.start(self._settings, timeout_s=self._start_s)
            self._rest_later()
            return self._engine

    def forget(self, adapter_id: str) -> None:
        if self._engine:
            self._engine.send(forget=adapter_id)

    async def close(self) -> None:
        """Open requests get a few seconds to end."""
        self._is_closed = True
        async with self._starting:
            if self._resting:
                self._resting.cancel()
            if self._engine:
                await self._engine.close(timeout_s=self._close_s)

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
