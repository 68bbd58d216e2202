"""The role of the admin bot: one bot, the installation's own, in which all owners talk to us."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import SetMyCommands
from aiogram.types import BotCommand, Update

from admin_bot.door import House
from admin_bot.edge import LOOKS, build_dispatcher
from admin_bot.group_door import GroupDoor
from admin_bot.letters import Letters, now_in_utc
from admin_bot.mornings import Mornings
from admin_bot.notices import Notices
from admin_bot.progress import EVERY_S, Progress
from admin_bot.shopper_mornings import ShopperMornings
from admin_bot.topic_notices import TopicNotices
from core.app import Core
from core.errors import WrongBotToken
from core.intents.reader import IntentReader
from core.leases import Leases
from core.models import ChannelState, ProcessedEvent
from core.telegram.connection import open_bot
from core.telegram.outbound import Outbound
from core.telegram.pacing import Pace
from core.telegram.polling import Poller
from core.texts import LOCALES

log = logging.getLogger(__name__)
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""Always wanted; those of managed bots come in addition, where there are any."""
AGAIN_S = 10.0
LOOKS_A_MORNING = 40
"""One look for new questions in so many looks at what goes on: about once a minute."""


async def run(
    core: Core, progress_every_s: float = EVERY_S, pace: Pace | None = None, clock: Callable[[], datetime] = now_in_utc
) -> None:
    """Talk to owners until cancelled. Without a token, or with a wrong one, the rest of the product goes on. By `clock`
    it is known when the weekly letters are due."""
    token = core.settings.admin_bot_token.get_secret_value() if core.settings.admin_bot_token else ""
    if not token:
        log.info("no ADMIN_BOT_TOKEN: owners cannot talk to the product in Telegram")
        await asyncio.Event().wait()
    serve = partial(_serve, core, token, progress_every_s, pace, clock)
    while True:
        try:
            async with Leases(core.background, core.settings.processes_folder, "admin_bot") as leases:
                await leases.alone(f"admin-bot:{token.partition(':')[0]}", serve)
        except WrongBotToken:
            log.error("Telegram refuses ADMIN_BOT_TOKEN: take a new one from @BotFather and start again")
            await asyncio.Event().wait()
        except Exception:  # the admin bot's failure must not end the other roles
            log.exception("the admin bot broke; it starts again in %s s", AGAIN_S)
            await asyncio.sleep(AGAIN_S)


async def _serve(
    core: Core, token: str, progress_every_s: float, pace: Pace | None, clock: Callable[[], datetime]
) -> None:
    async with open_bot(core.settings.telegram_api_url, token) as bot:
        outbound = Outbound(bot, core.background, pace)
        progress = Progress(core, outbound, bot.id, LOOKS, progress_every_s)
        intents = IntentReader(core.embedder, core.settings.models_folder)
        learning = core.background.start(intents.learn(), "learning what owners say")
        dispatcher = build_dispatcher(House(core, outbound, progress, intents))

        groups = GroupDoor(core, outbound, bot.id)

        async def handle(_event: ProcessedEvent, update: Update, _following: object) -> None:
            if not await groups.takes(update):
                await dispatcher.feed_update(bot, update)

        def kinds() -> tuple[str, ...]:
            return (*UPDATES, *outbound.managed.kinds)

        report = partial(_report, core, bot, outbound)
        poller = Poller(bot, core.background, f"admin-bot:{bot.id}", kinds, handle, report)
        notices = core.background.start(Notices(core, outbound, bot.id, progress_every_s).run(), "notices of people")
        telling = TopicNotices(core, outbound, bot.id, progress_every_s)
        topics = core.background.start(telling.run(), "topics of people")
        letters = core.background.start(Letters(core, outbound, bot.id, clock=clock).run(), "weekly letters")
        waking = Mornings(core, outbound, bot.id, progress_every_s * LOOKS_A_MORNING)
        mornings = core.background.start(waking.run(), "mornings of owners")
        nights = ShopperMornings(core, outbound, bot.id, clock, progress_every_s * LOOKS_A_MORNING)
        shopping = core.background.start(nights.run(), "what the mystery shopper found")
        try:
            await progress.resume()
            await outbound.managed.may_be_made()
            await poller.run()
        finally:
            for task in (notices, topics, letters, mornings, shopping, learning):
                task.cancel()
            await asyncio.wait({notices, topics, letters, mornings, shopping, learning})
            await progress.close()


async def _report(core: Core, bot: Bot, outbound: Outbound, state: ChannelState, code: str) -> None:
    if state != ChannelState.RUNNING:
        log.warning("admin bot: %s", core.texts.say("en", code))
        return
    log.info("the admin bot listens")
    await outbound.managed.may_be_made()
    for locale in LOCALES:
        commands = [
            BotCommand(command=name, description=core.texts.say(locale, f"admin-command-{name}"))
            for name in ("menu", "search", "help")
        ]
        try:
            await bot(SetMyCommands(commands=commands, language_code=None if locale == LOCALES[0] else locale))
        except AiogramError as error:
            log.warning("the list of commands was not taken: %s", type(error).__name__)
