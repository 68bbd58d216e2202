"""Everything by conversation: an owner makes an assistant in Telegram, and his customers talk to it there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.empty_database import lay_down_database
from tests.journeys.documents import FACT, QUESTION, otter_house, price_list
from tests.journeys.product import Product, product
from tests.telegram_server import Person, TelegramServer, telegram_server
from tests.waiting import until

ANSWER_S = 30.0


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as server:
        yield server


async def _makes_an_assistant(owner: Person) -> None:
    await owner.says("/start")
    await owner.reads("Which language", ANSWER_S)
    await owner.presses("English")
    await owner.reads("What is your business?", ANSWER_S)
    await owner.presses("Skip for now")
    await owner.reads("called", ANSWER_S)
    await owner.says("Otter house")
    await owner.reads("ready to learn", ANSWER_S)


async def _connects_a_bot(owner: Person, token: str) -> None:
    await owner.says("/menu")
    await owner.reads("not connected", ANSWER_S)
    await owner.presses("Customers’ bot")
    await owner.reads("No bot is connected", ANSWER_S)
    await owner.presses("Connect")
    await owner.reads("@BotFather", ANSWER_S)
    await owner.says(f"Done! Use this token to access the HTTP API:\n{token}")
    await owner.reads(f"@{owner.server.names[token]} answers your customers now", ANSWER_S)

    async def served() -> bool:
        return owner.server.is_polled(token)

    await until(served, 20)


async def test_an_owner_teaches_in_telegram_and_a_customer_is_answered_there(
    tmp_path: Path, models_dir: Path, telegram: TelegramServer
) -> None:
    admin, shop = telegram.new_bot(), telegram.new_bot()
    settings = {"telegram_api_url": telegram.url, "admin_bot_token": admin}
    await asyncio.to_thread(lay_down_database, tmp_path / "var")
    async with product(tmp_path, models_dir, **settings):
        owner, customer = Person(telegram, admin), Person(telegram, shop)
        await _makes_an_assistant(owner)
        await owner.sends_file(otter_house(tmp_path))
        await owner.reads("✅", ANSWER_S)
        await _connects_a_bot(owner, shop)

        await customer.says(QUESTION)
        answer = await customer.reads(FACT, ANSWER_S)
        assert "otter" in answer.text.lower()
        assert "Sources" in answer.text

        await owner.says("/menu")
        await owner.reads("Everything works", ANSWER_S)
        await owner.presses("📄 Documents")
        await owner.reads("✅ otter-house.pdf", ANSWER_S)
        await owner.presses("otter-house.pdf")
        await owner.reads("Since ", ANSWER_S)
        await owner.presses("🗑")
        await owner.reads("Delete “", ANSWER_S)
        await owner.presses("Yes, delete")
        await owner.reads("is deleted", ANSWER_S)
        await customer.says(QUESTION)
        after = await customer.reads_new(ANSWER_S)
        assert FACT not in after.text


async def test_what_was_accepted_before_kill_9_is_answered_after_it_once(
    tmp_path: Path, models_dir: Path, telegram: TelegramServer
) -> None:
    admin, shop = telegram.new_bot(), telegram.new_bot()
    settings = {"telegram_api_url": telegram.url, "admin_bot_token": admin}
    await asyncio.to_thread(lay_down_database, tmp_path / "var")
    async with product(tmp_path, models_dir, **settings) as running:
        owner, customer = Person(telegram, admin), Person(telegram, shop)
        await _makes_an_assistant(owner)
        await owner.sends_file(otter_house(tmp_path))
        await owner.reads("✅", ANSWER_S)
        await _connects_a_bot(owner, shop)
        await owner.sends_file(price_list(tmp_path))
        await _until_begun(running)

        update = await customer.says(QUESTION)
        await _until_accepted(running, update)
        await running.kill()
        assert not [one for one in customer.chat if FACT in one.text], "too late: it was answered before the kill"
        await running.start()

        await customer.reads(FACT, ANSWER_S)
        await _until_indexed(running, 2)
        await asyncio.sleep(1)
        assert len([one for one in customer.chat if FACT in one.text]) == 1
        assert await running.interrupt() == 0, running.log[-3000:]


async def _until_accepted(running: Product, update_id: int) -> None:
    """Written down by the product, as its own database says."""
    await until(
        lambda: _count(running, f"SELECT count(*) FROM processed_events WHERE event_id = '{update_id}'"), 20, 0.005
    )


async def _until_begun(running: Product) -> None:
    """Some passages of the second document are embedded, or at least it is being read."""
    begun = "SELECT count(*) FROM documents WHERE status IN ('uploaded', 'processing')"
    await until(lambda: _count(running, begun), 60, 0.005)


async def _until_indexed(running: Product, count: int) -> None:
    async def indexed() -> bool:
        return await _count(running, "SELECT count(*) FROM documents WHERE status = 'indexed'") == count

    await until(indexed, 120, 0.2)


async def _count(running: Product, query: str) -> int:
    import sqlite3
    from contextlib import closing

    def read() -> int:
        file = Path(str(running.settings["data_dir"])) / "llmchatbot.sqlite3"
        with closing(sqlite3.connect(file, timeout=10)) as database:
            return int(database.execute(query).fetchone()[0])

    return await asyncio.to_thread(read)
