"""An event is done to its end, however long its platform is away; what cannot be done holds up nothing for ever."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tortoise.exceptions import DoesNotExist

from core.app import Core
from core.background import Background
from core.errors import Unavailable
from core.inbox import MAX_ATTEMPTS, accept_event
from core.inbox_work import InboxWork
from core.lanes import Following
from core.models import ProcessedEvent
from tests.waiting import until


class Platform:
    """Fails so often, and then takes everything."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.done: list[str] = []
        self.tried: list[str] = []

    async def take(self, event: ProcessedEvent, _following: Following[ProcessedEvent]) -> None:
        self.tried.append(event.event_id)
        if event.event_id == "1" and self.failures:
            raise self.failures.pop(0)
        self.done.append(event.event_id)


async def _work(platform: Platform, age: timedelta = timedelta(0)) -> str:
    """Two events of one lane, until both are over; the first has met the failures. Their source."""
    source = f"test:{uuid4()}"
    background = Background()
    work = InboxWork(background, source, lambda _: 0, platform.take, lambda event: int(event.event_id), 0.01)
    for number in ("1", "2"):
        event = await accept_event(source, number, {})
        assert event
        await ProcessedEvent.filter(id=event.id).update(created_at=datetime.now(UTC) - age)
    await work.take_up()

    async def over() -> bool:
        return not await ProcessedEvent.filter(source=source, done_at=None).exists()

    await until(over)
    await work.close()
    await background.close()
    return source


async def test_a_platform_that_is_away_for_long_gets_everything_in_the_end_and_in_order(core: Core) -> None:
    platform = Platform(*[Unavailable(part="Telegram", reason="a test") for _ in range(3 * MAX_ATTEMPTS)])
    source = await _work(platform)
    assert platform.done == ["1", "2"]
    assert platform.tried.count("1") == 3 * MAX_ATTEMPTS + 1
    assert (await ProcessedEvent.get(source=source, event_id="1")).attempts == 1


async def test_after_a_day_nobody_waits_for_an_answer_any_more(core: Core) -> None:
    platform = Platform(*[Unavailable(part="Telegram", reason="a test") for _ in range(50)])
    await _work(platform, age=timedelta(hours=25))
    assert platform.tried == ["1", "2"]
    assert platform.done == ["2"]


async def test_what_the_database_refuses_is_tried_a_few_times(core: Core) -> None:
    platform = Platform(*[DoesNotExist("a row") for _ in range(50)])
    await _work(platform)
    assert platform.tried == ["1"] * MAX_ATTEMPTS + ["2"]
    assert platform.done == ["2"]


async def test_what_breaks_is_not_tried_again(core: Core) -> None:
    platform = Platform(*[ValueError("a fault") for _ in range(50)])
    await _work(platform)
    assert platform.tried == ["1", "2"]


async def test_stopping_is_no_attempt(core: Core) -> None:
    """A process that is stopped again and again, for updates, crashes at nothing."""
    source, begun = f"test:{uuid4()}", asyncio.Event()
    await accept_event(source, "1", {})

    async def wait(_event: ProcessedEvent, _following: Following[ProcessedEvent]) -> None:
        begun.set()
        await asyncio.Event().wait()

    for _ in range(MAX_ATTEMPTS + 1):
        background = Background()
        work = InboxWork(background, source, lambda _: 0, wait)
        begun.clear()
        await work.take_up()
        async with asyncio.timeout(10):
            await begun.wait()
        await work.close()
        await background.close()
    assert (await ProcessedEvent.get(source=source)).attempts == 0


async def test_many_events_are_read_a_few_at_a_time_and_all_done(core: Core) -> None:
    source, background, platform = f"test:{uuid4()}", Background(), Platform()
    rows = [ProcessedEvent(source=source, event_id=str(number)) for number in range(1200)]
    await ProcessedEvent.bulk_create(rows)
    work = InboxWork(background, source, lambda payload: 0, platform.take, lambda event: int(event.event_id), 0.01)
    await work.take_up()

    async def over() -> bool:
        return len(platform.done) == 1200

    await until(over, 60)
    await work.close()
    await background.close()
    assert len(set(platform.done)) == 1200
