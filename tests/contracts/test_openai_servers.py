"""What servers of OpenAI's protocol tell of themselves (core/llm/openai_server.py), each in its own way, and what they
do not."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from ssl import SSLContext
from typing import Any

import pytest
from aiohttp import web

from core.errors import ModelUnavailable
from core.llm.bundled import bundled_gguf
from core.llm.openai import CONTEXT_TOKENS, Limits, OpenAiLanguageModel
from core.llm.openai_breaker import BreakerLimits
from tests.integration.test_fetching import _certificate_of
from tests.language_models import ChatServer, ask, begin, break_off, hang, refuse, write_adapter_config
from tests.llama_cpp import Serving, llama_cpp
from tests.waiting import until

LIMITS = Limits(first_token_s=10, total_s=20, tries=2, pause_s=0.01, look_every_s=0, silent_s=0.05)
LLAMA_CPP: dict[str, Any] = {"id": "tiny", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131_072, "n_vocab": 7}}
PROPS = {"/props": {"default_generation_settings": {"n_ctx": 4096}, "total_slots": 4}}
OLLAMA: dict[str, Any] = {
    "/api/version": {"version": "0.40.12"},
    "/api/generate": {"model": "tiny:latest", "done": True, "done_reason": "load"},
    "/api/ps": {"models": [{"name": "other", "context_length": 512}, {"name": "tiny:latest", "context_length": 4096}]},
}


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with ChatServer().running() as running:
        yield running


@contextlib.asynccontextmanager
async def over(*servers: ChatServer, model: str = "", **options: Any) -> AsyncIterator[OpenAiLanguageModel]:
    urls = ",".join(server.url for server in servers)
    opened = await OpenAiLanguageModel.open(urls, model, None, options.pop("limits", LIMITS), **options)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.mark.parametrize(
    ("entry", "beside", "holds"),
    [
        ({"id": "tiny", "owned_by": "vllm", "max_model_len": 32_768}, {}, 32_768),
        ({"id": "tiny", "context_length": 200_000}, {}, 200_000),
        (LLAMA_CPP, PROPS, 4096),
        (LLAMA_CPP, {}, 131_072),
        (LLAMA_CPP, {"/props": ["rubbish"]}, 131_072),
        (LLAMA_CPP | {"meta": None}, {}, CONTEXT_TOKENS),
        ({"id": "tiny", "max_model_len": "much"}, {}, CONTEXT_TOKENS),
        ({"id": "tiny", "max_model_len": -5}, {}, CONTEXT_TOKENS),
        ({"id": "tiny", "max_model_len": 10**30}, {}, CONTEXT_TOKENS),
        ({"id": "tiny", "owned_by": "openai"}, {}, CONTEXT_TOKENS),
    ],
)
async def test_how_much_a_model_holds_is_asked_of_its_server(
    server: ChatServer, entry: dict[str, Any], beside: dict[str, Any], holds: int
) -> None:
    server.entry, server.beside = entry, beside
    for name in ("", "tiny"):
        async with over(server, model=name) as model:
            assert (model.name, model.context_tokens) == ("tiny", holds)


async def test_llama_cpp_itself_says_what_each_of_its_places_holds() -> None:
    async with llama_cpp(bundled_gguf(), Serving(at_once=2, context_tokens=512)) as url:
        model = await OpenAiLanguageModel.open(f"{url}/v1", "")
        assert model.context_tokens == 512
        await model.close()


async def test_what_the_operator_has_set_goes_before_what_a_server_says(server: ChatServer) -> None:
    server.entry = {"id": "tiny", "max_model_len": 32_768}
    async with over(server, context_tokens=2048) as model:
        assert model.context_tokens == 2048


async def test_of_several_servers_the_one_that_holds_the_least_counts(server: ChatServer) -> None:
    server.entry = {"id": "tiny", "max_model_len": 32_768}
    async with ChatServer().running() as smaller, ChatServer().running() as silent:
        smaller.entry = {"id": "tiny", "max_model_len": 16_384}
        async with over(server, smaller, silent) as model:
            assert model.context_tokens == 16_384


async def test_a_server_that_comes_later_is_asked_when_it_answers(server: ChatServer) -> None:
    server.entry = {}
    async with over(server, model="tiny") as model:
        assert model.context_tokens == CONTEXT_TOKENS
        server.entry = {"id": "tiny", "max_model_len": 4096}
        assert await ask(model, "good day")
        await until(lambda: _is(model.context_tokens == 4096))


async def test_a_name_that_a_server_does_not_list_is_asked_for_all_the_same(server: ChatServer) -> None:
    server.entry = {"id": "tiny", "max_model_len": 4096}
    async with over(server, model="an alias") as model:
        assert (model.name, model.context_tokens) == ("an alias", CONTEXT_TOKENS)
        assert await ask(model, "good day")


@pytest.mark.parametrize(
    "listed",
    [b"", b"<html>", b"[" * 100_000, b'{"data": []}', b'{"data": 5}', b'{"data": [{}]}', b"\xff", b"x" * 5_000_000],
)
async def test_a_list_of_models_that_is_none_is_said_and_nobody_waits(listed: bytes) -> None:
    async with _listing(lambda _: web.Response(body=listed)) as url:
        with pytest.raises(ModelUnavailable) as refusal:
            await OpenAiLanguageModel.open(url, "", None, LIMITS)
        assert len(str(refusal.value.facts["reason"])) <= 400
        model = await OpenAiLanguageModel.open(url, "tiny", None, LIMITS)
        assert (model.name, model.context_tokens) == ("tiny", CONTEXT_TOKENS)
        await model.close()


async def test_a_server_that_does_not_say_its_models_does_not_hold_up_the_start() -> None:
    async with _listing(lambda _: asyncio.Event().wait()) as url, asyncio.timeout(30):
        model = await OpenAiLanguageModel.open(url, "tiny", None, replace(LIMITS, tell_s=0.2))
        await model.close()
        with pytest.raises(ModelUnavailable):
            await OpenAiLanguageModel.open(url, "", None, replace(LIMITS, tell_s=0.2))


async def test_ollama_is_told_to_load_the_model_at_once_and_to_keep_it(server: ChatServer) -> None:
    server.entry, server.beside = {"id": "tiny:latest", "owned_by": "library"}, OLLAMA
    async with over(server, model="tiny") as model:
        await until(lambda: _is(model.context_tokens == 4096))
        assert ("/api/generate", {"model": "tiny", "keep_alive": -1, "stream": False}) in server.asked
        assert await ask(model, "good day")
    assert not {"stream_options", "cache_salt", "keep_alive"} & server.requests[0].keys()


async def test_a_model_that_ollama_has_dropped_is_loaded_though_no_customer_waits_that_long(
    server: ChatServer,
) -> None:
    server.entry, server.beside = {"id": "tiny"}, OLLAMA
    patient = BreakerLimits(failures=2, rest_s=600, longest_rest_s=600)
    async with over(server, limits=replace(LIMITS, breaker=patient)) as model:
        await until(lambda: _is(model.context_tokens == 4096))
        server.asked.clear()
        server.script = [hang] * 2  # it loads as long as somebody waits
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await ask(model, "good day")
        await until(lambda: _is(("/api/ps", None) in server.asked))
        await until(lambda: _is(model._replicas[0].breaker.may_ask), 5)
        assert (await ask(model, "good day")).split() == ["good", "day"]


async def test_other_servers_are_not_spoken_to_as_ollama_is(server: ChatServer) -> None:
    server.entry = {"id": "tiny", "max_model_len": 4096}
    async with over(server) as model:
        assert await ask(model, "good day")
    assert not server.asked


async def test_a_redirect_is_not_followed_and_said(server: ChatServer) -> None:
    """Questions go to the server that the operator has named, and to no other."""
    async with over(server) as model, ChatServer().running() as other:
        server.script = [refuse(status, Location=f"{other.url}/chat/completions") for status in (301, 302, 307, 308)]
        for _ in range(4):
            with pytest.raises(ModelUnavailable) as refusal:
                await ask(model, "good day")
            assert "LLM_URL should rather lead to" in str(refusal.value.facts["reason"])
        assert not other.requests
        assert await ask(model, "good day")


async def test_a_password_in_the_address_is_in_no_reason(server: ChatServer) -> None:
    at_fault = server.url.replace("//", "//anna:open-sesame@")
    model = OpenAiLanguageModel(at_fault, "tiny", None, replace(LIMITS, tries=1))
    for fault in (_say_a_huge_header, break_off, refuse(500)):
        server.script = [fault]
        with pytest.raises(ModelUnavailable) as refusal:
            await ask(model, "good day")
        assert "open-sesame" not in str(refusal.value.facts)
    await model.close()
    for url in ("http://anna:open-sesame@127.0.0.1:9/v1", "http://anna:open-sesame@[::1/v1"):
        with pytest.raises(ModelUnavailable) as refusal:
            await OpenAiLanguageModel.open(url, "", None, LIMITS)
        assert "open-sesame" not in str(refusal.value.facts)


@pytest.mark.parametrize(
    "url", ["nonsense", "http://", "http://[::1/v1", "ftp://127.0.0.1/v1", ",", "http://127.0.0.1:99999/v1"]
)
async def test_an_address_that_is_none_is_said(url: str) -> None:
    with pytest.raises(ModelUnavailable):
        await OpenAiLanguageModel.open(url, "", None, LIMITS)


async def test_a_server_that_speaks_tls_where_none_is_expected_or_the_reverse_is_said(server: ChatServer) -> None:
    with pytest.raises(ModelUnavailable):
        await OpenAiLanguageModel.open(server.url.replace("http:", "https:"), "", None, LIMITS)


async def test_a_server_whose_certificate_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"data": [{"id": "tiny"}]})

    async with _listing(answer, _certificate_of("127.0.0.1", tmp_path)) as url:
        with pytest.raises(ModelUnavailable) as refusal:
            await OpenAiLanguageModel.open(url, "", "a secret key", LIMITS)
        model = OpenAiLanguageModel(url, "tiny", "a secret key", LIMITS)
        with pytest.raises(ModelUnavailable):
            await ask(model, "good day")
        await model.close()
    assert "ertificate" in str(refusal.value.facts["reason"])
    assert not asked


async def test_an_adapter_deleted_while_a_server_was_away_is_unloaded_when_it_answers_again(
    server: ChatServer, tmp_path: Path
) -> None:
    adapter = write_adapter_config(tmp_path / "a7", base_model_name_or_path="tiny")
    async with over(server) as model:
        await ask(model, "good day", adapter=adapter)
        server.loading_script = [503]
        await model.forget_adapter("a7")
        assert len(server.loads) == 1
        await ask(model, "good day")
        await until(lambda: _is(server.loads[1:] == [{"lora_name": "a7"}]))


async def test_an_error_that_is_none_ends_no_answer(server: ChatServer) -> None:
    """Some servers put `error: null` into each event."""

    async def answer(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        stream = await begin(request)
        event = {"error": None, "choices": [{"delta": {"content": "fine"}, "finish_reason": "stop"}]}
        await stream.write(f"data:{json.dumps(event)}\r\n\r\n".encode())
        return stream

    async with over(server) as model:
        server.script = [answer]
        assert await ask(model, "good day") == "fine"


WHOLE = {"choices": [{"message": {"role": "assistant", "content": "good\nday"}, "finish_reason": "stop"}]}


@pytest.mark.parametrize("form", [{}, {"indent": 2}], ids=["in a line", "indented"])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
async def test_a_server_that_knows_no_streams_is_understood(
    server: ChatServer, form: dict[str, Any], content_type: str
) -> None:
    async def answer(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text=json.dumps(WHOLE, **form), content_type=content_type)

    async with over(server) as model:
        server.script = [answer]
        assert await ask(model, "good day") == "good\nday"


@pytest.mark.parametrize(
    "whole",
    [
        b'{"error": {"message": "no", "code": 500}}',
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": "half',
        b'{\n"a": "' + b"x" * 3_000_000,
        b"{" * 100_000,
    ],
    ids=["error", "nothing", "cut off", "endless", "brackets"],
)
async def test_one_that_sends_something_else_whole_is_given_up(server: ChatServer, whole: bytes) -> None:
    async def answer(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.Response(body=whole, content_type="application/json")

    async with over(server) as model:
        server.script = [answer] * LIMITS.tries
        with pytest.raises(ModelUnavailable) as refusal:
            await ask(model, "good day")
        assert len(str(refusal.value.facts["reason"])) < 1000
        assert await ask(model, "good day")


async def test_events_under_any_name_of_their_kind_are_read(server: ChatServer) -> None:
    """Without a space, with a role alone, a usage without choices, and no [DONE]; sent as plain text."""

    async def answer(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await stream.prepare(request)
        for event in (
            {"choices": [{"delta": {"role": "assistant", "content": None}}]},
            {"choices": [{"delta": {"content": "good "}}]},
            {"choices": [], "usage": {"total_tokens": 3}},
            {"choices": [{"delta": {"content": "day"}, "finish_reason": "length"}]},
        ):
            await stream.write(f"event: message\r\nid: 7\r\ndata:{json.dumps(event)}\r\n\r\n".encode())
        return stream

    async with over(server) as model:
        server.script = [answer]
        assert await ask(model, "good day") == "good day"


@contextlib.asynccontextmanager
async def _listing(answer: Any, ssl_context: SSLContext | None = None) -> AsyncIterator[str]:
    """A server that has nothing but a list of models."""

    async def handler(request: web.Request) -> web.StreamResponse:
        answered = answer(request)
        found: web.StreamResponse = await answered if asyncio.iscoroutine(answered) else answered
        return found

    runner = web.ServerRunner(web.Server(handler), handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl_context).start()
    try:
        yield f"http{'s' if ssl_context else ''}://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def _say_a_huge_header(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
    return web.Response(headers={"X-Long": "x" * 20_000})


async def _is(so: bool) -> bool:
    return so
