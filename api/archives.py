"""An assistant as a file: made, fetched, and restored as a new assistant."""

from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint, Response, g, send_file
from quart_rate_limiter import rate_limit
from quart_schema import hide, validate_response

from api.access import manager_required, public
from api.context import caller_locale, the_core
from api.limits import per_minute
from api.openapi import accepts_file
from api.uploads import arrived_file
from core.archive.archives import file_of, open_link, request_export, request_restore
from core.errors import ProductError
from core.models import Archive, ArchiveKind, ArchiveStatus, Assistant

blueprint = Blueprint("archives", __name__)
links = Blueprint("archive_links", __name__)


class ArchiveView(BaseModel):
    """`done` of `total` steps. `assistant_id` of a restored one is the new assistant's, once it is there; its documents
    are read from then on. `error` says why it came to nothing. Kept for a day."""

    id: UUID
    kind: ArchiveKind
    status: ArchiveStatus
    name: str
    assistant_id: UUID | None
    done: int
    total: int
    size_bytes: int
    error_code: str
    error: str
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: Archive) -> Self:
        own: dict[str, Any] = {name: getattr(row, name) for name in cls.model_fields if name != "error"}
        if row.kind == ArchiveKind.RESTORE and row.status != ArchiveStatus.DONE:
            own["assistant_id"] = None  # nobody finds it yet
        return cls(error=failure_of(row, caller_locale()), **own)


def failure_of(row: Archive, locale: str) -> str:
    if not row.error_code:
        return ""
    error = ProductError(**row.error_facts)
    return the_core().texts.say(locale, row.error_code, **error.facts)


@blueprint.post("/assistants/<uuid:assistant_id>/export")
@rate_limit(limits=per_minute(10))
@manager_required
@validate_response(ArchiveView, 202)
async def export(assistant: Assistant) -> tuple[ArchiveView, int]:
    """Make a file of an assistant: settings, documents, answers, corrections, adapters; no customers, no secrets."""
    return ArchiveView.of(await request_export(the_core(), g.actor, assistant)), 202


@blueprint.get("/assistants/<uuid:assistant_id>/export/<uuid:archive_id>")
@rate_limit(limits=per_minute(300))
@manager_required
@validate_response(ArchiveView)
async def progress(assistant: Assistant, archive: Archive) -> ArchiveView:
    """How far it is."""
    return ArchiveView.of(archive)


@blueprint.get("/assistants/<uuid:assistant_id>/export/<uuid:archive_id>/file")
@rate_limit(limits=per_minute(30))
@manager_required
async def download(assistant: Assistant, archive: Archive) -> Response:
    """The file (.zip), as docs/archive-format.md describes it; 404 before it is done, and after a day."""
    return await _as_file(await file_of(the_core(), archive), archive)


@blueprint.post("/assistants/restore")
@rate_limit(limits=per_minute(10))
@manager_required
@accepts_file
@validate_response(ArchiveView, 202)
async def restore() -> tuple[ArchiveView, int]:
    """Make a new assistant of an archive, in the business that you work in. Looked at with distrust: whatever is not
    as it should be is refused, and nothing stays of it."""
    _, arrived = await arrived_file()
    return ArchiveView.of(await request_restore(the_core(), g.actor, arrived)), 202


@blueprint.get("/restores/<uuid:restore_id>")
@rate_limit(limits=per_minute(300))
@manager_required
@validate_response(ArchiveView)
async def restoring(restore: Archive) -> ArchiveView:
    """How far restoring is."""
    return ArchiveView.of(restore)


@links.get("/archives/<token>")
@rate_limit(limits=per_minute(20))
@public
@hide
async def link(token: str) -> Response:
    """The file behind a link of the admin bot, once."""
    archive, place = await open_link(the_core(), token)
    return await _as_file(place, archive)


async def _as_file(place: Path, archive: Archive) -> Response:
    name = f"assistant-{archive.created_at:%Y-%m-%d}.zip"
    response = await send_file(place, mimetype="application/zip", as_attachment=True, attachment_filename=name)
    response.timeout = None  # a large file takes as long as it takes
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
