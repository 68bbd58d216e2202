"""What a bot says where nothing is asked in words: to a command, a picture, a voice. Refuses to know answers."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiogram.types import Message, User

from bots.telegram.reading import contact_key, customer_language, question_in
from bots.telegram.things import pass_on, turn_of
from core.app import Core
from core.attachments import Kind, store_for_person
from core.courtesy import greeting_of
from core.messages import Incoming, Piece
from core.models import Assistant, Channel, ConversationState
from core.operators import with_people
from core.settings import MEGABYTE
from core.telegram.files import TELEGRAM_LIMIT
from core.telegram.formatting import Rich

Ask = Callable[[tuple[Piece, ...]], Awaitable[Rich]]
_THINGS = {*(kind.value for kind in Kind), "contact", "venue", "poll", "dice", "story"}
"""What customers send beside words, as aiogram names it."""


class NoQuestions:
    """Of one bot. Pictures of an album get one answer together."""

    def __init__(self, core: Core, channel: Channel) -> None:
        self._core, self._channel = core, channel
        self._albums: dict[int, str] = {}

    async def answer(self, message: Message, customer: User, piece: Piece, ask: Ask) -> Rich | None:
        """An empty text says nothing; None: it is a question. A person who talks here reads what was sent."""
        text = question_in(self._channel, message)
        is_command, is_thing = text.startswith("/"), message.content_type in _THINGS
        if text and not is_command and not is_thing:
            return None
        assistant = await Assistant.get(id=self._channel.assistant_id)
        language = customer_language(customer, assistant)
        if is_thing:
            state = await with_people(assistant.id, self._source, contact_key(message, customer))
            if state != ConversationState.ASSISTANT:
                return await self._to_person(assistant, message, customer, replace(piece, text=text), ask, state)
        if text:
            return Rich(greeting_of(self._core, assistant, language)) if is_command else None
        if not is_thing or self._is_rest_of_album(message):
            return Rich("")
        return Rich(self._core.texts.say(language, "customer-text-only"))

    async def _to_person(
        self,
        assistant: Assistant,
        message: Message,
        customer: User,
        piece: Piece,
        ask: Ask,
        state: ConversationState,
    ) -> Rich:
        """The file goes to the person who talks or will come; its turn says what it is, in the assistant's language."""
        key, say = contact_key(message, customer), self._core.texts.say
        refused = await pass_on(self._core, assistant, message, piece.id, self._source, key)
        turn = turn_of(self._core, assistant, message, piece.text)
        if state == ConversationState.PERSON:
            said = await ask((replace(piece, text=turn),))
            if said.text:  # he has been left alone for the quiet time: the assistant is back
                return said
        else:
            await store_for_person(
                Incoming(assistant.id, self._source, key, turn, customer.full_name, question_id=piece.id)
            )
        language = customer_language(customer, assistant)
        if refused:
            return Rich(say(language, refused, limit=TELEGRAM_LIMIT // MEGABYTE))
        silent = state == ConversationState.PERSON or self._is_rest_of_album(message)
        return Rich("" if silent else say(language, "customer-thing-passed-on"))

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
