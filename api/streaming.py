"""An answer as server-sent events: `token`, `citations`, `done`, `error` (https://html.spec.whatwg.org, 9.2).

The work starts when the response does and is cancelled when the client goes away. A comment is sent at least every
ten seconds, so that proxies keep the connection. Knows no assistant and no model.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any

from quart import Response
from quart.wrappers.response import ResponseBody

from core.background import Background
from core.errors import ProductError
from core.messages import OnText

HEARTBEAT_S = 10.0
Answer = dict[str, Any]
Work = Callable[[OnText], Awaitable[Answer]]
Explain = Callable[[ProductError], dict[str, Any]]


class AnswerStream(ResponseBody):
    """The body of a streamed answer. `work` speaks through the function it is given and returns the whole."""

    def __init__(self, background: Background, work: Work, explain: Explain) -> None:
        self._background = background
        self._work = work
        self._explain = explain
        self._events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AsyncIterator[bytes]:
        self._task = self._background.start(self._speak(), "streamed answer")
        return self._until_done(self._task)

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _speak(self) -> None:
        said = False

        async def say(text: str) -> None:
            nonlocal said
            said = True
            self._send("token", {"text": text})

        try:
            answer = await self._work(say)
            if not said:  # it had been answered before
                await say(answer["answer"])
            self._send("citations", {"citations": answer["citations"]})
            self._send("done", answer)
        except ProductError as error:
            self._send("error", self._explain(error))
        finally:
            self._events.put_nowait(None)

    def _send(self, event: str, data: dict[str, Any]) -> None:
        body = json.dumps(data, ensure_ascii=False)  # one line: JSON has no bare line breaks
        self._events.put_nowait(f"event: {event}\ndata: {body}\n\n".encode())

    async def _until_done(self, task: asyncio.Task[None]) -> AsyncIterator[bytes]:
        yield b": hello\n\n"
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
            self._send("error", self._explain(ProductError()))
            yield self._events.get_nowait() or b""


def stream_response(body: AnswerStream) -> Response:
    response = Response(b"", content_type="text/event-stream; charset=utf-8")
    response.headers.pop("Content-Length", None)
    response.response = body
    response.timeout = None
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
