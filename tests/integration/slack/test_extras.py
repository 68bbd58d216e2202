"""Beside messages: the command, the pane that Slack opens for assistants, an app that is put out, a customer erased."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.app import Core
from core.customers.erasing import erase_customer
from core.inbox import accept_event, unfinished_events
from core.models import Assistant, Channel, ChannelState, Contact, ProcessedEvent
from core.slack.intake import source_of
from core.verified import add_verified_answer
from tests.conftest import Owner
from tests.integration.slack.conftest import ConnectSlack, Served
from tests.slack_server import APP, TEAM, SlackPerson, SlackWorkspace
from tests.waiting import until

ANSWER = "At 12 Mill Lane."


@pytest.fixture
async def live(rosa: Assistant, connect_slack: ConnectSlack, served: Served) -> AsyncIterator[Channel]:
    channel = await connect_slack(rosa)
    async with served(channel):
        yield channel


def _command(workspace: SlackWorkspace, person: SlackPerson, text: str, trigger: str) -> dict[str, Any]:
    who = {"api_app_id": APP, "team_id": TEAM, "user_id": person.id, "channel_id": "C0ANYWHERE"}
    return {
        **who,
        "command": "/ask",
        "text": text,
        "trigger_id": trigger,
        "response_url": f"{workspace.address}/__respond/1",
    }


def _event(number: int, **event: Any) -> dict[str, Any]:
    head = {"type": "event_callback", "api_app_id": APP, "team_id": TEAM, "event_id": f"EvX{number}"}
    return {**head, "event": {"event_ts": "1.1", **event}}


async def _responses(workspace: SlackWorkspace, count: int) -> list[dict[str, Any]]:
    async def there() -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = (await workspace.seen())["responses"]
        return found if len(found) >= count else None

    return await until(there)


async def test_a_command_is_answered_to_who_asked_alone_until_he_shows_it(
    live: Channel, workspace: SlackWorkspace
) -> None:
    ann = await workspace.person()
    command = _command(workspace, ann, "Where is the shop?", "7.1")
    for _ in range(2):
        assert await workspace.send("slash_commands", command) == 200
    [said] = await _responses(workspace, 1)
    assert (said["response_type"], said["text"]) == ("ephemeral", ANSWER)
    [button] = said["blocks"][-1]["elements"]
    press = {
        "type": "block_actions",
        "api_app_id": APP,
        "team": {"id": TEAM},
        "user": {"id": ann.id},
        "channel": {"id": "C0ANYWHERE"},
        "container": {"type": "message", "is_ephemeral": True, "message_ts": "1.1"},
        "trigger_id": "7.2",
        "response_url": f"{workspace.address}/__respond/2",
        "actions": [button],
    }
    bob = await workspace.person("bob")
    assert await workspace.send("interactive", {**press, "user": {"id": bob.id}, "trigger_id": "7.3"}) == 200
    assert await workspace.send("interactive", press) == 200
    _, shown, taken_away = await _responses(workspace, 3)
    assert (shown["id"], shown["response_type"], shown["text"]) == ("2", "in_channel", ANSWER)
    assert f"<@{ann.id}>: Where is the shop?" in str(shown["blocks"][0])
    assert taken_away["delete_original"]
    assert len((await workspace.seen())["responses"]) == 3, "nobody shows what another was told"


async def test_an_answer_is_sent_to_no_address_but_slacks(live: Channel, workspace: SlackWorkspace) -> None:
    ann = await workspace.person()
    command = _command(workspace, ann, "Where is the shop?", "8.1")
    command["response_url"] = command["response_url"].replace("127.0.0.1", "localhost")
    assert await workspace.send("slash_commands", command) == 200

    async def done() -> bool:
        return not await unfinished_events(source_of(live))

    await until(done)
    assert (await workspace.seen())["responses"] == []


async def test_who_opens_the_assistants_pane_is_greeted_with_questions_to_ask(
    live: Channel, rosa: Assistant, workspace: SlackWorkspace
) -> None:
    await Assistant.filter(id=rosa.id).update(greeting="Welcome to the Copper Kettle!")
    ann = await workspace.person()
    begun = {"user_id": ann.id, "channel_id": await ann.opens(), "thread_ts": await ann.says("New thread")}
    started = _event(1, type="assistant_thread_started", assistant_thread=begun)
    for _ in range(2):
        assert await workspace.send("events_api", started) == 200
    await ann.reads("Welcome to the Copper Kettle!", ann.direct, begun["thread_ts"])

    async def offered() -> list[dict[str, Any]]:
        return await workspace.calls_of("assistant.threads.setSuggestedPrompts")

    [offer] = await until(offered)
    assert offer["body"]["prompts"] == [{"title": "Where is the shop?", "message": "Where is the shop?"}]
    await ann.says("Where is the shop?", ann.direct, begun["thread_ts"])
    await ann.reads(ANSWER, ann.direct, begun["thread_ts"])


async def test_an_app_that_is_put_out_is_told_to_its_owner_and_a_stale_word_of_it_is_not(
    live: Channel, workspace: SlackWorkspace
) -> None:
    assert await workspace.send("events_api", _event(2, type="tokens_revoked", tokens={"bot": ["U1"]})) == 200
    ann = await workspace.person()
    await ann.says("Where is the shop?")
    await ann.reads(ANSWER)
    await workspace.fault("auth.test", "account_inactive", times=9)
    assert await workspace.send("events_api", _event(3, type="app_uninstalled")) == 200

    async def told() -> bool:
        now = await Channel.get(id=live.id)
        return (now.state, now.error_code) == (ChannelState.FAILED, "slack-uninstalled")

    await until(told)


async def test_erasing_a_customer_reaches_what_slack_has_sent_of_him(
    house: Core, anna: Owner, rosa: Assistant, connect_slack: ConnectSlack, served: Served, workspace: SlackWorkspace
) -> None:
    await add_verified_answer(house, rosa, "What are your prices?", "Low.")
    ann, bob = await workspace.person("ann"), await workspace.person("bob")
    channel = await connect_slack(rosa)
    async with served(channel):
        await ann.says("Where is the shop?")
        await ann.reads(ANSWER)
    for number, person in enumerate((ann, bob)):
        event = {"type": "message", "channel": "D1", "user": person.id, "text": "Later", "ts": "1.1"}
        payload = {"kind": "event", "body": _event(9 + number, **event)}
        assert await accept_event(source_of(channel), f"late {person.id}", payload)
    contact = await Contact.get(assistant_id=rosa.id, key=f"{TEAM}:{ann.id}")
    await erase_customer(house, anna.actor, rosa, contact)
    left = await ProcessedEvent.filter(source=source_of(channel), done_at=None)
    assert [event.event_id for event in left] == [f"late {bob.id}"]
