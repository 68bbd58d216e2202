"""A workspace has put the app out, or its token is worth nothing any more: its owner is told, with what to do."""

import logging

from core.app import Core
from core.channels import report_state
from core.models import Channel, ChannelState
from core.slack.calling import CHECK_S, GONE, SlackSaidNo, asked, web_client

log = logging.getLogger(__name__)
UNINSTALLED, REVOKED = "slack-uninstalled", "slack-revoked"
"""Codes that a channel reports to its owner."""


async def slack_gone(core: Core, channel: Channel, code: str) -> bool:
    """Call it with what was seen: an event (`app_uninstalled`, `tokens_revoked`) or a refusal (`token_revoked`,
    `invalid_auth`, `account_inactive`). Slack is asked once more with the newest token, because an event may be about
    an earlier one, or about a person's. Whether it is gone. Raises `Unavailable` when Slack does not say."""
    newest = await Channel.get_or_none(id=channel.id)
    if newest is None or await _still_works(core, newest):
        return False
    log.warning("channel %s (%s): Slack says %s", newest.id, newest.name, code)
    await report_state(newest, ChannelState.FAILED, UNINSTALLED if code == "app_uninstalled" else REVOKED)
    return True


async def _still_works(core: Core, channel: Channel) -> bool:
    token = core.keyring.unseal(channel.secrets)["bot_token"]
    try:
        await asked(web_client(core.settings, token, CHECK_S).auth_test())
    except SlackSaidNo as no:
        return no.code not in GONE
    return True
