"""Where customers reach an assistant."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_required, owner_required
from api.context import caller_locale, the_core
from api.limits import per_minute
from core.app import Core
from core.channels import TELEGRAM, channels_of, connect_telegram, disconnect
from core.errors import Invalid
from core.models import Assistant, Channel
from core.slack.connecting import connect_slack
from core.slack.installing import LINK_LIFE, install_link

blueprint = Blueprint("channels", __name__)


Token = Annotated[SecretStr, Field(min_length=1, max_length=400)]


class NewChannel(BaseModel):
    """Of Telegram `token`; of Slack `bot_token` (xoxb-…) with `signing_secret`, for events to this service's address,
    or with `app_token` (xapp-…), for Socket Mode."""

    kind: Literal["telegram", "slack"]
    token: Token | None = None
    bot_token: Token | None = None
    signing_secret: Token | None = None
    app_token: Token | None = None


class ChannelView(BaseModel):
    """`state`: starting, running, failed or stopped; `error` says in words why it failed. Tokens are never shown."""

    id: UUID
    kind: str
    name: str
    enabled: bool
    state: str
    error: str
    created_at: datetime

    @classmethod
    def of(cls, row: Channel) -> Self:
        seen = {name: getattr(row, name) for name in cls.model_fields if name != "error"}
        error = the_core().texts.say(caller_locale(), row.error_code, **row.error_facts) if row.error_code else ""
        return cls(**seen, error=error)


class SlackLink(BaseModel):
    """`url` is for the owner's own browser, once, until `expires_at`."""

    url: str
    expires_at: datetime


class Channels(BaseModel):
    channels: list[ChannelView]


@blueprint.post("/assistants/<uuid:assistant_id>/channels")
@rate_limit(limits=per_minute(30))
@owner_required
@validate_request(NewChannel)
@validate_response(ChannelView, 201)
async def connect(assistant: Assistant, data: NewChannel) -> tuple[ChannelView, int]:
    """Connect a Telegram bot, or a Slack workspace in which you made an app; it answers within seconds."""
    core: Core = the_core()
    if data.kind == TELEGRAM:
        channel = await connect_telegram(core, g.actor, assistant, _given("token", data.token))
    else:
        channel = await connect_slack(
            core,
            g.actor,
            assistant,
            bot_token=_given("bot_token", data.bot_token),
            signing_secret=_value(data.signing_secret),
            app_token=_value(data.app_token),
        )
    return ChannelView.of(channel), 201


@blueprint.post("/assistants/<uuid:assistant_id>/channels/slack-link")
@rate_limit(limits=per_minute(30))
@owner_required
@validate_response(SlackLink, 201)
async def slack_link(assistant: Assistant) -> tuple[SlackLink, int]:
    """Connect a Slack workspace in a browser, where this installation has a Slack app of its own."""
    link = install_link(the_core(), g.actor, assistant)
    return SlackLink(url=link.url, expires_at=datetime.now(UTC) + LINK_LIFE), 201


def _given(field: str, secret: SecretStr | None) -> str:
    if secret is None:
        raise Invalid(field=field, reason="invalid-missing")
    return secret.get_secret_value()


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


@blueprint.get("/assistants/<uuid:assistant_id>/channels")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(Channels)
async def list_all(assistant: Assistant) -> Channels:
    """All channels and how they are."""
    return Channels(channels=[ChannelView.of(row) for row in await channels_of(assistant)])


@blueprint.delete("/assistants/<uuid:assistant_id>/channels/<uuid:channel_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def forget(assistant: Assistant, channel: Channel) -> tuple[str, int]:
    """Disconnect a bot or a workspace and forget its tokens."""
    await disconnect(g.actor, channel)
    return "", 204
