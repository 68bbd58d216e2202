"""The worker: takes jobs off the queue, holds their leases, ends them; and sweeps up what a crash left behind."""

import asyncio
import logging
from uuid import UUID

from core.app import Core
from core.database import DATABASE_AWAY
from core.inbox import forget_old_events
from core.jobs import LeaseLost, claim_job, end_job, hold_lease, release_job, retry_job, sweep_jobs
from core.models import Job, JobStatus
from core.queue.base import Lane, Queue
from core.reindexing import start_reindexing
from core.sites import start_due_readings
from workers.tasks import TASKS

log = logging.getLogger(__name__)
SWEEP_S = 5.0
TIDY_S = 3600.0


async def run(core: Core) -> None:
    """Work until cancelled."""

    async def work(job_id: UUID) -> None:
        await do_job(core, job_id)

    async with asyncio.TaskGroup() as group:
        group.create_task(core.queue.consume(work, _at_once(core.settings.worker_jobs)))
        group.create_task(sweep_for_ever(core.queue))
        group.create_task(start_reindexing(core))


def _at_once(documents: int) -> dict[Lane, int]:
    """How many jobs of each lane one worker does side by side."""
    return {"documents": documents, "large": 1, "sites": 2, "training": 1}


async def do_job(core: Core, job_id: UUID) -> None:
    """Do one job if nobody else does. Never raises: what fails is retried, then recorded."""
    try:
        job = await claim_job(job_id)
        if job is not None:
            await _do(core, job)
    except Exception:  # the worker's loop must survive; the sweep brings the job back
        log.exception("job %s could not be taken or ended", job_id)


async def _do(core: Core, job: Job) -> None:
    task, surrender = TASKS[job.kind]
    try:
        async with hold_lease(job):
            await task(core, job.subject_id)
    except LeaseLost:
        log.warning("job %s was taken over by another worker", job.id)
    except asyncio.CancelledError:
        await asyncio.shield(release_job(job))
        raise
    except Exception as error:  # whatever a task raises means: try again, then give up
        log.exception("job %s (%s %s) failed, attempt %s", job.id, job.kind, job.subject_id, job.attempts)
        if not await retry_job(job, f"{type(error).__name__}: {error}"[:2000]):
            await surrender(job.subject_id)
    else:
        await end_job(job, JobStatus.DONE)


async def sweep_for_ever(queue: Queue, every_s: float = SWEEP_S) -> None:
    """At once, then every few seconds: wake jobs that are due and held by nobody. A database away is waited out."""
    loop = asyncio.get_running_loop()
    tidy_at = loop.time()
    while True:
        try:
            await start_due_readings(queue)
            await sweep_jobs(queue)
            if loop.time() >= tidy_at:
                await forget_old_events()
                tidy_at = loop.time() + TIDY_S
        except DATABASE_AWAY:
            log.exception("the sweep could not read the database; it tries again")
        await asyncio.sleep(every_s)
