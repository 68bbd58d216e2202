"""A channel is served by one process, whatever becomes of it; several holders here stand for several processes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tortoise.connection import get_connections

from core.background import Background
from core.leases import Leases, Patience
from core.models import ChannelLease, LeaseHolder
from core.terms import LeaseLost, serve_in, stop_if_lost
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("database")
QUICK = Patience(beat=0.1, stop=0.6, take=1.2)
NAMES = {f"channel {number}" for number in range(10)}
Holder = Callable[[], "Process"]


class Process:
    """Leases, and what is done with them until it is left or killed."""

    def __init__(self, folder: Path) -> None:
        self.background = Background()
        self.leases = Leases(self.background, folder, "bots", QUICK)
        self.stack = AsyncExitStack()
        self.done = 0

    async def start(self) -> "Process":
        await self.stack.enter_async_context(self.leases)
        return self

    async def look(self, names: set[str] = NAMES) -> set[str]:
        ours = await self.leases.share(names)
        await self.leases.give_back()
        return ours

    async def freeze(self) -> None:
        """As its machine gone: no beat any more."""
        self.leases._beating.cancel()
        await asyncio.sleep(0)

    def serve(self) -> asyncio.Task[None]:
        async def work() -> None:
            while True:
                await asyncio.sleep(0.01)
                stop_if_lost()
                self.done += 1

        return self.background.start(self.leases.serve(work()), "serving")


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Holder]:
    """Makes processes, each on a machine of its own, where no life sign of another is seen."""
    made: list[Process] = []

    def make() -> Process:
        made.append(Process(tmp_path / str(len(made))))
        return made[-1]

    yield make
    for one in made:
        await one.background.close()
        await one.stack.aclose()


async def test_one_of_many_who_look_at_once_gets_a_channel(process: Holder) -> None:
    many = [await process().start() for _ in range(5)]

    got = await asyncio.gather(*(one.leases.share({"channel"}) for one in many))

    assert sorted(map(len, got)) == [0, 0, 0, 0, 1]


async def test_channels_are_shared_out_when_another_process_comes_and_all_are_served(process: Holder) -> None:
    one, two = await process().start(), process()
    assert await one.look() == NAMES
    await two.start()
    await two.look()

    async def shared() -> bool:
        return {len(await one.look()), len(await two.look())} == {5}

    await until(shared, 5)
    assert await one.look() | await two.look() == NAMES
    assert not await one.look() & await two.look()


async def test_a_process_that_ends_gives_its_channels_back_at_once(process: Holder) -> None:
    one, two = await process().start(), await process().start()
    await one.look()
    await one.stack.aclose()

    assert await two.look() == NAMES


async def test_a_process_that_dies_is_followed_after_its_time_and_not_before(process: Holder) -> None:
    one, two = await process().start(), await process().start()
    await one.look({"channel"})
    await one.freeze()
    began = time.monotonic()

    async def taken() -> set[str]:
        return await two.look({"channel"})

    await until(taken, 5)
    assert QUICK.take <= time.monotonic() - began < QUICK.take + 1


async def test_whoever_died_on_the_same_machine_is_followed_at_once(tmp_path: Path) -> None:
    one, two = await Process(tmp_path).start(), await Process(tmp_path).start()
    await one.look({"channel"})
    assert await two.look({"channel"}) == set()
    await one.freeze()
    term = one.leases._now
    assert term
    assert term.sign
    descriptor, term.sign._descriptor = term.sign._descriptor, -1
    import os

    os.close(descriptor)  # as the system does when a process ends

    assert await two.look({"channel"}) == {"channel"}
    term.sign = None
    await one.stack.aclose()
    await two.stack.aclose()


async def test_a_database_that_is_away_ends_serving_before_another_may_begin(process: Holder) -> None:
    one = await process().start()
    await one.look()
    serving = one.serve()
    await asyncio.sleep(0.05)
    database = get_connections().get("default")
    await database.execute_script("ALTER TABLE lease_holders RENAME TO away")
    began = time.monotonic()
    await asyncio.wait({serving})

    assert QUICK.stop - QUICK.beat - 0.1 <= time.monotonic() - began < QUICK.take - QUICK.beat
    assert serving.cancelled()
    await database.execute_script("ALTER TABLE away RENAME TO lease_holders")
    assert await one.look() == NAMES, "its own earlier leases do not stand in its way"
    assert await LeaseHolder.all().count() == 1


async def test_a_process_that_was_stuck_does_nothing_before_it_knows_how_late_it_is(process: Holder) -> None:
    one, two = await process().start(), await process().start()
    await one.look({"channel"})
    serving = one.serve()
    await asyncio.sleep(0.05)
    before, term = one.done, one.leases._now
    assert term
    time.sleep(QUICK.stop + 0.1)  # noqa: ASYNC251 - the whole process stands still
    serve_in(term)
    with pytest.raises(LeaseLost):  # whatever comes first when it goes on
        stop_if_lost()
    await asyncio.wait({serving})

    assert one.done == before
    await until(lambda: two.look({"channel"}), 5)


async def test_a_process_that_was_declared_dead_stops_and_may_come_back(process: Holder) -> None:
    one = await process().start()
    await one.look()
    serving = one.serve()
    await asyncio.sleep(0.05)
    await LeaseHolder.all().delete()
    await asyncio.wait({serving})

    assert serving.cancelled()
    assert not await ChannelLease.exists()
    assert await one.look() == NAMES


async def test_what_is_done_alone_moves_to_whoever_is_left(process: Holder) -> None:
    one, two = await process().start(), await process().start()
    done: list[str] = []

    async def work(name: str) -> None:
        done.append(name)
        await asyncio.Event().wait()

    first = one.background.start(one.leases.alone("bot", lambda: work("one")), "one")

    async def begun() -> bool:
        return done == ["one"]

    await until(begun, 5)
    second = two.background.start(two.leases.alone("bot", lambda: work("two")), "two")
    await asyncio.sleep(0.3)
    assert done == ["one"]
    first.cancel()
    await asyncio.wait({first})
    await one.stack.aclose()

    async def taken() -> bool:
        return done == ["one", "two"]

    await until(taken, 5)
    second.cancel()
