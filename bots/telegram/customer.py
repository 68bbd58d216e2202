"""A customer writes to a business's Telegram bot: who is meant, and how the answer reaches him.

The answer is written down before it is sent, so a restart sends what is missing and asks nobody twice. No exception
text ever reaches a customer. Refuses to know how answers are made and how Telegram's limits work.
"""

import logging
from functools import partial

from aiogram.types import CallbackQuery, Update

from bots.telegram import erasing, reading
from bots.telegram.answering import apology, compose
from bots.telegram.business import note_connection
from bots.telegram.buttons import take_press
from bots.telegram.commands import commands_shown
from bots.telegram.desk import Desk
from bots.telegram.hearing import Heard, hear, note_answered
from bots.telegram.no_question import NoQuestions
from bots.telegram.people import people_heard
from bots.telegram.showing import show_parts
from core.app import Core
from core.bursts import Burst
from core.channels import report_state, token_of
from core.contact_moves import move_chat
from core.errors import Unavailable
from core.inbox import finish_together, keep_progress
from core.lanes import Following
from core.models import Channel, ProcessedEvent
from core.telegram.connection import open_bot
from core.telegram.formatting import split
from core.telegram.listening import listen
from core.telegram.outbound import ChatClosed, Outbound

log = logging.getLogger(__name__)

UPDATES = ("message", "edited_message", "callback_query", "business_connection", "business_message")
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
    if update.business_connection:
        await note_connection(desk, update.business_connection)
    elif update.message and (moved := reading.move_in(update.message)):
        await move_chat(desk.channel.assistant_id, desk.source, *moved)
    elif heard := await hear(desk, event, update, following):
        await _take(desk, heard, following)


async def _take(desk: Desk, heard: Heard, following: Later) -> None:
    burst = Burst(heard.event, heard.text, following, reading.words_that_join)
    try:
        await _answer(desk, burst, heard)
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, heard.place.chat_id)
    except Unavailable:
        raise
    except Exception:  # a customer must get a sentence, whatever broke behind it
        log.exception("channel %s: message %s could not be answered", desk.channel.id, heard.message.message_id)
        await _apologise(desk, heard)
    joined = (heard.event.result or {}).get("joined", [*heard.joined, *burst.joined])
    await finish_together(joined)
    following.drop_while(lambda other: str(other.id) in joined)


async def _answer(desk: Desk, burst: Burst, heard: Heard) -> None:
    """Compose unless a restart finds it composed, then show the parts that were not shown yet."""
    event, answers = heard.event, False
    if not event.result:
        said = await compose(desk, burst, heard)
        records, answers = [part.record() for part in split(said.text)], said.answers
        made = {"parts": records, "sent": 0, "joined": [*heard.joined, *burst.joined], "below": said.below}
        await keep_progress(event, {**made, "over": list(heard.over)})
    ours = await show_parts(desk, event, heard.place)
    if answers:
        note_answered(desk, heard, burst, ours)


async def _press(desk: Desk, event: ProcessedEvent, query: CallbackQuery) -> None:
    if erasing.is_about_erasing(query):
        await erasing.take_press(desk, event, query)
    else:
        await take_press(desk.core, desk.channel, desk.outbound, query)


async def _apologise(desk: Desk, heard: Heard) -> None:
    try:
        await desk.outbound.send(heard.place, apology(desk, heard))
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, heard.place.chat_id)
