"""The one way out of a bot: what Telegram's refusals and failures do to a message, and that it arrives all the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.app import Core
from core.errors import Unavailable
from core.telegram.connection import open_bot
from core.telegram.formatting import Rich, from_markdown
from core.telegram.outbound import ChatClosed, Outbound, Place
from tests.integration.conftest import QUICK
from tests.telegram_server import Fault, TelegramServer


@pytest.fixture
async def outbound(core: Core, telegram: TelegramServer) -> AsyncIterator[Outbound]:
    async with open_bot(telegram.url, telegram.new_bot()) as bot:
        yield Outbound(bot, core.background, QUICK, give_up_s=0.5)


async def test_a_refusal_of_two_chats_holds_back_the_third(outbound: Outbound, telegram: TelegramServer) -> None:
    for chat in (1, 2):
        telegram.faults.append(
            Fault("sendMessage", 429, "Too Many Requests: retry after 1", {"retry_after": 1}, chat_id=chat)
        )
    async with asyncio.TaskGroup() as group:
        for chat in (1, 2):
            group.create_task(outbound.send(Place(chat), Rich("hello")))
        await asyncio.sleep(0.3)
        group.create_task(outbound.send(Place(3), Rich("hello")))
    refused = max(call.at for call in telegram.calls if call.refused)
    [third] = telegram.calls_of("sendMessage", 3)
    assert third.at - refused >= 0.99
    assert sorted(one.chat_id for one in telegram.shown) == [1, 2, 3]


async def test_a_telegram_that_stays_away_is_given_up_in_the_end(outbound: Outbound, telegram: TelegramServer) -> None:
    telegram.faults.append(Fault("sendMessage", 502, "Bad Gateway", times=100))
    with pytest.raises(Unavailable):
        await outbound.send(Place(1), Rich("hello"))


async def test_a_chat_that_moved_is_followed(outbound: Outbound, telegram: TelegramServer) -> None:
    moved = "Bad Request: group chat was upgraded to a supergroup chat"
    telegram.faults.append(Fault("sendMessage", 400, moved, {"migrate_to_chat_id": -1002}, chat_id=-5))
    await outbound.send(Place(-5), Rich("hello"))
    assert [one.chat_id for one in telegram.shown] == [-1002]


async def test_a_closed_chat_is_left_alone_until_it_writes(outbound: Outbound, telegram: TelegramServer) -> None:
    telegram.faults.append(Fault("sendMessage", 403, "Forbidden: user is deactivated"))
    for _ in range(2):
        with pytest.raises(ChatClosed):
            await outbound.send(Place(1), Rich("hello"))
    assert len(telegram.calls_of("sendMessage")) == 1
    outbound.reopen(1)
    await outbound.send(Place(1), Rich("hello"))


async def test_an_edit_that_changes_nothing_is_fine_and_one_of_a_lost_message_is_told(
    outbound: Outbound, telegram: TelegramServer
) -> None:
    message_id = await outbound.send(Place(1), from_markdown("**hello**"))
    assert await outbound.edit(1, message_id, from_markdown("**hello**"))
    assert not await outbound.edit(1, 999_999, Rich("hello"))
