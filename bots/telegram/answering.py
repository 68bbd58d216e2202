"""What a customer is told: to a command, to words, to a picture. Refuses to know how it is sent."""

from functools import partial

from aiogram.types import Message, User

from bots.telegram import reading
from bots.telegram.buttons import offer_below
from bots.telegram.commands import obey
from bots.telegram.desk import SILENCE, Desk, Said
from bots.telegram.erasing import show_card
from bots.telegram.keys import contact_key, contact_name, person_key, thread_of
from core.bursts import Burst
from core.contact_notes import is_silent
from core.customers.by_himself import asks_to_be_erased
from core.dialog import answer_message
from core.errors import TooManyWaiting
from core.messages import Incoming, Piece
from core.models import Assistant
from core.telegram.formatting import Rich
from core.telegram.outbound import Place
from core.telegram.replies import show_reply
from core.words import language_of


async def compose(desk: Desk, burst: Burst, message: Message, customer: User) -> Said:
    """The answer to a message, or to the burst that it begins."""
    if (command := reading.command_in(desk.channel, message)) and (
        said := await obey(desk, command, message, customer)
    ):
        return said
    if asks_to_be_erased(burst.pieces[0].text):
        return await show_card(desk, await Assistant.get(id=desk.channel.assistant_id), message, customer)
    if await is_silent(desk.source, person_key(message, customer)):
        await desk.no_questions.only_note(message, customer, burst.pieces[0])
        return SILENCE
    name = contact_name(desk.channel, message, customer)
    ask = partial(_ask, desk, contact_key(desk.channel, message, customer), name)
    async with desk.outbound.typing(Place(message.chat.id, thread_of(message))):
        if (said_to_it := await desk.no_questions.answer(message, customer, burst.pieces[0], ask)) is not None:
            return Said(said_to_it)
        answer = await (burst.answer(ask) if reading.may_go_on(message) else ask(burst.pieces))
        return Said(answer, await offer_below(desk.core, desk.channel, message, burst.pieces))


async def _ask(desk: Desk, key: str, name: str, pieces: tuple[Piece, ...]) -> Rich:
    """The answer to a question in one or several messages."""
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
        reply = await answer_message(desk.core, incoming)
    except TooManyWaiting as error:
        return Rich(desk.core.texts.explain(language_of(text), error))
    return show_reply(desk.core.texts, reply, language_of(text))


def apology(desk: Desk, message: Message, customer: User) -> Rich:
    """For whatever broke behind the answer."""
    text = reading.question_in(desk.channel, message)
    language = language_of(text) if text else reading.customer_language(customer, None)
    return Rich(desk.core.texts.say(language, "customer-cannot-answer"))
