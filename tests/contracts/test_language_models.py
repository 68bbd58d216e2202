"""What every language model backend promises (core/llm/base.py), over the bundled model and over a server; then
what each must survive by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from core.errors import ModelUnavailable
from core.llm.base import LanguageModel, Sampling
from core.llm.openai import Limits as ServerLimits
from core.llm.openai import OpenAiLanguageModel
from core.llm.openvino import Limits, OpenVinoLanguageModel, prepare_language_model
from tests.contracts.language_model_contract import (  # noqa: F401 - run here over these models
    LONG,
    test_an_adapter_of_a_kind_that_cannot_be_served_is_refused,
    test_an_adapter_of_another_base_model_is_refused,
    test_an_adapter_that_is_not_there_makes_the_model_unavailable,
    test_an_answer_comes_in_pieces,
    test_counting_tokens_is_never_below_a_token_for_every_long_word,
    test_forgetting_an_unknown_adapter_is_fine,
)
from tests.language_models import (
    ChatServer,
    ask,
    break_off,
    hang,
    refuse,
    talk_nonsense,
    write_adapter_config,
)
from tests.subprocesses import run_python

QUICK = ServerLimits(connect_s=2, first_token_s=2, total_s=4, tries=3, pause_s=0.01)


@pytest.fixture(scope="module")
async def bundled(smollm2: Path) -> AsyncIterator[OpenVinoLanguageModel]:
    model = await OpenVinoLanguageModel.open(smollm2, cache_mb=128)
    yield model
    await model.close()


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with ChatServer().running() as server:
        yield server


@pytest.fixture
async def remote(server: ChatServer) -> AsyncIterator[OpenAiLanguageModel]:
    model = await OpenAiLanguageModel.open(server.url, "", "secret", QUICK)
    yield model
    await model.close()


@pytest.fixture(params=["bundled", "remote"])
def model(request: pytest.FixtureRequest) -> LanguageModel:
    chosen: LanguageModel = request.getfixturevalue(request.param)
    return chosen


async def test_many_customers_at_once_get_their_own_answers(model: LanguageModel) -> None:
    cities = ["France", "Italy", "Japan", "Germany", "Spain", "Egypt", "Russia", "Poland", "Greece", "Cuba", "Peru"]
    answers = await asyncio.gather(*(ask(model, f"Name the capital of {c}: {c}", scope=c) for c in cities))
    assert all(city in answer for city, answer in zip(cities, answers, strict=True))


async def test_closing_the_stream_stops_the_bundled_model(bundled: OpenVinoLanguageModel) -> None:
    stream = bundled.stream(LONG, Sampling(max_tokens=1500), scope="a")
    await anext(stream)
    await stream.aclose()
    engine = _engine_of(bundled)
    before = engine.cpu_times().user
    await ask(bundled, "Say yes.", most=4)  # comes at once, though a thousand tokens were asked for before it
    assert engine.cpu_times().user - before < 8


async def test_closing_the_stream_hangs_up_at_the_server(server: ChatServer, remote: OpenAiLanguageModel) -> None:
    stream = remote.stream(LONG, Sampling(max_tokens=100_000), scope="a")
    await anext(stream)
    await stream.aclose()
    async with asyncio.timeout(10):
        await server.hung_up.wait()


async def test_a_question_asked_again_gets_the_same_answer(bundled: OpenVinoLanguageModel) -> None:
    """From the second time on: the first reads the whole prompt in one product, later ones find it cached, and
    rounding differs."""
    _, *again = [await ask(bundled, "What is tea?") for _ in range(3)]
    assert again[0] == again[1]


async def test_what_a_customer_writes_cannot_end_his_turn(bundled: OpenVinoLanguageModel) -> None:
    plain = bundled.count_tokens("<|im_end|>")
    assert plain > 1, "a marker in a message must be ordinary characters"


async def test_a_prompt_without_room_for_an_answer_is_refused_with_the_reason(
    bundled: OpenVinoLanguageModel,
) -> None:
    with pytest.raises(ModelUnavailable) as refusal:
        await ask(bundled, "tea " * 2100)
    assert "2048" in str(refusal.value.facts["reason"])


async def test_a_full_queue_is_said_at_once(smollm2: Path) -> None:
    model = await OpenVinoLanguageModel.open(smollm2, cache_mb=64, limits=Limits(waiting=1, at_once=1))
    try:
        results = await asyncio.gather(*(ask(model, "Hi", most=4) for _ in range(5)), return_exceptions=True)
    finally:
        await model.close()
    assert [type(result) for result in results] == [str, str] + [ModelUnavailable] * 3


async def test_a_model_that_dies_in_the_middle_is_replaced(bundled: OpenVinoLanguageModel) -> None:
    stream = bundled.stream(LONG, Sampling(max_tokens=1500), scope="a")
    await anext(stream)
    os.kill(_engine_of(bundled).pid, signal.SIGKILL)
    with pytest.raises(ModelUnavailable):
        async for _ in stream:
            pass
    assert "Paris" in await ask(bundled, "What is the capital of France?")


async def test_a_model_that_hangs_is_given_up_and_replaced(smollm2: Path) -> None:
    limits = Limits(first_token_s=6, close_s=2)
    model = await OpenVinoLanguageModel.open(smollm2, cache_mb=64, limits=limits)
    try:
        os.kill(_engine_of(model).pid, signal.SIGSTOP)
        with pytest.raises(ModelUnavailable):
            await ask(model, "Hello")
        assert "Paris" in await ask(model, "What is the capital of France?", most=8)
    finally:
        await model.close()


async def test_a_closed_model_says_so_and_leaves_no_process(smollm2: Path) -> None:
    model = await OpenVinoLanguageModel.open(smollm2, cache_mb=64)
    engine = _engine_of(model)
    stream = model.stream(LONG, Sampling(max_tokens=1500), scope="a")
    await anext(stream)
    async with asyncio.TaskGroup() as group:
        group.create_task(model.close())
        group.create_task(stream.aclose())
    assert not engine.is_running()
    with pytest.raises(ModelUnavailable):
        await ask(model, "Hello")


async def test_preparing_twice_does_the_work_once(smollm2: Path) -> None:
    said: list[str] = []
    before = (smollm2 / "openvino_model.bin").stat().st_mtime_ns
    await prepare_language_model(smollm2, said.append)
    assert not said
    assert (smollm2 / "openvino_model.bin").stat().st_mtime_ns == before


async def test_the_serving_process_imports_no_torch() -> None:
    code = "import sys, core.llm.openvino; print([m for m in ('torch', 'transformers', 'peft') if m in sys.modules])"
    assert (await run_python(code)).strip() == "[]"


async def test_a_server_that_asks_for_patience_gets_it(server: ChatServer, remote: OpenAiLanguageModel) -> None:
    server.script = [refuse(429, **{"Retry-After": "0"}), refuse(503)]
    assert (await ask(remote, "good day")).split() == ["good", "day"]
    assert len(server.requests) == 3


async def test_a_server_that_always_fails_is_given_up(server: ChatServer, remote: OpenAiLanguageModel) -> None:
    server.script = [refuse(500)] * 9
    with pytest.raises(ModelUnavailable) as refusal:
        await ask(remote, "good day")
    assert "500" in str(refusal.value.facts["reason"])
    assert len(server.requests) == QUICK.tries


async def test_a_refused_request_is_not_repeated(server: ChatServer, remote: OpenAiLanguageModel) -> None:
    server.script = [refuse(400)]
    with pytest.raises(ModelUnavailable):
        await ask(remote, "good day")
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [hang, break_off, talk_nonsense])
async def test_a_server_that_breaks_its_word_is_given_up(
    server: ChatServer, remote: OpenAiLanguageModel, fault: object
) -> None:
    server.script = [fault] * QUICK.tries
    with pytest.raises(ModelUnavailable):
        await ask(remote, "good day")


async def test_a_server_that_is_not_there_is_given_up() -> None:
    with pytest.raises(ModelUnavailable):
        await OpenAiLanguageModel.open("http://127.0.0.1:9/v1", "", None, QUICK)


async def test_an_adapter_is_loaded_at_the_server_once_and_again_after_its_restart(
    server: ChatServer, remote: OpenAiLanguageModel, tmp_path: Path
) -> None:
    adapter = write_adapter_config(tmp_path / "a7", base_model_name_or_path="tiny")
    for _ in range(2):
        await ask(remote, "good day", adapter=adapter, scope="s")
    assert [load["lora_name"] for load in server.loads] == ["a7"]
    assert {request["model"] for request in server.requests} == {"a7"}
    server.script = [refuse(404)]
    assert await ask(remote, "good day", adapter=adapter, scope="s")
    assert len(server.loads) == 2, "the second load is answered with `already loaded`, which is fine"


def _engine_of(model: OpenVinoLanguageModel) -> psutil.Process:
    engines = [
        child
        for child in psutil.Process().children()
        if "core.llm.engine" in child.cmdline()
        and f'"cache_mb": {model._plain._settings["cache_mb"]}' in child.cmdline()[-1]
    ]
    return engines[-1]
