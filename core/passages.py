"""Texts of passages as whoever answers may read them: not those that their owner has hidden, or put otherwise.

What an owner has said about a passage (core/passage_edits.py) is asked of SQL with every reading, so his word counts
from the next answer on, whatever a vector store holds and however often a document is read again. Refuses to know how
passages are found.
"""

from collections.abc import Collection
from uuid import UUID

from tortoise.queryset import QuerySet

from core.messages import Passage
from core.models import PassageEdit, PassageRow
from core.statements import Row, Statement, as_id

CORRECTION = "correction"
"""The kind of a document that holds the owner's own words in the place of a passage."""
_READ = (
    "SELECT p.id, p.document_id, p.chunk_index, p.heading, p.page, p.text, p.question, d.title, d.filename, "
    "d.source_url FROM passages p JOIN documents d ON d.id = p.document_id WHERE p.assistant_id = :assistant "
)
_IN_USE = (
    "AND NOT EXISTS (SELECT 1 FROM passage_edits e "
    "WHERE e.assistant_id = p.assistant_id AND e.content_hash = p.content_hash) "
    # A correction whose text has changed, or is gone, corrects nothing any more.
    "AND (d.kind <> 'correction' OR EXISTS (SELECT 1 FROM passage_edits c JOIN passages o "
    "ON o.assistant_id = c.assistant_id AND o.content_hash = c.content_hash WHERE c.correction_id = d.id)) "
)
_AMONG = Statement(f"{_READ}AND p.id IN :ids {_IN_USE}ORDER BY p.created_at")
_NEXT = Statement(f"{_READ}AND p.document_id = :document AND p.chunk_index = :place {_IN_USE}")


async def read_passages(assistant_id: UUID, ids: Collection[UUID]) -> list[Passage]:
    """Those of these ids that are in use, oldest first; what came in later has more `newness`."""
    rows = await _AMONG.rows(assistant=assistant_id, ids=list(ids)) if ids else []
    return [_passage(row, newness) for newness, row in enumerate(rows)]


async def read_next(assistant_id: UUID, passage: Passage) -> Passage | None:
    """The one that follows in the same document, if it is in use."""
    place = passage.chunk_index + 1
    row = await _NEXT.first(assistant=assistant_id, document=passage.document_id, place=place)
    return _passage(row, passage.newness) if row else None


async def only_used(rows: QuerySet[PassageRow], assistant_id: UUID) -> QuerySet[PassageRow]:
    """Of rows of this assistant those that are in use."""
    edits = await PassageEdit.filter(assistant_id=assistant_id).only("content_hash", "correction_id")
    if not edits:
        return rows
    hashes = [edit.content_hash for edit in edits]
    there = await hashes_there(assistant_id, hashes)
    idle = [edit.correction_id for edit in edits if edit.correction_id and edit.content_hash not in there]
    rows = rows.exclude(content_hash__in=hashes)
    return rows.exclude(document_id__in=idle) if idle else rows


async def hashes_there(assistant_id: UUID, hashes: Collection[str]) -> set[str]:
    """Which of these texts stand in the assistant's documents now."""
    rows = PassageRow.filter(assistant_id=assistant_id, content_hash__in=list(hashes)) if hashes else None
    return {row.content_hash for row in await rows.only("id", "content_hash")} if rows else set()


def _passage(row: Row, newness: int) -> Passage:
    return Passage(
        id=as_id(row["id"]),
        document_id=as_id(row["document_id"]),
        document=row["title"] or row["filename"],
        text=row["text"],
        score=0.0,
        heading=row["heading"],
        page=row["page"],
        chunk_index=row["chunk_index"],
        newness=newness,
        question=row["question"],
        url=row["source_url"],
    )
