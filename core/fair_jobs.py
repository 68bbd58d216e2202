"""Whose job is next where one runs at a time and takes long: the business that was served longest ago.

A wake-up says "there is something to do", not "do this": each of them leads to one job as long as any is due.
"""

from datetime import UTC, datetime
from uuid import UUID

from core.models import Assistant, Job, JobStatus

FAIR = frozenset({"train_adapter", "ask_at_night"})
_NEVER = datetime.min.replace(tzinfo=UTC)


async def fairest(job_id: UUID) -> UUID:
    """The job to do when this one is called: itself, or one of its kind that has more right to be next."""
    called = await Job.get_or_none(id=job_id)
    if called is None or called.kind not in FAIR or called.status != JobStatus.QUEUED:
        return job_id
    jobs = await Job.filter(kind=called.kind).order_by("created_at")
    tenants = dict(await Assistant.filter(id__in={job.assistant_id for job in jobs}).values_list("id", "tenant_id"))
    served: dict[UUID | None, datetime] = {}
    now = datetime.now(UTC)
    for job in jobs:
        if job.status != JobStatus.QUEUED:
            tenant = tenants.get(job.assistant_id)  # none of an assistant that was deleted in this moment
            served[tenant] = max(served.get(tenant, _NEVER), job.finished_at or now)
    due = [job for job in jobs if job.status == JobStatus.QUEUED and job.run_after <= now]
    return min(due, key=lambda job: served.get(tenants.get(job.assistant_id), _NEVER), default=called).id
