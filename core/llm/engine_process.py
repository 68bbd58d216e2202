"""The parent's end of core/llm/engine.py and its like: starts the program, writes commands, hands out the events.

Refuses to know prompts and text. It is driven by the event loop's callbacks alone, so there is no task to lose.
"""

import asyncio
import json
import logging
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from core.errors import ModelUnavailable

log = logging.getLogger(__name__)
HOUSE = Path(__file__).resolve().parents[2]

Event = list[int] | None | ModelUnavailable
"""Further tokens; the end; the reason why there will be none."""


class EngineProcess(asyncio.SubprocessProtocol):
    """One life of the program. When it dies, every request it had learns so."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[dict[str, Any]] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.heard_at = time.monotonic()
        self._requests: dict[int, asyncio.Queue[Event]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._unread = b""
        self._last_words = ""
        self._is_killed = False
        self._transport: asyncio.SubprocessTransport | None = None

    @classmethod
    async def start(cls, program: str, settings: dict[str, Any], *, timeout_s: float) -> "EngineProcess":
        """`program` is a module that speaks as core/llm/engine.py does. Raises `ModelUnavailable` when the model is
        not ready in time."""
        loop = asyncio.get_running_loop()
        command = sys.executable, "-m", program, json.dumps(settings)
        _, engine = await loop.subprocess_exec(cls, *command, cwd=HOUSE, start_new_session=True)
        try:
            async with asyncio.timeout(timeout_s):
                await engine.ready
        except TimeoutError as late:
            engine.kill()
            raise ModelUnavailable(reason=f"the model was not ready in {timeout_s:.0f} s") from late
        except asyncio.CancelledError:
            engine.kill()
            raise
        return engine

    @property
    def is_alive(self) -> bool:
        """False as soon as it is killed, though its end may take a moment more."""
        return not self._is_killed and not self.gone.done()

    @property
    def open_requests(self) -> int:
        return len(self._requests)

    def ask(self, number: int, request: dict[str, Any]) -> asyncio.Queue[Event]:
        events: asyncio.Queue[Event] = asyncio.Queue()
        self._requests[number] = events
        self._idle.clear()
        self.send(ask=number, **request)
        return events

    def cancel(self, number: int) -> None:
        """Also for a request that has ended: then there is nothing to do."""
        if self._leave(number):
            self.send(cancel=number)

    def send(self, **command: Any) -> None:
        if self.is_alive and self._transport:
            stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
            stdin.write(json.dumps(command).encode() + b"\n")

    def kill(self) -> None:
        self._is_killed = True
        if self._transport and not self.gone.done():
            self._transport.kill()

    async def close(self, *, timeout_s: float) -> None:
        """Let its requests end, ask it to end, and end it if it does not: each gets `timeout_s`."""
        if self._transport and not self.gone.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._idle.wait()
            stdin = self._transport.get_pipe_transport(0)
            if stdin:
                stdin.close()
            await asyncio.wait([self.gone], timeout=timeout_s)
            self.kill()
            await asyncio.wait([self.gone], timeout=timeout_s)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            if words := data.decode(errors="replace").strip()[-500:]:
                self._last_words = words
                log.warning("language model: %s", words)
            return
        self.heard_at = time.monotonic()
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def _hear(self, event: dict[str, Any]) -> None:
        match event:
            case {"tokens": news}:
                for number, tokens in news:
                    if events := self._requests.get(number):
                        events.put_nowait(tokens)
            case {"end": number}:
                if events := self._leave(number):
                    events.put_nowait(None)
            case {"failed": number, "reason": reason}:
                if events := self._leave(number):
                    events.put_nowait(ModelUnavailable(reason=reason))
            case {"ready": _} if not self.ready.done():
                self.ready.set_result(event)

    def _leave(self, number: int) -> asyncio.Queue[Event] | None:
        events = self._requests.pop(number, None)
        if not self._requests:
            self._idle.set()
        return events

    def process_exited(self) -> None:
        died = ModelUnavailable(reason=f"the model's process ended. {self._last_words}".strip())
        for events in self._requests.values():
            events.put_nowait(died)
        self._requests.clear()
        self._idle.set()
        if not self.ready.done():
            self.ready.set_exception(died)
        if not self.gone.done():
            self.gone.set_result(None)
        if self._transport:
            self._transport.close()
