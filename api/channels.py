"""Where customers reach an assistant."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_required, owner_required
from api.context import caller_locale, the_core
from api.limits import per_minute
from core.channel_care import set_groups
from core.channel_modes import change_mode, mode_of
from core.channels import channels_of, connect_telegram, disconnect, groups_of
from core.models import Assistant, Channel
from core.tenancy import channel_of

blueprint = Blueprint("channels", __name__)


class NewChannel(BaseModel):
    kind: Literal["telegram"]
    token: Annotated[SecretStr, Field(min_length=1, max_length=200)]


class ChannelChange(BaseModel):
    """What is left out stays as it is. `mode`: how a Telegram bot gets its updates; `webhook` needs an address of the
    installation with https. `groups`: whose conversation one in a group is: of each person, or of all there together.
    """

    model_config = ConfigDict(extra="forbid")
    mode: Literal["polling", "webhook"] | None = None
    groups: Literal["person", "together"] | None = None


class ChannelView(BaseModel):
    """`state`: starting, running, failed or stopped; `error` says in words why it failed. `mode` and `groups`: as in a
    change. Tokens are never shown."""

    id: UUID
    kind: str
    name: str
    enabled: bool
    state: str
    error: str
    mode: Literal["polling", "webhook"] | None
    groups: str
    created_at: datetime

    @classmethod
    def of(cls, row: Channel) -> Self:
        more = {"error", "mode", "groups"}
        seen = {name: getattr(row, name) for name in cls.model_fields if name not in more}
        error = the_core().texts.say(caller_locale(), row.error_code, **row.error_facts) if row.error_code else ""
        return cls(**seen, error=error, mode=mode_of(the_core().settings, row), groups=groups_of(row))


class Channels(BaseModel):
    channels: list[ChannelView]


@blueprint.post("/assistants/<uuid:assistant_id>/channels")
@rate_limit(limits=per_minute(30))
@owner_required
@validate_request(NewChannel)
@validate_response(ChannelView, 201)
async def connect(assistant: Assistant, data: NewChannel) -> tuple[ChannelView, int]:
    """Connect a Telegram bot by its token; it answers within seconds."""
    channel = await connect_telegram(the_core(), g.actor, assistant, data.token.get_secret_value())
    return ChannelView.of(channel), 201


@blueprint.get("/assistants/<uuid:assistant_id>/channels")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(Channels)
async def list_all(assistant: Assistant) -> Channels:
    """All channels and how they are."""
    return Channels(channels=[ChannelView.of(row) for row in await channels_of(assistant)])


@blueprint.patch("/assistants/<uuid:assistant_id>/channels/<uuid:channel_id>")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_request(ChannelChange)
@validate_response(ChannelView)
async def change(assistant: Assistant, channel: Channel, data: ChannelChange) -> ChannelView:
    """Choose how the bot gets its updates, and how it talks in groups. No message is lost by it."""
    if data.groups:
        await set_groups(g.actor, channel, data.groups)
        channel = await channel_of(assistant, channel.id)
    if data.mode:
        await change_mode(the_core().settings, g.actor, channel, data.mode)
    return ChannelView.of(await channel_of(assistant, channel.id))


@blueprint.delete("/assistants/<uuid:assistant_id>/channels/<uuid:channel_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def forget(assistant: Assistant, channel: Channel) -> tuple[str, int]:
    """Disconnect a bot and forget its token."""
    await disconnect(g.actor, channel)
    return "", 204
