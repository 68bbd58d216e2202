"""What waits for the owner's word: remembered while a document is indexed, shown to him, decided by him.

A decision holds for the same text in every document of the assistant, so that the foot of a site's pages is asked of
once; and it can be changed. What he takes back is gone with his word: the passages that hold it are deleted in the
same transaction, and the rest of the document comes back when it has been read anew. Refuses to know why a text is
suspicious: `core/screening/screen.py` does.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.changes import record_undoable
from core.documents import LARGE, add_reading_job
from core.jobs import wake
from core.models import Assistant, Decision, Document, DocumentStatus, Job, JobStatus, PassageRow, QuarantinedText
from core.parsing.base import ParsedDocument
from core.screening.screen import Screened, screen
from core.screening.strangers import find_strangers
from core.tenancy import Actor

TEXT = "text"
"""What these changes are called."""
DECIDED = "decide text"
_RUN = 6
"""So many words in a row make a passage one that holds a text: passages may hold it in part, and lay rows out anew."""
_AT_REST = (DocumentStatus.INDEXED, DocumentStatus.FAILED)
_WORD = re.compile(r"\w+")


async def set_aside(core: Core, document: Document, parsed: ParsedDocument) -> Screened:
    """What of a document that has just been read can be used now; what waits is remembered for its owner.

    Raises `Unavailable` when the embedder is a server that does not answer.
    """
    strangers = await find_strangers(core.embedder, parsed)
    while True:
        decided = await decisions_of(document)
        screened = await asyncio.to_thread(screen, parsed, decided, strangers)
        await remember_suspicions(document, screened)
        if (
            await decisions_of(document) == decided
        ):  # else he has decided meanwhile; from here on he finds this document
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


async def decide(core: Core, item: QuarantinedText, *, keep: bool, by: Actor | None = None) -> None:
    """The owner's word on a text, wherever in the assistant it stands; documents that it changes are read again.

    An earlier word on it may be changed, and taken back when it was said `by` somebody.
    """
    decision = Decision.KEPT if keep else Decision.DROPPED
    await _decide(core, item.assistant_id, {item.text_hash: decision}, item.id, by)
    await item.refresh_from_db()


async def leave_all_out(core: Core, document: Document, by: Actor | None = None) -> int:
    """Drop everything of a document that waits; how much that was."""
    hashes = [row.text_hash for row in await waiting_in(document, limit=100_000)]
    dropped = dict.fromkeys(hashes, Decision.DROPPED)
    await _decide(core, document.assistant_id, dropped, document.id, by)
    return len(hashes)


async def take_back_decisions(
    core: Core, assistant_id: UUID, was: Mapping[str, Decision], subject: UUID, by: Actor
) -> None:
    """What was said of these texts (`text_hash`) before counts again."""
    await _decide(core, assistant_id, was, subject, by)


async def _decide(
    core: Core, assistant_id: UUID, words: Mapping[str, Decision], subject: UUID, by: Actor | None
) -> None:
    """All at once, or nothing: a crash in between would leave a document that says what he took back."""
    same = QuarantinedText.filter(assistant_id=assistant_id, text_hash__in=list(words))
    async with in_transaction():
        rows = await same.all()
        for decision in set(words.values()):
            told = [text_hash for text_hash, word in words.items() if word == decision]
            when = None if decision == Decision.WAITING else datetime.now(UTC)
            await same.filter(text_hash__in=told).update(decision=decision, decided_at=when)
        changed = {
            row.document_id
            for row in rows
            if (row.decision == Decision.KEPT) != (words[row.text_hash] == Decision.KEPT)
        }
        unread = Document.filter(id__in=list(changed))
        # What is being read of them was begun before he said so, and never shows.
        await unread.update(reading_since=None)
        await unread.filter(status=DocumentStatus.FAILED).update(error_code="", error_facts={})
        await unread.filter(status__in=_AT_REST).update(status=DocumentStatus.UPLOADED)
        await Job.filter(subject_id__in=list(changed)).exclude(status=JobStatus.DONE).delete()
        jobs = []
        for document in await unread:
            taken = [row for row in rows if row.decision == Decision.KEPT != words[row.text_hash]]
            if gone := [row.text for row in taken if row.document_id == document.id]:
                await _take_back(document.id, gone)
            jobs.append(await add_reading_job(document, large=document.size_bytes >= LARGE))
        if rows:
            await _record(by, rows, words, subject)
    for job in jobs:
        await wake(core.queue, job)


async def _record(
    by: Actor | None, rows: Sequence[QuarantinedText], words: Mapping[str, Decision], subject: UUID
) -> None:
    was = {row.text_hash: Decision(row.decision).value for row in rows}
    now = {text_hash: words[text_hash].value for text_hash in was}
    if was != now:
        await record_undoable(
            by,
            DECIDED,
            TEXT,
            subject,
            assistant_id=rows[0].assistant_id,
            before={"words": was},
            after={"words": now},
            name=rows[0].text[:80],
        )


async def _take_back(document_id: UUID, texts: Sequence[str]) -> None:
    """Delete the passages that hold one of the texts, or some of it. Their vectors, without a text, find nothing."""
    unwanted: dict[int, set[tuple[str, ...]]] = {}
    for text in texts:
        words = _WORD.findall(text.casefold())
        length = min(_RUN, len(words))
        unwanted.setdefault(length, set()).update(_runs(words, length))
    rows = await PassageRow.filter(document_id=document_id)
    said = {row.id: _WORD.findall(f"{row.heading} {row.question} {row.text}".casefold()) for row in rows}
    held = [key for key, words in said.items() if any(_runs(words, length) & unwanted[length] for length in unwanted)]
    await PassageRow.filter(id__in=held).delete()


def _runs(words: Sequence[str], length: int) -> set[tuple[str, ...]]:
    """Every so many words in a row; none of length 0."""
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1) if length}
