"""Questions that nobody could answer."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_response

from api.access import login_required
from api.limits import per_minute
from core.conversations import gaps_of
from core.models import Assistant, Gap, GapStatus

blueprint = Blueprint("gaps", __name__)


class GapFilter(BaseModel):
    status: GapStatus = GapStatus.OPEN


class GapView(BaseModel):
    """`asked` is how often."""

    id: UUID
    question: str
    asked: int
    status: GapStatus
    last_asked_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, row: Gap) -> Self:
        return cls.model_validate(row, from_attributes=True)


class Gaps(BaseModel):
    gaps: list[GapView]


@blueprint.get("/assistants/<uuid:assistant_id>/gaps")
@rate_limit(limits=per_minute(300))
@login_required
@validate_querystring(GapFilter)
@validate_response(Gaps)
async def list_all(assistant: Assistant, query_args: GapFilter) -> Gaps:
    """Most asked first. A verified answer to one closes it."""
    return Gaps(gaps=[GapView.of(row) for row in await gaps_of(assistant, query_args.status)])
