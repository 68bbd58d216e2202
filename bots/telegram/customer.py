"""A customer writes to a business's Telegram bot: who is meant, and how the answer reaches him.

The answer is written down before it is sent, so a restart sends what is missing and asks nobody twice. No exception
text ever reaches a customer. Refuses to know how answers are made and how Telegram's limits work.
"""

import logging
from functools import partial

from aiogram.types import CallbackQuery, Message, Update, User

from bots.telegram import erasing, reading
from bots.telegram.answering import apology, compose
from bots.telegram.buttons import take_press
from bots.telegram.commands import commands_shown
from bots.telegram.desk import Desk
from bots.telegram.keys import thread_of
from bots.telegram.no_question import NoQuestions
from bots.telegram.people import people_heard
from bots.telegram.telling import buttons_of
from core.app import Core
from core.bursts import Burst
from core.channels import report_state, token_of
from core.contact_moves import move_chat
from core.errors import Unavailable
from core.inbox import do_and_keep, finish_together, keep_progress
from core.lanes import Following
from core.models import Channel, ProcessedEvent
from core.telegram.connection import open_bot
from core.telegram.formatting import Rich, split
from core.telegram.listening import listen
from core.telegram.outbound import ChatClosed, Outbound, Place

log = logging.getLogger(__name__)

UPDATES = ("message", "callback_query")
Later = Following[ProcessedEvent]


async def serve_telegram(core: Core, channel: Channel) -> None:
    """Answer this bot's customers until cancelled. Raises `WrongBotToken`, `WrongMasterKey`."""

    async with open_bot(core.settings.telegram_api_url, token_of(core, channel)) as bot:
        desk = Desk(core, channel, Outbound(bot, core.background), NoQuestions(core, channel))

        async def handle(event: ProcessedEvent, update: Update, following: Later) -> None:
            await answer_update(desk, event, update, following)

        async with people_heard(core, channel, desk.outbound), commands_shown(core, channel, bot):
            await listen(core, channel, bot, lambda: UPDATES, handle, partial(report_state, channel))


async def answer_update(desk: Desk, event: ProcessedEvent, update: Update, following: Later) -> None:
    """One message to its end, and those that go on with it. Raises `Unavailable` when Telegram takes no answer."""
    if update.callback_query:
        await _press(desk, event, update.callback_query)
        return
    message = update.message
    if message and (moved := reading.move_in(message)):
        await move_chat(desk.channel.assistant_id, desk.source, *moved)
        return
    customer = reading.writer_of(message) if message else None
    if message is None or customer is None:
        return
    place = Place(
        message.chat.id,
        thread_of(message),
        message.message_id if message.chat.type in reading.GROUPS else None,
    )
    desk.outbound.reopen(place.chat_id)
    if not reading.is_for_us(desk.channel, message):
        return
    burst = Burst(event, reading.question_in(desk.channel, message), following, reading.words_that_join)
    try:
        await _answer(desk, burst, message, customer, place)
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, place.chat_id)
    except Unavailable:
        raise
    except Exception:  # a customer must get a sentence, whatever broke behind it
        log.exception("channel %s: message %s could not be answered", desk.channel.id, message.message_id)
        await _apologise(desk, message, customer, place)
    joined = (event.result or {}).get("joined", burst.joined)
    await finish_together(joined)
    following.drop_while(lambda other: str(other.id) in joined)


async def _answer(desk: Desk, burst: Burst, message: Message, customer: User, place: Place) -> None:
    """Compose unless a restart finds it composed, then send the parts that were not sent yet."""
    event = burst.events[0]
    if not event.result:
        said = await compose(desk, burst, message, customer)
        records = [part.record() for part in split(said.text)]
        await keep_progress(event, {"parts": records, "sent": 0, "joined": burst.joined, "below": said.below})
    progress = event.result or {}
    parts = [Rich.from_record(record) for record in progress["parts"]]
    for number in range(progress["sent"], len(parts)):
        below = progress.get("below") if number + 1 == len(parts) else None
        sending = desk.outbound.send_part(place, parts[number], buttons_of(below))
        await do_and_keep(event, sending, {**progress, "sent": number + 1})


async def _press(desk: Desk, event: ProcessedEvent, query: CallbackQuery) -> None:
    if erasing.is_about_erasing(query):
        await erasing.take_press(desk, event, query)
    else:
        await take_press(desk.core, desk.channel, desk.outbound, query)


async def _apologise(desk: Desk, message: Message, customer: User, place: Place) -> None:
    try:
        await desk.outbound.send(place, apology(desk, message, customer))
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, place.chat_id)
