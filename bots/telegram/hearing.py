"""What came, as one thing to answer: a message, the messages of an album, or an edit of what was answered last.

Of an album those that stand behind the first one are waited for, and all are answered once. An edit is answered anew in
the place of our answer, if that was given a moment ago and nothing came after it; else it is passed over. What was
answered last is remembered in this process only. Refuses to know answers.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from aiogram import Bot
from aiogram.types import Message, Update, User
from pydantic import ValidationError

from bots.telegram.business import may_answer
from bots.telegram.desk import Answered, Desk
from bots.telegram.keys import contact_key, place_under
from bots.telegram.reading import is_for_us, question_in, writer_of
from core.bursts import Burst
from core.lanes import Following
from core.models import ProcessedEvent
from core.telegram.outbound import Place

ALBUM_S = 1.0
"""How long the next message of an album is waited for."""
MOST_IN_ALBUM = 10
EDITED_WITHIN = timedelta(seconds=60)
_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Heard:
    """`things`: each message with the id of its event. `message` is the one that says something, `text` what it says.
    Of an edit, `over` are our messages in whose place the answer comes, `pieces` all messages of that question."""

    event: ProcessedEvent
    things: tuple[tuple[UUID, Message], ...]
    message: Message
    customer: User
    text: str
    place: Place
    over: tuple[int, ...] = ()
    pieces: dict[int, str] = field(default_factory=dict)

    @property
    def joined(self) -> list[str]:
        """Ids of the events beside the first."""
        return [str(event_id) for event_id, _ in self.things[1:]]


async def hear(desk: Desk, event: ProcessedEvent, update: Update, following: Following[ProcessedEvent]) -> Heard | None:
    """None for what is not said to this bot by a customer. Raises `Unavailable`."""
    message = update.message or update.business_message or update.edited_message
    customer = writer_of(message) if message else None
    if message is None or customer is None:
        return None
    desk.outbound.reopen(message.chat.id)
    if message.business_connection_id and not await may_answer(desk, event, message, customer):
        return None
    if update.edited_message:
        return _edit(desk, event, message, customer)
    things = ((event.id, message), *(() if event.result else await _rest_of_album(message, following)))
    if not any(is_for_us(desk.channel, one) for _, one in things):
        return None
    desk.answered.pop(contact_key(desk.channel, message, customer), None)  # what comes after it ends it
    speaking = next((one for _, one in things if question_in(desk.channel, one)), message)
    return Heard(event, things, speaking, customer, question_in(desk.channel, speaking), place_under(speaking))


async def _rest_of_album(message: Message, following: Following[ProcessedEvent]) -> list[tuple[UUID, Message]]:
    found: list[tuple[UUID, Message]] = []
    while message.media_group_id and len(found) < MOST_IN_ALBUM - 1:
        event = await following.at(len(found), ALBUM_S)
        other = _message_in(event, message.bot) if event else None
        if event is None or other is None or other.media_group_id != message.media_group_id:
            break
        found.append((event.id, other))
    return found


def _message_in(event: ProcessedEvent, bot: Bot | None = None) -> Message | None:
    """`bot` is needed by whoever fetches its file."""
    try:
        update = Update.model_validate(event.payload, context={"bot": bot})
    except ValidationError:
        return None
    return update.message or update.business_message


def note_answered(desk: Desk, heard: Heard, burst: Burst, ours: tuple[int, ...]) -> None:
    """His messages have these answers of ours."""
    now = datetime.now(UTC)
    if len(desk.answered) > _MOST_REMEMBERED:
        for old in [key for key, one in desk.answered.items() if now - one.at > EDITED_WITHIN]:
            del desk.answered[old]
    asked = zip(burst.events, burst.pieces, strict=True)
    pieces = {one.message_id: piece.text for event, piece in asked if (one := _message_in(event))}
    pieces |= {heard.message.message_id: heard.text} if len(heard.things) > 1 else {}
    if ours:
        key = contact_key(desk.channel, heard.message, heard.customer)
        desk.answered[key] = Answered(heard.pieces or pieces, ours, now)


def _edit(desk: Desk, event: ProcessedEvent, message: Message, customer: User) -> Heard | None:
    heard = Heard(
        event, ((event.id, message),), message, customer, question_in(desk.channel, message), place_under(message)
    )
    if event.result:  # a restart over it
        return heard
    last = desk.answered.pop(contact_key(desk.channel, message, customer), None)
    if last is None or datetime.now(UTC) - last.at > EDITED_WITHIN or message.message_id not in last.pieces:
        return None
    if not heard.text or last.pieces[message.message_id] == heard.text:
        return None
    pieces = {**last.pieces, message.message_id: heard.text}
    return replace(heard, text=" ".join(pieces.values()), over=last.ours, pieces=pieces)
