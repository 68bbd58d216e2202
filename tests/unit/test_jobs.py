import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core import jobs
from core.errors import Unavailable
from core.jobs import (
    MAX_ATTEMPTS,
    LeaseLost,
    add_job,
    claim_job,
    end_job,
    forget_old_jobs,
    hold_lease,
    is_given_up,
    postpone_job,
    release_job,
    retry_job,
    sweep_jobs,
)  # fmt: skip
from core.models import Assistant, Job, JobStatus, Tenant
from core.queue.base import Lane, Work
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("database")


class Listening:
    """A queue at the edge: remembers triggers, or is down."""

    def __init__(self, down: bool = False) -> None:
        self.down = down
        self.heard: list[tuple[UUID, Lane]] = []

    async def put(self, job_id: UUID, lane: Lane) -> None:
        if self.down:
            raise Unavailable(part="queue")
        self.heard.append((job_id, lane))

    async def consume(self, work: Work, at_once: Mapping[Lane, int]) -> None:
        raise NotImplementedError

    async def close(self) -> None: ...


@pytest.fixture
async def job() -> Job:
    tenant = await Tenant.create(name="Shop")
    assistant = await Assistant.create(tenant=tenant, name="Rosa")
    return await add_job(Listening(), "index_document", assistant.id, uuid4())


async def _lease_ran_out(job: Job) -> None:
    await Job.filter(id=job.id).update(lease_until=datetime.now(UTC) - timedelta(seconds=1))


async def test_a_job_wakes_a_worker_of_its_lane(job: Job) -> None:
    queue = Listening()
    added = await add_job(queue, "train_adapter", job.assistant_id, uuid4())

    assert queue.heard == [(added.id, "training")]


async def test_a_job_is_kept_when_the_queue_is_down_and_the_sweep_brings_it_back(job: Job) -> None:
    await Job.all().delete()
    kept = await add_job(Listening(down=True), "index_document", job.assistant_id, uuid4())
    queue = Listening()

    assert await sweep_jobs(queue) == 1
    assert queue.heard == [(kept.id, "documents")]


async def test_of_many_workers_at_once_one_gets_the_job(job: Job) -> None:
    claims = await asyncio.gather(*(claim_job(job.id) for _ in range(10)))

    assert sum(claim is not None for claim in claims) == 1
    assert (await Job.get(id=job.id)).attempts == 1


async def test_a_done_job_and_an_unknown_one_are_nobodys(job: Job) -> None:
    claimed = await claim_job(job.id)
    assert claimed is not None
    await end_job(claimed, JobStatus.DONE)

    assert await claim_job(job.id) is None
    assert await claim_job(uuid4()) is None
    assert await sweep_jobs(Listening()) == 0


async def test_a_job_whose_worker_died_is_swept_and_claimed_again(job: Job) -> None:
    first = await claim_job(job.id)
    assert await sweep_jobs(Listening()) == 0
    await _lease_ran_out(job)

    assert await sweep_jobs(Listening()) == 1
    second = await claim_job(job.id)
    assert first is not None
    assert second is not None
    assert second.lease_owner != first.lease_owner
    assert second.attempts == 2


async def test_a_worker_that_lost_its_lease_cannot_end_the_job_of_another(job: Job) -> None:
    late = await claim_job(job.id)
    await _lease_ran_out(job)
    current = await claim_job(job.id)
    assert late is not None
    assert current is not None
    await end_job(late, JobStatus.FAILED, "too late")
    await release_job(late)
    await retry_job(late, "too late")

    row = await Job.get(id=job.id)
    assert (row.status, row.lease_owner, row.error) == (JobStatus.RUNNING, current.lease_owner, "")


async def test_a_failed_job_waits_longer_each_time_and_then_fails_for_good(job: Job) -> None:
    pauses = []
    for _ in range(MAX_ATTEMPTS - 1):
        claimed = await claim_job(job.id)
        assert claimed is not None
        assert await retry_job(claimed, "no luck")
        row = await Job.get(id=job.id)
        pauses.append((row.run_after - datetime.now(UTC)).total_seconds())
        assert await claim_job(job.id) is None
        await Job.filter(id=job.id).update(run_after=datetime.now(UTC) - timedelta(seconds=1))
    last = await claim_job(job.id)
    assert last is not None

    assert not await retry_job(last, "still no luck")
    assert pauses == sorted(pauses)
    assert pauses[0] > 1
    assert pauses[-1] > 10
    assert (await Job.get(id=job.id)).status == JobStatus.RUNNING, "its owner must be told before it is over"


async def test_a_job_that_waits_for_something_away_keeps_its_tries_and_waits_for_hours(job: Job) -> None:
    pauses = []
    for waited in (0, 10, 40, 3600, 3600 * 11):
        claimed = await claim_job(job.id)
        assert claimed is not None
        claimed.waiting_since = datetime.now(UTC) - timedelta(seconds=waited) if waited else None
        assert await postpone_job(claimed, "Milvus is away")
        row = await Job.get(id=job.id)
        assert (row.status, row.attempts, row.error, row.lease_owner) == (JobStatus.QUEUED, 0, "Milvus is away", None)
        assert row.waiting_since is not None
        pauses.append(round((row.run_after - datetime.now(UTC)).total_seconds()))
        await Job.filter(id=job.id).update(run_after=datetime.now(UTC) - timedelta(seconds=1))
    assert pauses == [2, 10, 40, 60, 60]
    claimed = await claim_job(job.id)
    assert claimed is not None
    claimed.waiting_since = datetime.now(UTC) - timedelta(hours=13)

    assert not await postpone_job(claimed, "Milvus is away")


async def test_a_job_that_ends_its_process_each_time_is_given_up(job: Job) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 2):
        claimed = await claim_job(job.id)
        assert claimed is not None
        assert is_given_up(claimed) == (attempt > MAX_ATTEMPTS)
        await _lease_ran_out(job)


async def test_a_crowd_of_books_does_not_keep_a_training_from_being_woken(job: Job) -> None:
    books = [Job(kind="index_document", assistant_id=job.assistant_id, subject_id=uuid4()) for _ in range(600)]
    await Job.bulk_create(books)
    training = await add_job(Listening(), "train_adapter", job.assistant_id, uuid4())
    queue = Listening()
    await sweep_jobs(queue)

    assert (training.id, "training") in queue.heard


async def test_a_kind_of_job_that_nobody_knows_any_more_stops_no_sweep(job: Job) -> None:
    await Job.create(kind="bake_bread", assistant_id=job.assistant_id, subject_id=uuid4())

    assert await sweep_jobs(Listening()) == 1


async def test_old_jobs_are_forgotten_and_unfinished_ones_never_are(job: Job) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=8)
    cancelled, failed = [await add_job(Listening(), "train_adapter", job.assistant_id, uuid4()) for _ in range(2)]
    fresh = await add_job(Listening(), "train_adapter", job.assistant_id, uuid4())
    await Job.filter(id__in=[cancelled.id, fresh.id]).update(status=JobStatus.DONE)
    await Job.filter(id=failed.id).update(status=JobStatus.FAILED, finished_at=long_ago)
    await Job.all().update(created_at=long_ago)
    await Job.filter(id=fresh.id).update(finished_at=datetime.now(UTC))

    assert await forget_old_jobs() == 2
    assert {row.id for row in await Job.all()} == {job.id, fresh.id}


async def test_a_stopping_process_gives_its_job_back_without_counting_the_attempt(job: Job) -> None:
    claimed = await claim_job(job.id)
    assert claimed is not None
    await release_job(claimed)

    row = await Job.get(id=job.id)
    assert (row.status, row.attempts, row.lease_owner) == (JobStatus.QUEUED, 0, None)
    assert await claim_job(job.id)


async def test_a_lease_is_renewed_while_the_work_goes_on(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "RENEW_S", 0.02)
    claimed = await claim_job(job.id)
    assert claimed is not None
    before = (await Job.get(id=job.id)).lease_until

    async def renewed() -> bool:
        return (await Job.get(id=job.id)).lease_until != before

    async with hold_lease(claimed):
        await until(renewed, timeout_s=5)


async def test_work_whose_lease_was_taken_over_is_stopped(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "RENEW_S", 0.02)
    claimed = await claim_job(job.id)
    assert claimed is not None

    async def work() -> None:
        async with hold_lease(claimed):
            await Job.filter(id=job.id).update(lease_owner=uuid4())
            await asyncio.sleep(60)

    working = asyncio.get_running_loop().create_task(work())
    ended, _ = await asyncio.wait({working}, timeout=5)
    working.cancel()
    assert ended, "it goes on although another worker has the job"
    assert isinstance(working.exception(), LeaseLost)


async def test_a_stopping_process_is_not_mistaken_for_a_lost_lease(job: Job) -> None:
    claimed = await claim_job(job.id)
    assert claimed is not None
    holding = asyncio.Event()

    async def work() -> None:
        async with hold_lease(claimed):
            holding.set()
            await asyncio.sleep(30)

    working = asyncio.get_running_loop().create_task(work())
    await holding.wait()
    working.cancel()
    await asyncio.wait({working}, timeout=5)
    assert working.cancelled()


async def test_an_error_of_the_work_leaves_the_lease_as_itself(job: Job) -> None:
    """Callers catch what a task raised, not a group of errors."""
    claimed = await claim_job(job.id)
    assert claimed is not None

    with pytest.raises(Unavailable):
        async with hold_lease(claimed):
            raise Unavailable(part="Milvus")
