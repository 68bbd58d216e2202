"""A bot's ears: what a network, another program or a leftover webhook do to it, and that it goes on listening."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiogram.types import Update

from core.app import Core
from core.errors import Unavailable, WrongBotToken
from core.inbox import unfinished_events
from core.models import ChannelState, ProcessedEvent
from core.telegram.connection import open_bot
from core.telegram.polling import Poller, Timing
from tests.integration.conftest import running
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

QUICK = Timing(long_poll=1, pause=0.05, longest_pause=0.2, patience=3)


class Listener:
    """A poller, and what it heard and reported."""

    def __init__(self, core: Core, telegram: TelegramServer, token: str) -> None:
        self.core = core
        self.telegram = telegram
        self.token = token
        self.heard: list[str] = []
        self.reported: list[tuple[ChannelState, str]] = []
        self.failing = 0

    async def handle(self, _event: ProcessedEvent, update: Update, _following: object) -> None:
        if self.failing:
            self.failing -= 1
            raise Unavailable(part="Telegram", reason="a test")
        assert update.message
        text = update.message.text or ""
        if text.startswith("slow"):
            await asyncio.sleep(0.3)
        if text == "poison":
            raise ZeroDivisionError
        self.heard.append(text)

    async def report(self, state: ChannelState, code: str) -> None:
        self.reported.append((state, code))

    async def run(self) -> None:
        async with open_bot(self.telegram.url, self.token) as bot:
            await Poller(
                bot, self.core.background, f"test:{self.token}", lambda: ["message"], self.handle, self.report, QUICK
            ).run()

    async def hears(self, *texts: str) -> None:
        async def all_heard() -> bool:
            return set(texts) <= set(self.heard)

        await until(all_heard, 10)

    async def reports(self, state: ChannelState, code: str = "") -> None:
        async def reported() -> bool:
            return (state, code) in self.reported

        await until(reported, 10)


@asynccontextmanager
async def listening(core: Core, telegram: TelegramServer) -> AsyncIterator[tuple[Listener, Person]]:
    listener = Listener(core, telegram, telegram.new_bot())
    async with running(core, listener.run()):
        yield listener, Person(telegram, listener.token)


async def test_messages_of_a_chat_are_handled_in_order_and_chats_side_by_side(
    core: Core, telegram: TelegramServer
) -> None:
    async with listening(core, telegram) as (listener, ann):
        bob = Person(telegram, listener.token)
        for text in ("slow 1", "2", "3"):
            await ann.says(text)
        await bob.says("bob")
        await listener.hears("3", "bob")
    assert [text for text in listener.heard if text != "bob"] == ["slow 1", "2", "3"]
    assert listener.heard[0] == "bob", "one slow chat does not hold up another"


async def test_a_message_that_cannot_be_handled_does_not_stop_the_next(core: Core, telegram: TelegramServer) -> None:
    async with listening(core, telegram) as (listener, ann):
        await ann.says("poison")
        await ann.says("next")
        await listener.hears("next")
        assert not await unfinished_events(f"test:{listener.token}")


async def test_an_update_of_a_form_nobody_knows_does_not_stop_the_next(core: Core, telegram: TelegramServer) -> None:
    async with listening(core, telegram) as (listener, ann):
        await telegram.enqueue_update({"message": {"message_id": "not a number"}}, token=listener.token)
        await ann.says("next \ud83d")
        await listener.hears("next \ufffd")


async def test_a_message_that_could_not_be_answered_is_tried_again(core: Core, telegram: TelegramServer) -> None:
    async with listening(core, telegram) as (listener, ann):
        listener.failing = 1
        await ann.says("again")
        await listener.hears("again")


async def test_a_webhook_left_over_from_before_is_removed(core: Core, telegram: TelegramServer) -> None:
    listener = Listener(core, telegram, telegram.new_bot())
    async with aiohttp.ClientSession() as client:
        url = f"{telegram.url}/bot{listener.token}/setWebhook"
        async with client.post(url, json={"url": "https://example.com/old"}) as response:
            assert (await response.json())["ok"]
    telegram.violations.clear()  # that was another program: ours sets no webhooks
    async with running(core, listener.run()):
        await Person(telegram, listener.token).says("hello")
        await listener.hears("hello")
    assert len(telegram.calls_of("deleteWebhook")) == 1


async def test_another_program_on_the_same_token_is_reported_and_waited_out(
    core: Core, telegram: TelegramServer
) -> None:
    conflict = "Conflict: terminated by other getUpdates request"
    telegram.faults.append(Fault("getUpdates", 409, conflict, times=5))
    async with listening(core, telegram) as (listener, ann):
        await listener.reports(ChannelState.FAILED, "channel-read-elsewhere")
        await ann.says("hello")
        await listener.hears("hello")
        await listener.reports(ChannelState.RUNNING)


async def test_a_telegram_that_is_away_is_reported_and_waited_out(core: Core, telegram: TelegramServer) -> None:
    telegram.faults.append(Fault("getUpdates", 502, "Bad Gateway", times=3))
    async with listening(core, telegram) as (listener, ann):
        await listener.reports(ChannelState.FAILED, "channel-unreachable")
        await ann.says("hello")
        await listener.hears("hello")


async def test_a_token_that_telegram_refuses_ends_the_listening(core: Core, telegram: TelegramServer) -> None:
    with pytest.raises(WrongBotToken):
        await Listener(core, telegram, "700000:" + "B" * 35).run()
