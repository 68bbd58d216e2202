"""From a stored file to passages that can be found. Run as a job; safe to repeat at any point.

Ids of passages follow from the document and the position, so a repetition replaces instead of doubling. Vectors go
in first and text last, in one transaction: a passage without text is invisible to search.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from uuid import UUID, uuid5

from tortoise.transactions import in_transaction

from core.app import Core
from core.chunking import PassageDraft, cut_passages
from core.errors import DocumentEmpty, DocumentRejected
from core.models import Document, DocumentStatus, PassageRow
from core.parsing.sandbox import read_in_sandbox
from core.vectors import Entry
from core.words import terms_of

PASSAGE_TOKENS = 220
_EMBED_AT_ONCE = 32


async def index_document(core: Core, document_id: UUID) -> None:
    """Read, cut, embed and index one document; a file that cannot be read ends as `failed` with its reason.

    A document deleted meanwhile is left alone. Anything else that goes wrong (the database, Milvus) is raised: the
    job tries again.
    """
    document = await Document.get_or_none(id=document_id)
    if document is None:
        return
    await Document.filter(id=document_id).update(status=DocumentStatus.PROCESSING, passages_done=0)
    try:
        await _index(core, document)
    except DocumentRejected as rejected:
        await Document.filter(id=document_id).update(
            status=DocumentStatus.FAILED, error_code=rejected.code, error_facts=rejected.facts
        )


async def give_up(document_id: UUID) -> None:
    """The job failed for good: the owner must see it."""
    await Document.filter(id=document_id).update(
        status=DocumentStatus.FAILED, error_code="error-unexpected", error_facts={}
    )


async def _index(core: Core, document: Document) -> None:
    parsed = await read_in_sandbox(core.settings.uploads_folder / document.file_path, document.filename)
    tokens = min(PASSAGE_TOKENS, core.embedder.max_tokens)
    drafts = await asyncio.to_thread(cut_passages, parsed, core.embedder.count_tokens, tokens)
    if not drafts:
        raise DocumentEmpty(name=document.filename)
    title = parsed.title or document.title
    await Document.filter(id=document.id).update(page_count=parsed.pages, passage_count=len(drafts), title=title[:300])
    entries = await _embed(core, document, drafts)
    await core.vectors.index(document.assistant_id, entries)
    if not await _publish(document, drafts):
        await core.vectors.forget(document.assistant_id, [entry.id for entry in entries])


async def _embed(core: Core, document: Document, drafts: Sequence[PassageDraft]) -> list[Entry]:
    entries: list[Entry] = []
    for start in range(0, len(drafts), _EMBED_AT_ONCE):
        part = drafts[start : start + _EMBED_AT_ONCE]
        texts = [searchable_text(draft.heading, draft.text) for draft in part]
        vectors = await core.embedder.embed_passages(texts)
        entries += [
            Entry(passage_id(document.id, draft.chunk_index), vector, terms_of(text))
            for draft, vector, text in zip(part, vectors, texts, strict=True)
        ]
        await Document.filter(id=document.id).update(passages_done=len(entries))
    return entries


async def _publish(document: Document, drafts: Sequence[PassageDraft]) -> bool:
    """Make the passages visible, all at once. False when the document was deleted meanwhile."""
    async with in_transaction():
        if not await Document.filter(id=document.id).update(
            status=DocumentStatus.INDEXED, error_code="", error_facts={}, passages_done=len(drafts)
        ):
            return False
        await PassageRow.filter(document_id=document.id).delete()
        await PassageRow.bulk_create(
            [
                PassageRow(
                    id=passage_id(document.id, draft.chunk_index),
                    document_id=document.id,
                    assistant_id=document.assistant_id,
                    chunk_index=draft.chunk_index,
                    heading=draft.heading,
                    page=draft.page,
                    text=draft.text,
                    content_hash=hashlib.sha256(draft.text.encode()).hexdigest(),
                )
                for draft in drafts
            ],
            batch_size=200,
        )
    return True


def searchable_text(heading: str, text: str) -> str:
    """What is embedded and counted: the passage under its heading."""
    return f"{heading}\n{text}" if heading else text


def passage_id(document_id: UUID, chunk_index: int) -> UUID:
    return uuid5(document_id, str(chunk_index))
