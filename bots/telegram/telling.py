"""The button under "I don't know" by which a customer asks to be told later, in private chats.

Who presses it is told at once that he will be, in the same message. What he is told then, and when, core/askers.py
knows.
"""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bots.telegram.reading import customer_language
from core.app import Core
from core.askers import is_offered, wait_for_answer
from core.conversations import answer_given_to, answer_id
from core.errors import NotFound
from core.messages import Piece
from core.models import Channel
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.words import language_of

log = logging.getLogger(__name__)
_TELL = "tell:"


async def offer_below(core: Core, message: Message, question: Sequence[Piece]) -> dict[str, Any] | None:
    """The button under the answer to this question, as JSON, where there is to be one."""
    if message.chat.type != "private" or message.business_connection_id or not await is_offered(question[-1].id):
        return None
    label = core.texts.say(language_of(" ".join(piece.text for piece in question)), "button-customer-tell-me")
    return {"inline_keyboard": [[{"text": label, "callback_data": f"{_TELL}{question[-1].id.hex}"}]]}


def buttons_of(offer: dict[str, Any] | None) -> InlineKeyboardMarkup | None:
    if not offer:
        return None
    rows = [[InlineKeyboardButton(**one) for one in row] for row in offer["inline_keyboard"]]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def take_press(core: Core, channel: Channel, outbound: Outbound, query: CallbackQuery) -> None:
    """He wants to be told: the answer whose button he pressed says what becomes of it."""
    await outbound.answer_button(query.id)
    question_id = _question_in(query.data or "")
    if question_id is None or query.message is None or query.message.chat.type != "private":
        return
    chat, source, key = query.message.chat.id, f"telegram:{channel.identity}", str(query.from_user.id)
    outbound.reopen(chat)
    said, language = "", customer_language(query.from_user, None)
    try:
        said = (await answer_given_to(channel.assistant_id, source, key, answer_id(question_id))).text
        language = language_of(said)
        waits = await wait_for_answer(channel.assistant_id, source, key, question_id)
    except NotFound:  # its conversation was erased
        waits = False
    outcome = core.texts.say(language, "customer-tell-later" if waits else "customer-ask-again")
    try:
        together = Rich("\n\n".join(filter(None, (said, outcome))))
        if not await outbound.edit(chat, query.message.message_id, together):
            await outbound.send(Place(chat), Rich(outcome))
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", channel.id, chat)


def _question_in(data: str) -> UUID | None:
    try:
        return UUID(data.removeprefix(_TELL)) if data.startswith(_TELL) else None
    except ValueError:
        return None
