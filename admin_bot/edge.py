"""The edge of the admin bot: who is talking, in which chat, and what he reads when something goes wrong.

Every handler gets a `Talk`; every button is answered; every error becomes a sentence with a next step.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import BaseMiddleware, Dispatcher, Router
from aiogram.types import CallbackQuery, ManagedBotUpdated, Message, TelegramObject, User

from admin_bot import (
    archive,
    ask,
    assistants,
    business,
    channel,
    connecting,
    contradictions,
    customer_data,
    document_card,
    draft_card,
    examples,
    farewell,
    first_steps,
    gaps,
    group,
    hours,
    keys,
    knowledge,
    letters,
    making,
    morning_answers,
    near_misses,
    numbers,
    parameters,
    people,
    persona,
    public_page,
    quarantine,
    quick_replies,
    reading,
    samples,
    saving,
    search,
    shopper,
    shopper_list,
    shopper_mornings,
    site_card,
    sites,
    slack,
    slack_tokens,
    start,
    team,
    tone_examples,
    training,
    trying,
    understanding,
    undo,
    verified,
    voice,
    webhook_events,
    webhooks,
)
from admin_bot.assistants import Naming, ask_business
from admin_bot.door import House, come_in
from admin_bot.menu import show_menu
from admin_bot.progress import Look
from admin_bot.routes import on_unknown_button, roles_of_buttons
from admin_bot.storage import DatabaseStorage
from admin_bot.talk import NoAssistant, Talk
from admin_bot.talking import Answering
from core.errors import NotFound, ProductError
from core.models import Role
from core.telegram.outbound import ChatClosed
from core.tenancy import assistants_everywhere

log = logging.getLogger(__name__)
Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

LOOKS: dict[str, Look] = {
    "archive": archive.look_at_archive,
    "document": reading.look_at_document,
    "site": site_card.look_at_site,
    "training": training.look_at_training,
    "channel": channel.look_at_channel,
    "key": keys.look_at_key,
    "hook": webhooks.look_at_secret,
    "draft": draft_card.look_at_draft,
    "samples": samples.look_at_samples,
    "telling": verified.look_at_telling,
    shopper.WATCH: shopper.look_at_run,
    slack.WATCH: slack.look_at_link,
}


class Edge(BaseMiddleware):
    """Around every handler of messages, of buttons, and of bots that Telegram has made."""

    def __init__(self, house: House, roles: Mapping[str, Role]) -> None:
        self._house, self._roles = house, roles

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        person = _owner_in_private(event)
        if person is None:
            return None
        house = self._house
        if isinstance(event, CallbackQuery):
            await house.outbound.answer_button(event.id)
        house.outbound.reopen(person.id)
        try:
            talk = await come_in(house, person, event, data["state"], self._roles)
            if talk:
                await _handle(handler, event, data, talk)
        except ChatClosed:
            log.info("%s has closed the chat", person.id)


def _owner_in_private(event: TelegramObject) -> User | None:
    """Owners are talked to in private only: a group would see tokens and documents."""
    if isinstance(event, Message):
        person = event.from_user
        return person if person and event.chat.type == "private" and not person.is_bot else None
    if isinstance(event, CallbackQuery):
        in_private = event.message is None or event.message.chat.type == "private"
        return event.from_user if in_private else None
    if isinstance(event, ManagedBotUpdated):
        return event.user
    return None


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
        await _begin(talk)


async def _begin(talk: Talk) -> None:
    """There is nothing to work with in his business: another business of his, or else the first steps."""
    if await assistants_everywhere(talk.user.id):
        await assistants.list_assistants(talk)
    elif await _has_language(talk):
        await ask_business(talk, "admin-no-assistant")
    else:
        await start.greet(talk)


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
    """He was already asked about his business, so he has chosen a language before."""
    return await talk.state.get_state() in (Naming.business.state, Naming.name.state)


ROOMS = (
    search, start, morning_answers, people, voice, channel, connecting, making, slack, slack_tokens, archive,
    business, first_steps, samples, assistants, farewell, examples, document_card, customer_data, contradictions,
    keys, webhooks, webhook_events, knowledge, reading, quarantine, sites, saving, persona, hours, quick_replies,
    tone_examples, parameters, public_page, verified, near_misses, gaps, numbers, letters, shopper, shopper_list,
    shopper_mornings, training, team, group, undo, trying, ask, understanding,
)  # fmt: skip
"""In the order in which they are asked; free text comes last."""


def build_dispatcher(house: House) -> Dispatcher:
    """Tokens are asked before all rooms, what is no button any more after them."""
    dispatcher = Dispatcher(storage=DatabaseStorage())
    dispatcher.include_router(connecting.setup_tokens())
    dispatcher.include_router(slack_tokens.setup_tokens())
    for room in ROOMS:
        dispatcher.include_router(room.setup())
    last = Router(name="last")
    on_unknown_button(last, Role.OPERATOR, _say_it_is_old)
    dispatcher.include_router(last)
    roles = roles_of_buttons(dispatcher)
    dispatcher.managed_bot.outer_middleware(making.NewTokens(house.core, house.outbound))
    for observer in (dispatcher.message, dispatcher.edited_message, dispatcher.callback_query, dispatcher.managed_bot):
        observer.outer_middleware(Edge(house, roles))
    return dispatcher


async def _say_it_is_old(talk: Talk) -> None:
    await show_menu(talk, talk.words("admin-old-button"))
