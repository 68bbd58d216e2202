"""Archives from the wish to the file, and from the file to an assistant: jobs that survive a restart, kept for a day.

Making and restoring begin anew after a crash; a half-made file is never seen, and a half-made assistant belongs to
nobody (core/hidden.py) until all of it is there. Refuses to know what is in an archive.
"""

import asyncio
import logging
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.archive.errors import ArchiveGone, ArchiveRejected
from core.archive.files import place_of, remove_archive
from core.archive.reading import name_in
from core.archive.writing import steps_of, write_archive
from core.assistants import room_for_another
from core.audit import record_change
from core.errors import Conflict, NotFound
from core.hidden import NOBODY, business_of_nobody, is_hidden
from core.jobs import wake
from core.keyring import hash_token
from core.models import Archive, ArchiveKind, ArchiveStatus, Assistant, Job, Role
from core.settings import MEGABYTE
from core.tenancy import Actor

log = logging.getLogger(__name__)
KEPT = timedelta(days=1)
UNFINISHED = (ArchiveStatus.QUEUED, ArchiveStatus.RUNNING)
EXPORT, RESTORE = "export_assistant", "restore_assistant"
"""Kinds of jobs."""
EXPORTED, BROUGHT = "export assistant", "restore from archive"
MOST_RESTORING = 2
"""Of one business at once."""


async def request_export(core: Core, actor: Actor, assistant: Assistant) -> Archive:
    """An archive is being made; the one that is under way, if there is one. Earlier ones of this assistant go."""
    actor.must_be(Role.MANAGER)
    under_way = Archive.filter(assistant_id=assistant.id, kind=ArchiveKind.EXPORT, status__in=UNFINISHED)
    if known := await under_way.first():
        return known
    earlier = await Archive.filter(assistant_id=assistant.id, kind=ArchiveKind.EXPORT)
    async with in_transaction():
        archive = await Archive.create(
            tenant_id=assistant.tenant_id,
            assistant_id=assistant.id,
            kind=ArchiveKind.EXPORT,
            name=assistant.name,
            asked_by=actor.user_id,
        )
        job = await Job.create(kind=EXPORT, assistant_id=assistant.id, subject_id=archive.id)
        await record_change(actor.tenant_id, actor.user_id, EXPORTED, assistant.id, name=assistant.name)
    await wake(core.queue, job)
    for one in earlier:
        await _forget(core, one)
    return archive


async def export_assistant(core: Core, archive_id: UUID) -> None:
    """The job. Raises `Unavailable`, `OSError`: then it is tried again."""
    archive = await Archive.get_or_none(id=archive_id, status__in=UNFINISHED).select_related("assistant")
    if archive is None or archive.assistant is None or is_hidden(archive.assistant):
        return
    place = place_of(core, archive.id)
    half = place.with_name(f".{archive.id}.{secrets.token_hex(4)}.half")
    await asyncio.to_thread(place.parent.mkdir, parents=True, exist_ok=True)
    total = await steps_of(archive.assistant)
    await Archive.filter(id=archive.id).update(status=ArchiveStatus.RUNNING, done=0, total=total)

    async def told(done: int) -> None:
        await Archive.filter(id=archive.id).update(done=min(done, total))

    try:
        await write_archive(core, archive.assistant, half, told)
        size = await asyncio.to_thread(lambda: half.stat().st_size)
        await asyncio.to_thread(half.replace, place)
    except ArchiveRejected as error:
        await _fail(archive, error)
        return
    finally:
        await asyncio.to_thread(half.unlink, missing_ok=True)
    ended = {"done": total, "size_bytes": size, "finished_at": datetime.now(UTC)}
    await Archive.filter(id=archive.id, status__in=UNFINISHED).update(status=ArchiveStatus.DONE, **ended)


async def give_up_archive(archive_id: UUID) -> None:
    """The job failed for good. What was restored half is nobody's, and goes with the next tidying."""
    await Archive.filter(id=archive_id, status__in=UNFINISHED).update(
        status=ArchiveStatus.FAILED, error_code="error-unexpected", finished_at=datetime.now(UTC)
    )


async def request_restore(core: Core, actor: Actor, arrived: Path) -> Archive:
    """A new assistant of the actor's business is being made of the file at `arrived`, which is gone afterwards.

    Raises `ArchiveRejected` for what is seen at once to be no archive, `TooManyAssistants`, and `Conflict` when the
    business has several under way.
    """
    try:
        actor.must_be(Role.MANAGER)
        await room_for_another(actor)
        if await _restoring(actor.tenant_id) >= MOST_RESTORING:
            raise Conflict(reason="other archives are being restored")
        name = await asyncio.to_thread(name_in, arrived, core.settings.max_archive_mb * MEGABYTE)
        await business_of_nobody()
        archive = Archive(tenant_id=actor.tenant_id, kind=ArchiveKind.RESTORE, name=name, asked_by=actor.user_id)
        place = place_of(core, archive.id)
        await asyncio.to_thread(place.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(arrived.replace, place)
    finally:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
    async with in_transaction():
        assistant = await Assistant.create(tenant_id=NOBODY, name=name, base_model_name=core.llm.name)
        archive.assistant_id = assistant.id
        await archive.save(force_create=True)
        job = await Job.create(kind=RESTORE, assistant_id=assistant.id, subject_id=archive.id)
    await wake(core.queue, job)
    return archive


async def _restoring(tenant_id: UUID) -> int:
    return await Archive.filter(tenant_id=tenant_id, kind=ArchiveKind.RESTORE, status__in=UNFINISHED).count()


async def _fail(archive: Archive, error: Exception) -> None:
    code, facts = getattr(error, "code", "error-unexpected"), getattr(error, "facts", {})
    ended = {"error_code": code, "error_facts": facts, "finished_at": datetime.now(UTC)}
    await Archive.filter(id=archive.id, status__in=UNFINISHED).update(status=ArchiveStatus.FAILED, **ended)


async def archive_of(assistant: Assistant, archive_id: UUID) -> Archive:
    """One that was made of this assistant. Raises `NotFound`."""
    found = await Archive.get_or_none(id=archive_id, assistant_id=assistant.id, kind=ArchiveKind.EXPORT)
    if found is None:
        raise NotFound(what="archive")
    return found


async def find_archive(actor: Actor, archive_id: UUID | None) -> Archive:
    """One that was made or brought in the actor's business. Raises `NotFound`."""
    found = await Archive.get_or_none(id=archive_id, tenant_id=actor.tenant_id)
    if found is None:
        raise NotFound(what="archive")
    return found


async def file_of(core: Core, archive: Archive) -> Path:
    """Raises `ArchiveGone` when it is not there: not yet, or not any more."""
    place = place_of(core, archive.id)
    ready = archive.kind == ArchiveKind.EXPORT and archive.status == ArchiveStatus.DONE
    if not ready or not await asyncio.to_thread(place.is_file):
        raise ArchiveGone
    return place


async def link_to(core: Core, archive: Archive) -> str:
    """An address that gives the file once, to whoever has it, for as long as the file is kept; an earlier one is
    worth nothing then."""
    await file_of(core, archive)
    token = secrets.token_urlsafe(32)
    await Archive.filter(id=archive.id).update(link_hash=hash_token(token))
    return f"{core.settings.address}/archives/{token}"


async def open_link(core: Core, token: str) -> tuple[Archive, Path]:
    """Raises `NotFound`: forged, used, or too old."""
    found = await Archive.get_or_none(link_hash=hash_token(token), kind=ArchiveKind.EXPORT)
    if found is None or found.created_at < datetime.now(UTC) - KEPT:
        raise NotFound(what="archive")
    place = await file_of(core, found)
    if not await Archive.filter(id=found.id, link_hash=found.link_hash).update(link_hash=""):
        raise NotFound(what="archive")
    return found, place


async def forget_old_archives(core: Core) -> None:
    """Those of yesterday, and files that none of them is named by any more."""
    old = await Archive.filter(created_at__lt=datetime.now(UTC) - KEPT)
    for archive in old:
        if archive.status not in UNFINISHED:
            await _forget(core, archive)
    for place in await asyncio.to_thread(_files, core.settings.archives_folder):
        with suppress(ValueError):
            if not await Archive.filter(id=UUID(place.stem)).exists():
                await asyncio.to_thread(place.unlink, missing_ok=True)


def _files(folder: Path) -> list[Path]:
    """What is older than an hour: a file lies in its place before its row is written."""
    now = datetime.now(UTC).timestamp()
    files = list(folder.glob("*.zip")) if folder.exists() else []
    halves = list(folder.glob(".*.half")) if folder.exists() else []
    for half in halves:
        if now - half.stat().st_mtime > KEPT.total_seconds():
            half.unlink(missing_ok=True)
    return [one for one in files if now - one.stat().st_mtime > 3600]


async def forget_archives_of(core: Core, assistant_id: UUID) -> None:
    """What was taken of it holds what has just been erased in it."""
    for archive in await Archive.filter(assistant_id=assistant_id, kind=ArchiveKind.EXPORT):
        await _forget(core, archive)


async def _forget(core: Core, archive: Archive) -> None:
    await Archive.filter(id=archive.id).delete()
    await remove_archive(core, archive.id)
