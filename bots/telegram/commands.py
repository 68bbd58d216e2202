"""A customer's own commands: begin, ask, be silent, erase me. And their list, which Telegram shows him in its menu.

The list is set when it has changed since it was last set for this bot, which a row of `bot_states` remembers.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import SetMyCommands
from aiogram.types import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, Message, User

from bots.telegram.desk import SILENCE, Desk, Said
from bots.telegram.erasing import show_card
from bots.telegram.keys import person_key
from bots.telegram.reading import ASK, Command, customer_language
from core.app import Core
from core.askers import forget_waits
from core.contact_notes import contact_here, end_silence, is_silent, note_source, silence, source_in
from core.courtesy import greeting_of
from core.database import DATABASE_AWAY
from core.models import Assistant, BotState, Channel
from core.telegram.formatting import Rich
from core.texts import LOCALES

log = logging.getLogger(__name__)
START, STOP, ERASE = "start", "stop", "erase"
LIMIT_S = 15
_PRIVATE, _GROUPS = BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()


async def obey(desk: Desk, command: Command, message: Message, customer: User) -> Said | None:
    """What is said to a command; None: a question follows it. What is no command of ours is greeted, like a start."""
    assistant = await Assistant.get(id=desk.channel.assistant_id)
    language, key = customer_language(customer, assistant), person_key(message, customer)
    if command.name == ASK:
        return None if command.words else Said(Rich(desk.core.texts.say(language, "customer-ask-how")))
    if command.name == ERASE:
        return await show_card(desk, assistant, message, customer)
    if command.name == STOP:
        contact = await contact_here(assistant.id, desk.source, key, customer.full_name)
        await silence(contact)
        await forget_waits(contact)
        return Said(Rich(desk.core.texts.say(language, "customer-stopped")))
    if command.name == START:
        await end_silence(desk.source, key)
        if source := source_in(command.words):
            await note_source(await contact_here(assistant.id, desk.source, key, customer.full_name), source)
    elif await is_silent(desk.source, key):
        return SILENCE
    return Said(Rich(greeting_of(desk.core, assistant, language)))


@asynccontextmanager
async def commands_shown(core: Core, channel: Channel, bot: Bot) -> AsyncIterator[None]:
    """While the body runs, their list is set, if it is not yet."""
    setting = core.background.start(_show(core, channel, bot), f"commands of {channel.id}")
    try:
        yield
    finally:
        setting.cancel()
        await asyncio.wait({setting})


async def _show(core: Core, channel: Channel, bot: Bot) -> None:
    """For each language; whose Telegram speaks another one reads the assistant's. What fails is tried at the next
    start."""
    try:
        assistant = await Assistant.get(id=channel.assistant_id)
        lists = [
            SetMyCommands(
                commands=_commands(core, locale or assistant.locale, names), scope=scope, language_code=locale
            )
            for locale in (None, *LOCALES)
            for scope, names in ((_PRIVATE, (START, STOP, ERASE)), (_GROUPS, (ASK, STOP, ERASE)))
        ]
        told = json.dumps([one.model_dump(mode="json", exclude_none=True) for one in lists])
        mark, key = hashlib.sha256(told.encode()).hexdigest(), f"commands:{channel.id}"
        if await BotState.filter(key=key, state=mark).exists():
            return
        for one in lists:
            await bot(one, request_timeout=LIMIT_S)
        await BotState.update_or_create(key=key, defaults={"state": mark})
    except AiogramError as error:
        log.warning("channel %s: its list of commands was not taken: %s", channel.id, type(error).__name__)
    except DATABASE_AWAY:
        log.exception("channel %s: whether its list of commands is set is not known", channel.id)


def _commands(core: Core, locale: str, names: tuple[str, ...]) -> list[BotCommand]:
    return [BotCommand(command=name, description=core.texts.say(locale, f"customer-command-{name}")) for name in names]
