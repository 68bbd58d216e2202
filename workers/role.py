"""The worker: takes jobs off the queue, holds their leases, ends them; and sweeps up what a crash left behind."""

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

from core.app import Core
from core.attempts import attempt
from core.errors import Unavailable
from core.fair_jobs import fairest
from core.inbox import forget_old_events
from core.jobs import (
    OUTAGES,
    LeaseLost,
    claim_job,
    end_job,
    forget_old_jobs,
    hold_lease,
    is_given_up,
    is_ours,
    postpone_job,
    release_job,
    retry_job,
    sweep_jobs,
)
from core.models import Job, JobStatus
from core.queue.base import Lane, Queue
from core.reindexing import start_reindexing
from core.shopper.nights import Nights
from core.sites import start_due_readings
from core.tidying import tidy_for_ever, tidy_index
from core.waiting import tell_going_on, tell_waiting
from core.webhooks.delivering import deliver_for_ever
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
        group.create_task(tidy_for_ever(core))
        group.create_task(deliver_for_ever(core))
        group.create_task(Nights(core).run())


def _at_once(documents: int) -> dict[Lane, int]:
    """How many jobs of each lane one worker does side by side."""
    return {"documents": documents, "large": 1, "sites": 2, "training": 1, "shopper": 1}


async def do_job(core: Core, job_id: UUID) -> None:
    """Do one job if nobody else does, this or a fairer one. Never raises: what fails is retried, then recorded."""
    try:
        job = await claim_job(await fairest(job_id))
        if job is not None:
            await _do(core, job)
    except Exception:  # the worker's loop must survive; the sweep brings the job back
        log.exception("job %s could not be taken or ended", job_id)


async def _do(core: Core, job: Job) -> None:
    if is_given_up(job):
        await _give_up(job, "it ended its worker each time")
        return
    task, _ = TASKS[job.kind]
    try:
        async with hold_lease(job):
            if job.waiting_since:
                await _is_back(core)
                await tell_going_on(job.subject_id)
            await task(core, job.subject_id)
    except LeaseLost:
        log.warning("job %s was taken over by another worker, or is no longer wanted", job.id)
        with suppress(Unavailable):  # the next tidying will do
            await tidy_index(core, job.assistant_id)
    except asyncio.CancelledError:
        await asyncio.shield(release_job(job))
        raise
    except OUTAGES as error:
        log.warning("job %s (%s %s) waits: %s", job.id, job.kind, job.subject_id, error)
        if await postpone_job(job, _words(error)):
            await tell_waiting(job.subject_id)
        else:
            await _give_up(job, _words(error))
    except Exception as error:  # whatever else a task raises means: try again, then give up
        log.exception("job %s (%s %s) failed, attempt %s", job.id, job.kind, job.subject_id, job.attempts)
        if not await retry_job(job, _words(error)):
            await _give_up(job, _words(error))
    else:
        await end_job(job, JobStatus.DONE)


async def _is_back(core: Core) -> None:
    """Raises `Unavailable` before a book is read once more only to find that nobody can remember it."""
    await core.vectors.check()
    await core.embedder.embed_query("ready?")


async def _give_up(job: Job, error: str) -> None:
    """Tell the owner, then end the job: killed in between, the next worker tells him once more."""
    if await is_ours(job):
        _, surrender = TASKS[job.kind]
        await surrender(job.subject_id)
        await end_job(job, JobStatus.FAILED, error)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


async def sweep_for_ever(queue: Queue, every_s: float = SWEEP_S) -> None:
    """At once, then every few seconds: wake jobs that are due and held by nobody. A database away is waited out."""
    loop = asyncio.get_running_loop()
    tidy_at = loop.time()
    while True:
        await attempt(start_due_readings(queue), "beginning the readings that are due")
        await attempt(sweep_jobs(queue), "waking jobs")
        if loop.time() >= tidy_at:
            await attempt(forget_old_events(), "forgetting old events")
            await attempt(forget_old_jobs(), "forgetting old jobs")
            tidy_at = loop.time() + TIDY_S
        await asyncio.sleep(every_s)
