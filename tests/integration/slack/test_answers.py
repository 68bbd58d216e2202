"""A customer writes in Slack: he gets one answer, where he has asked, whatever happens on the way."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from core.app import Core
from core.channels import NEEDS_OWNER
from core.inbox import accept_event, keep_progress, unfinished_events
from core.models import Assistant, Channel, ChannelState, Contact, Message, ProcessedEvent
from core.slack.formatting import words
from core.slack.intake import source_of
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant
from tests.integration.slack.conftest import ConnectSlack, Served
from tests.slack_server import APP, BOT_TOKEN, TEAM, SlackPerson, SlackWorkspace, buttons_of
from tests.waiting import until

ASKED, ANSWER = "Where is the shop?", "At 12 Mill Lane."


@pytest.fixture
async def rosa(house: Core, assistant: MakeAssistant) -> Assistant:
    made = await assistant(greeting="Welcome!")
    await add_verified_answer(house, made, ASKED, ANSWER)
    await add_verified_answer(house, made, "Hello, where is the shop?", ANSWER)
    await add_verified_answer(house, made, "What are your prices?", "Low.")
    return made


@pytest.fixture
async def channel(rosa: Assistant, connect_slack: ConnectSlack) -> Channel:
    return await connect_slack(rosa)


@pytest.fixture
async def live(channel: Channel, served: Served) -> AsyncIterator[Channel]:
    async with served(channel):
        yield channel


async def _settled(channel: Channel, accepted: int = 0) -> None:
    """Everything that was accepted is done, and that is at least so much."""

    async def none_left() -> bool:
        enough = await ProcessedEvent.filter(source=source_of(channel)).count() >= accepted
        return enough and not await unfinished_events(source_of(channel))

    await until(none_left)


def _event(person: SlackPerson, number: int, text: str, **event: Any) -> dict[str, Any]:
    told = {"type": "message", "channel": person.direct, "channel_type": "im", "user": person.id, "text": text}
    told |= {"ts": f"{int(time.time())}.{number:06}", **event}
    head = {"type": "event_callback", "api_app_id": APP, "team_id": TEAM, "event_id": f"Ev{number}"}
    return {**head, "event": told}


def _payload(person: SlackPerson, number: int, text: str, **event: Any) -> dict[str, Any]:
    return {"kind": "event", "body": _event(person, number, text, **event)}


async def test_in_a_channel_only_who_calls_is_answered_in_a_thread_and_may_go_on_there(
    live: Channel, workspace: SlackWorkspace
) -> None:
    ann, bob = await workspace.person("ann"), await workspace.person("bob")
    place = await workspace.channel(ann, bob)
    await ann.says(ASKED, place)
    asked = await ann.calls_bot(ASKED, place)
    await ann.reads(ANSWER, place, asked)
    await ann.says("What are your prices?", place, asked)
    await ann.reads("Low.", place, asked)
    await bob.says(ASKED, place, asked)
    await bob.calls_bot("what are your prices?", place, asked)

    async def both() -> bool:
        return await ann.texts(place, asked) == [ANSWER, "Low.", "Low."]

    await until(both)
    await _settled(live)
    assert await ann.answers(place) == [], "nothing is said outside of the thread"
    keys = sorted(await Contact.filter(assistant_id=live.assistant_id).values_list("key", flat=True))  # type: ignore[type-var]
    assert keys == sorted(f"{TEAM}:{one.id}:{place}:{asked}" for one in (ann, bob))


async def test_a_bare_call_is_greeted_and_an_answer_has_its_buttons(live: Channel, workspace: SlackWorkspace) -> None:
    ann = await workspace.person()
    place = await workspace.channel(ann)
    called = await ann.calls_bot("", place)
    assert buttons_of(await ann.reads("Welcome!", place, called)) == []
    await ann.says("Where is the moon?")
    refusal = await ann.reads("Our documents do not say")
    assert buttons_of(refusal) == ["call_person", "tell_me"]
    await ann.presses(refusal, "tell_me")

    async def promised() -> bool:
        [now] = [one for one in await ann.answers() if one["ts"] == refusal["ts"]]
        return buttons_of(now) == ["call_person"] and "as soon as I know" in str(now["blocks"][-1])

    await until(promised)


async def test_a_burst_is_one_question_and_others_need_not_wait(live: Channel, workspace: SlackWorkspace) -> None:
    ann, bob = await workspace.person("ann"), await workspace.person("bob")
    await workspace.order(hold=True)
    await ann.says("Hello,")
    await ann.says("where is the shop?")
    await bob.says(ASKED)
    await workspace.order(release="all")
    await bob.reads(ANSWER)
    await ann.reads(ANSWER)
    await _settled(live, 3)
    assert await ann.texts() == [ANSWER]
    turns = await Message.filter(conversation__contact__key=f"{TEAM}:{ann.id}").order_by("created_at")
    assert [turn.text for turn in turns] == ["Hello,", "where is the shop?", ANSWER]


async def test_twice_and_out_of_order_is_answered_once_and_in_order(
    channel: Channel, served: Served, workspace: SlackWorkspace
) -> None:
    ann = await workspace.person()
    await ann.opens()
    first, second = _payload(ann, 1, ASKED), _payload(ann, 2, "What are your prices?", ts="9999999999.1")
    assert await accept_event(source_of(channel), "Ev2", second)
    assert await accept_event(source_of(channel), "Ev1", first)
    async with served(channel):
        await ann.reads(ANSWER)
        await ann.reads("Low.")
        for _ in range(3):
            assert await workspace.send("events_api", _event(ann, 1, ASKED)) == 200
        await ann.says(ASKED)
        await _settled(channel, 3)
    assert await ann.texts() == [ANSWER, "Low.", ANSWER]


async def test_the_assistant_does_not_answer_itself_other_bots_or_edits(
    live: Channel, workspace: SlackWorkspace
) -> None:
    ann = await workspace.person()
    said = await ann.says(ASKED)
    await ann.reads(ANSWER)
    await workspace.call("chat.update", ann.token, channel=ann.direct, ts=said, text="What are your prices?")
    await workspace.send("events_api", _event(ann, 7, ASKED, bot_id="B0OTHER"))
    await workspace.send("events_api", _event(ann, 8, ASKED, user="U0000BOT"))
    await _settled(live)
    assert await ann.texts() == [ANSWER]
    assert await ProcessedEvent.filter(source=source_of(live)).count() == 1


async def test_a_long_answer_comes_in_parts_that_slack_takes_a_second_apart(
    house: Core, rosa: Assistant, live: Channel, workspace: SlackWorkspace
) -> None:
    long = "\n\n".join(f"Rule {n}: " + "tea is *stored* <dry> & dark. " * 20 for n in range(45))
    await add_verified_answer(house, rosa, "What are the rules of storing tea?", long)
    ann = await workspace.person()
    await ann.says("What are the rules of storing tea?")
    await ann.reads("Rule 44", timeout_s=60)
    parts = await ann.answers()
    assert len(parts) > 2
    assert [bool(buttons_of(part)) for part in parts] == [*[False] * (len(parts) - 1), True]
    told = "\n\n".join(part["text"] for part in parts).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert told.split() == long.split()
    calls = await workspace.calls_of("chat.postMessage", ann.direct)
    assert not [call for call in calls if call["error"]], "Slack had to remind of nothing"


async def test_a_refusal_with_a_time_is_obeyed_exactly_for_all_channels(
    live: Channel, workspace: SlackWorkspace
) -> None:
    ann, bob = await workspace.person("ann"), await workspace.person("bob")
    await workspace.fault("chat.postMessage", "ratelimited", status=429, retry_after=3)
    await ann.says(ASKED)

    async def refused() -> list[dict[str, Any]]:
        return [call for call in await workspace.calls_of("chat.postMessage") if call["error"]]

    [refusal] = await until(refused)
    await bob.says(ASKED)
    await bob.reads(ANSWER)
    await ann.reads(ANSWER)
    taken = [call["at"] for call in await workspace.calls_of("chat.postMessage") if not call["error"]]
    assert len(taken) == 2
    assert 3.0 <= min(taken) - refusal["at"] < 4.0


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "page": "<html>busy</html>"},
        {"status": 200, "page": "<html>proxy</html>"},
        {"status": 500, "error": "fatal_error", "times": 2},
        {"status": 200, "error": "internal_error"},
        {"status": 502, "after": True, "page": "<html>lost</html>"},
    ],
    ids=str,
)
async def test_what_passes_by_itself_is_tried_again_and_said_once(
    live: Channel, workspace: SlackWorkspace, fault: dict[str, Any]
) -> None:
    ann = await workspace.person()
    await workspace.order(fault={"method": "chat.postMessage", **fault})
    await ann.says(ASKED)
    await ann.reads(ANSWER)
    await _settled(live)
    assert await ann.texts() == [ANSWER]


async def test_blocks_that_slack_refuses_are_left_out(live: Channel, workspace: SlackWorkspace) -> None:
    ann = await workspace.person()
    await workspace.fault("chat.postMessage", "invalid_blocks")
    await ann.says(ASKED)
    assert not (await ann.reads(ANSWER)).get("blocks")


@pytest.mark.parametrize("word", ["channel_not_found", "not_in_channel", "is_archived"])
async def test_a_closed_channel_is_left_alone_until_somebody_writes_there(
    live: Channel, workspace: SlackWorkspace, word: str
) -> None:
    ann, bob = await workspace.person("ann"), await workspace.person("bob")
    await workspace.fault("chat.postMessage", word, channel=await ann.opens())
    await ann.says(ASKED)
    await bob.says(ASKED)
    await bob.reads(ANSWER)
    await _settled(live, 2)
    assert len(await workspace.calls_of("chat.postMessage", ann.direct)) == 1
    await ann.says(ASKED)
    await ann.reads(ANSWER)


@pytest.mark.parametrize("word", ["account_inactive", "token_revoked", "invalid_auth"])
async def test_a_refused_token_is_told_to_its_owner_and_not_used_again(
    live: Channel, workspace: SlackWorkspace, word: str
) -> None:
    ann = await workspace.person()
    await workspace.fault("chat.postMessage", word, times=99)
    await ann.says(ASKED)

    async def told() -> bool:
        now = await Channel.get(id=live.id)
        return (now.state, now.error_code) == (ChannelState.FAILED, "slack-revoked")

    await until(told)
    assert "slack-revoked" in NEEDS_OWNER
    await asyncio.sleep(1)
    assert len(await workspace.calls_of("chat.postMessage")) == 1
    [left] = await unfinished_events(source_of(live))
    assert left.done_at is None, "it is answered when the workspace is connected again"


async def test_what_breaks_behind_the_answer_is_a_plain_sentence_to_the_customer(
    live: Channel, workspace: SlackWorkspace, rosa: Assistant
) -> None:
    vera = await workspace.person("vera")
    await Assistant.filter(id=rosa.id).update(answer_policy={"threshold": "broken"})
    await vera.says("До скольки вы работаете в субботу?")
    said = await vera.reads("Извините")
    assert said["text"] == "Извините, сейчас ответить не получается. Напишите, пожалуйста, ещё раз через пару минут."


async def test_a_restart_answers_what_was_left_and_repeats_nothing(
    channel: Channel, served: Served, workspace: SlackWorkspace
) -> None:
    """As after `kill -9`: one message untouched; another of whose three parts one is noted as sent, and one more is."""
    ann, bob = await workspace.person("ann"), await workspace.person("bob")
    await ann.opens()
    await bob.opens()
    await accept_event(source_of(channel), "Ev1", _payload(ann, 1, ASKED))
    half = await accept_event(source_of(channel), "Ev2", _payload(bob, 2, "What?"))
    assert half
    parts = [words(text)[0].record() for text in ("The first part.", "The second part.", "The third part.")]
    await keep_progress(half, {"parts": parts, "sent": 1, "joined": []})
    mark = {"event_type": "answer_part", "event_payload": {"part": f"{half.id.hex}:1"}}
    await workspace.call("chat.postMessage", BOT_TOKEN, channel=bob.direct, text="The second part.", metadata=mark)
    async with served(channel):
        await ann.reads(ANSWER)
        await bob.reads("The third part.")
        await _settled(channel)
    assert await bob.texts() == ["The second part.", "The third part."]
    assert await ann.texts() == [ANSWER]


async def test_stopped_in_the_middle_of_an_answer_nothing_is_lost_and_nothing_doubled(
    house: Core, rosa: Assistant, channel: Channel, served: Served, workspace: SlackWorkspace
) -> None:
    long = "\n\n".join(f"Rule {n}: " + "tea is stored dry and dark. " * 20 for n in range(45))
    await add_verified_answer(house, rosa, "What are the rules of storing tea?", long)
    ann = await workspace.person()
    for slow in (100, 700):
        await workspace.order(slow=slow)
        before, called = len(await ann.answers()), len(await workspace.calls_of("chat.postMessage", ann.direct))
        async with served(channel):
            await ann.says("What are the rules of storing tea?")

            async def second_is_under_way(called: int = called) -> bool:
                return len(await workspace.calls_of("chat.postMessage", ann.direct)) == called + 2

            await until(second_is_under_way, every_s=0.01)
        async with served(channel):
            await _settled(channel)
        new = (await ann.texts())[before:]
        assert "\n\n".join(new).split() == long.split(), f"with answers that take {slow} ms"


async def test_a_customer_who_writes_after_a_day_of_silence_of_ours_is_not_answered_late(
    channel: Channel, served: Served, workspace: SlackWorkspace
) -> None:
    ann = await workspace.person()
    await ann.opens()
    old = await accept_event(source_of(channel), "Ev1", _payload(ann, 1, ASKED))
    assert old
    await ProcessedEvent.filter(id=old.id).update(created_at=old.created_at - timedelta(days=2))
    async with served(channel):
        await ann.says("What are your prices?")
        await ann.reads("Low.")
        await _settled(channel)
    assert await ann.texts() == ["Low."]
