"""A file on its way from Telegram: what does not come whole leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import Document
from aiohttp import web

from admin_bot.downloading import FileLost, download
from core.app import Core
from core.leftovers import ARRIVING
from core.telegram.connection import open_bot
from tests.waiting import until

TOKEN = "700001:" + "A" * 35
FILE = Document(file_id="a", file_unique_id="a", file_name="prices.txt")


@pytest.fixture
async def half() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A Bot API that hands over half a file; then it waits for the event, and breaks off."""
    go_on = asyncio.Event()

    async def serve(request: web.Request) -> web.StreamResponse:
        if "/file/" not in request.path:
            return web.json_response({"ok": True, "result": {"file_id": "a", "file_unique_id": "a", "file_path": "b"}})
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 500)
        await go_on.wait()
        assert request.transport
        request.transport.abort()
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server: Any = site._server
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", go_on
    go_on.set()
    await runner.cleanup()


def _arriving(core: Core) -> set[Path]:
    return set((core.settings.uploads_folder / ARRIVING).glob("*"))


@pytest.mark.parametrize("stopped", [True, False])
async def test_half_a_file_is_removed_whether_we_are_stopped_or_it_breaks_off(
    core: Core, half: tuple[str, asyncio.Event], stopped: bool
) -> None:
    url, go_on = half
    before = _arriving(core)

    async def is_arriving() -> bool:
        return bool(_arriving(core) - before)

    async with open_bot(url, TOKEN) as bot:
        coming = core.background.start(download(core, FILE, bot), "a download of the tests")
        await until(is_arriving, 10)
        if stopped:
            coming.cancel()
        else:
            go_on.set()
        with pytest.raises(asyncio.CancelledError if stopped else FileLost):
            await coming
    assert _arriving(core) == before
