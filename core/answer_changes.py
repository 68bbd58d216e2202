"""What was done to ready answers, written down so that it can be taken back (core/undoing.py does that)."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from core.changes import State, record_undoable
from core.models import VerifiedAnswer
from core.tenancy import Actor

ANSWER = "answer"
"""What these changes are called."""
ADDED, CHANGED, REWORDED = "add answer", "change answer", "reword answer"
DELETED, RESTORED = "delete answer", "restore answer"


def snapshot_of(row: VerifiedAnswer) -> dict[str, Any]:
    return {"question": row.question, "answer": row.answer, "wordings": list(row.wordings or [])}


async def record_answer(
    by: Actor | None,
    action: str,
    row: VerifiedAnswer,
    *,
    before: State,
    after: State,
    gaps: Collection[UUID | str] = (),
) -> None:
    """`gaps` are the unanswered questions that were closed with the change, or opened again."""
    closed = {"gaps": [str(gap) for gap in gaps]}
    await record_undoable(
        by,
        action,
        ANSWER,
        row.id,
        assistant_id=row.assistant_id,
        before=before and before | closed,
        after=after and after | closed,
        name=row.question[:80],
    )
