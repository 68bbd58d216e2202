"""A customer writes to a business's Telegram bot: who is meant, what is answered, how it looks.

The answer is written down before it is sent, so a restart sends what is missing and asks nobody twice. No exception
text ever reaches a customer. Refuses to know how answers are made and how Telegram's limits work.
"""

import logging
from dataclasses import dataclass
from functools import partial

from aiogram.types import Message, Update, User

from bots.telegram import reading
from bots.telegram.buttons import offer_below, take_press
from bots.telegram.no_question import NoQuestions
from bots.telegram.people import people_heard
from bots.telegram.telling import buttons_of
from core.app import Core
from core.bursts import Burst
from core.channels import report_state, token_of
from core.dialog import answer_message
from core.errors import TooManyWaiting, Unavailable
from core.inbox import do_and_keep, finish_together, keep_progress
from core.lanes import Following
from core.messages import Incoming, Piece
from core.models import Channel, ProcessedEvent
from core.telegram.connection import open_bot
from core.telegram.formatting import Rich, split
from core.telegram.listening import listen
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.telegram.replies import show_reply
from core.words import language_of

log = logging.getLogger(__name__)

UPDATES = ("message", "callback_query")
Later = Following[ProcessedEvent]


@dataclass(frozen=True, slots=True)
class Desk:
    """One bot at work."""

    core: Core
    channel: Channel
    outbound: Outbound
    no_questions: NoQuestions


async def serve_telegram(core: Core, channel: Channel) -> None:
    """Answer this bot's customers until cancelled. Raises `WrongBotToken`, `WrongMasterKey`."""

    async with open_bot(core.settings.telegram_api_url, token_of(core, channel)) as bot:
        desk = Desk(core, channel, Outbound(bot, core.background), NoQuestions(core, channel))

        async def handle(event: ProcessedEvent, update: Update, following: Later) -> None:
            await answer_update(desk, event, update, following)

        async with people_heard(core, channel, desk.outbound):
            await listen(core, channel, bot, lambda: UPDATES, handle, partial(report_state, channel))


async def answer_update(desk: Desk, event: ProcessedEvent, update: Update, following: Later) -> None:
    """One message to its end, and those that go on with it. Raises `Unavailable` when Telegram takes no answer."""
    if update.callback_query:
        await take_press(desk.core, desk.channel, desk.outbound, update.callback_query)
        return
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return
    place = Place(
        message.chat.id,
        message.message_thread_id if message.is_topic_message else None,
        message.message_id if message.chat.type in reading.GROUPS else None,
    )
    desk.outbound.reopen(place.chat_id)
    if not reading.is_for_us(desk.channel, message):
        return
    burst = Burst(event, reading.question_in(desk.channel, message), following, reading.words_that_join)
    try:
        await _answer(desk, burst, message, message.from_user, place)
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, place.chat_id)
    except Unavailable:
        raise
    except Exception:  # a customer must get a sentence, whatever broke behind it
        log.exception("channel %s: message %s could not be answered", desk.channel.id, message.message_id)
        await _apologise(desk, message, message.from_user, place)
    joined = (event.result or {}).get("joined", burst.joined)
    await finish_together(joined)
    following.drop_while(lambda other: str(other.id) in joined)


async def _answer(desk: Desk, burst: Burst, message: Message, customer: User, place: Place) -> None:
    """Compose unless a restart finds it composed, then send the parts that were not sent yet."""
    event = burst.events[0]
    if not event.result:
        async with desk.outbound.typing(place):
            parts = split(await _compose(desk, burst, message, customer))
            below = await offer_below(desk.core, desk.channel, message, burst.pieces)
        records = [part.record() for part in parts]
        await keep_progress(event, {"parts": records, "sent": 0, "joined": burst.joined, "below": below})
    progress = event.result or {}
    parts = [Rich.from_record(record) for record in progress["parts"]]
    for number in range(progress["sent"], len(parts)):
        below = progress.get("below") if number + 1 == len(parts) else None
        sending = desk.outbound.send_part(place, parts[number], buttons_of(below))
        await do_and_keep(event, sending, {**progress, "sent": number + 1})


async def _compose(desk: Desk, burst: Burst, message: Message, customer: User) -> Rich:
    """What to say; an empty text says nothing."""
    ask = partial(_ask, desk, reading.contact_key(message, customer), customer.full_name)
    if (said := await desk.no_questions.answer(message, customer, burst.pieces[0], ask)) is not None:
        return said
    return await (burst.answer(ask) if reading.may_go_on(message) else ask(burst.pieces))


async def _ask(desk: Desk, key: str, name: str, pieces: tuple[Piece, ...]) -> Rich:
    """The answer to a question in one or several messages."""
    text = " ".join(piece.text for piece in pieces)
    incoming = Incoming(
        assistant_id=desk.channel.assistant_id,
        channel=f"telegram:{desk.channel.identity}",
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


async def _apologise(desk: Desk, message: Message, customer: User, place: Place) -> None:
    text = reading.question_in(desk.channel, message)
    language = language_of(text) if text else reading.customer_language(customer, None)
    try:
        await desk.outbound.send(place, Rich(desk.core.texts.say(language, "customer-cannot-answer")))
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, place.chat_id)
