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
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.app import Core
from core.document_changes import ADDED, record_document, record_replaced
from core.documents import LARGE, UNWANTED, add_reading_job, cancel_reading, remove_files
from core.errors import DocumentEmpty, DocumentRejected, DocumentTooLarge, Unavailable
from core.jobs import wake
from core.leftovers import ARRIVING
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus
from core.parsing.detect import Format, detect_format
from core.settings import MEGABYTE
from core.storable import storable
from core.tenancy import Actor
from core.versions import Content, lay

LARGE_TEXT = 300_000
_DEAD = (DocumentStatus.FAILED, *UNWANTED)
_ATTEMPTS = 20


def new_upload(core: Core) -> Path:
    """An empty place for a file that is arriving; `receive_file` moves or removes it."""
    folder = core.settings.uploads_folder / ARRIVING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


async def receive_file(
    core: Core,
    assistant: Assistant,
    filename: str,
    arrived: Path,
    kind: str = "file",
    *,
    replaces: bool = True,
    instead_of: Document | None = None,
    by: Actor | None = None,
) -> Document:
    """Take a file that lies at `arrived` and queue its indexing; the same content again gives the same document.

    With `replaces`, other content under a known name becomes that document's next version; with `instead_of`, that of
    the one which is named, and it takes the file's name. Done `by` somebody, it can
    be taken back, and the file that was replaced stays until that is over. Raises `DocumentTooLarge`,
    `DocumentEmpty`, `DocumentTypeUnknown`; `arrived` is gone afterwards in every case.
    """
    filename = storable(filename)[:255]
    try:
        content_hash, large = await asyncio.to_thread(_inspect, arrived, filename, core.settings.max_upload_mb)
        content = await _keep(core, assistant, arrived, content_hash, large)
    finally:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
    new = Document(kind=kind, filename=filename)
    return await _until_nobody_interferes(
        lambda: _take(core, assistant, new, content, by, replaces=replaces, instead_of=instead_of)
    )


async def check_file(core: Core, filename: str, arrived: Path) -> None:
    """Raises what `receive_file` would, before anything is made for the file; then `arrived` is gone."""
    try:
        await asyncio.to_thread(_inspect, arrived, storable(filename)[:255], core.settings.max_upload_mb)
    except DocumentRejected:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
        raise


async def receive_text(
    core: Core, assistant: Assistant, title: str, text: str, *, replaces: bool = True, by: Actor | None = None
) -> Document:
    """Take a pasted text as a document of its own. Raises `DocumentEmpty`, `DocumentTooLarge`."""
    name = f"{title.strip() or text.strip()[:40]}.txt"
    arrived = await _written(core, text.strip())
    return await receive_file(core, assistant, name, arrived, kind="text", replaces=replaces, by=by)


async def receive_pairs(
    core: Core, assistant: Assistant, title: str, pairs: Sequence[tuple[str, str]], by: Actor | None = None
) -> Document:
    """Take questions with their answers as one document. Raises `DocumentTooLarge`."""
    table = io.StringIO()
    csv.writer(table, quoting=csv.QUOTE_ALL).writerows([("question", "answer"), *pairs])
    arrived = await _written(core, table.getvalue())
    return await receive_file(core, assistant, f"{title.strip()}.csv", arrived, kind="pairs", by=by)


async def receive_page(
    core: Core, assistant: Assistant, url: str, title: str, arrived: Path, content_hash: str
) -> Document:
    """The page at `url` as it is now, for a document of its own or the next version of the one it has.

    `content_hash` is of what the page says, not of its bytes. Queues nothing: whoever reads the site indexes it. When
    another document says the same, that one comes back.
    """
    try:
        known = await _page_saying(assistant, url, content_hash)
        if known:
            return known
        content = await _keep(core, assistant, arrived, content_hash, large=False)
    finally:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
    page = Document(kind="page", filename=storable(url)[:255], title=storable(title)[:300], source_url=url)
    return await _until_nobody_interferes(lambda: _take_page(core, assistant, page, content))


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


async def _written(core: Core, text: str) -> Path:
    """A text as a file that has arrived."""
    arrived, written = new_upload(core), storable(text)
    await asyncio.to_thread(arrived.write_text, written, "utf-8")
    return arrived


async def _keep(core: Core, assistant: Assistant, arrived: Path, content_hash: str, large: bool) -> Content:
    """Move the file to its place in one step."""
    path = f"{assistant.id}/{content_hash}"
    place = core.settings.uploads_folder / path

    def move() -> int:
        place.parent.mkdir(parents=True, exist_ok=True)
        arrived.replace(place)
        return place.stat().st_size

    return Content(path, content_hash, await asyncio.to_thread(move), large)


async def _document_with(assistant: Assistant, content_hash: str) -> Document | None:
    """The document that has this content, or is about to."""
    has = Q(content_hash=content_hash) | Q(next_hash=content_hash)
    return await Document.filter(has, assistant_id=assistant.id).first()


async def _page_saying(assistant: Assistant, url: str, content_hash: str) -> Document | None:
    """The document to which a page with this content adds nothing: another one, or its own that has been read."""
    known = await _document_with(assistant, content_hash)
    return known if known and (known.source_url != url or known.status == DocumentStatus.INDEXED) else None


async def _until_nobody_interferes(attempt: Callable[[], Awaitable[Document | None]]) -> Document:
    """Whoever sends or publishes at the same moment wins; then things are looked at again. Raises `Unavailable`."""
    for _ in range(_ATTEMPTS):
        try:
            document = await attempt()
        except IntegrityError:  # the same content twice at once
            continue
        if document:
            return document
    raise Unavailable(part="documents", reason="the document keeps changing")


async def _take(
    core: Core,
    assistant: Assistant,
    new: Document,
    content: Content,
    by: Actor | None,
    *,
    replaces: bool,
    instead_of: Document | None,
) -> Document | None:
    """One attempt: the document of this content, queued where it is to be read; None when another was quicker."""
    known = await _document_with(assistant, content.content_hash)
    if known:
        return await _again(core, known, content)
    unwanted: tuple[str, ...] = ()
    async with in_transaction():
        document = await _earlier(assistant, new, replaces=replaces, instead_of=instead_of)
        if document:
            unwanted = document.file_path, document.next_path
            if not await lay(document, content):
                return None
            await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
            await Document.filter(id=document.id).update(filename=new.filename)
            await record_replaced(by, document, content.content_hash)
        else:
            document = await _create(assistant, new, content, Path(new.filename).stem)
            await record_document(by, ADDED, document, before=None, after={"content_hash": content.content_hash})
        job = await add_reading_job(document, large=content.large)
    await wake(core.queue, job)
    await remove_files(core, *unwanted)
    await document.refresh_from_db()
    return document


async def _earlier(
    assistant: Assistant, new: Document, *, replaces: bool, instead_of: Document | None
) -> Document | None:
    """The document of which this is the next version."""
    if instead_of:
        return await Document.get_or_none(id=instead_of.id, assistant_id=assistant.id)
    same_name = Document.filter(assistant_id=assistant.id, kind=new.kind, filename=new.filename)
    return await same_name.order_by("-created_at").first() if replaces else None


async def _take_page(core: Core, assistant: Assistant, page: Document, content: Content) -> Document | None:
    """One attempt, as `_take`, but whoever reads the site reads the page, too."""
    async with in_transaction():
        known = await _page_saying(assistant, page.source_url, content.content_hash)
        if known:
            return known
        document = await Document.get_or_none(assistant_id=assistant.id, kind="page", source_url=page.source_url)
        if document is None:
            return await _create(assistant, page, content, page.title)
        if content.content_hash == document.content_hash and not document.next_hash:
            return document
        unwanted = document.file_path, document.next_path
        if not await lay(document, content):
            return None
    await remove_files(core, *unwanted)
    await document.refresh_from_db()
    return document


async def _create(assistant: Assistant, new: Document, content: Content, title: str) -> Document:
    return await Document.create(
        assistant=assistant,
        kind=new.kind,
        filename=new.filename,
        title=title[:300],
        source_url=new.source_url,
        file_path=content.path,
        content_hash=content.content_hash,
        size_bytes=content.size,
    )


async def _again(core: Core, document: Document, content: Content) -> Document:
    """The same content came again: one document; one that failed or was stopped gets another try.

    The content that answers now came again while a newer version was being read: that one is no longer wanted.
    """
    if document.next_hash and content.content_hash == document.content_hash:
        await cancel_reading(core, document)
    async with in_transaction():
        retried = await Document.filter(id=document.id, status__in=_DEAD).update(
            status=DocumentStatus.UPLOADED, error_code="", error_facts={}, pages_done=0, passages_done=0
        )
        job = await add_reading_job(document, large=content.large) if retried else None
    if job:
        await wake(core.queue, job)
    await document.refresh_from_db()
    return document
