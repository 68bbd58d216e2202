"""Documents as owners see them: received, listed, forgotten. Refuses to know how they are read or searched.

Receiving checks what can be checked at once (size, emptiness, kind of content), so that the owner hears it in the
same second; the rest is a job (`core/indexing.py`).
"""

import asyncio
import hashlib
import logging
import secrets
from pathlib import Path
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.app import Core
from core.errors import DocumentEmpty, DocumentRejected, DocumentTooLarge, ProductError, Unavailable
from core.jobs import add_job, wake
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PassageRow
from core.parsing.detect import detect_format

log = logging.getLogger(__name__)
MEGABYTE = 1_000_000


def new_upload(core: Core) -> Path:
    """An empty place for a file that is arriving; `receive_file` moves or removes it."""
    folder = core.settings.uploads_folder / "arriving"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


async def receive_file(core: Core, assistant: Assistant, filename: str, arrived: Path, kind: str = "file") -> Document:
    """Take a file that lies at `arrived` and queue its indexing; the same content again gives the same document.

    Raises `DocumentTooLarge`, `DocumentEmpty`, `DocumentTypeUnknown`; `arrived` is gone afterwards in every case.
    """
    try:
        content_hash = await asyncio.to_thread(_inspect, arrived, filename, core.settings.max_upload_mb)
        known = await Document.get_or_none(assistant_id=assistant.id, content_hash=content_hash)
        if known:
            return await _again(core, known)
        path = f"{assistant.id}/{content_hash}"
        size = await asyncio.to_thread(_keep, arrived, core.settings.uploads_folder / path)
    finally:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
    return await _record(
        core, assistant, filename=filename, file_path=path, kind=kind, content_hash=content_hash, size=size
    )


async def receive_text(core: Core, assistant: Assistant, title: str, text: str) -> Document:
    """Take a pasted text as a document of its own. Raises `DocumentEmpty`, `DocumentTooLarge`."""
    arrived = new_upload(core)
    await asyncio.to_thread(arrived.write_text, text.strip(), "utf-8")
    return await receive_file(core, assistant, f"{title.strip() or text.strip()[:40]}.txt", arrived, kind="text")


def _inspect(file: Path, filename: str, limit_mb: int) -> str:
    size = file.stat().st_size
    if size == 0:
        raise DocumentEmpty(name=filename)
    if size > limit_mb * MEGABYTE:
        raise DocumentTooLarge(name=filename, limit_mb=limit_mb, size_mb=round(size / MEGABYTE))
    try:
        detect_format(file, filename)
    except DocumentRejected as error:
        error.facts.setdefault("name", filename)
        raise
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _keep(arrived: Path, place: Path) -> int:
    """Move the file to its place in one step; its size in bytes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    arrived.replace(place)
    return place.stat().st_size


async def _record(
    core: Core, assistant: Assistant, *, filename: str, file_path: str, kind: str, content_hash: str, size: int
) -> Document:
    try:
        async with in_transaction():
            document = await Document.create(
                assistant=assistant,
                kind=kind,
                filename=filename[:255],
                title=Path(filename).stem[:300],
                file_path=file_path,
                content_hash=content_hash,
                size_bytes=size,
            )
            job = await Job.create(kind="index_document", assistant_id=assistant.id, subject_id=document.id)
    except IntegrityError:  # the same file twice at once
        return await Document.get(assistant_id=assistant.id, content_hash=content_hash)
    await wake(core.queue, job)
    return document


async def _again(core: Core, document: Document) -> Document:
    """The same content came again: one document; one that failed gets another try."""
    retried = await Document.filter(id=document.id, status=DocumentStatus.FAILED).update(
        status=DocumentStatus.UPLOADED, error_code="", error_facts={}, passages_done=0
    )
    if retried:
        await add_job(core.queue, "index_document", document.assistant_id, document.id)
        await document.refresh_from_db()
    return document


async def documents_of(assistant: Assistant) -> list[Document]:
    return await Document.filter(assistant_id=assistant.id).order_by("created_at")


async def passages_of(document: Document) -> list[PassageRow]:
    return await PassageRow.filter(document_id=document.id).order_by("chunk_index")


async def forget_document(core: Core, document: Document) -> None:
    """Gone from the next answer on: text leaves SQL first; file and vectors follow, and may follow late."""
    ids: list[UUID] = await PassageRow.filter(document_id=document.id).values_list("id", flat=True)  # type: ignore[assignment]  # flat
    async with in_transaction():
        await Job.filter(subject_id=document.id, status=JobStatus.QUEUED).delete()
        await document.delete()
    stored = core.settings.uploads_folder / document.file_path
    await asyncio.to_thread(stored.unlink, missing_ok=True)
    try:
        await core.vectors.forget(document.assistant_id, ids)
    except Unavailable as error:  # search prunes ids that SQL no longer knows
        log.warning("vectors of document %s stay until the next search: %s", document.id, error)


def describe_failure(core: Core, document: Document, locale: str) -> str:
    """Why a document failed, in the owner's words; empty for one that did not."""
    if not document.error_code:
        return ""
    error = ProductError(**{"name": document.filename, **document.error_facts})
    return core.texts.say(locale, document.error_code, **error.facts)
