"""The edge of the admin bot: who is talking, in which chat, and what he reads when something goes wrong.

Every handler gets a `Talk`; every button is answered; every error becomes a sentence with a next step.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram import BaseMiddleware, Dispatcher, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject, User

from admin_bot import (
    ask,
    assistants,
    channel,
    examples,
    farewell,
    gaps,
    knowledge,
    near_misses,
    people,
    persona,
    public_page,
    quarantine,
    reading,
    search,
    site_card,
    sites,
    start,
    training,
    verified,
)
from admin_bot.assistants import Naming, ask_first_name
from admin_bot.menu import show_menu
from admin_bot.progress import Look, Progress
from admin_bot.storage import DatabaseStorage
from admin_bot.talk import NoAssistant, Talk
from admin_bot.talking import Answering
from core.accounts import user_of_telegram
from core.app import Core
from core.errors import NotFound, ProductError
from core.telegram.outbound import ChatClosed, Outbound
from core.tenancy import actor_of
from core.texts import LOCALES

log = logging.getLogger(__name__)
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

LOOKS: dict[str, Look] = {
    "document": reading.look_at_document,
    "site": site_card.look_at_site,
    "training": training.look_at_training,
    "channel": channel.look_at_channel,
}


@dataclass(frozen=True, slots=True)
class House:
    """What all talks of one bot share."""

    core: Core
    outbound: Outbound
    progress: Progress


class Edge(BaseMiddleware):
    """Around every handler of messages and of buttons."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person = _owner_in_private(event)
        if person is None:
            return None
        house = self._house
        if isinstance(event, CallbackQuery):
            await house.outbound.answer_button(event.id)
        house.outbound.reopen(person.id)
        talk = await _talk_with(house, person, event, data["state"])
        try:
            await _handle(handler, event, data, talk)
        except ChatClosed:
            log.info("owner %s has closed the chat", talk.user.id)


def _owner_in_private(event: TelegramObject) -> User | None:
    """Owners are talked to in private only: a group would see tokens and documents."""
    if isinstance(event, Message):
        person = event.from_user
        return person if person and event.chat.type == "private" and not person.is_bot else None
    if isinstance(event, CallbackQuery):
        in_private = event.message is None or event.message.chat.type == "private"
        return event.from_user if in_private else None
    return None


async def _talk_with(house: House, person: User, event: TelegramObject, state: FSMContext) -> Talk:
    spoken = (person.language_code or "").partition("-")[0]
    locale = spoken if spoken in LOCALES else LOCALES[0]
    user = await user_of_telegram(person.id, person.full_name, locale)
    shown = event.message.message_id if isinstance(event, CallbackQuery) and event.message else None
    return Talk(
        core=house.core,
        outbound=house.outbound,
        progress=house.progress,
        state=state,
        user=user,
        actor=await actor_of(user.id),
        chat_id=person.id,
        shown=shown,
    )


async def _handle(handler: Handler, event: TelegramObject, data: dict[str, Any], talk: Talk) -> None:
    """Whatever breaks, he gets a sentence; where that needs an assistant and he has none, another one."""
    try:
        try:
            await handler(event, {**data, "talk": talk})
        except ChatClosed:
            raise
        except Exception as error:  # noqa: BLE001 - logged there
            await _say_what_went_wrong(talk, error)
    except NoAssistant:
        talk.shown = None
        await (ask_first_name(talk, "admin-no-assistant") if await _has_language(talk) else start.greet(talk))


async def _say_what_went_wrong(talk: Talk, error: Exception) -> None:
    if isinstance(error, NoAssistant):
        raise error
    if isinstance(error, NotFound) and talk.shown:
        await show_menu(talk, talk.words("admin-old-button"))
        return
    if isinstance(error, ProductError):
        log.info("owner %s was told: %s %s", talk.user.id, error.code, error.facts)
        sentence = talk.core.texts.explain(talk.locale, error)
    else:
        log.error("an owner's message could not be handled", exc_info=error)
        sentence = talk.words("error-unexpected")
    state = await talk.state.get_state()
    if state == Answering.text.state:
        await people.say_to_who_answers(talk, sentence)
    else:
        await talk.say(sentence, [talk.button("button-cancel" if state else "button-menu", "menu")])


async def _has_language(talk: Talk) -> bool:
    """He was already asked for a name, so he has chosen a language before."""
    return await talk.state.get_state() == Naming.name.state


def build_dispatcher(house: House) -> Dispatcher:
    """Routers in the order in which they are asked: tokens, then commands, free text last."""
    dispatcher = Dispatcher(storage=DatabaseStorage())
    dispatcher.include_router(channel.setup_tokens())
    for room in (
        search,
        start,
        people,
        channel,
        assistants,
        farewell,
        examples,
        knowledge,
        reading,
        quarantine,
        sites,
        persona,
        public_page,
        verified,
        near_misses,
        gaps,
        training,
        ask,
    ):
        dispatcher.include_router(room.setup())
    last = Router(name="last")

    async def unknown(_query: CallbackQuery, talk: Talk) -> None:
        await show_menu(talk, talk.words("admin-old-button"))

    last.callback_query.register(unknown)
    dispatcher.include_router(last)
    for observer in (dispatcher.message, dispatcher.callback_query):
        observer.outer_middleware(Edge(house))
    return dispatcher
