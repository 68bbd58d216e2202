"""oauth.v2.access: a code or a refresh token against a bot token. https://docs.slack.dev/reference/methods/oauth.v2.access"""

import time
from dataclasses import dataclass

from aiohttp import encode_basic_auth

from core.settings import Settings
from core.slack.calling import CHECK_S, asked, web_client


@dataclass(frozen=True, slots=True)
class Granted:
    """`expires_at`: seconds since 1970; nothing for a token that does not end."""

    bot_token: str
    refresh_token: str
    expires_at: str
    whole_company: bool

    @property
    def secrets(self) -> dict[str, str]:
        return {"bot_token": self.bot_token, "refresh_token": self.refresh_token, "expires_at": self.expires_at}


async def granted_for(settings: Settings, **proof: str) -> Granted:
    """To the installation's own app. Raises `SlackSaidNo`, `Unavailable`."""
    secret = settings.slack_client_secret.get_secret_value() if settings.slack_client_secret else ""
    client = web_client(settings, timeout_s=CHECK_S)
    headers = {"Authorization": encode_basic_auth(settings.slack_client_id, secret)}
    answer = await asked(client.api_call("oauth.v2.access", data=proof, headers=headers))
    lives = answer.get("expires_in")
    return Granted(
        bot_token=str(answer.get("access_token", "")),
        refresh_token=str(answer.get("refresh_token") or ""),
        expires_at=str(int(time.time()) + int(lives)) if lives else "",
        whole_company=bool(answer.get("is_enterprise_install")),
    )
