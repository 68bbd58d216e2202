"""What an owner sends becomes a document, or the next version of one. Refuses to know how it is read or searched.

Receiving checks what can be checked at once (size, emptiness, kind of content), so that the owner hears it in the
same second; the rest is a job (`core/indexing.py`). A file of the same name with other content is the next version of
its document: until that is ready, the passages of the earlier one answer.
"""

import asyncio
import csv
import hashlib
import io
import secrets
from collections.abc import Sequence
from pathlib import Path

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.app import Core
from core.documents import LARGE, add_reading_job, cancel_reading, remove_file
from core.errors import DocumentEmpty, DocumentRejected, DocumentTooLarge
from core.jobs import wake
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus
from core.parsing.detect import Format, detect_format

MEGABYTE = 1_000_000
LARGE_TEXT = 300_000
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
            job = await add_reading_job(document, large=large)
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


async def receive_pairs(core: Core, assistant: Assistant, title: str, pairs: Sequence[tuple[str, str]]) -> Document:
    """Take questions with their answers as one document. Raises `DocumentTooLarge`."""
    table = io.StringIO()
    csv.writer(table, quoting=csv.QUOTE_ALL).writerows([("question", "answer"), *pairs])
    arrived = new_upload(core)
    await asyncio.to_thread(arrived.write_text, table.getvalue(), "utf-8")
    return await receive_file(core, assistant, f"{title.strip()}.csv", arrived, kind="pairs")


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
        await wake(core.queue, await add_reading_job(document, large=document.size_bytes >= LARGE))
    await document.refresh_from_db()
    return document


async def _replace(core: Core, document: Document, path: str, content_hash: str, size: int) -> Document:
    """Let another content be read for a document; it takes over when it is ready."""
    async with in_transaction():
        await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
        await _set_next(core, document, path, content_hash, size)
        job = await add_reading_job(document, large=size >= LARGE)
    await wake(core.queue, job)
    return document


async def _set_next(core: Core, document: Document, path: str, content_hash: str, size: int) -> None:
    unwanted = document.next_path
    document.next_path, document.next_hash, document.size_bytes = path, content_hash, size
    document.status, document.error_code, document.error_facts = DocumentStatus.UPLOADED, "", {}
    document.pages_done = document.passages_done = 0
    document.reading_since = document.embedding_since = None
    await document.save()
    await remove_file(core, unwanted, unless=path)
