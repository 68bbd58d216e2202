import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core import once
from core.errors import KeyReused, NotFound, Unavailable
from core.inbox import accept_event
from core.models import ProcessedEvent
from core.once import do_once
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("database")
REQUEST = {"message": "hi"}


class Work:
    """Counts how often it is begun; goes on when it may."""

    def __init__(self, fails: int = 0) -> None:
        self.ids: list[UUID] = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        self._fails = fails

    async def __call__(self, event_id: UUID) -> dict[str, Any]:
        self.ids.append(event_id)
        await self.may_end.wait()
        if len(self.ids) <= self._fails:
            raise NotFound(what="conversation")
        return {"answer": len(self.ids)}


async def test_the_second_time_the_first_answer_is_given() -> None:
    work = Work()

    assert await do_once("api:1", "k", REQUEST, work) == await do_once("api:1", "k", REQUEST, work) == {"answer": 1}
    assert len(work.ids) == 1


async def test_of_many_at_once_one_works_and_the_others_wait_for_it() -> None:
    work = Work()
    answers = await asyncio.gather(*(do_once("api:1", "k", REQUEST, work) for _ in range(5)))

    assert answers == [{"answer": 1}] * 5


async def test_a_key_used_for_another_request_is_refused_also_after_the_work_is_done() -> None:
    await do_once("api:1", "k", REQUEST, Work())

    with pytest.raises(KeyReused):
        await do_once("api:1", "k", {"message": "other"}, Work())


async def test_work_that_failed_is_done_again_under_the_same_id() -> None:
    work = Work(fails=1)
    with pytest.raises(NotFound):
        await do_once("api:1", "k", REQUEST, work)

    async with asyncio.timeout(once.LEASE.total_seconds() / 2):  # at once: nobody waits for a lease to run out
        assert await do_once("api:1", "k", REQUEST, work) == {"answer": 2}
    assert work.ids[0] == work.ids[1]


async def test_work_that_was_cancelled_is_taken_over_by_whoever_waits() -> None:
    work = Work()
    work.may_end.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(do_once("api:1", "k", REQUEST, work))
        await until(lambda: _begun(work, 1))
        second = group.create_task(do_once("api:1", "k", REQUEST, work))
        first.cancel()
        await until(lambda: _begun(work, 2))
        work.may_end.set()

    assert second.result() == {"answer": 2}


async def test_work_of_a_process_that_died_is_taken_over_when_its_lease_ran_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(once, "PATIENCE_S", 0.3)
    work = Work()
    with pytest.raises(NotFound):
        await do_once("api:1", "k", REQUEST, Work(fails=1))
    dead = await ProcessedEvent.get(source="api:1")
    await ProcessedEvent.all().update(payload=once._held(dead.payload["mark"]))

    with pytest.raises(Unavailable):
        await do_once("api:1", "k", REQUEST, work)
    await ProcessedEvent.all().update(payload=once._released(dead.payload["mark"]))
    assert await do_once("api:1", "k", REQUEST, work) == {"answer": 1}


async def test_who_works_long_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "LEASE", timedelta(seconds=0.3))
    monkeypatch.setattr(once, "RENEW_S", 0.05)
    work = Work()
    work.may_end.clear()
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(do_once("api:1", "k", REQUEST, work)) for _ in range(2)]
        await asyncio.sleep(0.6)
        work.may_end.set()

    assert [task.result() for task in both] == [{"answer": 1}] * 2


async def test_another_source_may_use_the_same_key() -> None:
    assert await accept_event("api:2", "k", {})
    assert await do_once("api:1", "k", REQUEST, Work()) == {"answer": 1}


async def _begun(work: Work, times: int) -> bool:
    return len(work.ids) == times
