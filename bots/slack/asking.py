"""A customer's question becomes an answer as Slack shows it, with buttons below. Refuses to know events."""

from bots.slack.buttons import buttons_below
from bots.slack.desk import Desk
from bots.slack.reading import Heard, source_name
from core.dialog import answer_message
from core.errors import TooManyWaiting
from core.messages import Incoming, Piece, Reply
from core.slack.formatting import Part, messages_of, words
from core.slack.replies import show_reply
from core.words import language_of


async def ask(desk: Desk, heard: Heard, pieces: tuple[Piece, ...]) -> list[Part]:
    """The answer to a question in one or several messages."""
    texts, language = desk.core.texts, language_of(_text(pieces))
    try:
        reply = await reply_to(desk, heard, pieces)
    except TooManyWaiting as error:
        return words(texts.explain(language, error))
    parts = messages_of(show_reply(texts, reply, language))
    below = await buttons_below(texts, desk.channel.assistant_id, reply, pieces[-1].id, language)
    return [*parts[:-1], parts[-1].with_below(below)] if parts and below else parts


async def reply_to(desk: Desk, heard: Heard, pieces: tuple[Piece, ...]) -> Reply:
    """Raises `TooManyWaiting`."""
    incoming = Incoming(
        assistant_id=desk.channel.assistant_id,
        channel=source_name(desk.channel),
        contact_key=heard.contact_key,
        text=_text(pieces),
        contact_name=(await desk.names.of(heard.user)).name,
        question_id=pieces[-1].id,
        pieces=pieces,
    )
    return await answer_message(desk.core, incoming)


def _text(pieces: tuple[Piece, ...]) -> str:
    return " ".join(piece.text for piece in pieces)
