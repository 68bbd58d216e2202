"""Whose training is next (core/fair_jobs.py), and that a device runs one at a time (workers/device.py)."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.fair_jobs import fairest
from core.models import Assistant, Job, JobStatus, Tenant
from tests.waiting import until
from workers.device import free_device, take_device

NOW = datetime.now(UTC)


async def _job(tenant: Tenant, minutes: int, kind: str = "train_adapter", status: JobStatus = JobStatus.QUEUED) -> UUID:
    """Of an assistant of its own, queued so many minutes ago."""
    assistant = await Assistant.create(tenant=tenant, name="Rosa")
    job = await Job.create(kind=kind, assistant=assistant, subject_id=uuid4(), status=status)
    await Job.filter(id=job.id).update(created_at=NOW - timedelta(minutes=minutes))
    return job.id


async def _ended(job: UUID) -> None:
    await Job.filter(id=job).update(status=JobStatus.DONE, finished_at=datetime.now(UTC))


@pytest.mark.usefixtures("database")
async def test_whoever_wants_many_trainings_waits_for_whoever_wants_one() -> None:
    many, one = await Tenant.create(name="Many"), await Tenant.create(name="One")
    trainings = [await _job(many, minutes) for minutes in (9, 8, 7)]
    assert await fairest(trainings[1]) == trainings[0], "first come"
    await _ended(trainings[0])
    late = await _job(one, 1)
    assert await fairest(trainings[1]) == late
    await Job.filter(id=late).update(status=JobStatus.RUNNING)
    assert await fairest(trainings[2]) == trainings[1]
    await _ended(late)
    assert await fairest(late) == late, "what is over is nobody else's turn"
    later = await _job(one, 0)
    assert await fairest(later) == trainings[1], "in turn"


@pytest.mark.usefixtures("database")
async def test_what_is_not_due_is_not_called_and_other_work_goes_in_its_order() -> None:
    shop, other = await Tenant.create(name="Shop"), await Tenant.create(name="Other")
    book = await _job(shop, 1, "index_document")
    await _job(other, 5, "index_document")
    assert await fairest(book) == book
    await _job(shop, 9, status=JobStatus.DONE)
    mine, again = await _job(shop, 4), await _job(other, 3)
    await Job.filter(id=again).update(run_after=datetime.now(UTC) + timedelta(minutes=1))
    assert await fairest(mine) == mine
    gone = uuid4()
    assert await fairest(gone) == gone


async def test_a_device_is_held_by_the_child_that_inherits_it_until_it_is_killed(tmp_path: Path) -> None:
    held = await free_device(tmp_path, "")
    assert take_device(tmp_path, "") is None
    other = take_device(tmp_path, "1")
    assert other is not None, "another GPU of this machine is free"
    os.close(other)
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=-1, pass_fds=(held,))
    os.close(held)
    try:
        assert take_device(tmp_path, "") is None, "its parent has let go, and it has not"
        waiting = asyncio.get_running_loop().create_task(free_device(tmp_path, ""), name="the next training")
        child.kill()
        await until(lambda: _is_over(waiting))
        os.close(waiting.result())
    finally:
        await child.wait()


async def _is_over(task: asyncio.Task[int]) -> bool:
    return task.done()
