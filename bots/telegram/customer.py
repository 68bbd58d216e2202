"""A customer writes to a business's Telegram bot: who is meant, what is answered, how it looks.

The answer is written down before it is sent, so a restart sends what is missing and asks nobody twice. No exception
text ever reaches a customer. Refuses to know how answers are made and how Telegram's limits work.
"""

import logging
import re
from dataclasses import dataclass, field

from aiogram.types import Message, Update, User

from core.app import Core
from core.channels import report_state, token_of
from core.dialog import answer_message, greeting_of
from core.errors import Unavailable
from core.inbox import keep_progress
from core.messages import Incoming
from core.models import Assistant, Channel, ChannelState, ProcessedEvent
from core.telegram.connection import open_bot
from core.telegram.formatting import Rich, split
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.telegram.polling import Poller
from core.telegram.replies import show_reply
from core.texts import LOCALES
from core.words import language_of

log = logging.getLogger(__name__)

UPDATES = ("message",)
GROUPS = frozenset({"group", "supergroup"})
SENT_THINGS = frozenset(
    "photo voice video video_note audio document sticker animation location contact venue poll dice story".split()
)


@dataclass(frozen=True, slots=True)
class Desk:
    """One bot at work. `albums` are the last album of each chat: its pictures get one answer together."""

    core: Core
    channel: Channel
    outbound: Outbound
    albums: dict[int, str] = field(default_factory=dict)


async def serve_telegram(core: Core, channel: Channel) -> None:
    """Answer this bot's customers until cancelled. Raises `WrongBotToken`, `WrongMasterKey`."""

    async def report(state: ChannelState, code: str) -> None:
        await report_state(channel, state, code)

    async with open_bot(core.settings.telegram_api_url, token_of(core, channel)) as bot:
        desk = Desk(core, channel, Outbound(bot, core.background))

        async def handle(event: ProcessedEvent, update: Update) -> None:
            await answer_update(desk, event, update)

        await Poller(bot, core.background, f"telegram:{channel.id}", UPDATES, handle, report).run()


async def answer_update(desk: Desk, event: ProcessedEvent, update: Update) -> None:
    """One message to its end. Raises `Unavailable` when Telegram does not take the answer for minutes."""
    message = update.message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return
    place = Place(
        message.chat.id,
        message.message_thread_id if message.is_topic_message else None,
        message.message_id if message.chat.type in GROUPS else None,
    )
    desk.outbound.reopen(place.chat_id)
    if not is_for_us(desk.channel, message):
        return
    try:
        await _answer(desk, event, message, message.from_user, place)
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, place.chat_id)
    except Unavailable:
        raise
    except Exception:  # a customer must get a sentence, whatever broke behind it
        log.exception("channel %s: message %s could not be answered", desk.channel.id, message.message_id)
        await _apologise(desk, message, message.from_user, place)


async def _answer(desk: Desk, event: ProcessedEvent, message: Message, customer: User, place: Place) -> None:
    """Compose unless a restart finds it composed, then send the parts that were not sent yet."""
    if not event.result:
        async with desk.outbound.typing(place):
            parts = split(await _compose(desk, event, message, customer))
        await keep_progress(event, {"parts": [part.record() for part in parts], "sent": 0})
    progress = event.result or {}
    parts = [Rich.from_record(record) for record in progress["parts"]]
    for number in range(progress["sent"], len(parts)):
        await desk.outbound.send_part(place, parts[number])
        await keep_progress(event, {**progress, "sent": number + 1})


async def _compose(desk: Desk, event: ProcessedEvent, message: Message, customer: User) -> Rich:
    """What to say; an empty text says nothing."""
    core, channel = desk.core, desk.channel
    text = question_in(channel, message)
    if text.startswith("/") or not text:
        assistant = await Assistant.get(id=channel.assistant_id)
        language = customer_language(customer, assistant)
        if text.startswith("/"):
            return Rich(greeting_of(core, assistant, language))
        if message.content_type not in SENT_THINGS or _is_rest_of_album(desk, message):
            return Rich("")
        return Rich(core.texts.say(language, "customer-text-only"))
    incoming = Incoming(
        assistant_id=channel.assistant_id,
        channel=f"telegram:{channel.identity}",
        contact_key=contact_key(message, customer),
        text=text,
        contact_name=customer.full_name,
        question_id=event.id,
    )
    reply = await answer_message(core, incoming)
    return show_reply(core.texts, reply, language_of(text))


async def _apologise(desk: Desk, message: Message, customer: User, place: Place) -> None:
    text = question_in(desk.channel, message)
    language = language_of(text) if text else customer_language(customer, None)
    try:
        await desk.outbound.send(place, Rich(desk.core.texts.say(language, "customer-cannot-answer")))
    except ChatClosed:
        log.info("channel %s: chat %s takes no answer", desk.channel.id, place.chat_id)


def is_for_us(channel: Channel, message: Message) -> bool:
    """Everything in a private chat; in a group only what names the bot or replies to it."""
    if message.chat.type == "private":
        return True
    if message.chat.type not in GROUPS:
        return False
    replied = message.reply_to_message
    if replied and replied.from_user and str(replied.from_user.id) == channel.identity:
        return True
    return bool(_own_name(channel).search(message.text or message.caption or ""))


def question_in(channel: Channel, message: Message) -> str:
    """The message's words (or its picture's caption) without the bot's own name."""
    return _own_name(channel).sub("", message.text or message.caption or "").strip(" ,:\n")


def _own_name(channel: Channel) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(channel.name)}\b", re.IGNORECASE)


def contact_key(message: Message, customer: User) -> str:
    """Who a conversation is with: the person; in a group, the person in that group."""
    return str(customer.id) if message.chat.type == "private" else f"{message.chat.id}:{customer.id}"


def customer_language(customer: User, assistant: Assistant | None) -> str:
    """For sentences that answer no words: the language of his Telegram, or else of the assistant."""
    chosen = (customer.language_code or "").partition("-")[0]
    if chosen in LOCALES:
        return chosen
    return assistant.locale if assistant else LOCALES[0]


def _is_rest_of_album(desk: Desk, message: Message) -> bool:
    album = message.media_group_id
    if album is None:
        return False
    seen = desk.albums.get(message.chat.id) == album
    desk.albums[message.chat.id] = album
    return seen
