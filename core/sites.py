"""Sites as owners see them: added, read again, on a schedule, stopped, forgotten. Refuses to know how they are read.

A site answers for itself with one document, that of its first page: it is there from the first moment, and it is
`indexed` when the whole reading is over. The reading is a job (`core/crawling/reading.py`).
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F, Q
from tortoise.transactions import in_transaction

from core.addresses import check_address, private_hosts
from core.app import Core
from core.changes import CannotUndo, State, record_undoable
from core.crawling.addresses import canonical, has_scheme, hash_of, hash_of_site, with_scheme
from core.crawling.endings import end_halfway, set_next_reading
from core.crawling.erasing import hand_over_or_erase
from core.crawling.kept import take_up_again
from core.documents import clear_away
from core.errors import AddressRefused, Invalid, TooManySites
from core.hidden import NOBODY
from core.jobs import wake
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PageOutcome, Site, SitePage, SiteStatus
from core.queue.base import Queue
from core.tenancy import Actor

log = logging.getLogger(__name__)

SITE = "site"
"""What its changes are called."""
ADDED, CHANGED, DELETED, RESTORED = "add site", "change site", "delete site", "restore site"

MOST_SITES = 50
MOST_PAGES = 2_000
DEEPEST = 20
SCHEDULES = (0, 6, 24, 168)
"""Hours between two readings; 0: only when asked."""

UNDER_WAY = (SiteStatus.QUEUED, SiteStatus.READING)
_DUE_AT_ONCE = 50
_AGAIN = timedelta(hours=1)


async def add_site(
    core: Core,
    assistant: Assistant,
    url: str,
    max_depth: int | None = None,
    max_pages: int | None = None,
    *,
    by: Actor | None = None,
) -> tuple[Site, Document]:
    """Read the site at `url`, as typed: "example.com" is tried over https, then over http. Known: it is read again.

    Raises `AddressRefused` for what no reading will ever open, `Invalid`, `TooManySites`.
    """
    start = start_of(core, url)
    limits = _limits(max_depth=max_depth, max_pages=max_pages)
    known = await Site.get_or_none(assistant_id=assistant.id, url_hash=hash_of_site(start))
    if known is None:
        if await Site.filter(assistant_id=assistant.id).count() >= MOST_SITES:
            raise TooManySites(limit=MOST_SITES)
        known = await _write_down(assistant, url, start, limits)
        await record_site(by, ADDED, known, before=None, after=settings_of(known))
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


async def site_at(core: Core, assistant: Assistant, typed: str) -> Site | None:
    """The site of that address, if it was added. Raises `AddressRefused` as `add_site` does."""
    return await Site.get_or_none(assistant_id=assistant.id, url_hash=hash_of_site(start_of(core, typed)))


async def start_page_of(site: Site) -> SitePage:
    return await SitePage.get(site_id=site.id, depth=0)


async def site_of_document(document: Document) -> Site | None:
    """The site that this document answers for; None for a page in the middle, and for everything else."""
    page = await SitePage.filter(document_id=document.id, depth=0).select_related("site").first()
    return page.site if page else None


async def request_reading(queue: Queue, site: Site) -> bool:
    """Read it from its first page on; False when that is under way already. One that was paused is used again."""
    async with in_transaction():
        jobs = await take_up_again(site) if site.status == SiteStatus.PAUSED else []
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
        jobs.append(await Job.create(kind="read_site", assistant_id=site.assistant_id, subject_id=site.id))
    for job in jobs:
        await wake(queue, job)
    return True


async def change_site(
    site: Site,
    *,
    every_hours: int | None = None,
    max_depth: int | None = None,
    max_pages: int | None = None,
    by: Actor | None = None,
) -> Site:
    """The schedule counts from now; limits count from the next reading. Raises `Invalid`."""
    values: dict[str, object] = dict(_limits(max_depth=max_depth, max_pages=max_pages))
    if every_hours is not None:
        if every_hours not in SCHEDULES:
            raise Invalid(field="every_hours", reason="invalid-choice", choices=", ".join(map(str, SCHEDULES)))
        values["every_hours"] = every_hours
        due = every_hours and site.status != SiteStatus.PAUSED
        values["next_reading_at"] = datetime.now(UTC) + timedelta(hours=every_hours) if due else None
    if values:
        before = settings_of(site)
        await Site.filter(id=site.id).update(**values)
        await site.refresh_from_db()
        if before != settings_of(site):
            await record_site(by, CHANGED, site, before=before, after=settings_of(site))
    return site


async def cancel_site(core: Core, site: Site) -> bool:
    """Stop reading. What is known of it so far stays; False when there was nothing to stop.

    The worker notices within seconds that its job is gone.
    """
    async with in_transaction():
        stopped = await Site.filter(id=site.id, status__in=UNDER_WAY).update(status=SiteStatus.CANCELLED)
        if stopped:
            await set_next_reading(site.id)
            await Job.filter(subject_id=site.id).exclude(status=JobStatus.DONE).delete()
            await site.refresh_from_db()
            remains = await end_halfway(site)
    if stopped:
        await clear_away(core, remains)
    return bool(stopped)


async def forget_site(core: Core, site: Site, by: Actor | None = None) -> None:
    """Gone with everything that was read there, except what another site has read, too. All at once, or not at all.

    Done `by` somebody, it can be taken back: then it is read anew (`restore_site`).
    """
    async with in_transaction():
        await Site.filter(id=site.id).select_for_update().first()  # no page may come in between
        excluded = SitePage.filter(site_id=site.id, outcome=PageOutcome.EXCLUDED)
        urls = await excluded.values_list("url", flat=True)
        await record_site(by, DELETED, site, before=settings_of(site) | {"excluded": list(urls)}, after=None)
        pages = await SitePage.filter(site_id=site.id, document_id__isnull=False).select_for_update()
        await Job.filter(subject_id=site.id).exclude(status=JobStatus.DONE).delete()
        await site.delete()
        own = {page.document_id for page in pages if page.document_id}
        remains = await hand_over_or_erase(site.assistant_id, own, Q())
    await clear_away(core, remains)


async def restore_site(core: Core, assistant: Assistant, site_id: UUID, was: dict[str, Any], by: Actor) -> None:
    """A deleted site is there again under its id, with its schedule, and is read anew; one that was paused, when it is
    used again. Pages that he had taken out stay out. Raises `CannotUndo` when it was added anew meanwhile."""
    start = start_of(core, was["url"])
    try:
        async with in_transaction():
            site = await _made(assistant, was["url"], start, {"id": site_id, **_limits_of(was)})
            for url in set(was["excluded"]) - {start}:
                await SitePage.create(site=site, url=url, url_hash=hash_of(url), outcome=PageOutcome.EXCLUDED, depth=1)
            await record_site(by, RESTORED, site, before=None, after=settings_of(site))
    except IntegrityError as error:
        raise CannotUndo from error
    await change_site(site, every_hours=was["every_hours"])
    document = await _document_of_start(assistant, site)
    if was.get("paused"):
        await Site.filter(id=site.id).update(status=SiteStatus.PAUSED, next_reading_at=None)
        await Document.filter(id=document.id).update(status=DocumentStatus.PAUSED)
    else:
        await request_reading(core.queue, site)


def settings_of(site: Site) -> dict[str, Any]:
    """What an owner decides of a site, and can take back."""
    paused = site.status == SiteStatus.PAUSED
    return {"url": site.url, "every_hours": site.every_hours, "paused": paused, **_limits_of(vars(site))}


def _limits_of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ("max_depth", "max_pages")}


async def record_site(by: Actor | None, action: str, site: Site, *, before: State, after: State) -> None:
    await record_undoable(
        by,
        action,
        SITE,
        site.id,
        assistant_id=site.assistant_id,
        before=before,
        after=after,
        name=site.url[:80],
    )


async def start_due_readings(queue: Queue) -> int:
    """Begin the readings whose time has come; how many they were. For the worker's sweep."""
    due = Site.filter(next_reading_at__lte=datetime.now(UTC), every_hours__gt=0).exclude(status__in=UNDER_WAY)
    due = due.exclude(assistant__tenant_id=NOBODY)
    begun = 0
    for site in await due.order_by("next_reading_at").limit(_DUE_AT_ONCE):
        try:
            begun += await request_reading(queue, site)
        except Exception:  # one site that cannot be begun must not hold up those of others
            log.exception("site %s could not be begun; it is tried again in %s", site.id, _AGAIN)
            await Site.filter(id=site.id).update(next_reading_at=datetime.now(UTC) + _AGAIN)
    return begun


async def _write_down(assistant: Assistant, typed: str, start: str, limits: dict[str, int]) -> Site:
    """The site and its first page. `url` keeps whether he wrote https: without it, http may be tried, too."""
    url = start if has_scheme(typed) else start.partition("://")[2]
    try:
        async with in_transaction():
            return await _made(assistant, url, start, limits)
    except IntegrityError:  # the same address twice at once
        return await Site.get(assistant_id=assistant.id, url_hash=hash_of_site(start))


async def _made(assistant: Assistant, url: str, start: str, values: dict[str, Any]) -> Site:
    site = Site(assistant_id=assistant.id, url=url, url_hash=hash_of_site(start), status=SiteStatus.DONE, **values)
    await site.save(force_create=True)
    await SitePage.create(site=site, url=start, url_hash=hash_of(start), depth=0)
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
            raise Invalid(field=name, reason="invalid-range", least=least, most=greatest)
    return {name: value for name, value in asked.items() if value is not None}
