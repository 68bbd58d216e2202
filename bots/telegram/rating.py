"""The two buttons under an answer by which a customer says whether it helped, in private chats.

The one that he pressed is marked; pressed again it is taken back. The owner sees it among his figures, in the
conversation and by webhook. Refuses to know what is done with it.
"""

from typing import Any
from uuid import UUID

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import EditMessageReplyMarkup
from aiogram.types import CallbackQuery

from bots.telegram.reading import customer_language
from bots.telegram.telling import buttons_of
from core.app import Core
from core.errors import NotFound
from core.feedback import is_rateable, rate
from core.models import Channel
from core.telegram.outbound import ChatClosed, Outbound

_RATE = "rate:"
_KEYS = {1: ("button-rate-good", "button-rate-good-chosen"), -1: ("button-rate-bad", "button-rate-bad-chosen")}


async def rating_below(core: Core, assistant_id: UUID, question_id: UUID) -> dict[str, Any] | None:
    """The buttons under what this question was answered, as JSON; None where there is nothing to rate."""
    return _buttons(core, question_id, 0) if await is_rateable(assistant_id, question_id) else None


async def take_rating(core: Core, channel: Channel, outbound: Outbound, query: CallbackQuery) -> bool:
    """What he thinks of an answer of his; False when the button is another's."""
    pressed = _rating_in(query.data or "")
    if pressed is None:
        return False
    message = query.message
    if message is None or message.chat.type != "private":
        await outbound.answer_button(query.id)
        return True
    question_id, score = pressed
    language, key = customer_language(query.from_user, None), str(query.from_user.id)
    try:
        score = await rate(channel.assistant_id, f"telegram:{channel.identity}", key, question_id, score)
    except NotFound:  # its conversation was erased
        await outbound.answer_button(query.id, note=core.texts.say(language, "customer-rate-old"))
        return True
    thanks = {1: "customer-rate-good", 0: "customer-rate-none", -1: "customer-rate-bad"}[score]
    await outbound.answer_button(query.id, note=core.texts.say(language, thanks))
    await _mark(outbound, message.chat.id, message.message_id, _buttons(core, question_id, score))
    return True


async def _mark(outbound: Outbound, chat: int, message_id: int, buttons: dict[str, Any]) -> None:
    """Of no consequence when it fails: what he thinks is written down."""
    method = EditMessageReplyMarkup(chat_id=chat, message_id=message_id, reply_markup=buttons_of(buttons))
    try:
        await outbound.do(method, chat)
    except (TelegramBadRequest, ChatClosed):
        return


def _buttons(core: Core, question_id: UUID, chosen: int) -> dict[str, Any]:
    row = [
        {"text": core.texts.say("en", keys[score == chosen]), "callback_data": f"{_RATE}{score}:{question_id.hex}"}
        for score, keys in _KEYS.items()
    ]
    return {"inline_keyboard": [row]}


def _rating_in(data: str) -> tuple[UUID, int] | None:
    if not data.startswith(_RATE):
        return None
    score, _, question = data.removeprefix(_RATE).partition(":")
    try:
        return UUID(question), {"1": 1, "-1": -1}[score]
    except (ValueError, KeyError):
        return None
