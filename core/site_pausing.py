"""A site that is not to answer for a while: its pages leave the tables as deleted ones do, their files stay.

Used again, it answers from those files at once, whether or not the site can be reached. Refuses to know how sites are
read.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tortoise.transactions import in_transaction

from core.app import Core
from core.crawling.kept import drop_half_read, put_aside, take_up_again
from core.documents import clear_away
from core.jobs import wake
from core.models import Job, JobStatus, Site, SiteStatus
from core.sites import record_site, request_reading, settings_of
from core.tenancy import Actor

PAUSED, RESUMED = "pause site", "resume site"


async def pause_site(core: Core, site: Site, by: Actor | None = None) -> None:
    """Not used from the next answer on, and not read until it is used again. A reading that is under way ends."""
    async with in_transaction():
        now = await Site.filter(id=site.id).select_for_update().first()
        if now is None or now.status == SiteStatus.PAUSED:
            return
        before = settings_of(now)
        await Site.filter(id=now.id).update(
            status=SiteStatus.PAUSED, next_reading_at=None, error_code="", error_facts={}
        )
        await Job.filter(subject_id=now.id).exclude(status=JobStatus.DONE).delete()
        half_read, aside = await drop_half_read(now), await put_aside(now)
        await record_site(by, PAUSED, now, before=before, after={**before, "paused": True})
    await site.refresh_from_db()
    await clear_away(core, replace(half_read, passages=(*half_read.passages, *aside.passages)))


async def resume_site(core: Core, site: Site, by: Actor | None = None) -> bool:
    """Used again as soon as its pages are indexed, and read by its schedule; False when it is not paused."""
    due = datetime.now(UTC) + timedelta(hours=site.every_hours) if site.every_hours else None
    async with in_transaction():
        paused = Site.filter(id=site.id, status=SiteStatus.PAUSED)
        if not await paused.update(status=SiteStatus.DONE, next_reading_at=due):
            return False
        jobs = await take_up_again(site)
        after = settings_of(await Site.get(id=site.id))
        await record_site(by, RESUMED, site, before={**after, "paused": True}, after=after)
    await site.refresh_from_db()
    if not jobs:  # nothing was read of it yet
        await request_reading(core.queue, site)
        await site.refresh_from_db()
    for job in jobs:
        await wake(core.queue, job)
    return True
