"""What was done to documents, written down so that it can be taken back (core/versions.py does that)."""

from typing import Any

from core.changes import State, record_undoable
from core.models import Decision, Document, DocumentStatus, PageOutcome, QuarantinedText, SitePage
from core.tenancy import Actor

DOCUMENT = "document"
"""What these changes are called."""
ADDED, REPLACED = "add document", "replace document"
DELETED, RESTORED = "delete document", "restore document"
PAUSED, RESUMED = "pause document", "use document again"
IDENTITY = ("kind", "filename", "title", "source_url", "file_path", "content_hash", "size_bytes", "version")
"""Columns that a document is made of again; the rest comes of reading it."""
_TEXT = ("text", "text_hash", "reason", "page", "decision")


async def record_document(
    by: Actor | None, action: str, document: Document, *, before: State, after: State, file_path: str = ""
) -> None:
    """That somebody added, replaced, deleted or restored it."""
    await record_undoable(
        by,
        action,
        DOCUMENT,
        document.id,
        assistant_id=document.assistant_id,
        before=before,
        after=after,
        file_path=file_path,
        name=document.filename,
    )


async def snapshot_of(document: Document) -> dict[str, Any]:
    """What brings a document back: its columns, the owner's word on its texts, and the pages it stood for."""
    texts = await QuarantinedText.filter(document_id=document.id).exclude(decision=Decision.WAITING)
    pages = await SitePage.filter(document_id=document.id).only("id", "outcome")
    return {
        **{name: getattr(document, name) for name in IDENTITY},
        "texts": [{name: getattr(text, name) for name in _TEXT} for text in texts],
        "paused": document.status == DocumentStatus.PAUSED,
        "pages": {str(page.id): PageOutcome(page.outcome).value for page in pages},
    }


async def record_replaced(by: Actor | None, document: Document, content_hash: str) -> None:
    """`document` as it was before other content was laid down for it; that content's hash."""
    before = {name: getattr(document, name) for name in ("file_path", "content_hash", "size_bytes", "filename")}
    after = {"content_hash": content_hash}
    await record_document(by, REPLACED, document, before=before, after=after, file_path=document.file_path)
