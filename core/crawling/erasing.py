"""Documents that no page says any more leave for good, or go to a page that says the same; many in one step.

All of it happens in the caller's transaction. What is left then outside SQL comes back, for `clear_away` after it.
Refuses to decide which documents leave.
"""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from tortoise.expressions import Q

from core.documents import Remains
from core.models import Document, Job, JobStatus, PageOutcome, PassageRow, QuarantinedText, SitePage

_CONTENT = (
    *("title", "file_path", "content_hash", "size_bytes", "page_count", "pages_done", "picture_pages"),
    *("passage_count", "passages_done"),
)
"""Columns of a document that belong to what it says, not to whose it is."""


async def erase(assistant_id: UUID, document_ids: Collection[UUID]) -> Remains:
    """With their jobs and passages."""
    documents = await Document.filter(assistant_id=assistant_id, id__in=document_ids)
    ids = [document.id for document in documents]
    passages = [row.id for row in await PassageRow.filter(document_id__in=ids).only("id")]
    await Job.filter(subject_id__in=ids).exclude(status=JobStatus.DONE).delete()
    await Document.filter(id__in=ids).delete()
    paths = [path for document in documents for path in (document.file_path, document.next_path) if path]
    return Remains(assistant_id, tuple(paths), tuple(passages))


async def hand_over_or_erase(assistant_id: UUID, document_ids: Collection[UUID], copies: Q) -> Remains:
    """Documents that a page has just lost. Another page that has one, too, keeps it.

    A page among `copies` that was left unread because it says the same takes it over.
    """
    linked = await SitePage.filter(document_id__in=document_ids).only("id", "document_id")
    free = await Document.filter(id__in=set(document_ids) - {page.document_id for page in linked})
    by_text = {document.content_hash: document for document in free}
    duplicates = SitePage.filter(copies, site__assistant_id=assistant_id, outcome=PageOutcome.DUPLICATE)
    heirs = await duplicates.filter(body_hash__in=[*by_text])
    stale: list[UUID] = []
    # A site's first page has a document already, by which its owner knows the site: it comes last, and keeps it.
    for heir in sorted(heirs, key=lambda page: page.document_id is not None):
        if document := by_text.pop(heir.body_hash, None):
            stale += await _hand_over(document, heir)
    remains = await erase(assistant_id, [document.id for document in by_text.values()])
    return replace(remains, passages=(*remains.passages, *stale))


async def _hand_over(document: Document, heir: SitePage) -> list[UUID]:
    """Passages that the heir no longer has."""
    own = heir.document_id
    await SitePage.filter(id=heir.id).update(
        document_id=own or document.id, outcome=PageOutcome.UNCHANGED, error_code="", error_facts={}
    )
    if own is None:
        await Document.filter(id=document.id).update(source_url=heir.url, filename=heir.url[:255])
        return []
    stale = [row.id for row in await PassageRow.filter(document_id=own).only("id")]
    for rows in (PassageRow, QuarantinedText):
        await rows.filter(document_id=own).delete()
        await rows.filter(document_id=document.id).update(document_id=own)
    await Document.filter(id=document.id).delete()
    await Document.filter(id=own).update(**{name: getattr(document, name) for name in _CONTENT})
    return stale
