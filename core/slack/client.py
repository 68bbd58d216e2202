"""A client of Slack's Web API for one channel, whose token is good for a while yet.

A token that ends is renewed before, once, whoever comes first and in whichever process: what renews it works only
once, too. https://docs.slack.dev/authentication/using-token-rotation
"""

import time
from typing import Any
from uuid import UUID

from slack_sdk.web.async_client import AsyncWebClient

from core.app import Core
from core.background import unbroken
from core.errors import Unavailable
from core.keyring import hash_token
from core.models import Channel
from core.once import do_once
from core.slack.calling import CHECK_S, SlackSaidNo, web_client
from core.slack.errors import WrongSlackToken
from core.slack.gone import slack_gone
from core.slack.granting import granted_for

RENEW_S = 2 * 60 * 60
"""So long before its end; Slack's tokens live twelve hours."""


def secrets_of(core: Core, channel: Channel) -> dict[str, str]:
    """`bot_token`, `signing_secret`, `app_token`, `refresh_token`, `expires_at`. Raises `WrongMasterKey`."""
    return core.keyring.unseal(channel.secrets)


async def slack_client(core: Core, channel: Channel) -> AsyncWebClient:
    """Each call of it has a time limit. Ask for it anew where a token may have ended meanwhile. `channel` has the
    newest secrets afterwards. Raises `WrongMasterKey`, `WrongSlackToken` when nothing renews it, `Unavailable`."""
    secrets = secrets_of(core, channel)
    while _ends_within(secrets, RENEW_S):
        newest = await Channel.get_or_none(id=channel.id)
        if newest and newest.secrets != channel.secrets:
            channel.secrets = newest.secrets
        else:
            try:
                await _renew(core, channel, secrets)
            except (Unavailable, WrongSlackToken):
                if _ends_within(secrets, 0):
                    raise
                break  # it is good for a while yet, and so is another try
        secrets = secrets_of(core, channel)
    return web_client(core.settings, secrets["bot_token"])


def _ends_within(secrets: dict[str, str], seconds: int) -> bool:
    ends = secrets.get("expires_at", "")
    return bool(ends) and int(ends) - time.time() <= seconds


async def _renew(core: Core, channel: Channel, secrets: dict[str, str]) -> None:
    """Both processes of two that come at once get the same new token, sealed."""

    async def exchange(_id: UUID) -> dict[str, Any]:
        return {"secrets": core.keyring.seal(secrets | await _exchanged(core, channel, secrets["refresh_token"]))}

    key = hash_token(secrets["refresh_token"])
    # Stopped in the middle, the old token would be used up and the new one lost.
    renewed = await unbroken(do_once(f"slack-renewal:{channel.id}", key, {}, exchange), CHECK_S + 2)
    await Channel.filter(id=channel.id, secrets=channel.secrets).update(secrets=renewed["secrets"])
    channel.secrets = renewed["secrets"]


async def _exchanged(core: Core, channel: Channel, refresh_token: str) -> dict[str, str]:
    try:
        granted = await granted_for(core.settings, grant_type="refresh_token", refresh_token=refresh_token)
    except SlackSaidNo as no:
        await slack_gone(core, channel, no.code)
        raise WrongSlackToken(field="bot_token", reason=no.code) from None
    return granted.secrets
