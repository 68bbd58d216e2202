"""What people write to a bot's customers, as Telegram wants it. When and how often is core/people_heard.py's."""

from contextlib import AbstractAsyncContextManager

from aiogram.exceptions import TelegramBadRequest

from bots.telegram.keys import place_of
from core import people_heard as hearing
from core.app import Core
from core.attachments import file_of
from core.models import Attachment, Channel, Message
from core.operators import NOT_TAKEN, UNREACHABLE
from core.people_heard import Way
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound
from core.telegram.sending import FileRefused, send_attachment


def people_heard(core: Core, channel: Channel, outbound: Outbound) -> AbstractAsyncContextManager[None]:
    """While the body runs, this bot's customers read what people write to them."""

    async def send(message: Message, text: str, file: Attachment | None) -> None:
        place = place_of(message.conversation.contact.key)
        if file:
            await send_attachment(outbound, place, file, await file_of(core.settings, file), text)
        else:
            await outbound.send(place, Rich(text))

    lost = {ChatClosed: UNREACHABLE, FileRefused: NOT_TAKEN, TelegramBadRequest: NOT_TAKEN}
    return hearing.people_heard(core, channel, Way(f"telegram:{channel.identity}", send, lost))
