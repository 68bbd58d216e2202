"""Questions that nobody could answer."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_request, validate_response

from api.access import login_required, manager_required
from api.context import the_core
from api.limits import per_minute
from api.verified_answers import Answer, VerifiedAnswerView
from core.askers import count_askers
from core.gaps import dismiss_gap, gaps_of, wordings_of_gap
from core.models import Assistant, Gap, GapStatus
from core.verified import answer_gap

blueprint = Blueprint("gaps", __name__)


class GapFilter(BaseModel):
    status: GapStatus = GapStatus.OPEN


class GapView(BaseModel):
    """Questions that mean the same. `question` is the most frequent wording, `asked` how often in all wordings,
    `waiting` how many customers asked to be told the answer."""

    id: UUID
    question: str
    wordings: list[str]
    asked: int
    waiting: int
    status: GapStatus
    last_asked_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, row: Gap, waiting: int) -> Self:
        return cls(
            id=row.id,
            question=row.question,
            wordings=wordings_of_gap(row),
            asked=row.asked,
            waiting=waiting,
            status=row.status,
            last_asked_at=row.last_asked_at,
            created_at=row.created_at,
        )


class GapAnswer(BaseModel):
    answer: Answer


class Gaps(BaseModel):
    gaps: list[GapView]


@blueprint.get("/assistants/<uuid:assistant_id>/gaps")
@rate_limit(limits=per_minute(300))
@login_required
@validate_querystring(GapFilter)
@validate_response(Gaps)
async def list_all(assistant: Assistant, query_args: GapFilter) -> Gaps:
    """Most asked first, those of the same meaning as one. A verified answer to one closes it."""
    rows = await gaps_of(assistant, query_args.status)
    askers = await count_askers([row.id for row in rows])
    return Gaps(gaps=[GapView.of(row, askers.get(row.id, 0)) for row in rows])


@blueprint.post("/assistants/<uuid:assistant_id>/gaps/<uuid:gap_id>/answer")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_request(GapAnswer)
@validate_response(VerifiedAnswerView, 201)
async def answer(assistant: Assistant, gap: Gap, data: GapAnswer) -> tuple[VerifiedAnswerView, int]:
    """Answer all questions of a group once and for ever; customers get these very words, those who asked to be told
    at once. 409 when it has an answer already."""
    return VerifiedAnswerView.of(await answer_gap(the_core(), gap, data.answer, g.actor)), 201


@blueprint.delete("/assistants/<uuid:assistant_id>/gaps/<uuid:gap_id>")
@rate_limit(limits=per_minute(120))
@manager_required
async def dismiss(assistant: Assistant, gap: Gap) -> tuple[str, int]:
    """Not worth an answer; asked again, it stays away."""
    await dismiss_gap(gap, g.actor)
    return "", 204
