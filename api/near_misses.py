"""How near a question comes to the owner's answers: tried out by him, and remembered of customers' questions."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_required, manager_required
from api.context import the_core
from api.limits import per_minute
from api.verified_answers import Question, VerifiedAnswerView
from core.models import Assistant, NearMiss
from core.near_misses import dismiss_near_miss, near_misses_of
from core.verified import Match, accept_near_miss, nearest_verified, verified_threshold

blueprint = Blueprint("near_misses", __name__)
_ADDRESS = "/assistants/<uuid:assistant_id>/verified-answers"


class TriedQuestion(BaseModel):
    question: Question


class NearestAnswer(BaseModel):
    """`wording` is the one it was compared with, `needed` the threshold for it (lower in another language).

    `why_not`: "" where it would be given; "far"; or "number", "negation", "asked", "direction", "subject": what the two
    questions differ in, however near they are.
    """

    id: UUID
    question: str
    wording: str
    answer: str
    similarity: float
    needed: float
    would_match: bool
    why_not: str

    @classmethod
    def of(cls, match: Match) -> Self:
        return cls(
            id=match.answer.id,
            question=match.answer.question,
            wording=match.wording,
            answer=match.answer.answer,
            similarity=match.similarity,
            needed=match.needed,
            would_match=match.would_match,
            why_not=match.why_not,
        )


class Tried(BaseModel):
    """`threshold` is `answer_policy.verified_threshold`, as it is now."""

    threshold: float
    would_match: bool
    nearest: list[NearestAnswer]


class NearMissView(BaseModel):
    """A customer's question, and the verified answer that it was not given."""

    id: UUID
    question: str
    asked: int
    similarity: float
    why_not: str
    answer_id: UUID
    answered_question: str
    answer: str
    last_asked_at: datetime

    @classmethod
    def of(cls, row: NearMiss) -> Self:
        return cls(
            id=row.id,
            question=row.question,
            asked=row.asked,
            similarity=row.similarity,
            why_not=row.difference or "far",
            answer_id=row.answer_id,
            answered_question=row.answer.question,
            answer=row.answer.answer,
            last_asked_at=row.last_asked_at,
        )


class NearMisses(BaseModel):
    near_misses: list[NearMissView]


@blueprint.post(f"{_ADDRESS}/test")
@rate_limit(limits=per_minute(300))
@login_required
@validate_request(TriedQuestion)
@validate_response(Tried)
async def try_out(assistant: Assistant, data: TriedQuestion) -> Tried:
    """The three verified answers that come nearest, and whether one would be given. Nothing is remembered."""
    nearest = [NearestAnswer.of(match) for match in await nearest_verified(the_core(), assistant, data.question)]
    return Tried(
        threshold=verified_threshold(assistant),
        would_match=any(one.would_match for one in nearest),
        nearest=nearest,
    )


@blueprint.get(f"{_ADDRESS}/near-misses")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(NearMisses)
async def list_all(assistant: Assistant) -> NearMisses:
    """Questions that were almost verified ones, most asked first."""
    return NearMisses(near_misses=[NearMissView.of(row) for row in await near_misses_of(assistant)])


@blueprint.post(f"{_ADDRESS}/near-misses/<uuid:near_miss_id>/accept")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_response(VerifiedAnswerView)
async def accept(assistant: Assistant, near_miss: NearMiss) -> VerifiedAnswerView:
    """From now on that answer is given to this question, too."""
    return VerifiedAnswerView.of(await accept_near_miss(the_core(), near_miss, g.actor))


@blueprint.delete(f"{_ADDRESS}/near-misses/<uuid:near_miss_id>")
@rate_limit(limits=per_minute(120))
@manager_required
async def dismiss(assistant: Assistant, near_miss: NearMiss) -> tuple[str, int]:
    """That answer is none for this question; it is not proposed again."""
    await dismiss_near_miss(near_miss)
    return "", 204
