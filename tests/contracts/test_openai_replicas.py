"""Several servers behind one model (core/llm/openai.py): whom it asks, whom it leaves alone, and what a server may do
wrong without the next customer noticing."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.background import Background
from core.errors import ModelUnavailable
from core.llm.base import Sampling, Turn
from core.llm.openai import Limits, OpenAiLanguageModel
from core.llm.openai_breaker import Breaker, BreakerLimits
from tests.language_models import (
    Answering,
    ChatServer,
    ask,
    begin,
    break_off,
    hang,
    refuse,
    say,
    talk_nonsense,
    write_adapter_config,
)

PATIENT = BreakerLimits(rest_s=600, longest_rest_s=600)
LIMITS = Limits(connect_s=5, first_token_s=10, between_s=5, total_s=20, tries=3, pause_s=0.01, breaker=PATIENT)
SHORT = replace(LIMITS, first_token_s=4, between_s=0.5, total_s=8)
"""Long enough for a machine that stands still for a second, short enough to wait for a server that says nothing."""


@pytest.fixture
async def pair() -> AsyncIterator[tuple[ChatServer, ChatServer]]:
    async with ChatServer().running() as one, ChatServer().running() as other:
        yield one, other


@contextlib.asynccontextmanager
async def over(*servers: ChatServer, limits: Limits = LIMITS) -> AsyncIterator[OpenAiLanguageModel]:
    model = await OpenAiLanguageModel.open(" , ".join(f"{server.url}/" for server in servers), "", None, limits)
    try:
        yield model
    finally:
        await model.close()


def write(*lines: bytes, content_type: str = "text/event-stream", times: int = 1) -> Answering:
    """Answer with these bytes, over and over."""

    async def answer(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": content_type})
        await stream.prepare(request)
        with contextlib.suppress(ConnectionError):
            for _round in range(times):
                for line in lines:
                    await stream.write(line)
        return stream

    return answer


async def fall_silent(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
    """Say a word and nothing more."""
    stream = await begin(request)
    await say(stream, "Half an")
    await asyncio.sleep(3600)
    return stream


async def refuse_without_end(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """A status that says no, and a body that never ends."""
    stream = web.StreamResponse(status=400)
    await stream.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await stream.write(b"no " * 10_000)
    return stream


BREAKS = {
    "says nothing": hang,
    "closes the line": break_off,
    "sends a stub of an event": talk_nonsense,
    "sends a page": write(b"<html><body>It works!</body></html>", content_type="text/html"),
    "sends a page as a stream": write(b"<html>\n<body>\n", times=100_000),
    "sends a line without end": write(b"x" * 65_536, times=20_000),
    "sends comments without end": write(b": still thinking\n\n" * 1000, times=100_000),
    "sends brackets in brackets": write(b"data: " + b"[" * 60_000 + b"\n\n"),
    "sends a number for a text": write(b'data: {"choices": [{"delta": {"content": 5}}]}\n\n'),
    "sends another shape": write(b'data: {"choices": 7}\n\n'),
    "sends bytes": write(bytes(range(256)) * 100),
    "ends before it begins": write(b""),
    "says that it broke": write(b'data: {"error": {"message": "engine is dead", "code": 500}}\n\n'),
    "says no without end": refuse_without_end,
}
MUTE = [name for name, fault in BREAKS.items() if fault not in (break_off, refuse_without_end)]
"""Those that leave the customer without a word, though nobody has refused his question."""


@pytest.mark.parametrize("fault", BREAKS.values(), ids=BREAKS.keys())
async def test_what_a_server_does_wrong_ends_soon_and_clearly_and_the_next_customer_notices_nothing(
    pair: tuple[ChatServer, ChatServer], fault: Answering
) -> None:
    server, _ = pair
    async with over(server, limits=replace(SHORT, tries=1)) as model:
        server.script = [fault]
        async with asyncio.timeout(30):
            with pytest.raises(ModelUnavailable) as refusal:
                await ask(model, "good day")
        assert len(str(refusal.value.facts["reason"])) < 1000
        assert (await ask(model, "good day")).split() == ["good", "day"]


@pytest.mark.parametrize("fault", [BREAKS[name] for name in MUTE], ids=MUTE)
async def test_before_the_first_word_another_server_takes_over(
    pair: tuple[ChatServer, ChatServer], fault: Answering
) -> None:
    broken, well = pair
    async with over(broken, well, limits=SHORT) as model:
        broken.script = [fault]
        async with asyncio.timeout(30):
            assert (await ask(model, "good day")).split() == ["good", "day"]
        assert (len(broken.requests), len(well.requests)) == (1, 1)


async def test_a_server_that_falls_silent_in_the_middle_is_given_up_soon(pair: tuple[ChatServer, ChatServer]) -> None:
    server, other = pair
    async with over(server, other, limits=replace(SHORT, total_s=600)) as model:
        server.script = [fall_silent]
        async with asyncio.timeout(30):
            with pytest.raises(ModelUnavailable):
                await ask(model, "good day")
        assert not other.requests, "half an answer is not begun again"


async def test_of_a_refusal_without_end_only_the_beginning_is_read(pair: tuple[ChatServer, ChatServer]) -> None:
    async with over(pair[0]) as model:
        pair[0].script = [refuse_without_end]
        with pytest.raises(ModelUnavailable) as refusal:
            await ask(model, "good day")
    assert str(refusal.value.facts["reason"]).startswith("chat/completions: status 400: no no")


async def test_an_answer_that_does_not_end_is_ended(pair: tuple[ChatServer, ChatServer]) -> None:
    server, _ = pair
    event = b"data: " + json.dumps({"choices": [{"delta": {"content": "и" * 5000}}]}).encode() + b"\n\n"
    async with over(server) as model:
        server.script = [write(event, times=100_000)]
        with pytest.raises(ModelUnavailable) as refusal:
            await ask(model, "good day", most=8)
        assert "does not end" in str(refusal.value.facts["reason"])


async def test_something_that_is_no_web_server_is_given_up(pair: tuple[ChatServer, ChatServer]) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n" * 5000)
        writer.close()

    listening = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        model = OpenAiLanguageModel(f"{url},{pair[0].url}", "tiny", None, LIMITS)
        assert (await ask(model, "good day")).split() == ["good", "day"]
        with pytest.raises(ModelUnavailable):
            await OpenAiLanguageModel.open(url, "", None, LIMITS)
        await model.close()


async def test_the_name_comes_from_the_first_server_that_answers(pair: tuple[ChatServer, ChatServer]) -> None:
    model = await OpenAiLanguageModel.open(f"http://127.0.0.1:9/v1,{pair[0].url}", "", None, LIMITS)
    assert model.name == "tiny"
    assert model.at_once == 2 * LIMITS.at_once
    await model.close()


async def test_the_server_with_the_fewest_open_requests_is_asked(pair: tuple[ChatServer, ChatServer]) -> None:
    one, other = pair
    async with over(one, other) as model:
        open_streams = [model.stream([Turn("user", "count")], Sampling(100_000), scope="s") for _ in range(6)]
        for stream in open_streams:
            await anext(stream)
        assert (len(one.requests), len(other.requests)) == (3, 3)
        for stream in open_streams[0::2]:
            await stream.aclose()
        await ask(model, "good day")
        await ask(model, "good day")
        assert (len(one.requests), len(other.requests)) == (5, 3), "its customers have gone"
        for stream in open_streams[1::2]:
            await stream.aclose()


async def test_a_server_that_fails_three_times_in_a_row_is_left_alone(pair: tuple[ChatServer, ChatServer]) -> None:
    broken, well = pair
    async with over(broken, well) as model:
        broken.script = [refuse(500)] * 10
        for _ in range(12):
            assert (await ask(model, "good day")).split() == ["good", "day"]
    assert len(broken.requests) == 3
    assert len(well.requests) == 12


async def test_while_all_servers_rest_no_customer_waits(pair: tuple[ChatServer, ChatServer]) -> None:
    async with over(*pair, limits=replace(LIMITS, tries=9)) as model:
        for server in pair:
            server.script = [refuse(503)] * 10
        with pytest.raises(ModelUnavailable):
            await ask(model, "good day")
        asked = sum(len(server.requests) for server in pair)
        assert asked == 6
        for _ in range(5):
            with pytest.raises(ModelUnavailable) as refusal:
                await ask(model, "good day")
        assert "rest after failures" in str(refusal.value.facts["reason"])
        assert sum(len(server.requests) for server in pair) == asked


async def test_a_server_that_has_recovered_is_found_out_by_one_request_and_shares_the_load_again(
    pair: tuple[ChatServer, ChatServer],
) -> None:
    recovered, well = pair
    async with over(recovered, well, limits=replace(LIMITS, breaker=BreakerLimits(rest_s=0))) as model:
        recovered.script = [refuse(500)] * 4
        for _ in range(8):
            assert await ask(model, "good day")
        answered = len(recovered.requests)
        assert answered > 4
        for _ in range(4):
            await ask(model, "good day")
        assert len(recovered.requests) == answered + 2


async def test_customers_who_wait_in_vain_and_go_away_count_against_a_silent_server(
    pair: tuple[ChatServer, ChatServer],
) -> None:
    silent, well = pair
    async with over(silent, well, limits=replace(LIMITS, silent_s=0.05)) as model:
        silent.script = [hang] * 10
        while len(silent.requests) < 3:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    await ask(model, "good day")
        for _ in range(6):
            assert await ask(model, "good day")
    assert len(silent.requests) == 3


async def test_busy_servers_are_not_taken_for_broken_ones(pair: tuple[ChatServer, ChatServer]) -> None:
    busy, _ = pair
    async with over(busy) as model:
        busy.script = [refuse(429, **{"Retry-After": "0"})] * 9
        for _ in range(3):
            with pytest.raises(ModelUnavailable):
                await ask(model, "good day")
        assert await ask(model, "good day")


async def test_customers_requests_that_are_refused_do_not_make_a_server_rest(
    pair: tuple[ChatServer, ChatServer],
) -> None:
    server, _ = pair
    too_long = write(b'data: {"error": {"message": "context length", "code": 400}}\n\n')
    async with over(server) as model:
        server.script = [refuse(400), too_long] * 3
        for _ in range(6):
            with pytest.raises(ModelUnavailable):
                await ask(model, "good day")
        assert len(server.requests) == 6
        assert await ask(model, "good day")


async def test_a_flood_over_a_dying_server_leaves_nobody_without_an_answer(pair: tuple[ChatServer, ChatServer]) -> None:
    dying, well = pair
    async with over(dying, well) as model, contextlib.AsyncExitStack() as stack:
        background = Background()
        stack.push_async_callback(background.close)
        dying.script = [refuse(502)] * 100
        asking = [background.start(ask(model, f"good day {n}"), f"customer {n}") for n in range(40)]
        answers = await asyncio.gather(*asking)
    assert [answer.split()[-1] for answer in answers] == [str(n) for n in range(40)]


async def test_each_server_is_given_an_adapter_when_it_is_first_asked_for_it_and_all_forget_it(
    pair: tuple[ChatServer, ChatServer], tmp_path: Path
) -> None:
    adapter = write_adapter_config(tmp_path / "a7", base_model_name_or_path="tiny")
    async with over(*pair) as model:
        for _ in range(4):
            await ask(model, "good day", adapter=adapter)
        assert [[load["lora_name"] for load in server.loads] for server in pair] == [["a7"], ["a7"]]
        await model.forget_adapter("a7")
        assert [server.loads[1:] for server in pair] == [[{"lora_name": "a7"}]] * 2


async def test_an_adapter_that_another_process_loaded_is_unloaded_too_and_a_dead_server_does_not_mind(
    pair: tuple[ChatServer, ChatServer],
) -> None:
    model = OpenAiLanguageModel(f"http://127.0.0.1:9/v1,{pair[0].url}", "tiny", None, LIMITS)
    await model.forget_adapter("of another process")
    await model.close()
    assert pair[0].loads == [{"lora_name": "of another process"}]


async def test_a_closed_model_says_so(pair: tuple[ChatServer, ChatServer]) -> None:
    model = await OpenAiLanguageModel.open(pair[0].url, "", None, LIMITS)
    await model.close()
    with pytest.raises(ModelUnavailable) as refusal:
        async with aclosing(model.stream([Turn("user", "hello")], Sampling(), scope="s")) as stream:
            await anext(stream)
    assert refusal.value.facts == {"reason": "the model is closed"}


def test_the_rests_of_a_server_that_stays_broken_double_up_to_the_longest_and_one_answer_ends_them() -> None:
    now = [0.0]
    breaker = Breaker(BreakerLimits(failures=3, rest_s=5, longest_rest_s=60), lambda: now[0])
    for _ in range(3):
        assert breaker.may_ask
        breaker.fail(breaker.begin())
    rests = []
    for _ in range(6):
        slept = 0
        while not breaker.may_ask:
            now[0] += 1
            slept += 1
        rests.append(slept)
        is_trial = breaker.begin()
        assert is_trial
        assert not breaker.may_ask, "one request tries"
        breaker.fail(False)  # one that was sent before it opened
        assert not breaker.may_ask
        breaker.fail(is_trial)
    assert rests == [5, 10, 20, 40, 60, 60]

    now[0] += 60
    breaker.leave(breaker.begin())
    assert breaker.may_ask, "its customer went away: the next one tries"
    breaker.begin()
    breaker.succeed()
    assert not breaker.is_open
    for _ in range(3):
        breaker.fail(breaker.begin())
    now[0] += 5
    assert breaker.may_ask, "after an answer the rests begin anew"
