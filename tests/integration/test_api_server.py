"""The web server itself: real sockets, large bodies, streams that break off, stopping, ports."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from api import streaming
from api.role import open_port, run
from core.api_keys import issue_api_key
from core.app import Core
from core.errors import PortUnavailable
from core.models import Assistant, Author, Message
from core.once import do_once
from core.settings import Settings
from tests.conftest import MakeAssistant, MakeOwner, Owner, Teach
from tests.subprocesses import free_port
from tests.waiting import until

QUESTION = "Within how many days may I return something?"


@dataclass
class Server:
    url: str
    role: asyncio.Task[None]
    session: aiohttp.ClientSession

    async def stop(self) -> float:
        """As Ctrl-C does it; how long it took."""
        began = time.monotonic()
        self.role.cancel()
        await asyncio.wait({self.role})
        return time.monotonic() - began


@asynccontextmanager
async def serving(core: Core) -> AsyncIterator[Server]:
    port = free_port()
    here = replace(core, settings=core.settings.model_copy(update={"port": port}))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        server = Server(f"http://127.0.0.1:{port}", core.background.start(run(here), "web server of a test"), session)

        async def answers() -> bool:
            try:
                async with session.get("/healthz") as response:
                    return response.status == 200
            except aiohttp.ClientConnectionError:
                return False

        try:
            await until(answers)
            yield server
        finally:
            await server.stop()


@pytest.fixture
async def server(core: Core) -> AsyncIterator[Server]:
    async with serving(core) as running:
        yield running


Desk = tuple[Assistant, Owner, dict[str, str]]


@pytest.fixture
async def desk(owner: MakeOwner, assistant: MakeAssistant) -> Desk:
    """An assistant, its owner, and the headers of a program that streams answers."""
    anna = await owner()
    rosa = await assistant(anna)
    _, key = await issue_api_key(rosa, anna.user.id, "test", ["chat"])
    return rosa, anna, {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}


@asynccontextmanager
async def endless_answer(desk: Desk) -> AsyncIterator[dict[str, str]]:
    """Headers of a question that another program is still answering: its stream stays open."""
    rosa, _, headers = desk
    key_id = (await rosa.api_keys.all().first()).id
    begun = asyncio.Event()

    async def never(_event: Any) -> dict[str, Any]:
        begun.set()
        await asyncio.Event().wait()
        return {}

    request = {"message": QUESTION, "conversation_id": None, "contact": None}
    async with asyncio.TaskGroup() as group:
        other = group.create_task(do_once(f"api:{key_id}", "busy", request, never))
        await begun.wait()
        yield headers | {"Idempotency-Key": "busy"}
        other.cancel()


@pytest.mark.parametrize("announced", [True, False])
async def test_a_far_too_large_file_gets_an_answer_not_a_broken_connection(
    server: Server, desk: Desk, announced: bool
) -> None:
    rosa, anna, _ = desk
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' + b"x" * 20_000_000
    headers = anna.headers | {"Content-Type": "multipart/form-data; boundary=b", "Accept-Language": "en"}
    if announced:
        headers["Content-Length"] = str(len(body))

    async def sent() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    address = f"/api/v1/assistants/{rosa.id}/documents"
    async with server.session.post(address, headers=headers, data=sent()) as answer:
        problem = await answer.json(content_type="application/problem+json")

    assert (answer.status, problem["code"]) == (413, "error-document-too-large")
    assert "2 MB" in problem["detail"]
    async with server.session.get(address, headers=anna.headers) as listed:
        assert await listed.json() == {"documents": []}


async def test_a_silent_stream_is_kept_alive(server: Server, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.05)
    async with (
        endless_answer(desk) as headers,
        server.session.post("/api/v1/chat", headers=headers, json={"message": QUESTION}) as stream,
    ):
        async with asyncio.timeout(10):
            lines = [await stream.content.readline() for _ in range(5)]

    assert stream.headers["Cache-Control"] == "no-store"
    assert [line for line in lines if line.strip()] == [b": hello\n", b": still here\n", b": still here\n"]


async def test_stopping_waits_for_no_stream(server: Server, desk: Desk) -> None:
    async with (
        endless_answer(desk) as headers,
        server.session.post("/api/v1/chat", headers=headers, json={"message": QUESTION}) as stream,
    ):
        await stream.content.readline()
        assert await server.stop() < 3
        assert not [task for task in asyncio.all_tasks() if "ASGIHTTPConnection" in repr(task.get_coro())]
    with pytest.raises(aiohttp.ClientConnectionError):
        await server.session.get("/healthz")


async def test_stopping_an_idle_server_takes_no_time(server: Server) -> None:
    assert await server.stop() < 1


class SlowModel:
    """An OpenAI-compatible server that falls silent in mid-sentence, and notices when nobody listens any more."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "slow", "object": "model"}]})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.asked.set()
        piece = {"choices": [{"index": 0, "delta": {"content": "You may "}, "finish_reason": None}]}
        await response.write(f"data: {json.dumps(piece)}\n\n".encode())
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        return response


@asynccontextmanager
async def slow_model() -> AsyncIterator[tuple[SlowModel, str]]:
    model = SlowModel()
    application = web.Application()
    application.router.add_get("/v1/models", model.models)
    application.router.add_post("/v1/chat/completions", model.complete)
    runner = web.AppRunner(application, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", free_port())
    await site.start()
    try:
        yield model, f"{site.name}/v1"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
async def test_when_the_client_goes_away_the_generation_stops_and_asking_again_is_the_same_question(
    core: Core, desk: Desk, teach: Teach, shop_documents: list[Path], accept: str
) -> None:
    from core.llm.openai import OpenAiLanguageModel

    rosa, _, headers = desk
    headers = headers | {"Accept": accept, "Idempotency-Key": "lost connection"}
    await teach(rosa, next(file for file in shop_documents if file.name == "delivery-and-returns.pdf"))
    async with slow_model() as (model, url):
        llm = await OpenAiLanguageModel.open(url, "slow", None)
        async with serving(replace(core, llm=llm)) as server:
            await _leave_when(
                model.asked, server.session.post("/api/v1/chat", headers=headers, json={"message": QUESTION})
            )
            async with asyncio.timeout(5):
                await model.left.wait()
            assert await _said(rosa) == [Author.CUSTOMER]
        await llm.close()

    async with (
        serving(core) as server,
        server.session.post("/api/v1/chat", headers=headers, json={"message": QUESTION}) as again,
    ):
        assert "conversation_id" in await again.text()
    assert await _said(rosa) == [Author.CUSTOMER, Author.ASSISTANT]


async def _said(assistant: Assistant) -> list[Author]:
    return [
        turn.author for turn in await Message.filter(conversation__assistant_id=assistant.id).order_by("created_at")
    ]


async def _leave_when(event: asyncio.Event, asking: Any) -> None:
    """Ask, and close the connection as soon as the event has come."""

    async def ask() -> None:
        async with asking as response:
            await response.read()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask())
        async with asyncio.timeout(20):
            await event.wait()
        task.cancel()


async def test_port_zero_takes_a_free_one_and_says_which(core: Core, caplog: pytest.LogCaptureFixture) -> None:
    here = replace(core, settings=core.settings.model_copy(update={"port": 0}))
    with caplog.at_level(logging.INFO, logger="api.role"):
        role = core.background.start(run(here), "web server of a test")
        url = await until(lambda: _address(caplog))
    async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz") as response:
        assert response.status == 200
    role.cancel()
    await asyncio.wait({role})


async def _address(caplog: pytest.LogCaptureFixture) -> str:
    lines = [record.getMessage() for record in caplog.records if record.name == "api.role"]
    return lines[0].removeprefix("listening on ") if lines else ""


def test_a_port_in_use_is_said_with_its_number(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortUnavailable) as refused:
            open_port(settings.model_copy(update={"port": port}))

    assert refused.value.facts == {"port": str(port), "host": "127.0.0.1", "reason": "address already in use"}
