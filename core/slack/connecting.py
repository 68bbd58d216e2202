"""A Slack workspace answers for an assistant: its tokens checked with Slack, sealed, and one assistant per workspace.

Events come to a web address, signed with a secret ("http"), or over a connection that we open ("socket"). The app is
the owner's own, or the installation's, which keeps its secrets in the settings.
"""

from typing import Any
from urllib.parse import urlencode

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.app import Core
from core.channels import CONNECTED, record_channel, snapshot_of
from core.models import Assistant, Channel, ChannelState
from core.slack.errors import SlackOfYours, SlackRotates, SlackSecretMissing, SlackTaken
from core.slack.tokens import must_be_signing_secret
from core.slack.workspaces import Workspace, check_app_token, workspace_behind
from core.tenancy import Actor

SLACK = "slack"
HTTP, SOCKET = "http", "socket"
_APP = "https://slack.com/app_redirect"
"""https://docs.slack.dev/interactivity/deep-linking"""


async def connect_slack(
    core: Core,
    actor: Actor,
    assistant: Assistant,
    *,
    bot_token: str,
    signing_secret: str = "",
    app_token: str = "",
    refresh_token: str = "",
    expires_at: str = "",
    own_app: bool = True,
) -> Channel:
    """Make a workspace's app answer for this assistant; it is live as soon as the registry sees it, within seconds.

    The same workspace and app again replace the tokens. `own_app`: the owner made the app himself, so its signing
    secret or app token is needed; otherwise it is the installation's. `expires_at`: seconds since 1970, of a bot token
    that `refresh_token` renews. Raises `WrongSlackToken` and others of core/slack/errors.py, `Unavailable`.
    """
    bot_token, signing_secret, app_token = bot_token.strip(), signing_secret.strip(), app_token.strip()
    if own_app and not (signing_secret or app_token):
        raise SlackSecretMissing(field="signing_secret", reason="missing")
    if own_app and bot_token.startswith("xoxe."):
        raise SlackRotates(field="bot_token", reason="token rotation")
    if signing_secret:
        must_be_signing_secret(signing_secret)
    workspace = await workspace_behind(core, bot_token)
    if app_token:
        await check_app_token(core, app_token, workspace.app_id)
    socket = bool(app_token) if own_app else core.settings.slack_app_token is not None
    secrets = {
        "bot_token": bot_token,
        "signing_secret": signing_secret,
        "app_token": app_token,
        "refresh_token": refresh_token,
        "expires_at": expires_at,
    }
    settings = {
        "mode": SOCKET if socket else HTTP,
        "app_id": workspace.app_id,
        "team_id": workspace.team_id,
        "team": workspace.team,
        "bot_user_id": workspace.bot_user_id,
        "bot_id": workspace.bot_id,
        "own_app": own_app,
    }
    values = {"name": workspace.team[:120], "secrets": core.keyring.seal(secrets), "settings": settings}
    return await _keep(actor, assistant, workspace, values)


def app_link(channel: Channel) -> str:
    """Opens Slack at the conversation with the app."""
    return f"{_APP}?{urlencode({'app': channel.settings['app_id'], 'team': channel.settings['team_id']})}"


async def _keep(actor: Actor, assistant: Assistant, workspace: Workspace, values: dict[str, Any]) -> Channel:
    existing = await Channel.get_or_none(kind=SLACK, identity=workspace.identity).select_related("assistant")
    if existing and existing.assistant_id != assistant.id:
        if existing.assistant.tenant_id == actor.tenant_id:
            raise SlackOfYours(team=workspace.team, assistant=existing.assistant.name)
        raise SlackTaken(team=workspace.team)
    if existing:
        fresh = {"enabled": True, "state": ChannelState.STARTING, "error_code": "", "error_facts": {}}
        await existing.update_from_dict(values | fresh).save()
        return existing
    try:
        async with in_transaction():
            channel = await Channel.create(assistant=assistant, kind=SLACK, identity=workspace.identity, **values)
            await record_channel(actor, CONNECTED, channel, before=None, after=snapshot_of(channel))
    except IntegrityError as error:
        raise SlackTaken(team=workspace.team) from error
    return channel
