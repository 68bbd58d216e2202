"""Sites as owners see them: added, read again, on a schedule, stopped, forgotten. Refuses to know how they are read.

A site answers for itself with one document, that of its first page: it is there from the first moment, and it is
`indexed` when the whole reading is over. The reading is a job (`core/crawling/reading.py`).
"""

from datetime import UTC, datetime, timedelta

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from core.addresses import check_address, private_hosts
from core.app import Core
from core.crawling.addresses import canonical, has_scheme, hash_of, hash_of_site, with_scheme
from core.crawling.endings import end_start
from core.documents import cancel_reading, forget_document
from core.errors import AddressRefused, Invalid, LimitReached
from core.jobs import wake
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PageOutcome, Site, SitePage, SiteStatus
from core.queue.base import Queue

MOST_SITES = 50
MOST_PAGES = 2_000
DEEPEST = 20
SCHEDULES = (0, 6, 24, 168)
"""Hours between two readings; 0: only when asked."""

UNDER_WAY = (SiteStatus.QUEUED, SiteStatus.READING)
_DUE_AT_ONCE = 50


async def add_site(
    core: Core, assistant: Assistant, url: str, max_depth: int | None = None, max_pages: int | None = None
) -> tuple[Site, Document]:
    """Read the site at `url`, as typed: "example.com" is tried over https, then over http. Known: it is read again.

    Raises `AddressRefused` for what no reading will ever open, `Invalid`, `LimitReached`.
    """
    start = start_of(core, url)
    limits = _limits(max_depth=max_depth, max_pages=max_pages)
    known = await Site.get_or_none(assistant_id=assistant.id, url_hash=hash_of_site(start))
    if known is None:
        if await Site.filter(assistant_id=assistant.id).count() >= MOST_SITES:
            raise LimitReached(limit=MOST_SITES)
        known = await _record(assistant, url, start, limits)
    elif limits:
        await Site.filter(id=known.id).update(**limits)
    document = await _document_of_start(assistant, known)
    await request_reading(core.queue, known)
    await known.refresh_from_db()
    await document.refresh_from_db()
    return known, document


def start_of(core: Core, typed: str) -> str:
    """The address that a reading begins with. Raises `AddressRefused`; looks no name up."""
    try:
        return canonical(check_address(with_scheme(typed), private_hosts(core.settings.allowed_private_hosts)))
    except ValueError as error:
        raise AddressRefused(reason=str(error)) from error


async def sites_of(assistant: Assistant) -> list[Site]:
    return await Site.filter(assistant_id=assistant.id).order_by("created_at")


async def start_page_of(site: Site) -> SitePage:
    return await SitePage.get(site_id=site.id, depth=0)


async def site_of_document(document: Document) -> Site | None:
    """The site that this document answers for; None for a page in the middle, and for everything else."""
    page = await SitePage.filter(document_id=document.id, depth=0).select_related("site").first()
    return page.site if page else None


async def request_reading(queue: Queue, site: Site) -> bool:
    """Read it from its first page on; False when that is under way already."""
    async with in_transaction():
        asked = await Site.filter(id=site.id).exclude(status__in=UNDER_WAY).update(
            status=SiteStatus.QUEUED, reading=F("reading") + 1, next_reading_at=None, started_at=None,
            finished_at=None, error_code="", error_facts={}, pages_found=0, pages_read=0, pages_unchanged=0,
            pages_failed=0,
        )  # fmt: skip
        if not asked:
            return False
        start = await start_page_of(site)
        await Document.filter(id=start.document_id).update(
            status=DocumentStatus.UPLOADED, error_code="", error_facts={}
        )
        await Job.filter(subject_id=site.id).exclude(status=JobStatus.DONE).delete()
        job = await Job.create(kind="read_site", assistant_id=site.assistant_id, subject_id=site.id)
    await wake(queue, job)
    return True


async def change_site(
    site: Site, *, every_hours: int | None = None, max_depth: int | None = None, max_pages: int | None = None
) -> Site:
    """The schedule counts from now; limits count from the next reading. Raises `Invalid`."""
    values: dict[str, object] = dict(_limits(max_depth=max_depth, max_pages=max_pages))
    if every_hours is not None:
        if every_hours not in SCHEDULES:
            raise Invalid(field="every_hours", reason=f"one of {', '.join(map(str, SCHEDULES))}")
        values["every_hours"] = every_hours
        values["next_reading_at"] = datetime.now(UTC) + timedelta(hours=every_hours) if every_hours else None
    if values:
        await Site.filter(id=site.id).update(**values)
        await site.refresh_from_db()
    return site


async def cancel_site(core: Core, site: Site) -> bool:
    """Stop reading. What is known of it so far stays; False when there was nothing to stop.

    The worker notices within seconds that its job is gone.
    """
    async with in_transaction():
        hours = timedelta(hours=site.every_hours)
        stopped = await Site.filter(id=site.id, status__in=UNDER_WAY).update(
            status=SiteStatus.CANCELLED,
            finished_at=datetime.now(UTC),
            next_reading_at=datetime.now(UTC) + hours if hours else None,
        )
        if stopped:
            await Job.filter(subject_id=site.id).exclude(status=JobStatus.DONE).delete()
    if not stopped:
        return False
    await site.refresh_from_db()
    await drop_half_read(core, site)
    await end_start(site, otherwise=DocumentStatus.CANCELLED)
    return True


async def drop_half_read(core: Core, site: Site) -> None:
    """A page whose reading was cut short: its earlier version goes on answering, or it was never there."""
    busy = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
    for document in await Document.filter(site_pages__site_id=site.id, site_pages__depth__gt=0, status__in=busy):
        await cancel_reading(core, document)
        if document.status == DocumentStatus.CANCELLED:
            await SitePage.filter(document_id=document.id).update(document_id=None)
            await forget_document(core, document)


async def forget_site(core: Core, site: Site) -> None:
    """Gone with everything that was read there, except what another site has read, too."""
    await cancel_site(core, site)
    own = [page.document_id for page in await SitePage.filter(site_id=site.id, document_id__isnull=False)]
    await site.delete()
    shared = set(await SitePage.filter(document_id__in=own).values_list("document_id", flat=True))
    for document in await Document.filter(id__in=[key for key in own if key not in shared]):
        await forget_document(core, document)


async def start_due_readings(queue: Queue) -> int:
    """Begin the readings whose time has come; how many they were. For the worker's sweep."""
    due = Site.filter(next_reading_at__lte=datetime.now(UTC), every_hours__gt=0).exclude(status__in=UNDER_WAY)
    sites = await due.order_by("next_reading_at").limit(_DUE_AT_ONCE)
    return sum([await request_reading(queue, site) for site in sites])


async def _record(assistant: Assistant, typed: str, start: str, limits: dict[str, int]) -> Site:
    """The site and its first page. `url` keeps whether he wrote https: without it, http may be tried, too."""
    url = start if has_scheme(typed) else start.partition("://")[2]
    try:
        async with in_transaction():
            site = Site(assistant=assistant, url=url, url_hash=hash_of_site(start), status=SiteStatus.DONE)
            await site.update_from_dict(dict(limits)).save()
            await SitePage.create(site=site, url=start, url_hash=hash_of(start), depth=0)
    except IntegrityError:  # the same address twice at once
        return await Site.get(assistant_id=assistant.id, url_hash=hash_of_site(start))
    return site


async def _document_of_start(assistant: Assistant, site: Site) -> Document:
    """The document that stands for the site; made anew when the owner had deleted it and adds the site again."""
    page = await start_page_of(site)
    if page.document_id:
        return await Document.get(id=page.document_id)
    document = await Document.filter(assistant_id=assistant.id, kind="page", source_url=page.url).first()
    if document is None:
        unread = hash_of(f"site:{page.url}")
        document = await Document.create(
            assistant=assistant,
            kind="page",
            filename=page.url[:255],
            title=page.url.partition("://")[2].rstrip("/")[:300],
            source_url=page.url,
            content_hash=unread,
            file_path=f"{assistant.id}/{unread}",
        )
    page.document_id, page.outcome = document.id, PageOutcome.WAITING
    await page.save(update_fields=["document_id", "outcome"])
    return document


def _limits(**asked: int | None) -> dict[str, int]:
    most = {"max_depth": (0, DEEPEST), "max_pages": (1, MOST_PAGES)}
    for name, value in asked.items():
        least, greatest = most[name]
        if value is not None and not least <= value <= greatest:
            raise Invalid(field=name, reason=f"{least} to {greatest}")
    return {name: value for name, value in asked.items() if value is not None}
