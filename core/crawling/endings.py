"""How a reading of a site ends: for the site, for the document of its first page, and for the next reading's time.

Refuses to know how the reading went; it looks at the pages' outcomes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.crawling.frontier import KNOWN
from core.crawling.kept import drop_half_read
from core.documents import Remains, clear_away
from core.models import Document, DocumentStatus, PageOutcome, PassageRow, Site, SitePage, SiteStatus
from core.webhooks.outbox import outbox

AGAIN_AFTER_FAILURE_H = 6
_STEP_OF = {
    "page-robots": "error-site-robots",
    "page-noindex": "error-site-noindex",
    "page-refused": "error-address-refused",
    "page-elsewhere": "error-site-moved",
    "page-gone": "error-site-page-gone",
    "page-closed": "error-site-closed",
    "page-busy": "error-site-busy",
    "page-trouble": "error-site-trouble",
    "page-scripted": "error-site-scripted",
    "page-empty": "error-site-empty",
    "page-not-text": "error-site-empty",
}
"""What is wrong with a first page -> the sentence that tells the owner his next step."""


class SiteFailed(Exception):
    """The site could not be read. `code` and `facts` make the owner's sentence."""

    def __init__(self, code: str, facts: Mapping[str, str | int | float] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts = dict(facts or {})


def failure_of_start(start: SitePage) -> SiteFailed:
    """Why nothing was read, as the site's first page shows it."""
    why = start.error_facts.get("why") or _STEP_OF.get(start.error_code, "error-fetch-failed")
    return SiteFailed(why, {name: fact for name, fact in start.error_facts.items() if name != "why"})


async def end_reading(site: Site, *, left: int = 0, failure: SiteFailed | None = None) -> None:
    """Done, with `left` pages found beyond the owner's limit, or failed. Nothing happens to one that was stopped."""
    if failure is None and not await _knows_a_page(site):
        start = await SitePage.get(site_id=site.id, depth=0)
        if start.outcome != PageOutcome.EXCLUDED:
            failure = failure_of_start(start)
    values: dict[str, object] = {"status": SiteStatus.DONE, "error_code": "", "error_facts": {}}
    if failure:
        values = {"status": SiteStatus.FAILED, "error_code": failure.code, "error_facts": failure.facts}
    elif left:
        values |= {"error_code": "site-more-pages", "error_facts": {"left": left, "limit": site.max_pages}}
    async with in_transaction():  # a job that is tried again finds the site under way, or all of it done
        ours = Site.filter(id=site.id, reading=site.reading, status=SiteStatus.READING)
        if await ours.update(**values):
            await set_next_reading(site.id, at_most_h=AGAIN_AFTER_FAILURE_H if failure else None)
            await end_start(site, failure)


async def set_next_reading(site_id: UUID, at_most_h: int | None = None) -> None:
    """A reading has ended now; the next one is due by the schedule that holds now, whatever it was at the start."""
    site, now = await Site.get(id=site_id), datetime.now(UTC)
    hours = site.every_hours if at_most_h is None else min(site.every_hours, at_most_h)
    await Site.filter(id=site_id).update(
        finished_at=now, next_reading_at=now + timedelta(hours=hours) if hours else None
    )


async def end_stopped(core: Core, site_id: UUID) -> None:
    """The worker lets go of a reading. If that was the owner's word: it may have begun a page after he said it."""
    async with in_transaction():
        site = await Site.get_or_none(id=site_id, status=SiteStatus.CANCELLED)
        remains = await end_halfway(site) if site else None
    if remains:
        await clear_away(core, remains)


async def end_halfway(site: Site) -> Remains:
    """What a stopped reading had under its hands; in the caller's transaction, who clears away afterwards."""
    remains = await drop_half_read(site)
    await end_start(site, otherwise=DocumentStatus.CANCELLED)
    return remains


async def end_start(site: Site, failure: SiteFailed | None = None, otherwise: DocumentStatus | None = None) -> None:
    """The document of the first page is done when its site is; one that answers goes on answering.

    `otherwise` is what becomes of it where nothing is known of the site; failed, unless said.
    """
    start = await SitePage.get_or_none(site_id=site.id, depth=0)
    if start is None or start.document_id is None:
        return
    has_text = await PassageRow.filter(document_id=start.document_id).exists()
    code, facts = (failure.code, failure.facts) if failure else ("", {})
    if has_text or await _knows_a_page(site) or await answers_at_all(site):
        known = has_text and start.outcome in (PageOutcome.EMPTY, PageOutcome.SCRIPTED, PageOutcome.FORBIDDEN)
        if not failure and known:
            why = failure_of_start(start)
            code, facts = why.code, why.facts
        status = DocumentStatus.INDEXED
        code, facts = (code, facts) if has_text else ("", {})
    else:
        status = otherwise or DocumentStatus.FAILED
    document = await Document.get(id=start.document_id)
    async with outbox(document.assistant_id) as out:
        await Document.filter(id=document.id).update(status=status, error_code=code, error_facts=facts)
        if status != document.status and status == DocumentStatus.FAILED:
            await out.document_failed(document, 0, code)
        elif status != document.status and has_text and status == DocumentStatus.INDEXED:
            await out.document_indexed(document, document.passage_count)


async def give_up_site(site_id: UUID) -> None:
    """The job failed for good: the owner must see it."""
    site = await Site.get_or_none(id=site_id)
    if site:
        await end_reading(site, failure=SiteFailed("error-unexpected"))


async def _knows_a_page(site: Site) -> bool:
    met = SitePage.filter(site_id=site.id, reading=site.reading)
    return await met.filter(outcome__in=(*KNOWN, PageOutcome.DUPLICATE)).exists()


async def answers_at_all(site: Site) -> bool:
    """Some page of the site, of whichever reading, is known."""
    return await PassageRow.filter(document__site_pages__site_id=site.id).exists()
