"""Makes an assistant of an archive: checked, unpacked, written down while nobody sees it, and shown when it is whole.

Documents are read by the ordinary jobs then, so another embedding model is none of an archive's business; what their
owner said of passages holds by the hash of their text. Killed at any point, it begins anew; what fails leaves nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.app import Core
from core.archive.archives import BROUGHT, UNFINISHED
from core.archive.errors import ArchiveRejected
from core.archive.files import place_of, remove_archive
from core.archive.reading import LARGEST_ADAPTER, ArchiveReader
from core.archive.records import AdapterRecord, AssistantRecord, DocumentRecord
from core.archive.rows import Rows, fresh, rows_of
from core.archive.writing import ADAPTER_FILES
from core.assistants import room_for_another
from core.audit import record_change
from core.documents import LARGE, add_reading_job
from core.errors import ProductError, Unavailable
from core.farewell import erase_assistant
from core.hidden import NOBODY
from core.jobs import wake
from core.models import (
    Archive,
    ArchiveKind,
    ArchiveStatus,
    Assistant,
    Contradiction,
    Document,
    Draft,
    Gap,
    Job,
    LoraAdapter,
    NearMiss,
    OwnPair,
    PassageEdit,
    QuarantinedText,
    Role,
    SampleAnswer,
    Site,
    SitePage,
    StruckExample,
    VerifiedAnswer,
)
from core.reindexing import index_anew
from core.settings import MEGABYTE
from core.sites import request_reading
from core.tenancy import Actor

log = logging.getLogger(__name__)
Result = TypeVar("Result")
AT_ONCE = 200
_TABLES = (
    Contradiction, SampleAnswer, Draft, NearMiss, VerifiedAnswer, Gap, OwnPair, StruckExample, PassageEdit,
    QuarantinedText, SitePage, Site, Document, LoraAdapter,
)  # fmt: skip
"""What an earlier attempt may have written, those that refer to others first."""


async def restore_assistant(core: Core, archive_id: UUID) -> None:
    """The job. Raises `Unavailable`: then it is tried again."""
    found = Archive.get_or_none(id=archive_id, kind=ArchiveKind.RESTORE, status__in=UNFINISHED)
    archive = await found.select_related("assistant")
    if archive is None or archive.assistant is None:
        return
    try:
        await _restore(core, archive, archive.assistant)
    except Unavailable:
        raise
    except ProductError as error:
        await _end_badly(core, archive, error.code, error.facts)
    except IntegrityError:
        await _end_badly(core, archive, ArchiveRejected.code, {"reason": "the same thing stands in it twice"})
    else:
        await remove_archive(core, archive.id)


async def _end_badly(core: Core, archive: Archive, code: str, facts: dict[str, str | int | float]) -> None:
    log.warning("archive %s was not restored: %s %s", archive.id, code, facts)
    made = archive.assistant_id
    await Archive.filter(id=archive.id, status__in=UNFINISHED).update(
        status=ArchiveStatus.FAILED, error_code=code, error_facts=facts, finished_at=datetime.now(UTC)
    )
    await remove_archive(core, archive.id)
    if made and await Assistant.filter(id=made, tenant_id=NOBODY).exists():
        await erase_assistant(core, made)


async def _restore(core: Core, archive: Archive, assistant: Assistant) -> None:
    place, most = place_of(core, archive.id), core.settings.max_archive_mb * MEGABYTE
    reader = await asyncio.to_thread(ArchiveReader, place, most)
    try:
        await asyncio.to_thread(reader.check_lines)
        steps = _steps(core, reader, assistant)
        total = len(steps) + 3
        for done, step in enumerate(steps):
            await _tell(archive, done, total)
            await asyncio.to_thread(step)
        rows = await asyncio.to_thread(rows_of, core, assistant, reader)
    finally:
        await asyncio.to_thread(reader.close)
    await _tell(archive, total - 2, total)
    await _write_down(core, assistant, rows)
    await index_anew(core, assistant.id)
    await _tell(archive, total - 1, total)
    await _show(core, archive, assistant, rows)


def _steps(core: Core, reader: ArchiveReader, assistant: Assistant) -> list[Callable[[], None]]:
    """Unpacking, file by file, to places that we name. Files that nothing refers to are only checked."""
    uploads = core.settings.uploads_folder / str(assistant.id)
    limit = core.settings.max_upload_mb * MEGABYTE
    steps: list[Callable[[], None]] = [reader.check_all]

    def take(name: str, *to: str) -> Callable[[], None]:
        return lambda: reader.copy(name, uploads.joinpath(*to), limit)

    def take_adapter(name: str, folder: str, file: str) -> Callable[[], None]:
        to = core.settings.adapters_folder / str(assistant.id) / folder / "adapter" / file
        return lambda: reader.copy(name, to, LARGEST_ADAPTER)

    documents = [one for one in reader.records(DocumentRecord) if one.stored]
    steps += [take(f"files/{one.stored}", one.content_hash) for one in documents]
    for adapter in reader.records(AdapterRecord):
        folder = str(fresh(assistant.id, adapter.id))
        steps += [take_adapter(f"adapters/{adapter.id}/{name}", folder, name) for name in ADAPTER_FILES]
    return steps


async def _tell(archive: Archive, done: int, total: int) -> None:
    await Archive.filter(id=archive.id).update(status=ArchiveStatus.RUNNING, done=done, total=total)


async def _write_down(core: Core, assistant: Assistant, rows: Rows) -> None:
    """Nobody sees it, so it need not happen in one step; what an earlier attempt wrote goes first."""
    for table in _TABLES:
        owner = "site__assistant_id" if table is SitePage else "assistant_id"
        await table.filter(**{owner: assistant.id}).delete()
    for made in rows.in_order():
        for start in range(0, len(made), AT_ONCE):
            part = made[start : start + AT_ONCE]
            await type(part[0]).bulk_create(part)
    record: AssistantRecord = rows.assistant
    kept = ("name", "description", "locale", "persona", "greeting", "generation", "answer_policy")
    values = {name: getattr(record, name) for name in kept}
    live = next((one for one in rows.adapters if one.id == rows.live_adapter_id), None)
    fits = live is not None and live.base_model_name == core.llm.name
    values["live_adapter_id"] = rows.live_adapter_id if fits else None
    await Assistant.filter(id=assistant.id, tenant_id=NOBODY).update(**values)


async def _show(core: Core, archive: Archive, assistant: Assistant, rows: Rows) -> None:
    """From here on it is an assistant of the business, private as every new one, and reads its documents."""
    actor = Actor(archive.asked_by, archive.tenant_id, Role.MANAGER)
    jobs = list[Job]()
    async with in_transaction():
        await room_for_another(actor)
        if not await Assistant.filter(id=assistant.id, tenant_id=NOBODY).update(tenant_id=archive.tenant_id):
            raise ArchiveRejected(reason="it was restored already")
        for document in rows.to_read:
            jobs.append(await add_reading_job(document, large=document.size_bytes >= LARGE))
        ended = {"done": archive.total, "finished_at": datetime.now(UTC)}
        await Archive.filter(id=archive.id).update(status=ArchiveStatus.DONE, **ended)
        await record_change(actor.tenant_id, actor.user_id, BROUGHT, assistant.id, name=rows.assistant.name)
    for job in jobs:
        await wake(core.queue, job)
    for site in rows.unread_sites:
        await request_reading(core.queue, site)
