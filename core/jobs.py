"""Slow work that survives crashes. The truth about a job is its row; whoever holds the lease does the work.

A lease is short and renewed while the work goes on. When its holder dies the lease runs out, `sweep_jobs` wakes a
worker, and the work is done again from the start of what was not finished. What fails by itself is tried a few times;
what fails because something else is away waits for it, for hours. Knows nothing of what jobs do.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from tortoise.exceptions import DBConnectionError
from tortoise.expressions import F, Q

from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.models import Job, JobStatus
from core.queue.base import Lane, Queue

log = logging.getLogger(__name__)

LEASE_S = 20.0
RENEW_S = 2.0
MAX_ATTEMPTS = 5
LONGEST_PAUSE_S = 60.0
LONGEST_OUTAGE = timedelta(hours=12)
KEEP = timedelta(days=7)
WOKEN_AT_ONCE = 200
"""Jobs of each kind: a thousand waiting books never keep a training from being woken."""
OUTAGES = (
    Unavailable,
    ConnectionRefusedError,
    ConnectionResetError,
    TimeoutError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What says that somebody else is away, not that the work is wrong: fewer than `DATABASE_AWAY`, which a loop survives.
"""
LANES: dict[str, Lane] = {
    "index_document": "documents",
    "index_large_document": "large",
    "read_site": "sites",
    "index_anew": "large",
    "make_samples": "documents",
    "export_assistant": "documents",
    "restore_assistant": "documents",
    "train_adapter": "training",
    "ask_now": "documents",
    "ask_at_night": "shopper",
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
    return await Job.get_or_none(id=job_id) if taken else None


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


def is_given_up(job: Job) -> bool:
    """A claimed job whose earlier attempts were all used up: it ends its process each time."""
    return job.attempts > MAX_ATTEMPTS


async def is_ours(job: Job) -> bool:
    """Whether the job still exists and nobody else has taken it over."""
    return await Job.filter(id=job.id, lease_owner=job.lease_owner).exists()


async def retry_job(job: Job, error: str) -> bool:
    """Give it back with a growing pause (2, 4, 8… s). False, and nothing done, when it has been tried often enough."""
    if job.attempts >= MAX_ATTEMPTS:
        return False
    pause = timedelta(seconds=2.0**job.attempts)
    await _give_back(job, error, run_after=datetime.now(UTC) + pause)
    return True


async def postpone_job(job: Job, error: str) -> bool:
    """Give it back because something that it needs is away; the attempt does not count.

    The pause is as long as it has waited so far, between 2 and 60 s. False, and nothing done, after `LONGEST_OUTAGE`.
    """
    now = datetime.now(UTC)
    since = job.waiting_since or now
    if now - since > LONGEST_OUTAGE:
        return False
    pause = min(max(2.0, (now - since).total_seconds()), LONGEST_PAUSE_S)
    run_after = now + timedelta(seconds=pause)
    await _give_back(job, error, run_after=run_after, waiting_since=since, attempts=F("attempts") - 1)
    return True


async def _give_back(job: Job, error: str, **values: Any) -> None:
    await Job.filter(id=job.id, lease_owner=job.lease_owner).update(
        status=JobStatus.QUEUED, error=error, lease_owner=None, lease_until=None, **values
    )


async def release_job(job: Job) -> None:
    """Give it back untouched: the process is stopping, another will go on."""
    await Job.filter(id=job.id, lease_owner=job.lease_owner).update(
        status=JobStatus.QUEUED, lease_owner=None, lease_until=None, attempts=F("attempts") - 1
    )


async def sweep_jobs(queue: Queue) -> int:
    """Wake workers for jobs that are due and held by nobody. Returns how many there were."""
    now = datetime.now(UTC)
    due = Q(status=JobStatus.QUEUED, run_after__lte=now) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
    woken = 0
    for kind in LANES:
        jobs = await Job.filter(due, kind=kind).order_by("created_at").limit(WOKEN_AT_ONCE)
        for job in jobs:
            await wake(queue, job)
        woken += len(jobs)
    return woken


async def forget_old_jobs() -> int:
    """Delete jobs that ended so long ago that nobody asks why."""
    ended, long_ago = (JobStatus.DONE, JobStatus.FAILED), datetime.now(UTC) - KEEP
    old = Q(finished_at__lt=long_ago) | Q(finished_at=None, created_at__lt=long_ago)
    return await Job.filter(old, status__in=ended).delete()
