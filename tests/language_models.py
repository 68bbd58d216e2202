"""What tests of language models share: asking, an OpenAI-compatible server of our own, and adapter folders."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from core.llm.base import Adapter, LanguageModel, Sampling, Turn

Answering = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


async def ask(
    model: LanguageModel,
    question: str,
    *,
    scope: str = "a shop",
    adapter: Adapter | None = None,
    most: int = 24,
    system: str = "",
) -> str:
    """The whole answer."""
    turns = [Turn("user", question)]
    if system:
        turns.insert(0, Turn("system", system))
    pieces = model.stream(turns, Sampling(max_tokens=most), scope=scope, adapter=adapter)
    async with aclosing(pieces) as stream:
        return "".join([piece async for piece in stream])


def write_adapter_config(folder: Path, **values: Any) -> Adapter:
    """A folder that says what it is and holds no weights."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"base_model_name_or_path": "another-model", "r": 8, "lora_alpha": 16} | values
    (folder / "adapter_config.json").write_text(json.dumps(config))
    (folder / "adapter_model.safetensors").write_bytes(b"")
    return Adapter(folder.name, folder)


class ChatServer:
    """An OpenAI-compatible server at the network's edge. `script` holds what the next requests meet, in order;
    afterwards everything is answered well. `entry` is what it says of its model, empty while it starts, `beside` what
    it answers at other paths, `asked` who came there, `loading_script` the statuses of the next orders about adapters.
    """

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.loads: list[dict[str, Any]] = []
        self.loading_script: list[int] = []
        self.entry: dict[str, Any] = {"id": "tiny", "object": "model"}
        self.beside: dict[str, Any] = {}
        self.asked: list[tuple[str, Any]] = []
        self.hung_up = asyncio.Event()
        self.script: list[Answering] = []
        self.forgets_adapters = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ChatServer"]:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/load_lora_adapter", self._load)
        app.router.add_post("/v1/unload_lora_adapter", self._load)
        app.router.add_route("*", "/{path:.*}", self._beside)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        if not self.entry:
            return web.Response(status=503)
        return web.json_response({"object": "list", "data": [self.entry]})

    async def _beside(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.path_qs, await request.json() if request.can_read_body else None))
        answer = self.beside.get(request.path)
        return web.json_response(answer, status=200 if answer else 404)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        if self.script:
            return await self.script.pop(0)(request, body)
        return await self.answer_well(request, body)

    async def answer_well(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        """Says the question back, word by word, as many words as were asked for."""
        stream = await begin(request)
        try:
            words = body["messages"][-1]["content"].split()
            for n in range(body["max_tokens"]):
                await say(stream, words[n % len(words)] + " ")
                if n >= len(words):
                    await asyncio.sleep(0.01)
                if n + 1 == len(words) and body["max_tokens"] < 500:
                    break
        except (ConnectionResetError, asyncio.CancelledError):
            self.hung_up.set()
            raise
        await stream.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
        return stream

    async def _load(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.loading_script:
            return web.Response(status=self.loading_script.pop(0))
        self.loads.append(body)
        if [load["lora_name"] for load in self.loads].count(body["lora_name"]) > 1 and "lora_path" in body:
            return web.json_response({"message": "The lora adapter has already been loaded."}, status=400)
        return web.Response(text="Success")


async def begin(request: web.Request) -> web.StreamResponse:
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await stream.prepare(request)
    return stream


async def say(stream: web.StreamResponse, text: str) -> None:
    event = {"choices": [{"delta": {"content": text}}]}
    await stream.write(f": a comment\n\ndata: {json.dumps(event)}\n\n".encode())


def refuse(status: int, **headers: str) -> Answering:
    """Answer with a status and nothing else."""

    async def answer(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=status, headers=headers, text="no")

    return answer


async def hang(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
    """Accept and never say a word."""
    await asyncio.sleep(3600)
    raise AssertionError


async def break_off(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
    """Say half an answer and close the line."""
    stream = await begin(request)
    await say(stream, "Half an")
    if request.transport:
        request.transport.abort()
    return stream


async def talk_nonsense(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
    """A stream that is not what it says."""
    stream = await begin(request)
    await stream.write(b"data: <html>\n\n")
    return stream
