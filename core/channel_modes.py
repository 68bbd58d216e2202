"""How a Telegram bot gets its updates: it asks for them (polling), or Telegram brings them to our address (webhook).

By polling the process that serves the bot needs no address; by webhook the installation needs one with https, and any
of its web servers accepts. What belongs to a webhook follows from the channel's id and the installation's key, so
whoever sets it and whoever is called by it need not tell one another.
"""

from typing import Literal
from uuid import UUID

from core.channels import TELEGRAM, record_channel
from core.errors import Invalid
from core.keyring import Keyring
from core.models import Channel, ChannelState
from core.settings import Settings
from core.tenancy import Actor

Mode = Literal["polling", "webhook"]
POLLING: Mode = "polling"
WEBHOOK: Mode = "webhook"
CHANGED = "change channel mode"


class WebhookNeedsHttps(Invalid):
    """The installation has no address with https at which Telegram could call it. Facts: `field`."""

    code = "error-webhook-needs-https"


def mode_of(settings: Settings, channel: Channel) -> Mode | None:
    """None for what is not Telegram's. Without an address Telegram could not come: then it is asked."""
    if channel.kind != TELEGRAM:
        return None
    wanted = channel.settings.get("mode", settings.telegram_updates)
    return WEBHOOK if wanted == WEBHOOK and has_address(settings) else POLLING


def has_address(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")


def webhook_address(settings: Settings, channel: Channel) -> str:
    return f"{settings.public_url}/telegram/{channel.id}"


def webhook_secret(keyring: Keyring, channel_id: UUID) -> str:
    """What Telegram shows us with every update, so that we know that it is Telegram."""
    return keyring.derive(f"telegram webhook {channel_id}").hex()


async def change_mode(settings: Settings, actor: Actor, channel: Channel, mode: Mode) -> None:
    """It starts anew in this way within seconds; no message is lost by it. Raises `WebhookNeedsHttps`."""
    if mode == WEBHOOK and not has_address(settings):
        raise WebhookNeedsHttps(field="mode")
    before = mode_of(settings, channel)
    if before is None:
        raise Invalid(field="mode", reason="invalid-fixed")
    channel.settings = {**channel.settings, "mode": mode}
    if channel.enabled:
        channel.state, channel.error_code, channel.error_facts = ChannelState.STARTING, "", {}
    await channel.save(update_fields=["settings", "state", "error_code", "error_facts"])
    if before != mode:
        await record_channel(actor, CHANGED, channel, before={"mode": before}, after={"mode": mode})
