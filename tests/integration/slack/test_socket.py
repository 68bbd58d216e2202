"""Socket Mode: a connection that dies, however it dies, is replaced, its owner sees it, and nothing is lost."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from core.app import Core
from core.models import Assistant, Channel, ChannelState
from core.slack import socket_mode
from core.slack.socket_mode import Timing
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant
from tests.integration.slack.conftest import ConnectSlack, Served
from tests.slack_server import SlackPerson, SlackWorkspace
from tests.waiting import until

ASKED, ANSWER = "Where is the shop?", "At 12 Mill Lane."


@pytest.fixture
async def live(
    house: Core,
    assistant: MakeAssistant,
    connect_slack: ConnectSlack,
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Channel]:
    """Pings are quick here: waiting for a dead connection takes its time."""
    quick = Timing(ping=0.5, look=0.1, hello=2.0, pause=0.2, longest_pause=0.5)
    monkeypatch.setattr(socket_mode, "Timing", lambda: quick)
    rosa: Assistant = await assistant()
    await add_verified_answer(house, rosa, ASKED, ANSWER)
    channel = await connect_slack(rosa, "socket")
    async with served(channel):
        yield channel


async def _state_is(channel_id: UUID, state: ChannelState, code: str) -> None:
    async def so() -> bool:
        now = await Channel.get(id=channel_id)
        return (now.state, now.error_code) == (state, code)

    await until(so)


async def _answered(person: SlackPerson, times: int) -> None:
    async def so() -> bool:
        return (await person.texts()).count(ANSWER) == times

    await until(so)


async def test_a_connection_that_looks_alive_and_is_dead_is_replaced(live: Channel, workspace: SlackWorkspace) -> None:
    ann = await workspace.person()
    await ann.says(ASKED)
    await _answered(ann, 1)
    await workspace.order(socket="freeze", stay=True)
    await _state_is(live.id, ChannelState.FAILED, "channel-slack-unreachable")
    await workspace.order(socket="thaw")
    await _state_is(live.id, ChannelState.RUNNING, "")
    await ann.says(ASKED)
    await _answered(ann, 2)


@pytest.mark.parametrize("end", ["drop", "refresh", "freeze"])
async def test_however_a_connection_ends_the_next_question_is_answered(
    live: Channel, workspace: SlackWorkspace, end: str
) -> None:
    ann = await workspace.person()
    opened = (await workspace.seen())["opened"]
    await workspace.order(socket=end)

    async def again() -> bool:
        seen = await workspace.seen()
        return bool(seen["opened"] > opened and seen["connected"])

    await until(again)
    await ann.says(ASKED)
    await _answered(ann, 1)
    await _state_is(live.id, ChannelState.RUNNING, "")


async def test_an_app_token_that_slack_refuses_waits_for_its_owner(live: Channel, workspace: SlackWorkspace) -> None:
    await workspace.fault("apps.connections.open", "invalid_auth")
    await workspace.order(socket="drop")
    await _state_is(live.id, ChannelState.FAILED, "slack-revoked")


async def test_slack_that_opens_no_connection_for_a_while_is_waited_for(
    live: Channel, workspace: SlackWorkspace
) -> None:
    faults = ({"status": 503, "page": "<html>busy</html>"}, {"error": "internal_error"}, {"status": 500, "error": "x"})
    for fault in faults:
        await workspace.order(fault={"method": "apps.connections.open", **fault})
    await workspace.order(socket="drop")
    await _state_is(live.id, ChannelState.FAILED, "channel-slack-unreachable")
    await _state_is(live.id, ChannelState.RUNNING, "")
    ann = await workspace.person()
    await ann.says(ASKED)
    await _answered(ann, 1)
