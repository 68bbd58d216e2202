"""Documents as owners see them: listed, stopped, read anew, forgotten. `core/receiving.py` is how they come.

Refuses to know how they are read and searched.
"""

import asyncio
import logging
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.crawling.frontier import exclude_page
from core.errors import Unavailable
from core.jobs import wake
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PassageRow

log = logging.getLogger(__name__)
LARGE = 1_000_000
"""Bytes from which a document waits in the lane of large ones, so that a price list need not wait for a book."""
_UNFINISHED = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)


async def read_anew(core: Core, document: Document) -> None:
    """Read the same content once more, by other rules than the last time."""
    await wake(core.queue, await add_reading_job(document, large=document.size_bytes >= LARGE))


async def cancel_reading(core: Core, document: Document) -> bool:
    """Stop reading a document. What was known of it before stays; False when there was nothing to stop.

    The worker notices within seconds that the job is gone, and what it has read is never shown.
    """
    unwanted = document.next_path
    known = await PassageRow.filter(document_id=document.id).exists()
    after = DocumentStatus.INDEXED if known else DocumentStatus.CANCELLED
    async with in_transaction():
        stopped = await Document.filter(id=document.id, status__in=_UNFINISHED).update(
            status=after, next_path="", next_hash="", error_code="", error_facts={}
        )
        if stopped:
            await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
    if stopped:
        await remove_file(core, unwanted)
    await document.refresh_from_db()
    return bool(stopped)


async def documents_of(assistant: Assistant) -> list[Document]:
    return await Document.filter(assistant_id=assistant.id).order_by("created_at")


async def passages_of(document: Document) -> list[PassageRow]:
    return await PassageRow.filter(document_id=document.id).order_by("chunk_index")


async def forget_document(core: Core, document: Document) -> None:
    """Gone from the next answer on: text leaves SQL first; file and vectors follow, and may follow late."""
    ids: list[UUID] = await PassageRow.filter(document_id=document.id).values_list("id", flat=True)  # type: ignore[assignment]  # flat
    async with in_transaction():
        await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
        await exclude_page(document)
        await document.delete()
    await remove_file(core, document.file_path)
    await remove_file(core, document.next_path)
    try:
        await core.vectors.forget(document.assistant_id, ids)
    except Unavailable as error:  # search asks SQL, which no longer knows these ids
        log.warning("vectors of document %s stay behind: %s", document.id, error)


async def add_reading_job(document: Document, *, large: bool) -> Job:
    kind = "index_large_document" if large else "index_document"
    return await Job.create(kind=kind, assistant_id=document.assistant_id, subject_id=document.id)


async def remove_file(core: Core, path: str, unless: str = "") -> None:
    if path and path != unless:
        await asyncio.to_thread((core.settings.uploads_folder / path).unlink, missing_ok=True)
