"""What waits for the owner's word: remembered while a document is indexed, shown to him, decided by him.

A decision holds for the same text in every document of the assistant, so that the foot of a site's pages is asked of
once; and it can be changed. Refuses to know why a text is suspicious: `core/screening/screen.py` does.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.documents import read_anew
from core.models import Assistant, Decision, Document, QuarantinedText
from core.parsing.base import ParsedDocument
from core.screening.screen import Screened, screen
from core.screening.strangers import find_strangers


async def set_aside(core: Core, document: Document, parsed: ParsedDocument) -> Screened:
    """What of a document that has just been read can be used now; what waits is remembered for its owner.

    Raises `Unavailable` when the embedder is a server that does not answer.
    """
    strangers = await find_strangers(core.embedder, parsed)
    screened = await asyncio.to_thread(screen, parsed, await decisions_of(document), strangers)
    await remember_suspicions(document, screened)
    return screened


async def decisions_of(document: Document) -> dict[str, Decision]:
    """What the owner has decided so far, for `screen`: `text_hash` -> kept or dropped."""
    rows = await QuarantinedText.filter(assistant_id=document.assistant_id).exclude(decision=Decision.WAITING)
    return {row.text_hash: row.decision for row in rows}


async def remember_suspicions(document: Document, screened: Screened) -> int:
    """Write down what the document's present text makes wait; how much that is. Safe to repeat.

    Rows that wait for a text which is no longer there go away; decisions stay.
    """
    found = {one.text_hash: one for one in (*screened.suspicious, *screened.settled)}
    async with in_transaction():
        # Read again in here: he may have decided while the document was being read.
        decided = await decisions_of(document)
        waiting = QuarantinedText.filter(document_id=document.id, decision=Decision.WAITING)
        await waiting.exclude(text_hash__in=list(found)).delete() if found else await waiting.delete()
        known = {row.text_hash for row in await QuarantinedText.filter(document_id=document.id).only("text_hash")}
        await QuarantinedText.bulk_create(
            [
                QuarantinedText(
                    assistant_id=document.assistant_id,
                    document_id=document.id,
                    text=one.text,
                    text_hash=one.text_hash,
                    reason=one.reason,
                    page=one.page,
                    decision=decided.get(one.text_hash, Decision.WAITING),
                )
                for one in found.values()
                if one.text_hash not in known
            ],
            batch_size=200,
        )
    return len(screened.suspicious)


async def quarantine_of(
    assistant: Assistant, decision: Decision = Decision.WAITING, limit: int = 50, offset: int = 0
) -> list[QuarantinedText]:
    """Oldest first, each with its `document`."""
    rows = QuarantinedText.filter(assistant_id=assistant.id, decision=decision).select_related("document")
    return await rows.order_by("created_at", "id").offset(offset).limit(limit)


async def waiting_in(document: Document, limit: int = 50) -> list[QuarantinedText]:
    """What of one document waits, oldest first."""
    rows = QuarantinedText.filter(document_id=document.id, decision=Decision.WAITING)
    return await rows.order_by("created_at", "id").limit(limit)


async def count_waiting(assistant: Assistant) -> int:
    """Texts in all documents of the assistant that wait."""
    return await QuarantinedText.filter(assistant_id=assistant.id, decision=Decision.WAITING).count()


async def count_waiting_in(document: Document) -> int:
    """Texts of one document that wait."""
    return await QuarantinedText.filter(document_id=document.id, decision=Decision.WAITING).count()


async def waiting_counts(assistant: Assistant) -> Mapping[UUID, int]:
    """Document -> how many of its texts wait; documents without any are left out."""
    counts: dict[UUID, int] = {}
    for row in await QuarantinedText.filter(assistant_id=assistant.id, decision=Decision.WAITING).only("document_id"):
        counts[row.document_id] = counts.get(row.document_id, 0) + 1
    return counts


async def decide(core: Core, item: QuarantinedText, *, keep: bool) -> None:
    """The owner's word on a text, wherever in the assistant it stands; documents that it changes are read again.

    An earlier word on it may be changed.
    """
    await _decide(core, [item.text_hash], item.assistant_id, keep=keep)
    await item.refresh_from_db()


async def leave_all_out(core: Core, document: Document) -> int:
    """Drop everything of a document that waits; how much that was."""
    hashes = [row.text_hash for row in await waiting_in(document, limit=100_000)]
    await _decide(core, hashes, document.assistant_id, keep=False)
    return len(hashes)


async def _decide(core: Core, hashes: list[str], assistant_id: UUID, *, keep: bool) -> None:
    same = QuarantinedText.filter(assistant_id=assistant_id, text_hash__in=hashes)
    async with in_transaction():
        rows = await same.all()
        decision = Decision.KEPT if keep else Decision.DROPPED
        await same.update(decision=decision, decided_at=datetime.now(UTC))
    changed = {row.document_id for row in rows if (row.decision is Decision.KEPT) != keep}
    for document in await Document.filter(id__in=list(changed)):
        await read_anew(core, document)
