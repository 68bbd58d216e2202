"""What owners do with a channel that they have: switch it off and on, try it again, give it its new token.

The registry in `bots/` sees each of these within seconds, because what a channel was started with has changed.
"""

from datetime import datetime

from core.app import Core
from core.channels import TELEGRAM, record_channel, token_of
from core.keyring import WrongMasterKey
from core.models import Author, Channel, ChannelState, Conversation, Message
from core.tenancy import Actor

PAUSED, RESUMED = "pause channel", "resume channel"
_CONVERSATIONS = 20
"""As many of the newest are looked through for what a customer wrote last."""


async def pause(actor: Actor, channel: Channel) -> None:
    """Nobody answers there until it is switched on again; the token stays."""
    await Channel.filter(id=channel.id).update(enabled=False, state=ChannelState.STOPPED, error_code="", error_facts={})
    await record_channel(actor, PAUSED, channel, before={"enabled": True}, after={"enabled": False})


async def resume(actor: Actor, channel: Channel) -> None:
    """It is live within seconds, and answers what was written meanwhile, as far as the platform has kept it."""
    await Channel.filter(id=channel.id).update(enabled=True, state=ChannelState.STARTING, error_code="", error_facts={})
    await record_channel(actor, RESUMED, channel, before={"enabled": False}, after={"enabled": True})


async def try_again(core: Core, channel: Channel) -> None:
    """Start it anew at once, without waiting for its pause to end. Raises `WrongMasterKey`."""
    await _start_anew(channel, core.keyring.seal(core.keyring.unseal(channel.secrets)))


async def renew_token(core: Core, channel: Channel, token: str) -> None:
    """The channel's own bot has this token now. Whoever knows it checked whose it is."""
    await _start_anew(channel, core.keyring.seal({"token": token}))


async def _start_anew(channel: Channel, secrets: str) -> None:
    """A secret that is sealed anew looks different, so that the registry starts the channel again."""
    channel.secrets = secrets
    channel.state, channel.error_code, channel.error_facts = ChannelState.STARTING, "", {}
    if not channel.enabled:
        channel.state = ChannelState.STOPPED
    await channel.save(update_fields=["secrets", "state", "error_code", "error_facts"])


async def managed_channel(bot_id: int) -> Channel | None:
    """The channel of a bot that the admin bot made for its owner."""
    channel = await Channel.get_or_none(kind=TELEGRAM, identity=str(bot_id))
    return channel if channel and channel.settings.get("managed") else None


def has_token(core: Core, channel: Channel, token: str) -> bool:
    """Whether a channel runs with this token already."""
    try:
        return token_of(core, channel) == token
    except WrongMasterKey:
        return False


async def last_heard(channel: Channel) -> datetime | None:
    """When a customer last wrote there. None: nobody has."""
    source = f"{channel.kind}:{channel.identity}"
    newest = Conversation.filter(assistant_id=channel.assistant_id, contact__channel=source)
    ids = await newest.order_by("-last_message_at").limit(_CONVERSATIONS).values_list("id", flat=True)
    message = await Message.filter(conversation_id__in=ids, author=Author.CUSTOMER).order_by("-created_at").first()
    return message.created_at if message else None
