"""What people write to a workspace's customers, as Slack wants it. When and how often is core/people_heard.py's."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from uuid import UUID

from bots.slack.desk import Desk
from bots.slack.reading import addressee_of, source_name
from core import people_heard as hearing
from core.attachments import file_of
from core.errors import Unavailable
from core.models import Attachment, Message
from core.operators import NOT_TAKEN, UNREACHABLE
from core.people_heard import Way
from core.slack.files import FileGone, send_attachment
from core.slack.formatting import words
from core.slack.outbound import Place
from core.slack.refusals import ChatClosed, NotTaken, SlackTokenRefused

MOST_KNOWN = 1000


def people_heard(desk: Desk) -> AbstractAsyncContextManager[None]:
    """While the body runs, this workspace's customers read what people write to them."""
    since, tried, known = datetime.now(UTC), set[UUID](), dict[str, Place]()

    async def send(message: Message, text: str, file: Attachment | None) -> None:
        try:
            again = message.id in tried or message.created_at < since  # a killed process may have sent some of it
            tried.add(message.id)
            contact = message.conversation.contact.key
            if len(known) > MOST_KNOWN:
                known.clear()
            place = known[contact] = known.get(contact) or await _place_of(desk, contact)
            if file:
                await send_attachment(desk.outbound, place, file, await file_of(desk.core.settings, file), text)
                tried.discard(message.id)
                return
            for number, part in enumerate(words(text)):
                key = f"{message.id.hex}:{number}"
                await desk.outbound.send_part(place, part, key, again=again, since=message.created_at)
            tried.discard(message.id)
        except SlackTokenRefused:
            raise Unavailable(part="Slack", reason="the token is refused") from None

    lost = {ChatClosed: UNREACHABLE, NotTaken: NOT_TAKEN, FileGone: NOT_TAKEN}
    return hearing.people_heard(desk.core, desk.channel, Way(source_name(desk.channel), send, lost))


async def _place_of(desk: Desk, contact_key: str) -> Place:
    """Where he wrote: a thread, or the conversation between the two of us. Raises like `Outbound.send`."""
    addressee = addressee_of(contact_key)
    if addressee.place.channel:
        return addressee.place
    opened = await desk.outbound.do("conversations.open", {"users": addressee.user})
    return Place(str((opened.get("channel") or {}).get("id", "")))
