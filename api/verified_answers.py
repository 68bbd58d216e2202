"""Answers in the owner's own words."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_required, manager_required
from api.context import the_core
from api.limits import per_minute
from core.models import Assistant, VerifiedAnswer
from core.verified import MOST_WORDINGS, add_verified_answer, forget_verified_answer, verified_answers_of

blueprint = Blueprint("verified_answers", __name__)


Question = Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=1000)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=4000)]


class NewVerifiedAnswer(BaseModel):
    """`wordings` are further ways to ask the question."""

    question: Question
    answer: Answer
    wordings: Annotated[list[Question], Field(max_length=MOST_WORDINGS)] = []


class VerifiedAnswerView(BaseModel):
    id: UUID
    question: str
    wordings: list[str]
    answer: str
    created_at: datetime

    @classmethod
    def of(cls, row: VerifiedAnswer) -> Self:
        return cls(
            id=row.id,
            question=row.question,
            wordings=row.wordings or [],
            answer=row.answer,
            created_at=row.created_at,
        )


class VerifiedAnswers(BaseModel):
    verified_answers: list[VerifiedAnswerView]


@blueprint.post("/assistants/<uuid:assistant_id>/verified-answers")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_request(NewVerifiedAnswer)
@validate_response(VerifiedAnswerView, 201)
async def add(assistant: Assistant, data: NewVerifiedAnswer) -> tuple[VerifiedAnswerView, int]:
    """Answer a question once and for ever; customers get these very words."""
    row = await add_verified_answer(the_core(), assistant, data.question, data.answer, data.wordings, by=g.actor)
    return VerifiedAnswerView.of(row), 201


@blueprint.get("/assistants/<uuid:assistant_id>/verified-answers")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(VerifiedAnswers)
async def list_all(assistant: Assistant) -> VerifiedAnswers:
    """All of them, oldest first."""
    rows = await verified_answers_of(assistant)
    return VerifiedAnswers(verified_answers=[VerifiedAnswerView.of(row) for row in rows])


@blueprint.delete("/assistants/<uuid:assistant_id>/verified-answers/<uuid:answer_id>")
@rate_limit(limits=per_minute(120))
@manager_required
async def forget(assistant: Assistant, answer: VerifiedAnswer) -> tuple[str, int]:
    """Delete one; the next answer comes from the documents again."""
    await forget_verified_answer(the_core(), answer, g.actor)
    return "", 204
