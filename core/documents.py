"""Documents as owners see them: received, replaced, stopped, forgotten. Refuses to know how they are read or searched.

Receiving checks what can be checked at once (size, emptiness, kind of content), so that the owner hears it in the
same second; the rest is a job (`core/indexing.py`). A file of the same name with other content is the next version of
its document: until that is ready, the passages of the earlier one answer.
"""

import asyncio
import hashlib
import logging
import secrets
from pathlib import Path
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.app import Core
from core.crawling.frontier import exclude_page
from core.errors import DocumentEmpty, DocumentRejected, DocumentTooLarge, Unavailable
from core.jobs import wake
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PassageRow
from core.parsing.detect import Format, detect_format

log = logging.getLogger(__name__)
MEGABYTE = 1_000_000
LARGE = MEGABYTE
LARGE_TEXT = 300_000
"""Bytes from which a document waits in the lane of large ones, so that a price list need not wait for a book."""
_UNFINISHED = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
_DEAD = (DocumentStatus.FAILED, DocumentStatus.CANCELLED)


def new_upload(core: Core) -> Path:
    """An empty place for a file that is arriving; `receive_file` moves or removes it."""
    folder = core.settings.uploads_folder / "arriving"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


async def receive_file(
    core: Core, assistant: Assistant, filename: str, arrived: Path, kind: str = "file", *, replaces: bool = True
) -> Document:
    """Take a file that lies at `arrived` and queue its indexing; the same content again gives the same document.

    With `replaces`, other content under a known name becomes that document's next version. Raises `DocumentTooLarge`,
    `DocumentEmpty`, `DocumentTypeUnknown`; `arrived` is gone afterwards in every case.
    """
    filename = filename[:255]
    try:
        content_hash, large = await asyncio.to_thread(_inspect, arrived, filename, core.settings.max_upload_mb)
        known = await Document.filter(
            Q(content_hash=content_hash) | Q(next_hash=content_hash), assistant_id=assistant.id
        ).first()
        if known:
            return await _again(core, known, content_hash)
        path = f"{assistant.id}/{content_hash}"
        size = await asyncio.to_thread(_keep, arrived, core.settings.uploads_folder / path)
    finally:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
    if replaces:
        same_name = Document.filter(assistant_id=assistant.id, kind=kind, filename=filename)
        earlier = await same_name.order_by("-created_at").first()
        if earlier:
            return await _replace(core, earlier, path, content_hash, size)
    document = Document(
        assistant=assistant,
        kind=kind,
        filename=filename,
        title=Path(filename).stem[:300],
        file_path=path,
        content_hash=content_hash,
        size_bytes=size,
    )
    try:
        async with in_transaction():
            await document.save()
            job = await _new_job(document, large=large)
    except IntegrityError:  # the same file twice at once
        return await Document.get(assistant_id=assistant.id, content_hash=content_hash)
    await wake(core.queue, job)
    return document


async def receive_text(core: Core, assistant: Assistant, title: str, text: str, *, replaces: bool = True) -> Document:
    """Take a pasted text as a document of its own. Raises `DocumentEmpty`, `DocumentTooLarge`."""
    arrived = new_upload(core)
    await asyncio.to_thread(arrived.write_text, text.strip(), "utf-8")
    name = f"{title.strip() or text.strip()[:40]}.txt"
    return await receive_file(core, assistant, name, arrived, kind="text", replaces=replaces)


async def receive_page(
    core: Core, assistant: Assistant, url: str, title: str, arrived: Path, content_hash: str
) -> Document:
    """The page at `url` as it is now, for a document of its own or the next version of the one it has.

    `content_hash` is of what the page says, not of its bytes. Queues nothing: whoever reads the site indexes it. When
    another document says the same, that one comes back.
    """
    path = f"{assistant.id}/{content_hash}"
    try:
        known = await Document.filter(
            Q(content_hash=content_hash) | Q(next_hash=content_hash), assistant_id=assistant.id
        ).first()
        if known and (known.source_url != url or known.status == DocumentStatus.INDEXED):
            return known
        size = await asyncio.to_thread(_keep, arrived, core.settings.uploads_folder / path)
    finally:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
    document = await Document.get_or_none(assistant_id=assistant.id, kind="page", source_url=url)
    if document is None:
        return await Document.create(
            assistant=assistant,
            kind="page",
            filename=url[:255],
            title=title[:300],
            source_url=url,
            file_path=path,
            content_hash=content_hash,
            size_bytes=size,
        )
    if content_hash != document.content_hash:
        await _set_next(core, document, path, content_hash, size)
    return document


def _inspect(file: Path, filename: str, limit_mb: int) -> tuple[str, bool]:
    """The hash of the content, and whether it belongs into the lane of large documents."""
    size = file.stat().st_size
    if size == 0:
        raise DocumentEmpty(name=filename)
    if size > limit_mb * MEGABYTE:
        raise DocumentTooLarge(name=filename, limit_mb=limit_mb, size_mb=round(size / MEGABYTE))
    try:
        found = detect_format(file, filename)
    except DocumentRejected as error:
        error.facts.setdefault("name", filename)
        raise
    with file.open("rb") as stream:
        content_hash = hashlib.file_digest(stream, "sha256").hexdigest()
    return content_hash, size >= (LARGE if found in (Format.PDF, Format.DOCX) else LARGE_TEXT)


def _keep(arrived: Path, place: Path) -> int:
    """Move the file to its place in one step; its size in bytes."""
    place.parent.mkdir(parents=True, exist_ok=True)
    arrived.replace(place)
    return place.stat().st_size


async def _again(core: Core, document: Document, content_hash: str) -> Document:
    """The same content came again: one document; one that failed or was stopped gets another try.

    The content that answers now came again while a newer version was being read: that one is no longer wanted.
    """
    if document.next_hash and content_hash == document.content_hash:
        await cancel_reading(core, document)
    retried = await Document.filter(id=document.id, status__in=_DEAD).update(
        status=DocumentStatus.UPLOADED, error_code="", error_facts={}, pages_done=0, passages_done=0
    )
    if retried:
        await wake(core.queue, await _new_job(document, large=document.size_bytes >= LARGE))
    await document.refresh_from_db()
    return document


async def _replace(core: Core, document: Document, path: str, content_hash: str, size: int) -> Document:
    """Let another content be read for a document; it takes over when it is ready."""
    async with in_transaction():
        await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
        await _set_next(core, document, path, content_hash, size)
        job = await _new_job(document, large=size >= LARGE)
    await wake(core.queue, job)
    return document


async def _set_next(core: Core, document: Document, path: str, content_hash: str, size: int) -> None:
    unwanted = document.next_path
    document.next_path, document.next_hash, document.size_bytes = path, content_hash, size
    document.status, document.error_code, document.error_facts = DocumentStatus.UPLOADED, "", {}
    document.pages_done = document.passages_done = 0
    document.reading_since = document.embedding_since = None
    await document.save()
    await _remove_file(core, unwanted, unless=path)


async def _new_job(document: Document, *, large: bool) -> Job:
    kind = "index_large_document" if large else "index_document"
    return await Job.create(kind=kind, assistant_id=document.assistant_id, subject_id=document.id)


async def read_anew(core: Core, document: Document) -> None:
    """Read the same content once more, by other rules than the last time."""
    await wake(core.queue, await _new_job(document, large=document.size_bytes >= LARGE))


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
        await _remove_file(core, unwanted)
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
    await _remove_file(core, document.file_path)
    await _remove_file(core, document.next_path)
    try:
        await core.vectors.forget(document.assistant_id, ids)
    except Unavailable as error:  # search asks SQL, which no longer knows these ids
        log.warning("vectors of document %s stay behind: %s", document.id, error)


async def _remove_file(core: Core, path: str, unless: str = "") -> None:
    if path and path != unless:
        await asyncio.to_thread((core.settings.uploads_folder / path).unlink, missing_ok=True)
