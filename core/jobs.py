"""Slow work that survives crashes. The truth about a job is its row; whoever holds the lease does the work.

A lease is short and renewed while the work goes on. When its holder dies the lease runs out, `sweep_jobs` wakes a
worker, and the work is done again from the start of what was not finished. Knows nothing of what jobs do.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tortoise.expressions import F, Q

from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.models import Job, JobStatus
from core.queue.base import Lane, Queue

log = logging.getLogger(__name__)

LEASE_S = 20.0
RENEW_S = 2.0
MAX_ATTEMPTS = 5
LANES: dict[str, Lane] = {
    "index_document": "documents",
    "index_large_document": "large",
    "read_site": "sites",
    "index_anew": "large",
    "train_adapter": "training",
}


async def add_job(queue: Queue, kind: str, assistant_id: UUID, subject_id: UUID) -> Job:
    """Record the work, then wake a worker. If the queue is down the sweep will."""
    job = await Job.create(kind=kind, assistant_id=assistant_id, subject_id=subject_id)
    await wake(queue, job)
    return job


async def wake(queue: Queue, job: Job) -> None:
    with suppress(Unavailable):
        await queue.put(job.id, LANES[job.kind])


async def claim_job(job_id: UUID) -> Job | None:
    """Take the job if it is due and nobody holds it; None when somebody was first, or it is done."""
    now, owner = datetime.now(UTC), uuid4()
    free = Q(status=JobStatus.QUEUED, run_after__lte=now) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
    taken = await Job.filter(free, id=job_id).update(
        status=JobStatus.RUNNING,
        lease_owner=owner,
        lease_until=now + timedelta(seconds=LEASE_S),
        attempts=F("attempts") + 1,
    )
    return await Job.get(id=job_id) if taken else None


class LeaseLost(Exception):
    """Another worker has the job now; what this one did further would be done twice."""


@asynccontextmanager
async def hold_lease(job: Job) -> AsyncIterator[None]:
    """Keep the lease while the body runs. If it is lost (a long pause), the body ends with `LeaseLost`."""
    holder = asyncio.current_task()
    lost = False

    async def renew() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(RENEW_S)
            until = datetime.now(UTC) + timedelta(seconds=LEASE_S)
            try:
                kept = await Job.filter(id=job.id, lease_owner=job.lease_owner).update(lease_until=until)
            except DATABASE_AWAY:
                continue  # the database is away; the lease may still hold until it is back
            if not kept and holder:
                lost = True
                holder.cancel()
                return

    renewing = asyncio.get_running_loop().create_task(renew(), name=f"lease of {job.id}")
    try:
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})
    except asyncio.CancelledError:
        if lost and holder and holder.uncancel() == 0:
            raise LeaseLost from None
        raise


async def end_job(job: Job, status: JobStatus, error: str = "") -> None:
    """Done or failed for good; only its holder may say so."""
    await Job.filter(id=job.id, lease_owner=job.lease_owner).update(
        status=status, error=error, lease_owner=None, lease_until=None, finished_at=datetime.now(UTC)
    )


async def retry_job(job: Job, error: str) -> bool:
    """Give it back with a growing pause (2, 4, 8… s). False when it has been tried often enough."""
    if job.attempts >= MAX_ATTEMPTS:
        await end_job(job, JobStatus.FAILED, error)
        return False
    pause = timedelta(seconds=2.0**job.attempts)
    await Job.filter(id=job.id, lease_owner=job.lease_owner).update(
        status=JobStatus.QUEUED, error=error, lease_owner=None, lease_until=None, run_after=datetime.now(UTC) + pause
    )
    return True


async def release_job(job: Job) -> None:
    """Give it back untouched: the process is stopping, another will go on."""
    await Job.filter(id=job.id, lease_owner=job.lease_owner).update(
        status=JobStatus.QUEUED, lease_owner=None, lease_until=None, attempts=F("attempts") - 1
    )


async def sweep_jobs(queue: Queue) -> int:
    """Wake workers for every job that is due and held by nobody. Returns how many there were."""
    now = datetime.now(UTC)
    due = Q(status=JobStatus.QUEUED, run_after__lte=now) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
    jobs = await Job.filter(due).order_by("created_at").limit(500)
    for job in jobs:
        await wake(queue, job)
    return len(jobs)
