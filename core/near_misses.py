"""Questions that were almost ones with a ready answer: remembered for the owner to decide, never answered with it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from core.differences import Difference
from core.gaps import question_key
from core.models import Assistant, NearMiss

MOST = 200
"""Of one assistant; beyond, the longest not asked are forgotten."""


async def remember_near_miss(
    assistant_id: UUID, answer_id: UUID, question: str, similarity: float, difference: Difference | None
) -> None:
    """Count it; what the owner has refused for one answer is asked of him again only about another answer."""
    key = question_key(question)
    if not key:
        return
    seen: dict[str, Any] = {
        "answer_id": answer_id,
        "similarity": similarity,
        "difference": difference.value if difference else "",
    }
    try:
        await NearMiss.create(assistant_id=assistant_id, question=question, question_key=key, **seen)
    except IntegrityError:
        same = NearMiss.filter(assistant_id=assistant_id, question_key=key)
        await same.exclude(answer_id=answer_id).update(dismissed=False)
        await same.update(asked=F("asked") + 1, last_asked_at=datetime.now(UTC), **seen)
        return
    if await NearMiss.filter(assistant_id=assistant_id).count() > MOST:
        oldest = await NearMiss.filter(assistant_id=assistant_id).order_by("last_asked_at").limit(MOST // 10)
        await NearMiss.filter(id__in=[row.id for row in oldest]).delete()


async def near_misses_of(assistant: Assistant) -> list[NearMiss]:
    """Those that wait for the owner's word, most asked first, each with its `answer`."""
    waiting = NearMiss.filter(assistant_id=assistant.id, dismissed=False).select_related("answer")
    return await waiting.order_by("-asked", "-similarity")


async def dismiss_near_miss(row: NearMiss) -> None:
    """That answer is none for this question."""
    await NearMiss.filter(id=row.id).update(dismissed=True)


async def forget_near_miss(assistant_id: UUID, question: str) -> None:
    """It is answered now."""
    await NearMiss.filter(assistant_id=assistant_id, question_key=question_key(question)).delete()
