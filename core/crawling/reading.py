"""One reading of one site, breadth first. Run as a job; safe to repeat at any point.

Every visit is written down as soon as it is over, so after a crash the reading goes on with the pages that wait.
Knowledge is let go on the site's own word only: a page answers "gone", or a reading that saw everything did not meet
it. A site that fails, or is stopped, leaves everything as it was. Refuses to know what is in a page.
"""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.app import Core
from core.crawling.endings import SiteFailed, end_reading, end_stopped
from core.crawling.frontier import most_visits
from core.crawling.kept import SiteForgotten, let_go
from core.crawling.pace import PacedFetcher, ReadingStopped
from core.crawling.sitemaps import SiteMap, read_sitemaps
from core.crawling.start import enter_site
from core.crawling.visits import Reading, visit_whatever_happens
from core.database import DATABASE_AWAY
from core.fetching import FetchLimits, open_fetcher
from core.models import PageOutcome, Site, SiteStatus

log = logging.getLogger(__name__)
LONGEST_READING = timedelta(hours=4)
_FAILURES_IN_A_ROW = 8
_SITE_IS_AWAY = ("page-unreachable", "page-silent", "page-busy", "page-trouble")


async def read_site(core: Core, site_id: UUID, limits: FetchLimits | None = None) -> None:
    """Read a site that waits for it, or go on where an earlier try was cut short.

    What is wrong with the site ends as its status and error. Raises what the product itself suffers from (the
    database, Milvus): the job tries again.
    """
    site = await _begin(site_id)
    if site is None:
        return

    async def still_wanted() -> None:
        if not await Site.filter(id=site.id, reading=site.reading, status=SiteStatus.READING).exists():
            raise ReadingStopped

    try:
        async with open_fetcher(core.settings, limits=limits) as fetcher:
            reading = await enter_site(core, site, fetcher, PacedFetcher(fetcher, 0.0, still_wanted))
            left = await _read_rest(reading)
        await end_reading(site, left=left)
    except SiteFailed as failure:
        log.info("site %s was not read: %s", site.id, failure.code)
        await end_reading(site, failure=failure)
    except (ReadingStopped, SiteForgotten):
        log.info("the reading of site %s was stopped", site.id)
        await end_stopped(core, site.id)
    except asyncio.CancelledError:  # its job is gone, because the owner stopped it; or this process ends
        with contextlib.suppress(*DATABASE_AWAY):
            await end_stopped(core, site.id)
        raise


async def _begin(site_id: UUID) -> Site | None:
    await Site.filter(id=site_id, status=SiteStatus.QUEUED).update(
        status=SiteStatus.READING, started_at=datetime.now(UTC)
    )
    return await Site.get_or_none(id=site_id, status=SiteStatus.READING)


async def _read_rest(reading: Reading) -> int:
    """All pages but the first; how many were found beyond the limit and not read."""
    frontier = reading.frontier
    await frontier.count()
    offered = SiteMap()
    if reading.site.max_depth > 0:
        offered = await read_sitemaps(reading.fetcher, reading.home, reading.rules.sitemaps)
    await frontier.meet(offered.urls, 1)
    everything = await _walk(reading)
    left = 0 if everything else await frontier.drop_waiting()
    frontier.meets_new = False
    unmet = await frontier.unmet()
    missed = [page for page in unmet if page.document_id]
    # Nobody can say that these have disappeared: each is asked itself, as many as the owner's limit lets live. Most of
    # a site is not believed to be gone because its first page is out of order and leads nowhere.
    if not (everything and offered.whole) or len(missed) > await frontier.known():
        await frontier.meet_again(missed[: reading.site.max_pages])
        await _walk(reading, even_if_full=True)
        unmet = await frontier.unmet()
    for page in unmet:
        known = page.document_id is not None
        await let_go(reading.core, page, reading.site.reading)
        await (frontier.settle(page, PageOutcome.GONE, error_code="page-vanished") if known else page.delete())
    await frontier.count()
    return left


async def _walk(reading: Reading, *, even_if_full: bool = False) -> bool:
    """Visit what waits; False when the limits were reached first.

    Raises `SiteFailed` when the site has stopped answering.
    """
    failures = 0
    while page := await reading.frontier.next():
        await reading.fetcher.still_wanted()
        if _is_late(reading.site) or (not even_if_full and await _is_full(reading)):
            return False
        verdict = await visit_whatever_happens(reading, page)
        failures = failures + 1 if verdict.code in _SITE_IS_AWAY else 0
        await reading.frontier.count()
        if failures >= _FAILURES_IN_A_ROW:
            raise SiteFailed("error-site-stopped-answering")
    return True


async def _is_full(reading: Reading) -> bool:
    site, frontier = reading.site, reading.frontier
    return await frontier.known() >= site.max_pages or await frontier.visited() >= most_visits(site)


def _is_late(site: Site) -> bool:
    return site.started_at is not None and datetime.now(UTC) - site.started_at > LONGEST_READING
