"""What stands below an answer in a private chat, and what becomes of a press."""

from collections.abc import Sequence
from typing import Any

from aiogram.types import CallbackQuery, Message

from bots.telegram.rating import rating_below, take_rating
from bots.telegram.telling import offer_to_be_told, take_wish_to_be_told
from core.app import Core
from core.messages import Piece
from core.models import Channel
from core.telegram.outbound import Outbound


async def offer_below(
    core: Core, channel: Channel, message: Message, question: Sequence[Piece]
) -> dict[str, Any] | None:
    """The buttons under the answer to this question, as JSON, where there are to be any."""
    if message.chat.type != "private" or message.business_connection_id:
        return None
    told_later = await offer_to_be_told(core, question)
    return told_later or await rating_below(core, channel.assistant_id, question[-1].id)


async def take_press(core: Core, channel: Channel, outbound: Outbound, query: CallbackQuery) -> None:
    if not await take_rating(core, channel, outbound, query):
        await take_wish_to_be_told(core, channel, outbound, query)
