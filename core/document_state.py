"""How a document stands, in words and numbers for its owner. Refuses to change anything."""

from datetime import UTC, datetime

from core.app import Core
from core.errors import DocumentPartlyScanned, ProductError
from core.models import Document, DocumentStatus
from core.parsing.recognition import named_pages

_SAYS_SOMETHING = 0.02
"""Share of a step from which its pace foretells the rest: the first page may wait for a process to start."""


def describe_failure(core: Core, document: Document, locale: str) -> str:
    """What of a document, or of its newest version, could not be read, in the owner's words; empty when all is well."""
    if not document.error_code:
        return _unread_pages(core, document, locale)
    error = ProductError(**{"name": document.filename, **document.error_facts})
    reason = core.texts.say(locale, document.error_code, **error.facts)
    if document.status == DocumentStatus.INDEXED:
        return core.texts.say(locale, "document-newer-failed", reason=reason)
    return reason


def _unread_pages(core: Core, document: Document, locale: str) -> str:
    if document.status != DocumentStatus.INDEXED:
        return ""
    left_out = (DocumentPartlyScanned.code, document.picture_pages), ("document-unread-pages", document.unread_pages)
    return " ".join(core.texts.say(locale, key, pages=named_pages(pages)) for key, pages in left_out if pages)


def seconds_left(document: Document, now: datetime | None = None) -> float | None:
    """How long the present step, reading pages or remembering passages, will take; None when nobody can tell yet."""
    if document.status != DocumentStatus.PROCESSING:
        return None
    done, total, since = document.passages_done, document.passage_count, document.embedding_since
    if since is None:
        done, total, since = document.pages_done, document.page_count, document.reading_since
    if since is None or not total * _SAYS_SOMETHING <= done <= total or not done:
        return None
    return max(0.0, ((now or datetime.now(UTC)) - since).total_seconds() / done * (total - done))
