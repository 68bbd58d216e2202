"""What a bot says where nothing is asked in words: to a picture, a voice, a place. Refuses to know answers."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiogram.types import Message

from bots.telegram.hearing import Heard
from bots.telegram.keys import contact_key, contact_name
from bots.telegram.reading import customer_language, question_in
from bots.telegram.things import pass_on, turn_of
from core.app import Core
from core.attachments import Kind, store_for_person
from core.messages import Incoming, Piece
from core.models import Assistant, Channel, ConversationState
from core.operators import with_people
from core.settings import MEGABYTE
from core.telegram.files import TELEGRAM_LIMIT
from core.telegram.formatting import Rich

Ask = Callable[[tuple[Piece, ...]], Awaitable[Rich]]
_THINGS = {
    *(kind.value for kind in Kind),
    *("contact", "venue", "poll", "dice", "story", "game", "checklist", "paid_media", "live_photo"),
}
"""What customers send beside words, as aiogram names it."""


class NoQuestions:
    """Of one bot. What of an album comes so late that it was not answered with the others gets no answer of its own."""

    def __init__(self, core: Core, channel: Channel) -> None:
        self._core, self._channel = core, channel
        self._albums: dict[int, str] = {}

    async def answer(self, heard: Heard, ask: Ask) -> Rich | None:
        """An empty text says nothing; None: it is a question. A person who talks here reads what was sent."""
        things = [one for one in heard.things if one[1].content_type in _THINGS]
        is_rest = self._is_rest_of_album(heard.message)
        if heard.text and not things:
            return None
        assistant = await Assistant.get(id=self._channel.assistant_id)
        if things:
            state = await with_people(assistant.id, self._source, self._key(heard))
            if state != ConversationState.ASSISTANT:
                return await self._to_person(assistant, heard, ask, state, is_rest=is_rest)
        if heard.text:
            return None
        if not things or is_rest:
            return Rich("")
        return Rich(self._core.texts.say(customer_language(heard.customer, assistant), "customer-text-only"))

    async def only_note(self, heard: Heard) -> None:
        """Of somebody who wants the assistant's silence: people who look find what he has sent."""
        assistant = await Assistant.get(id=self._channel.assistant_id)
        there = await with_people(assistant.id, self._source, self._key(heard)) != ConversationState.ASSISTANT
        for event_id, message in heard.things:
            text = question_in(self._channel, message)
            if message.content_type in _THINGS:
                if there:
                    await pass_on(self._core, assistant, message, event_id, self._source, self._key(heard))
                text = turn_of(self._core, assistant, message, text)
            if text:
                await self._store(heard, event_id, text)

    async def _to_person(
        self, assistant: Assistant, heard: Heard, ask: Ask, state: ConversationState, *, is_rest: bool
    ) -> Rich:
        """The files go to the person who talks or will come; a turn says what each is, in the assistant's language."""
        key, say, refused = self._key(heard), self._core.texts.say, ""
        back = Rich("")
        for event_id, message in heard.things:
            refused = await pass_on(self._core, assistant, message, event_id, self._source, key) or refused
            turn = turn_of(self._core, assistant, message, question_in(self._channel, message))
            if state == ConversationState.PERSON and not back.text:
                back = await ask((Piece(event_id, turn),))  # some text: he has been left alone for the quiet time
            else:
                await self._store(heard, event_id, turn)
        if back.text:
            return back
        language = customer_language(heard.customer, assistant)
        if refused:
            return Rich(say(language, refused, limit=TELEGRAM_LIMIT // MEGABYTE))
        silent = state == ConversationState.PERSON or is_rest
        return Rich("" if silent else say(language, "customer-thing-passed-on"))

    async def _store(self, heard: Heard, event_id: UUID, text: str) -> None:
        name = contact_name(self._channel, heard.message, heard.customer)
        said = Incoming(self._channel.assistant_id, self._source, self._key(heard), text, name, question_id=event_id)
        await store_for_person(said)

    def _key(self, heard: Heard) -> str:
        return contact_key(self._channel, heard.message, heard.customer)

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
