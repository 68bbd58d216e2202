"""What a customer is told: to a command, to words, to a picture. Refuses to know how it is sent."""

from functools import partial

from bots.telegram import reading
from bots.telegram.buttons import offer_below
from bots.telegram.commands import obey
from bots.telegram.desk import SILENCE, Desk, Said
from bots.telegram.erasing import show_card
from bots.telegram.hearing import Heard
from bots.telegram.keys import contact_key, contact_name, person_key
from core.bursts import Burst
from core.contact_notes import is_silent
from core.customers.by_himself import asks_to_be_erased
from core.dialog import answer_message
from core.errors import TooManyWaiting
from core.messages import Incoming, Piece
from core.models import Assistant
from core.telegram.formatting import Rich
from core.telegram.replies import show_reply
from core.words import language_of


async def compose(desk: Desk, burst: Burst, heard: Heard) -> Said:
    """The answer to what was heard, or to the burst that it begins."""
    message, customer = heard.message, heard.customer
    if not heard.place.business:  # there people write to somebody as they always did, and are given no commands
        command = reading.command_in(desk.channel, message)
        if command and (said := await obey(desk, command, message, customer)):
            return said
        if asks_to_be_erased(heard.text):
            return await show_card(desk, await Assistant.get(id=desk.channel.assistant_id), message, customer)
    if await is_silent(desk.source, person_key(message, customer)):
        await desk.no_questions.only_note(heard)
        return SILENCE
    ask = partial(
        _ask, desk, heard, contact_key(desk.channel, message, customer), contact_name(desk.channel, message, customer)
    )
    async with desk.outbound.typing(heard.place):
        if (said_to_it := await desk.no_questions.answer(heard, ask)) is not None:
            return Said(said_to_it)
        answer = await (burst.answer(ask) if reading.may_go_on(message) else ask(burst.pieces))
        return Said(answer, await offer_below(desk.core, desk.channel, message, burst.pieces), answers=True)


async def _ask(desk: Desk, heard: Heard, key: str, name: str, pieces: tuple[Piece, ...]) -> Rich:
    """The answer to a question in one or several messages; in private it is seen while it is written."""
    text = " ".join(piece.text for piece in pieces)
    incoming = Incoming(
        assistant_id=desk.channel.assistant_id,
        channel=desk.source,
        contact_key=key,
        text=text,
        contact_name=name,
        question_id=pieces[-1].id,
        pieces=pieces,
    )
    try:
        if heard.message.chat.type != "private" or heard.place.business or heard.over:
            reply = await answer_message(desk.core, incoming)
        else:
            async with desk.outbound.drafts.shown(heard.place.chat_id, heard.message.message_id) as draft:
                reply = await answer_message(desk.core, incoming, draft.add)
    except TooManyWaiting as error:
        return Rich(desk.core.texts.explain(language_of(text), error))
    return show_reply(desk.core.texts, reply, language_of(text))


def apology(desk: Desk, heard: Heard) -> Rich:
    """For whatever broke behind the answer."""
    language = language_of(heard.text) if heard.text else reading.customer_language(heard.customer, None)
    return Rich(desk.core.texts.say(language, "customer-cannot-answer"))
