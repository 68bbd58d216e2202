"""What a bot says where nothing is asked in words: to a command, a picture, a voice. Refuses to know answers."""

from aiogram.types import Message, User

from bots.telegram.reading import customer_language, question_in
from core.app import Core
from core.courtesy import greeting_of
from core.models import Assistant, Channel
from core.telegram.formatting import Rich

SENT_THINGS = frozenset(
    "photo voice video video_note audio document sticker animation location contact venue poll dice story".split()
)


async def said_to_no_question(
    core: Core, channel: Channel, albums: dict[int, str], message: Message, customer: User
) -> Rich:
    """An empty text says nothing. `albums` are the last album of each chat: its pictures get one answer together."""
    assistant = await Assistant.get(id=channel.assistant_id)
    language = customer_language(customer, assistant)
    if question_in(channel, message):
        return Rich(greeting_of(core, assistant, language))
    if message.content_type not in SENT_THINGS or _is_rest_of_album(albums, message):
        return Rich("")
    return Rich(core.texts.say(language, "customer-text-only"))


def _is_rest_of_album(albums: dict[int, str], message: Message) -> bool:
    album = message.media_group_id
    if album is None:
        return False
    seen = albums.get(message.chat.id) == album
    albums[message.chat.id] = album
    return seen
