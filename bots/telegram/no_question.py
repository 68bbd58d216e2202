"""What a bot says where nothing is asked in words: to a command, a picture, a voice. Refuses to know answers."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiogram.types import Message, User

from bots.telegram.reading import contact_key, customer_language, question_in
from core.app import Core
from core.courtesy import greeting_of
from core.messages import Piece
from core.models import Assistant, Channel
from core.operators import is_with_person
from core.telegram.formatting import Rich

Ask = Callable[[tuple[Piece, ...]], Awaitable[Rich]]
_IN_WORDS = {
    "photo": "sent-photo",
    "voice": "sent-voice",
    "audio": "sent-voice",
    "video": "sent-video",
    "video_note": "sent-video",
    "animation": "sent-video",
    "document": "sent-file",
} | dict.fromkeys(("sticker", "location", "contact", "venue", "poll", "dice", "story"), "sent-other")
"""What customers send, and what a person reads of it."""


class NoQuestions:
    """Of one bot. Pictures of an album get one answer together."""

    def __init__(self, core: Core, channel: Channel) -> None:
        self._core, self._channel = core, channel
        self._albums: dict[int, str] = {}

    async def answer(self, message: Message, customer: User, piece: Piece, ask: Ask) -> Rich | None:
        """An empty text says nothing; None: it is a question. A person who talks here reads what was sent."""
        text = question_in(self._channel, message)
        is_command, is_thing = text.startswith("/"), message.content_type in _IN_WORDS
        if text and not is_command and not is_thing:
            return None
        assistant = await Assistant.get(id=self._channel.assistant_id)
        language = customer_language(customer, assistant)
        if is_thing and await is_with_person(assistant.id, self._source, contact_key(message, customer)):
            sent = self._core.texts.say(assistant.locale, _IN_WORDS[message.content_type])
            said = await ask((replace(piece, text=f"{sent} {text}".rstrip()),))
            silent = said.text or self._is_rest_of_album(message)
            return said if silent else Rich(self._core.texts.say(language, "customer-text-only-person"))
        if text:
            return Rich(greeting_of(self._core, assistant, language)) if is_command else None
        if not is_thing or self._is_rest_of_album(message):
            return Rich("")
        return Rich(self._core.texts.say(language, "customer-text-only"))

    @property
    def _source(self) -> str:
        return f"telegram:{self._channel.identity}"

    def _is_rest_of_album(self, message: Message) -> bool:
        album = message.media_group_id
        if album is None:
            return False
        seen = self._albums.get(message.chat.id) == album
        self._albums[message.chat.id] = album
        return seen
