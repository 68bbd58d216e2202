"""Which content of a document counts: the next version is laid down, an earlier one again, a deleted one brought back.

Refuses to know how content arrives (core/receiving.py) and how it is read (core/indexing.py).
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.app import Core
from core.changes import CannotUndo
from core.document_changes import IDENTITY, RESTORED, record_document, record_replaced
from core.documents import LARGE, add_reading_job, cancel_reading, remove_files
from core.jobs import wake
from core.models import (
    Document,
    DocumentStatus,
    Job,
    JobStatus,
    PageOutcome,
    PassageRow,
    QuarantinedText,
    SitePage,
)
from core.tenancy import Actor


@dataclass(frozen=True, slots=True)
class Content:
    """What arrived and lies in its place. `large` is the lane it waits in, `size` is in bytes."""

    path: str
    content_hash: str
    size: int
    large: bool


async def lay(document: Document, content: Content) -> bool:
    """Write down what is to be read next of a document: one that answers goes on with what it has until then.

    One that has never answered simply gets the other content. False when the document is not as it was: then nothing
    is written. Called inside a transaction; writes these columns and no others, whatever else changes meanwhile.
    """
    changes: dict[str, Any] = {
        **{"status": DocumentStatus.UPLOADED, "error_code": "", "error_facts": {}, "size_bytes": content.size},
        **{"pages_done": 0, "passages_done": 0, "reading_since": None, "embedding_since": None},
        **{"next_path": "", "next_hash": ""},
    }
    answers = await PassageRow.filter(document_id=document.id).exists()
    if answers and content.content_hash != document.content_hash:
        changes |= {"next_path": content.path, "next_hash": content.content_hash}
    else:
        changes |= {"file_path": content.path, "content_hash": content.content_hash}
    unchanged = Document.filter(
        id=document.id, status=document.status, content_hash=document.content_hash, next_hash=document.next_hash
    )
    return bool(await unchanged.update(**changes))


def content_hash_of(document: Document) -> str:
    """Of the content that counts: what is being read, or else what answers."""
    return document.next_hash or document.content_hash


async def lay_again(core: Core, document: Document, was: dict[str, Any], by: Actor) -> None:
    """The content that a document had before counts again, and is read anew unless it still answers.

    Raises `CannotUndo` when its file is gone, or the document changes this very moment.
    """
    content = Content(was["file_path"], was["content_hash"], was["size_bytes"], was["size_bytes"] >= LARGE)
    await _must_be_there(core, content.path)
    if document.next_hash and document.content_hash == content.content_hash:
        async with in_transaction():
            wanted = await Document.get(id=document.id)
            wanted.content_hash, wanted.file_path = document.next_hash, document.next_path
            await record_replaced(by, wanted, content.content_hash)
            await Document.filter(id=document.id).update(filename=was["filename"])
            if not await cancel_reading(core, document):
                raise CannotUndo
        return
    async with in_transaction():
        await record_replaced(by, document, content.content_hash)
        if not await lay(document, content):
            raise CannotUndo
        await Document.filter(id=document.id).update(filename=was["filename"])
        await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).delete()
        job = await add_reading_job(document, large=content.large)
    await wake(core.queue, job)
    await remove_files(core, document.file_path, document.next_path)


async def restore_document(core: Core, document_id: UUID, assistant_id: UUID, was: dict[str, Any], by: Actor) -> None:
    """A deleted document is there again under its id, and is read anew. Raises `CannotUndo` when the same content
    came again meanwhile, or its file is gone."""
    await _must_be_there(core, was["file_path"])
    try:
        async with in_transaction():
            columns = {name: was[name] for name in IDENTITY}
            document = await Document.create(id=document_id, assistant_id=assistant_id, **columns)
            for text in was["texts"]:
                now = datetime.now(UTC)
                await QuarantinedText.create(document_id=document_id, assistant_id=assistant_id, decided_at=now, **text)
            for page_id, outcome in was["pages"].items():
                unread = SitePage.filter(id=page_id, document_id=None)
                await unread.update(document_id=document_id, outcome=PageOutcome(outcome))
            if was["paused"]:
                await Document.filter(id=document_id).update(status=DocumentStatus.PAUSED)
            job = await add_reading_job(document, large=document.size_bytes >= LARGE)
            await record_document(by, RESTORED, document, before=None, after=was, file_path=document.file_path)
    except IntegrityError as error:
        raise CannotUndo from error
    await wake(core.queue, job)


async def _must_be_there(core: Core, path: str) -> None:
    if not await asyncio.to_thread((core.settings.uploads_folder / path).is_file):
        raise CannotUndo
