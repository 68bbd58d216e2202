"""Documents as owners see them: listed, stopped, read anew, forgotten. `core/receiving.py` is how they come.

Refuses to know how they are read and searched.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.app import Core
from core.changes import remove_unneeded
from core.crawling.frontier import exclude_page
from core.document_changes import DELETED, record_document, snapshot_of
from core.errors import Unavailable
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PassageRow
from core.passages import CORRECTION
from core.tenancy import Actor

log = logging.getLogger(__name__)
LARGE = 1_000_000
"""Bytes from which a document waits in the lane of large ones, so that a price list need not wait for a book."""
_UNFINISHED = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
UNWANTED = (DocumentStatus.CANCELLED, DocumentStatus.PAUSED)
"""Not to be read now, by the owner's word."""
SOON = timedelta(minutes=30)
"""A document that came, or began to be read, so long ago is not promised to customers for the next minutes."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What deleted documents of an assistant left outside SQL: files (paths in the folder of uploads) and vectors."""

    assistant_id: UUID
    paths: tuple[str, ...]
    passages: tuple[UUID, ...]


async def cancel_reading(core: Core, document: Document) -> bool:
    """Stop reading a document. What was known of it before stays; False when there was nothing to stop.

    One that still answers is `indexed` afterwards, with the `content_hash` it had and no `next_hash`; any other is
    `cancelled`. The worker notices within seconds that the job is gone, and what it has read is never shown.
    """
    async with in_transaction():
        now = await Document.filter(id=document.id, status__in=_UNFINISHED).first()
        known = await PassageRow.filter(document_id=document.id).count()
        after = DocumentStatus.INDEXED if known else DocumentStatus.CANCELLED
        empty: dict[str, Any] = {"next_path": "", "next_hash": "", "error_code": "", "error_facts": {}}
        stopped = now and await Document.filter(
            id=now.id, status__in=_UNFINISHED, content_hash=now.content_hash, next_hash=now.next_hash
        ).update(status=after, reading_since=None, passage_count=known, **empty)
        if stopped:
            await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
    if now and stopped:
        await remove_files(core, now.next_path)
    await document.refresh_from_db()
    return bool(stopped)


async def documents_of(assistant: Assistant) -> list[Document]:
    """What was given to it; the owner's corrections of passages are listed by core/passage_edits.py."""
    return await Document.filter(assistant_id=assistant.id).exclude(kind=CORRECTION).order_by("created_at")


async def is_reading(assistant: Assistant) -> bool:
    """Whether a new document will soon be known, of which nothing is known yet."""
    then = datetime.now(UTC) - SOON
    fresh = Q(created_at__gt=then) | Q(reading_since__gt=then)
    return await Document.filter(
        fresh, assistant_id=assistant.id, status__in=_UNFINISHED, next_hash="", error_code=""
    ).exists()


async def passages_of(document: Document) -> list[PassageRow]:
    return await PassageRow.filter(document_id=document.id).order_by("chunk_index")


async def forget_document(core: Core, document: Document, by: Actor | None = None) -> None:
    """Gone from the next answer on: text leaves SQL first; file and vectors follow, and may follow late.

    Done `by` somebody, it can be taken back (core/versions.py), and the file stays until that is over.
    """
    async with in_transaction():
        now = await Document.filter(id=document.id).first() or document
        before = await snapshot_of(now)
        passages = [row.id for row in await PassageRow.filter(document_id=document.id).only("id")]
        await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
        await exclude_page(document)
        await document.delete()
        await record_document(by, DELETED, now, before=before, after=None, file_path=now.file_path)
    await clear_away(core, Remains(document.assistant_id, (now.file_path, now.next_path), tuple(passages)))


async def clear_away(core: Core, remains: Remains) -> None:
    """After the transaction that deleted the documents. Goes on by itself when whoever waits for it is cancelled."""
    if remains.paths or remains.passages:
        await asyncio.shield(core.background.start(_clear_away(core, remains), "clearing away deleted documents"))


async def _clear_away(core: Core, remains: Remains) -> None:
    await remove_files(core, *remains.paths)
    try:
        await core.vectors.forget(remains.assistant_id, remains.passages)
    except Unavailable as error:  # search asks SQL, which no longer knows these ids
        log.warning("vectors of documents of assistant %s stay behind: %s", remains.assistant_id, error)


async def add_reading_job(document: Document, *, large: bool) -> Job:
    job = reading_job(document, large=large)
    await job.save(force_create=True)
    return job


def reading_job(document: Document, *, large: bool) -> Job:
    """Not written down yet."""
    kind = "index_large_document" if large else "index_document"
    return Job(kind=kind, assistant_id=document.assistant_id, subject_id=document.id)


async def remove_files(core: Core, *paths: str) -> None:
    """Remove those that no document has, or is about to, and that no change could bring back."""
    await remove_unneeded(core.settings, paths)
