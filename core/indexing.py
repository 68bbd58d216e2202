"""From a stored file to passages that can be found. Run as a job; safe to repeat at any point.

A passage's id follows from its document and its words, so a repetition replaces instead of doubling, and what a new
version leaves as it was is not embedded again. Vectors go in first and text last, in one transaction: a passage
without text is invisible to search, so until then the earlier version answers. Of two readings of one document the
one that began last counts; whoever sets `reading_since` to None ends the one that is under way. Vectors that nobody
needs any more are removed when it is easy, and else by `core/tidying.py`.
"""

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.app import Core
from core.assistant_index import Searchable, index_texts
from core.chunking import PassageDraft, cut_passages
from core.documents import UNWANTED, remove_files
from core.errors import DocumentEmpty, DocumentRejected, DocumentSuspicious, DocumentTwice, Unavailable
from core.models import Document, DocumentStatus, PassageRow, QuarantinedText
from core.parsing.base import ParsedDocument
from core.parsing.recognition import find_recogniser, read_with_recognition
from core.quarantine import set_aside
from core.waiting import WAITS
from core.webhooks.outbox import outbox

log = logging.getLogger(__name__)
PASSAGE_TOKENS = 220
_TELL_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class _Version:
    """What is read: the document's content, or the one that is to follow it."""

    path: str
    content_hash: str
    is_next: bool

    @classmethod
    def of(cls, document: Document) -> "_Version":
        if document.next_hash:
            return cls(document.next_path, document.next_hash, True)
        return cls(document.file_path, document.content_hash, False)


async def index_document(
    core: Core,
    document_id: UUID,
    status_after: DocumentStatus = DocumentStatus.INDEXED,
    parsed: ParsedDocument | None = None,
) -> None:
    """Read, cut, embed and index a document's newest version; one that cannot be read ends with its reason.

    A document deleted or stopped meanwhile is left alone. Anything else that goes wrong (the database, Milvus) is
    raised: the job tries again. `status_after` is for a site's first page, which is not done before its site is;
    `parsed` is for whoever has read the file already.
    """
    document = await Document.get_or_none(id=document_id)
    if document is None or document.status in UNWANTED:
        return
    version = _Version.of(document)
    if not await _begin(document, version):
        return
    try:
        await _index(core, document, version, status_after, parsed or await _read(core, document, version))
    except DocumentRejected as rejected:
        await _reject(core, document, version, rejected, status_after)
    except asyncio.CancelledError:
        await asyncio.shield(_count_again(document))
        raise


async def _begin(document: Document, version: _Version) -> bool:
    """From here on the document is in this reading's hands. That a newer version could not be read is still so."""
    if document.status == DocumentStatus.FAILED or version.is_next or document.error_code == WAITS:
        document.error_code, document.error_facts = "", {}
    now = datetime.now(UTC)
    begun = await _wanted(document).update(
        status=DocumentStatus.PROCESSING,
        error_code=document.error_code,
        error_facts=document.error_facts,
        pages_done=0,
        passages_done=0,
        reading_since=now,
        embedding_since=None,
    )
    document.reading_since = now
    return bool(begun)


async def give_up(document_id: UUID) -> None:
    """The job failed for good: the owner must see it."""
    document = await Document.get_or_none(id=document_id)
    if document and document.status in (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING):
        await _set_failed(document, "error-unexpected", {})


async def _reject(
    core: Core, document: Document, version: _Version, why: DocumentRejected, status_after: DocumentStatus
) -> None:
    if isinstance(why, DocumentSuspicious) and not version.is_next:
        # The owner took back a text that he had allowed, and nothing else was in it.
        async with in_transaction():
            if await _same(document).update(passages_done=0):
                await PassageRow.filter(document_id=document.id).delete()
    if not await _set_failed(document, why.code, why.facts) or not version.is_next:
        return
    await remove_files(core, version.path)
    if await QuarantinedText.filter(document_id=document.id).exists() or isinstance(why, DocumentSuspicious):
        # What he decided meanwhile was to be heeded in the next version; now it is to be heeded in this one.
        await index_document(core, document.id, status_after)
        after = Document.filter(id=document.id, status=DocumentStatus.INDEXED, next_hash="", error_code="")
        await after.update(error_code=why.code, error_facts=why.facts)


async def _set_failed(document: Document, code: str, facts: dict[str, str | int | float]) -> bool:
    """The version was not read. One that was read before goes on answering."""
    known = await PassageRow.filter(document_id=document.id).count()
    status = DocumentStatus.INDEXED if known else DocumentStatus.FAILED
    async with outbox(document.assistant_id) as out:
        changed = await _same(document).update(
            status=status, error_code=code, error_facts=facts, next_path="", next_hash="", passage_count=known
        )
        if changed:
            await out.document_failed(document, known, code)
    return bool(changed)


async def _count_again(document: Document) -> None:
    """Stopped: what is told of the document is what answers, not what was about to."""
    known = await PassageRow.filter(document_id=document.id).count()
    over = Document.filter(id=document.id, status__in=(DocumentStatus.INDEXED, *UNWANTED))
    await over.update(passage_count=known)


async def _read(core: Core, document: Document, version: _Version) -> ParsedDocument:
    return await read_with_recognition(
        core.settings.uploads_folder / version.path,
        document.filename,
        find_recogniser(core.settings.ocr_models, core.settings.ocr_languages),
        page_url=document.source_url if document.kind == "page" else "",
        told=_tell_pages(document),
    )


async def _index(
    core: Core, document: Document, version: _Version, status_after: DocumentStatus, parsed: ParsedDocument
) -> None:
    screened = await set_aside(core, document, parsed)
    tokens = min(PASSAGE_TOKENS, core.embedder.max_tokens)
    cut = await asyncio.to_thread(cut_passages, screened.parsed, core.embedder.count_tokens, tokens)
    if not cut:
        nothing = DocumentSuspicious if screened.suspicious or screened.settled else DocumentEmpty
        raise nothing(name=document.filename)
    drafts = _with_ids(document.id, cut)
    await _same(document).update(
        page_count=parsed.pages,
        pages_done=parsed.pages,
        passage_count=len(drafts),
        embedding_since=datetime.now(UTC),
    )
    before: set[UUID] = {row.id for row in await PassageRow.filter(document_id=document.id).only("id")}
    fresh = {key: draft for key, draft in drafts.items() if key not in before}
    await _embed(core, document, fresh, known=len(drafts) - len(fresh))
    lasting = {
        "title": (screened.parsed.title or document.title)[:300],
        "picture_pages": list(parsed.picture_pages),
        "unread_pages": list(parsed.unread_pages),
        "status": status_after,
    }
    if await _publish(document, version, drafts, lasting):
        if version.is_next:
            await remove_files(core, document.file_path)
        await _forget_vectors(core, document, sorted(before - drafts.keys()))
    elif not await Document.filter(id=document.id).exclude(status__in=UNWANTED).exists():
        # Sent anew, the next reading may count on vectors that it shares with this one: those stay.
        await _forget_vectors(core, document, sorted(fresh))


async def _forget_vectors(core: Core, document: Document, ids: Sequence[UUID]) -> None:
    try:
        await core.vectors.forget(document.assistant_id, ids)
    except Unavailable as error:  # search asks SQL, which no longer knows these ids
        log.warning("vectors of document %s stay behind: %s", document.id, error)


def _tell_pages(document: Document) -> Callable[[int, int], Awaitable[None]]:
    """Writes down how many pages are read, not more often than anybody looks."""
    told = 0.0

    async def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _TELL_EVERY_S:
            told = time.monotonic()
            await _same(document).update(pages_done=done, page_count=total)

    return tell


async def _embed(core: Core, document: Document, drafts: dict[UUID, PassageDraft], known: int) -> None:
    """Put the passages' vectors into the index; `known` passages are there already."""
    texts = [Searchable(key, searchable_text(d.heading, d.text), d.question) for key, d in drafts.items()]

    async def told(done: int) -> None:
        await _same(document).update(passages_done=known + done)

    await index_texts(core, document.assistant_id, texts, told)


async def _publish(
    document: Document, version: _Version, drafts: dict[UUID, PassageDraft], lasting: dict[str, Any]
) -> bool:
    """Make the passages visible instead of the earlier ones, all at once, with what is `lasting` of the document.

    False when the document was deleted, stopped or sent anew meanwhile, or another reading of it has begun. Raises
    `DocumentTwice`.
    """
    done = {"passages_done": len(drafts), "passage_count": len(drafts), **lasting}
    if version.is_next:
        done |= {"file_path": version.path, "content_hash": version.content_hash, "next_path": "", "next_hash": ""}
        done["version"] = F("version") + 1
    try:
        async with in_transaction(), outbox(document.assistant_id) as out:
            if not await _same(document).update(**done):
                return False
            await PassageRow.filter(document_id=document.id).delete()
            await PassageRow.bulk_create([_row(document, key, draft) for key, draft in drafts.items()], batch_size=200)
            if lasting["status"] == DocumentStatus.INDEXED:
                await out.document_indexed(document, len(drafts))
    except IntegrityError:
        raise DocumentTwice(name=document.filename) from None
    return True


def _same(document: Document) -> QuerySet[Document]:
    """The document as long as it is wanted, and in the hands of this reading."""
    return _wanted(document).filter(reading_since=document.reading_since)


def _wanted(document: Document) -> QuerySet[Document]:
    """The document as long as it is wanted and still of the version that was looked at."""
    return Document.filter(id=document.id, content_hash=document.content_hash, next_hash=document.next_hash).exclude(
        status__in=UNWANTED
    )


def _row(document: Document, key: UUID, draft: PassageDraft) -> PassageRow:
    return PassageRow(
        id=key,
        document_id=document.id,
        assistant_id=document.assistant_id,
        chunk_index=draft.chunk_index,
        heading=draft.heading,
        page=draft.page,
        text=draft.text,
        question=draft.question,
        content_hash=_hash(draft),
    )


def _with_ids(document_id: UUID, drafts: Sequence[PassageDraft]) -> dict[UUID, PassageDraft]:
    """Each passage under an id of its document and its words; the second of two equal ones counts as the second."""
    times: Counter[str] = Counter()
    found: dict[UUID, PassageDraft] = {}
    for draft in drafts:
        content = _hash(draft)
        times[content] += 1
        found[uuid5(document_id, f"{content}:{times[content]}")] = draft
    return found


def _hash(draft: PassageDraft) -> str:
    return hashlib.sha256(searchable_text(draft.heading, draft.text).encode()).hexdigest()


def searchable_text(heading: str, text: str) -> str:
    """What is embedded and counted: the passage under its heading."""
    return f"{heading}\n{text}" if heading else text
