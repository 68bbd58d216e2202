"""A little OpenAI-compatible transcription server: it has heard what it was told to hear."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class TranscriptionServer:
    """`refusals` are answered first, one status each. `answer` is sent instead of what was heard."""

    url: str = ""
    heard: str = ""
    api_key: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    answer: Any = None

    async def transcriptions(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        sound = file.file.read()
        self.requests.append({"model": form.get("model"), "filename": file.filename, "sound": sound})
        if self.refusals:
            return web.Response(status=self.refusals.pop(0), headers={"Location": self.url})
        if self.api_key and request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return web.Response(status=401)
        return web.json_response({"text": self.heard} if self.answer is None else self.answer)


@asynccontextmanager
async def transcription_server() -> AsyncIterator[TranscriptionServer]:
    server, app = TranscriptionServer(), web.Application(client_max_size=30_000_000)
    app.router.add_post("/v1/audio/transcriptions", server.transcriptions)
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
