"""What the assistant says in Slack where nothing is asked in words: to a bare mention, to files. Knows no answers."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bots.slack.desk import Desk
from bots.slack.reading import Heard, source_name
from bots.slack.things import keep_files, turns_of
from core.attachments import store_for_person
from core.courtesy import greeting_of
from core.messages import Incoming, Piece
from core.models import Assistant, ConversationState
from core.operators import with_people
from core.settings import MEGABYTE
from core.slack.files import LARGEST_FILE
from core.slack.formatting import Part, words

Ask = Callable[[tuple[Piece, ...]], Awaitable[list[Part]]]


async def answer_without_words(desk: Desk, heard: Heard, piece: Piece, ask: Ask) -> list[Part] | None:
    """No parts: nothing is said. None: it is a question. A person who talks here gets the files."""
    if heard.text and not heard.files:
        return None
    assistant = await Assistant.get(id=desk.channel.assistant_id)
    language = (await desk.names.of(heard.user)).language(assistant)
    if not heard.files:
        return words(greeting_of(desk.core, assistant, language)) if heard.called and not heard.direct else []
    state = await with_people(assistant.id, source_name(desk.channel), heard.contact_key)
    if state != ConversationState.ASSISTANT:
        return await _to_person(desk, assistant, heard, piece, ask, state, language)
    return None if heard.text else desk.say(language, "customer-text-only")


async def _to_person(
    desk: Desk, assistant: Assistant, heard: Heard, piece: Piece, ask: Ask, state: ConversationState, language: str
) -> list[Part]:
    """Files go to the person who talks or will come; their turns say what they are, in the assistant's language."""
    pieces = turns_of(desk.core, assistant, heard, piece)
    refused = await keep_files(desk, assistant, heard, pieces)
    if state == ConversationState.PERSON:
        said = await ask(pieces)
        if said:  # he has been left alone for the quiet time: the assistant is back
            return said
    else:
        name = (await desk.names.of(heard.user)).name
        incoming = Incoming(assistant.id, source_name(desk.channel), heard.contact_key, piece.text, contact_name=name)
        last = pieces[-1]
        await store_for_person(replace(incoming, text=last.text, question_id=last.id, pieces=pieces))
    if refused:
        return desk.say(language, refused, limit=LARGEST_FILE // MEGABYTE)
    return [] if state == ConversationState.PERSON else desk.say(language, "customer-thing-passed-on")
