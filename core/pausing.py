"""A document that is not to answer for a while: its text leaves the tables as a deleted one's does, its file stays.

So no query has to remember who is paused. Used again, it is read anew. Refuses to know how documents are read.
"""

from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.document_changes import PAUSED, RESUMED, record_document
from core.documents import LARGE, Remains, add_reading_job, clear_away
from core.errors import Conflict
from core.jobs import wake
from core.models import Document, DocumentStatus, Job, JobStatus, PassageRow
from core.tenancy import Actor

_FAILED = (DocumentStatus.FAILED, DocumentStatus.CANCELLED)


async def pause_document(core: Core, document: Document, by: Actor | None = None) -> None:
    """Not used from the next answer on. A newer version that is still unread is what will be read then.

    Raises `Conflict` for a page: that is read with its site.
    """
    if document.kind == "page":
        raise Conflict(reason="a page is read with its site")
    async with in_transaction():
        now = await Document.filter(id=document.id).select_for_update().first()
        if now is None or now.status == DocumentStatus.PAUSED:
            return
        passages: list[UUID] = [row.id for row in await PassageRow.filter(document_id=now.id).only("id")]
        await PassageRow.filter(document_id=now.id).delete()
        await Job.filter(subject_id=now.id).exclude(status=JobStatus.DONE).delete()
        await Document.filter(id=now.id).update(
            status=DocumentStatus.PAUSED,
            file_path=now.next_path or now.file_path,
            content_hash=now.next_hash or now.content_hash,
            next_path="",
            next_hash="",
            error_code="",
            error_facts={},
            passage_count=0,
            passages_done=0,
            reading_since=None,
            embedding_since=None,
        )
        await record_document(by, PAUSED, now, before={"paused": False}, after={"paused": True})
    await document.refresh_from_db()
    await clear_away(core, Remains(now.assistant_id, (now.file_path,) if now.next_path else (), tuple(passages)))


async def resume_document(core: Core, document: Document, by: Actor | None = None) -> bool:
    """Used again as soon as it has been read; False when it is not paused."""
    return await _read_from_the_start(core, document, (DocumentStatus.PAUSED,), by)


async def retry_document(core: Core, document: Document) -> bool:
    """Read one that failed or was stopped once more; False when it is neither."""
    return await _read_from_the_start(core, document, _FAILED, None)


async def _read_from_the_start(
    core: Core, document: Document, those: tuple[DocumentStatus, ...], by: Actor | None
) -> bool:
    async with in_transaction():
        waiting = Document.filter(id=document.id, status__in=those)
        begun = await waiting.update(
            status=DocumentStatus.UPLOADED, error_code="", error_facts={}, pages_done=0, passages_done=0
        )
        if not begun:
            return False
        job = await add_reading_job(document, large=document.size_bytes >= LARGE)
        await record_document(by, RESUMED, document, before={"paused": True}, after={"paused": False})
    await wake(core.queue, job)
    await document.refresh_from_db()
    return True
