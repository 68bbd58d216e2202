"""A little OpenAI-compatible embeddings server: vectors made of words, so that equal words mean equal direction."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from aiohttp import web

DIMENSION = 64


@dataclass
class EmbeddingsServer:
    """`refusals` are answered first, one each: a status and its headers. `hangs` keeps every request waiting.

    `answers` is how many requests are answered before that begins by itself.
    """

    url: str = ""
    model: str = "words-e5"
    requests: list[list[str]] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    hangs: bool = False
    answers: int = 1_000_000
    answers_nonsense: bool = False
    api_key: str = ""

    async def models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": self.model}]})

    async def embeddings(self, request: web.Request) -> web.Response:
        texts = (await request.json())["input"]
        self.requests.append(texts)
        if self.hangs or len(self.requests) > self.answers:
            await asyncio.Event().wait()
        if self.refusals:
            status, headers = self.refusals.pop(0)
            return web.Response(status=status, headers=headers)
        if self.api_key and request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return web.Response(status=401)
        if self.answers_nonsense:
            return web.json_response({"data": "none"})
        rows = [{"index": n, "embedding": _vector(text)} for n, text in enumerate(texts)]
        return web.json_response({"data": rows[::-1], "model": self.model})


def _vector(text: str) -> list[float]:
    """Not of length 1: making it so is the client's task."""
    vector = np.full(DIMENSION, 0.01)
    for word in text.lower().split():
        vector[zlib.crc32(word.encode()) % DIMENSION] += 1
    return [float(value) for value in vector]


@asynccontextmanager
async def embeddings_server() -> AsyncIterator[EmbeddingsServer]:
    server, app = EmbeddingsServer(), web.Application()
    app.router.add_get("/v1/models", server.models)
    app.router.add_post("/v1/embeddings", server.embeddings)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
