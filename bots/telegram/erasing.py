"""A customer has himself erased: a card of what goes, his press, and the receipt. In a group, only what is his there.

A press is answered with the same receipt after a restart (core/customers/by_himself.py).
"""

import logging
from collections.abc import Sequence
from uuid import UUID

from aiogram.types import CallbackQuery, InaccessibleMessage, Message, User

from bots.telegram.desk import Desk, Said
from bots.telegram.keys import is_shared, person_key, thread_of
from bots.telegram.reading import customer_language
from core.customers.by_himself import contacts_of_person, erase_himself, foreseen
from core.customers.erasing import Receipt
from core.inbox import keep_progress
from core.models import Assistant, Contact, ProcessedEvent
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Place

log = logging.getLogger(__name__)
_YES, _NO = "erase:yes:", "erase:no:"
_ASKED_FOR = "erase"


async def show_card(desk: Desk, assistant: Assistant, message: Message, customer: User) -> Said:
    """What is kept of him here, and the buttons; the card is his alone."""
    say, language = desk.core.texts.say, customer_language(customer, assistant)
    if message.sender_chat:  # nobody can be told from the others who write in its name
        return Said(Rich(say(language, "customer-erase-as-yourself")))
    if is_shared(desk.channel, message):
        return Said(Rich(say(language, "customer-erase-shared")))
    his = await _contacts(desk, message, customer)
    if not his:
        return Said(Rich(say(language, "customer-erase-nothing")))
    gone = await foreseen(his)
    kinds = ("conversations", "messages", "questions")
    card = say(language, "customer-erase-card", **{kind: gone[kind] for kind in kinds})
    buttons = [
        [{"text": say(language, "button-customer-erase-yes"), "callback_data": f"{_YES}{customer.id}"}],
        [{"text": say(language, "button-keep"), "callback_data": f"{_NO}{customer.id}"}],
    ]
    return Said(Rich(card), {"inline_keyboard": buttons})


def is_about_erasing(query: CallbackQuery) -> bool:
    return (query.data or "").startswith((_YES, _NO))


async def take_press(desk: Desk, event: ProcessedEvent, query: CallbackQuery) -> None:
    """Raises `Unavailable`."""
    assistant = await Assistant.get(id=desk.channel.assistant_id)
    say, language = desk.core.texts.say, customer_language(query.from_user, assistant)
    data, card = query.data or "", query.message
    if data.rpartition(":")[2] != str(query.from_user.id) or card is None:
        await desk.outbound.answer_button(query.id, say(language, "customer-erase-not-yours"))
        return
    await desk.outbound.answer_button(query.id)
    if data.startswith(_NO):
        said = say(language, "customer-erase-kept")
    else:
        said = _in_words(desk, language, await _erase(desk, assistant, event, card, query.from_user))
    await _show(desk, card, Rich(said))


async def _erase(
    desk: Desk, assistant: Assistant, event: ProcessedEvent, card: Message | InaccessibleMessage, customer: User
) -> list[Receipt]:
    if not event.result:
        his = await _contacts(desk, card, customer)
        await keep_progress(event, {_ASKED_FOR: [str(one.id) for one in his]})
    asked_for = [UUID(one) for one in (event.result or {})[_ASKED_FOR]]
    return await erase_himself(desk.core, assistant, asked_for, event.id)


async def _contacts(desk: Desk, message: Message | InaccessibleMessage, customer: User) -> list[Contact]:
    """In private all of his; in a group what he is there."""
    if message.chat.type == "private":
        return await contacts_of_person(desk.channel.assistant_id, desk.source, str(customer.id))
    key = person_key(message, customer)
    return await Contact.filter(assistant_id=desk.channel.assistant_id, channel=desk.source, key=key)


def _in_words(desk: Desk, language: str, receipts: Sequence[Receipt]) -> str:
    say = desk.core.texts.say
    if not receipts:
        return say(language, "customer-erase-nothing")
    lines = [
        say(
            language,
            "customer-erase-receipt",
            id=str(one.id),
            at=f"{one.at:%Y-%m-%d %H:%M} UTC",
            messages=one.erased["messages"],
            conversations=one.erased["conversations"],
            hash=one.hash,
        )
        for one in receipts
    ]
    return "\n\n".join((say(language, "customer-erased"), *lines))


async def _show(desk: Desk, card: Message | InaccessibleMessage, said: Rich) -> None:
    """In the card's place; below it, where that is too old."""
    desk.outbound.reopen(card.chat.id)
    try:
        if not await desk.outbound.edit(card.chat.id, card.message_id, said):
            await desk.outbound.send(Place(card.chat.id, thread_of(card)), said)
    except ChatClosed:
        log.info("channel %s: chat %s takes no receipt", desk.channel.id, card.chat.id)
