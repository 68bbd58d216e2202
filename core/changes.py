"""What takes changes back, written down with them: how a thing was before, and how it was left.

Kept for `UNDO_DAYS`, with the files that only taking back would need; then it is gone for good, or sooner when the
owner says so. Refuses to know how each kind of thing is put back: core/undoing.py does.
"""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.audit import record_change
from core.errors import Conflict
from core.models import Change, Document
from core.settings import Settings
from core.tenancy import Actor


class CannotUndo(Conflict):
    """What would be put back is there again already, or something that it needs is gone."""

    code = "error-cannot-undo"


class AlreadyUndone(Conflict):
    """It is as it was before the change."""

    code = "error-already-undone"


class ChangedSince(Conflict):
    """It was changed once more, so taking this change back would take back a later one, too."""

    code = "error-changed-since"


State = dict[str, Any] | None
"""Of a thing, as JSON; None: it is not there."""
_AT_ONCE = 200


async def record_undoable(
    actor: Actor | None,
    action: str,
    kind: str,
    subject: UUID,
    *,
    before: State,
    after: State,
    assistant_id: UUID | None = None,
    file_path: str = "",
    **details: str,
) -> None:
    """Of what nobody has done (a first start, a schedule) nothing is kept. For `action` and `details` see
    `record_change`; best called in the transaction that changes the thing."""
    if actor is None:
        return
    async with in_transaction():
        event = await record_change(actor.tenant_id, actor.user_id, action, subject, **details)
        await Change.create(
            event=event,
            tenant_id=actor.tenant_id,
            assistant_id=assistant_id,
            kind=kind,
            subject_id=subject,
            before=before,
            after=after,
            file_path=file_path,
        )


async def last_change_of(subject: UUID, kind: str = "") -> Change | None:
    """The newest of a thing, if it can still be taken back; of one `kind`, where a thing has several."""
    mine = Change.filter(subject_id=subject, **({"kind": kind} if kind else {}))
    newest = await mine.order_by("-created_at").select_related("event").first()
    return newest if newest and newest.undone_at is None else None


async def undoable_in(tenant_id: UUID, limit: int, offset: int = 0) -> list[Change]:
    """What of a business can be taken back, newest first, each with its `event`."""
    there = Change.filter(tenant_id=tenant_id, undone_at=None).select_related("event")
    return await there.order_by("-created_at", "id").limit(limit).offset(offset)


async def forget_change(settings: Settings, change: Change) -> None:
    """It cannot be taken back any more; a file that only that would have needed is gone. That it was done stays."""
    await _forget(settings, Change.filter(id=change.id))


async def forget_old_changes(settings: Settings) -> None:
    """Those older than `UNDO_DAYS`."""
    oldest = datetime.now(UTC) - timedelta(days=settings.undo_days)
    await _forget(settings, Change.filter(created_at__lt=oldest))


async def _forget(settings: Settings, changes: QuerySet[Change]) -> None:
    while rows := await changes.limit(_AT_ONCE):
        await Change.filter(id__in=[row.id for row in rows]).delete()
        await remove_unneeded(settings, [row.file_path for row in rows])


async def remove_unneeded(settings: Settings, paths: Collection[str]) -> None:
    """Remove those files of uploads that no document has, or is about to, and that no change could bring back."""
    unneeded = {path for path in paths if path} - await needed_of(paths)
    for path in unneeded:
        await asyncio.to_thread(_remove, settings.uploads_folder / path)


async def needed_of(paths: Collection[str]) -> set[str]:
    """Those of the paths that something still needs."""
    named: set[Any] = set()
    asked = sorted(paths)
    for start in range(0, len(asked), _AT_ONCE):
        part = asked[start : start + _AT_ONCE]
        for table, column in ((Document, "file_path"), (Document, "next_path"), (Change, "file_path")):
            named.update(await table.filter(**{f"{column}__in": part}).values_list(column, flat=True))
    return named


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
