"""A client of Slack's Web API for one channel, whose token is good for a while yet."""

from slack_sdk.web.async_client import AsyncWebClient

from core.app import Core
from core.models import Channel
from core.slack.calling import web_client


def secrets_of(core: Core, channel: Channel) -> dict[str, str]:
    """`bot_token`, `signing_secret`, `app_token`, `refresh_token`, `expires_at`. Raises `WrongMasterKey`."""
    return core.keyring.unseal(channel.secrets)


async def slack_client(core: Core, channel: Channel) -> AsyncWebClient:
    """Each call of it has a time limit. Raises `WrongMasterKey`, `Unavailable`."""
    return web_client(core.settings, secrets_of(core, channel)["bot_token"])
