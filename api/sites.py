"""Web sites of an assistant: listed, watched, read again, put on a schedule, stopped, forgotten.

A site is added where documents are: POST …/documents with {url}.
"""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_request, validate_response

from api.access import login_or_key, manager_or_key
from api.context import caller_locale, the_core
from api.limits import per_minute
from api.paging import Part
from core.crawling.report import describe_page, describe_site, now_reading, pages_of, reasons_of
from core.errors import Conflict
from core.models import Assistant, Site
from core.site_pausing import pause_site, resume_site
from core.sites import (
    DEEPEST,
    MOST_PAGES,
    cancel_site,
    change_site,
    forget_site,
    request_reading,
    sites_of,
    start_page_of,
)

blueprint = Blueprint("sites", __name__)


class SiteView(BaseModel):
    """`status`: queued, reading, done, failed, cancelled or paused. Counts are of the last reading, the present one
    included.

    `document_id` is the document that stands for the site. `error` says what went wrong, or that there is more to
    read than `max_pages`.
    """

    id: UUID
    url: str
    document_id: UUID | None
    status: str
    every_hours: int
    max_pages: int
    max_depth: int
    pages_found: int
    pages_read: int
    pages_unchanged: int
    pages_failed: int
    error: str
    error_code: str
    started_at: datetime | None
    finished_at: datetime | None
    next_reading_at: datetime | None

    @classmethod
    async def of(cls, row: Site, **more: Any) -> Self:
        special = {"document_id", "error", *more}
        columns = {name: getattr(row, name) for name in cls.model_fields if name not in special}
        start = await start_page_of(row)
        error = describe_site(the_core(), row, caller_locale())
        return cls(**columns, **more, document_id=start.document_id, error=error)


class NotRead(BaseModel):
    """`count` pages that do not answer for the same reason; `url` is one of them."""

    code: str
    reason: str
    count: int
    url: str


class SiteReport(SiteView):
    """`now_reading` is the address being read."""

    now_reading: str
    not_read: list[NotRead]


class Sites(BaseModel):
    sites: list[SiteView]


class PageView(BaseModel):
    """`outcome`: waiting, read, unchanged, empty, scripted, duplicate, forbidden, failed, gone or excluded."""

    url: str
    depth: int
    outcome: str
    reason: str
    document_id: UUID | None
    visited_at: datetime | None


class Pages(BaseModel):
    pages: list[PageView]


class SiteChange(BaseModel):
    """`every_hours`: 0 (only when asked), 6, 24 or 168. Limits count from the next reading on."""

    model_config = ConfigDict(extra="forbid")
    every_hours: int | None = None
    max_pages: Annotated[int | None, Field(ge=1, le=MOST_PAGES)] = None
    max_depth: Annotated[int | None, Field(ge=0, le=DEEPEST)] = None


@blueprint.get("/assistants/<uuid:assistant_id>/sites")
@rate_limit(limits=per_minute(300))
@login_or_key("read")
@validate_response(Sites)
async def list_all(assistant: Assistant) -> Sites:
    """All sites of the assistant, oldest first."""
    return Sites(sites=[await SiteView.of(row) for row in await sites_of(assistant)])


@blueprint.get("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>")
@rate_limit(limits=per_minute(600))
@login_or_key("read")
@validate_response(SiteReport)
async def get(assistant: Assistant, site: Site) -> SiteReport:
    """One site: how far its reading is, and which pages were not read, and why."""
    reasons = await reasons_of(the_core(), site, caller_locale())
    not_read = [NotRead(code=one.code, reason=one.words, count=one.count, url=one.url) for one in reasons]
    return await SiteReport.of(site, now_reading=await now_reading(site), not_read=not_read)


@blueprint.get("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>/pages")
@rate_limit(limits=per_minute(300))
@login_or_key("read")
@validate_querystring(Part)
@validate_response(Pages)
async def pages(assistant: Assistant, site: Site, query_args: Part) -> Pages:
    """What became of every page, nearest to the first one first."""
    rows = await pages_of(site, query_args.offset, query_args.limit)
    locale = caller_locale()
    return Pages(
        pages=[
            PageView(
                url=row.url,
                depth=row.depth,
                outcome=row.outcome,
                reason=describe_page(the_core(), row, locale),
                document_id=row.document_id,
                visited_at=row.visited_at,
            )
            for row in rows
        ]
    )


@blueprint.patch("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@validate_request(SiteChange)
@validate_response(SiteView)
async def change(assistant: Assistant, site: Site, data: SiteChange) -> SiteView:
    """Set how often the site is read again, and how much of it."""
    return await SiteView.of(await change_site(site, **data.model_dump(exclude_none=True), by=g.actor))


@blueprint.post("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>/read")
@rate_limit(limits=per_minute(30))
@manager_or_key("write")
@validate_response(SiteView, 202)
async def read(assistant: Assistant, site: Site) -> tuple[SiteView, int]:
    """Read the site again now; what has not changed is not indexed again."""
    await request_reading(the_core().queue, site)
    await site.refresh_from_db()
    return await SiteView.of(site), 202


@blueprint.post("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>/cancel")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@validate_response(SiteView)
async def cancel(assistant: Assistant, site: Site) -> SiteView:
    """Stop the reading. What is known of the site stays."""
    if not await cancel_site(the_core(), site):
        raise Conflict(reason="it is not being read")
    await site.refresh_from_db()
    return await SiteView.of(site)


@blueprint.post("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>/pause")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@validate_response(SiteView)
async def pause(assistant: Assistant, site: Site) -> SiteView:
    """No answer is made from the site until it is used again, and it is not read meanwhile. Its pages are kept."""
    await pause_site(the_core(), site, g.actor)
    return await SiteView.of(site)


@blueprint.post("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>/resume")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@validate_response(SiteView, 202)
async def resume(assistant: Assistant, site: Site) -> tuple[SiteView, int]:
    """Use a paused site again: its pages answer as soon as they are indexed."""
    if not await resume_site(the_core(), site, g.actor):
        raise Conflict(reason="it is not paused")
    return await SiteView.of(site), 202


@blueprint.delete("/assistants/<uuid:assistant_id>/sites/<uuid:site_id>")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
async def forget(assistant: Assistant, site: Site) -> tuple[str, int]:
    """Delete a site with everything that was read there; the next answer no longer knows it."""
    await forget_site(the_core(), site, g.actor)
    return "", 204
