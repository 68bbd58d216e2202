"""Sentences of different documents that tell different things of one subject."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_required, manager_required
from api.context import the_core
from api.limits import per_minute
from core.contradictions.settling import (
    Side,
    Unsettled,
    contradictions_of,
    look_for_contradictions,
    say_both_are_right,
    settle,
)
from core.models import Assistant, Contradiction

blueprint = Blueprint("contradictions", __name__)


class SideView(BaseModel):
    document_id: UUID
    passage_id: UUID
    quote: str

    @classmethod
    def of(cls, side: Side) -> Self:
        return cls(document_id=side.passage.document_id, passage_id=side.passage.id, quote=side.quote)


class ContradictionView(BaseModel):
    """`told` differently: price, time, date, phone or number."""

    id: UUID
    told: str
    first: SideView
    second: SideView
    created_at: datetime

    @classmethod
    def of(cls, one: Unsettled) -> Self:
        first, second = map(SideView.of, one.sides)
        return cls(id=one.row.id, told=one.row.told, first=first, second=second, created_at=one.row.created_at)


class Contradictions(BaseModel):
    contradictions: list[ContradictionView]


class RightSide(StrEnum):
    FIRST = "first"
    SECOND = "second"
    BOTH = "both"


class Word(BaseModel):
    """Which sentence is right. The other one is not used any more; after `both` nobody asks again."""

    model_config = ConfigDict(extra="forbid")
    right: RightSide


@blueprint.get("/assistants/<uuid:assistant_id>/contradictions")
@rate_limit(limits=per_minute(120))
@login_required
@validate_response(Contradictions)
async def list_all(assistant: Assistant) -> Contradictions:
    """Those that wait for your word, newest first. Looked for every hour where documents have changed."""
    return Contradictions(contradictions=[ContradictionView.of(one) for one in await contradictions_of(assistant)])


@blueprint.post("/assistants/<uuid:assistant_id>/contradictions/find")
@rate_limit(limits=per_minute(10))
@manager_required
@validate_response(Contradictions)
async def find(assistant: Assistant) -> Contradictions:
    """Compare all documents now."""
    found = await look_for_contradictions(the_core(), assistant)
    return Contradictions(contradictions=[ContradictionView.of(one) for one in found])


@blueprint.post("/assistants/<uuid:assistant_id>/contradictions/<uuid:contradiction_id>/settle")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_request(Word)
async def decide(assistant: Assistant, contradiction: Contradiction, data: Word) -> tuple[str, int]:
    """Say which is right; 409 when one of the two is not used any more. It can be undone (`changes`)."""
    if data.right is RightSide.BOTH:
        await say_both_are_right(contradiction, g.actor)
    else:
        await settle(the_core(), contradiction, first_is_right=data.right is RightSide.FIRST, by=g.actor)
    return "", 204
