"""How a workspace is heard: over HTTP Slack calls us, over Socket Mode we hold a connection. Tells how the channel is.

Events of one app come over any of its connections, so each is written down where it belongs. Knows no answers.
"""

import asyncio
import logging
from copy import copy
from typing import Any

from bots.slack.desk import Desk
from core.channels import report_state
from core.errors import Unavailable
from core.models import Channel, ChannelState
from core.slack.calling import web_client
from core.slack.client import secrets_of, slack_client
from core.slack.connecting import SLACK, SOCKET
from core.slack.errors import WrongSlackToken
from core.slack.intake import Kind, identity_in, kind_of, take_in
from core.slack.refusals import SlackTokenRefused
from core.slack.socket_mode import SocketMode

log = logging.getLogger(__name__)
CHECK_EVERY_S = 300.0
"""Between two looks whether the token is still good."""
UNREACHABLE = "channel-slack-unreachable"
_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_KINDS = {"events_api": Kind.EVENT, "slash_commands": Kind.COMMAND}


async def listen(desk: Desk) -> None:
    """Until cancelled. Raises `SlackTokenRefused`."""
    if desk.channel.settings.get("mode") == SOCKET:
        await _be_reachable(desk)
        await _hold_connection(desk)
    while True:
        await _be_reachable(desk)
        await report_state(desk.channel, ChannelState.RUNNING)
        await asyncio.sleep(CHECK_EVERY_S)


async def keep_token(desk: Desk) -> None:
    """Renew it before its end, until cancelled; the registry starts the channel again with the new one. Raises
    `SlackTokenRefused` when nothing renews it."""
    while True:
        try:
            await slack_client(desk.core, copy(desk.channel))
        except WrongSlackToken as error:
            raise SlackTokenRefused(field="token", reason=str(error.facts.get("reason", ""))) from None
        except Unavailable:
            log.warning("channel %s: its token could not be renewed yet", desk.channel.id)
        await asyncio.sleep(CHECK_EVERY_S)


async def _be_reachable(desk: Desk) -> None:
    """Until Slack says that the token is good."""
    failures = 0
    while True:
        try:
            await desk.outbound.do("auth.test", {})
        except Unavailable:
            await report_state(desk.channel, ChannelState.FAILED, UNREACHABLE)
            await asyncio.sleep(min(_PAUSE_S * 2 ** min(failures, 10), _LONGEST_PAUSE_S))
            failures += 1
        else:
            return


async def _hold_connection(desk: Desk) -> None:
    core, channel = desk.core, desk.channel
    common = core.settings.slack_app_token
    app_token = secrets_of(core, channel).get("app_token") or (common.get_secret_value() if common else "")
    if not app_token:
        raise SlackTokenRefused(field="app_token", reason="none is set")

    async def tell(connected: bool) -> None:
        state = ChannelState.RUNNING if connected else ChannelState.FAILED
        await report_state(channel, state, "" if connected else UNREACHABLE)

    async def hear(kind: str, body: dict[str, Any]) -> None:
        await take_from_socket(channel, kind, body)

    await SocketMode(web_client(core.settings), app_token, hear, tell).run()


async def take_from_socket(channel: Channel, kind: str, body: dict[str, Any]) -> None:
    """Written down where it belongs; what belongs nowhere is acknowledged all the same."""
    found = _KINDS.get(kind) or kind_of(body)
    identity = identity_in(body)
    home = channel if identity == channel.identity else await Channel.get_or_none(kind=SLACK, identity=identity)
    if found and home:
        await take_in(home, found, body)
    elif home is None:
        log.info("channel %s: an event for a workspace that nobody has connected", channel.id)
