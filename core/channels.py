"""Channels as owners see them: connected, healthy or not, disconnected. Who serves them is `bots/`.

A token is checked with the platform before it is believed, and stored encrypted.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.app import Core
from core.changes import State, record_undoable
from core.errors import BotTaken, Unavailable, WrongBotToken
from core.models import Assistant, Channel, ChannelState
from core.news import BOT_STOPPED, note_news, was_told_today
from core.tenancy import Actor

TELEGRAM = "telegram"
CHANNEL = "channel"
"""What its changes are called."""
CONNECTED, DISCONNECTED = "connect channel", "disconnect channel"
GROUPS = "groups"
"""The setting that says whose conversation one in a group is: of each `PERSON`, or of all there `TOGETHER`, in a group
with topics of all in a topic."""
PERSON, TOGETHER = "person", "together"
CHECK_TIMEOUT_S = 10
NEEDS_OWNER = frozenset(
    "error-wrong-bot-token error-wrong-slack-token error-slack-token-refused error-wrong-master-key "
    "channel-read-elsewhere slack-uninstalled slack-revoked".split()
)
"""Codes of what lasts until its owner does something."""
_TOKEN = re.compile(r"^\d{1,20}:[\w-]{1,100}$")


class BotOfYours(BotTaken):
    """Another assistant of the same business uses this bot. Facts: `username`, `assistant`."""

    code = "error-bot-of-yours"


class BotIsOurs(BotTaken):
    """The admin bot's own token. Facts: `username`."""

    code = "error-bot-is-ours"


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who a token belongs to, as Telegram's getMe says."""

    id: str
    username: str
    name: str


async def bot_behind(core: Core, token: str) -> BotIdentity:
    """Ask Telegram whose token this is. Raises `WrongBotToken`, `Unavailable`."""
    if not _TOKEN.match(token):
        raise WrongBotToken(field="token", reason="not a bot token")
    url = f"{core.settings.telegram_api_url}/bot{token}/getMe"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CHECK_TIMEOUT_S)) as session,
            session.get(url) as response,
        ):
            answer: dict[str, Any] = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        # "from None": the original error carries the URL, and the URL carries the token.
        raise Unavailable(part="Telegram", reason="no answer") from None
    if not answer.get("ok"):
        if response.status in {401, 404}:
            raise WrongBotToken(field="token", reason="Telegram does not know it")
        raise Unavailable(part="Telegram", reason=str(answer.get("description", response.status)))
    me = answer["result"]
    return BotIdentity(str(me["id"]), me.get("username", ""), me.get("first_name", ""))


async def connect_telegram(
    core: Core, actor: Actor, assistant: Assistant, token: str, *, managed: bool = False
) -> Channel:
    """Make a bot answer for this assistant; it is live as soon as the registry sees it, within seconds.

    The same bot again replaces its token. `managed`: the admin bot made it, and hears when its token changes. Raises
    `WrongBotToken`, `Unavailable`, `BotTaken`.
    """
    bot = await bot_behind(core, token.strip())
    sealed = core.keyring.seal({"token": token.strip()})
    admin = core.settings.admin_bot_token
    if admin and admin.get_secret_value().partition(":")[0] == bot.id:
        raise BotIsOurs(username=bot.username)
    existing = await Channel.get_or_none(kind=TELEGRAM, identity=bot.id).select_related("assistant")
    if existing and existing.assistant_id != assistant.id:
        if existing.assistant.tenant_id == actor.tenant_id:
            raise BotOfYours(username=bot.username, assistant=existing.assistant.name)
        raise BotTaken(username=bot.username)
    if existing:
        existing.update_from_dict(
            {"secrets": sealed, "name": bot.username, "enabled": True, "state": ChannelState.STARTING, "error_code": ""}
        )
        existing.settings |= {"managed": True} if managed else {}
        await existing.save()
        return existing
    try:
        channel = await Channel.create(
            assistant=assistant,
            kind=TELEGRAM,
            identity=bot.id,
            name=bot.username,
            secrets=sealed,
            settings={"managed": True} if managed else {},
        )
    except IntegrityError as error:
        raise BotTaken(username=bot.username) from error
    await record_channel(actor, CONNECTED, channel, before=None, after=snapshot_of(channel))
    return channel


async def disconnect(actor: Actor, channel: Channel) -> None:
    """Stopped by the registry within seconds. The token stays, encrypted, only as long as this can be taken back."""
    async with in_transaction():
        channel = await Channel.get_or_none(id=channel.id) or channel
        await Channel.filter(id=channel.id).delete()
        await record_channel(actor, DISCONNECTED, channel, before=snapshot_of(channel), after=None)


async def reconnect(actor: Actor, assistant_id: UUID, channel_id: UUID, was: dict[str, Any]) -> None:
    """The bot answers again, under the id that its conversations know. Raises `BotTaken`."""
    try:
        async with in_transaction():
            channel = await Channel.create(id=channel_id, assistant_id=assistant_id, **was)
            await record_channel(actor, CONNECTED, channel, before=None, after=snapshot_of(channel))
    except IntegrityError as error:
        raise BotTaken(username=was["name"]) from error


def snapshot_of(channel: Channel) -> dict[str, Any]:
    kept = ("kind", "identity", "name", "secrets", "settings", "enabled", "cursor")
    return {name: getattr(channel, name) for name in kept}


async def record_channel(actor: Actor, action: str, channel: Channel, *, before: State, after: State) -> None:
    """That somebody connected, disconnected or switched it, with how it was and is."""
    await record_undoable(
        actor,
        action,
        CHANNEL,
        channel.id,
        assistant_id=channel.assistant_id,
        before=before,
        after=after,
        bot=channel.name,
        platform=channel.kind,
    )


def groups_of(channel: Channel) -> str:
    """`PERSON` or `TOGETHER`."""
    return TOGETHER if channel.settings.get(GROUPS) == TOGETHER else PERSON


async def channels_of(assistant: Assistant) -> list[Channel]:
    return await Channel.filter(assistant_id=assistant.id).order_by("created_at")


async def wanted_channels(kind: str) -> list[Channel]:
    """All channels of a kind that should be running now, of all tenants: for the registry alone."""
    return await Channel.filter(kind=kind, enabled=True)


def token_of(core: Core, channel: Channel) -> str:
    return core.keyring.unseal(channel.secrets)["token"]


async def report_state(channel: Channel, state: ChannelState, code: str = "", **facts: str | int) -> None:
    """What was seen of a channel, for its owner. Of one that is switched off nothing is to be seen.

    What will not mend by itself is news.
    """
    changed = Channel.filter(Q(id=channel.id, enabled=True) & ~Q(state=state, error_code=code))
    if not await changed.update(state=state, error_code=code, error_facts=facts) or code not in NEEDS_OWNER:
        return
    told = {"bot": channel.name, "code": code, "platform": channel.kind}
    if not await was_told_today(BOT_STOPPED, channel.id, **told):
        assistant = await Assistant.get(id=channel.assistant_id)
        await note_news(assistant.tenant_id, BOT_STOPPED, channel.id, **told)
