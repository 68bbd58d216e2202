"""Whose a bot token is, as Slack says: which workspace, which app, and whether it may do what is needed."""

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from core.app import Core
from core.slack.calling import CHECK_S, GONE, SlackSaidNo, asked, web_client
from core.slack.errors import (
    SlackAppsDiffer,
    SlackScopesMissing,
    SlackUserToken,
    SlackWholeCompany,
    WrongSlackAppToken,
    WrongSlackToken,
)
from core.slack.tokens import app_of, must_be_app_token, must_be_bot_token

NEEDED = ("chat:write", "im:history", "users:read")
"""Without these nothing can be answered, or nobody known by name."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace and an app in it."""

    app_id: str
    team_id: str
    team: str
    bot_user_id: str
    bot_id: str

    @property
    def identity(self) -> str:
        """How a channel knows it."""
        return f"{self.app_id}:{self.team_id}"


async def workspace_behind(core: Core, bot_token: str) -> Workspace:
    """Ask Slack whose token this is. Raises `WrongSlackToken`, `SlackScopesMissing`, `SlackWholeCompany`,
    `Unavailable`."""
    must_be_bot_token(bot_token)
    client = web_client(core.settings, bot_token, CHECK_S)
    try:
        me = await asked(client.auth_test())
    except SlackSaidNo as no:
        raise WrongSlackToken(field="bot_token", reason=no.code) from None
    if me.get("is_enterprise_install"):
        raise SlackWholeCompany(field="bot_token", reason="org-wide")
    if not me.get("bot_id"):
        raise SlackUserToken(field="bot_token", reason="a user's token")
    _must_be_allowed(me)
    app_id = str(me.get("app_id") or "") or await _app_behind(client, me["bot_id"])
    return Workspace(app_id, me["team_id"], me.get("team") or me["team_id"], me["user_id"], me["bot_id"])


def _must_be_allowed(answer: AsyncSlackResponse) -> None:
    """Slack lists a token's scopes in a header of each answer; where it does not, nothing is known."""
    listed = answer.headers.get("x-oauth-scopes", "")
    has = {scope.strip() for scope in listed.split(",")}
    missing = [scope for scope in NEEDED if scope not in has]
    if listed and missing:
        raise SlackScopesMissing(field="bot_token", reason="scopes", scopes=", ".join(missing))


async def _app_behind(client: AsyncWebClient, bot_id: str) -> str:
    try:
        answer = await asked(client.bots_info(bot=bot_id))
    except SlackSaidNo as no:
        if no.code in GONE:
            raise WrongSlackToken(field="bot_token", reason=no.code) from None
        raise SlackScopesMissing(field="bot_token", reason=no.code, scopes="users:read") from None
    return str(answer["bot"]["app_id"])


async def check_app_token(core: Core, app_token: str, app_id: str) -> None:
    """Whether Socket Mode can be opened with it, for this app. Raises `WrongSlackToken`, `Unavailable`."""
    must_be_app_token(app_token)
    if app_of(app_token) not in {"", app_id}:
        raise SlackAppsDiffer(field="app_token", reason="another app's")
    client = web_client(core.settings, app_token, CHECK_S)
    try:
        await asked(client.apps_connections_open(app_token=app_token))
    except SlackSaidNo as no:
        raise WrongSlackAppToken(field="app_token", reason=no.code) from None
