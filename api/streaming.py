"""An answer as server-sent events (https://html.spec.whatwg.org, 9.2), in our own form or in another.

The work starts when the response does, or a moment before it, and is cancelled when the client goes away. A comment is
sent at least every ten seconds, so that proxies keep the connection. Knows no assistant and no model.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol

from quart import Response
from quart.wrappers.response import ResponseBody

from core.background import Background
from core.errors import ProductError
from core.messages import OnText

log = logging.getLogger(__name__)
HEARTBEAT_S = 10.0
FIRST_SIGN_S = 1.0
Answer = dict[str, Any]
Work = Callable[[OnText], Awaitable[Answer]]
Explain = Callable[[ProductError], dict[str, Any]]


class StreamForm(Protocol):
    """How a streamed answer looks on the wire: each part as the bytes of whole events or comments."""

    def opening(self) -> bytes: ...
    def piece(self, text: str) -> bytes: ...
    def ending(self, answer: Answer) -> bytes: ...
    def failure(self, error: ProductError) -> bytes: ...


class EventForm:
    """Our own form: the events `token`, `citations`, `done`, `error`. `explain` makes a problem of an error."""

    def __init__(self, explain: Explain) -> None:
        self._explain = explain

    def opening(self) -> bytes:
        return b": hello\n\n"

    def piece(self, text: str) -> bytes:
        return _event("token", {"text": text})

    def ending(self, answer: Answer) -> bytes:
        return _event("citations", {"citations": answer["citations"]}) + _event("done", answer)

    def failure(self, error: ProductError) -> bytes:
        return _event("error", self._explain(error))


def _event(name: str, data: dict[str, Any]) -> bytes:
    body = json.dumps(data, ensure_ascii=False)  # one line: JSON has no bare line breaks
    return f"event: {name}\ndata: {body}\n\n".encode()


class AnswerStream(ResponseBody):
    """The body of a streamed answer. `work` speaks through the function it is given and returns the whole."""

    def __init__(self, background: Background, work: Work, form: StreamForm) -> None:
        self._background = background
        self._work = work
        self._form = form
        self._events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._sign = asyncio.Event()
        self._said = False
        self._failure: ProductError | None = None
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start before the response does, and wait a moment for a first sign: what fails at once is raised here, while
        it can still be a status of its own."""
        self._task = self._background.start(self._speak(), "streamed answer")
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_SIGN_S):
                    await self._sign.wait()
        except asyncio.CancelledError:
            self._task.cancel()
            raise
        if self._said:
            return
        if self._failure:
            raise self._failure
        if self._task.done() and not self._task.cancelled() and (wrong := self._task.exception()):
            raise ProductError from wrong  # logged by the nursery

    async def __aenter__(self) -> AsyncIterator[bytes]:
        self._task = self._task or self._background.start(self._speak(), "streamed answer")
        return self._until_done(self._task)

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _speak(self) -> None:
        async def say(text: str) -> None:
            self._said = True
            self._events.put_nowait(self._form.piece(text))
            self._sign.set()

        try:
            answer = await self._work(say)
            if not self._said:  # it had been answered before
                await say(answer["answer"])
            self._events.put_nowait(self._form.ending(answer))
        except ProductError as error:
            log.warning("a streamed answer failed: %s %s", error.code, error.facts)
            self._failure = error
            self._events.put_nowait(self._form.failure(error))
        finally:
            self._events.put_nowait(None)
            self._sign.set()

    async def _until_done(self, task: asyncio.Task[None]) -> AsyncIterator[bytes]:
        yield self._form.opening()
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    event = await self._events.get()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if event is None:
                break
            yield event
        await asyncio.wait({task})
        if not task.cancelled() and task.exception():  # logged by the nursery
            yield self._form.failure(ProductError())


def stream_response(body: AnswerStream) -> Response:
    response = Response(b"", content_type="text/event-stream; charset=utf-8")
    response.headers.pop("Content-Length", None)
    response.response = body
    response.timeout = None
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
