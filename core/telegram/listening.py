"""The one way in to a customers' bot: by polling or by webhook, as its channel says; the same events either way."""

from collections.abc import Callable, Sequence

from aiogram import Bot

from core.app import Core
from core.channel_modes import WEBHOOK, mode_of, webhook_address, webhook_secret
from core.models import Channel
from core.telegram import polling, webhook


async def listen(
    core: Core,
    channel: Channel,
    bot: Bot,
    kinds: Callable[[], Sequence[str]],
    handle: polling.Handle,
    report: webhook.Report,
) -> None:
    """Every update once, until cancelled. Raises `WrongBotToken`."""
    source = source_of(channel)
    if mode_of(core.settings, channel) == WEBHOOK:
        work = polling.work_on_updates(bot, core.background, source, handle)
        address = webhook.Address(webhook_address(core.settings, channel), webhook_secret(core.keyring, channel.id))
        await webhook.Webhook(bot, work, address, kinds, report).run()
    else:
        await polling.Poller(bot, core.background, source, kinds, handle, report).run()


def source_of(channel: Channel) -> str:
    """What its updates are called in the inbox."""
    return f"telegram:{channel.id}"
