"""Texts that wait for the owner's word: hidden ones, and those that read like an order to a model."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_response

from api.access import login_required, manager_required
from api.context import caller_locale, the_core
from api.limits import per_minute
from api.paging import Part
from core.models import Assistant, Decision, QuarantinedText
from core.quarantine import decide, quarantine_of
from core.screening.screen import why

blueprint = Blueprint("quarantine", __name__)


class QuarantineFilter(Part):
    decision: Decision = Decision.WAITING


class QuarantinedView(BaseModel):
    """`reason` is a code, `why` its sentence; `decision`: waiting, kept or dropped."""

    id: UUID
    document_id: UUID
    document: str
    page: int | None
    text: str
    reason: str
    why: str
    decision: Decision
    decided_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: QuarantinedText) -> Self:
        columns = {name: getattr(row, name) for name in cls.model_fields if name not in ("document", "why")}
        sentence = the_core().texts.say(caller_locale(), why(row.reason))
        return cls(**columns, document=row.document.filename, why=sentence)


class Quarantine(BaseModel):
    quarantine: list[QuarantinedView]


@blueprint.get("/assistants/<uuid:assistant_id>/quarantine")
@rate_limit(limits=per_minute(300))
@login_required
@validate_querystring(QuarantineFilter)
@validate_response(Quarantine)
async def list_all(assistant: Assistant, query_args: QuarantineFilter) -> Quarantine:
    """What waits (or was kept, or dropped), oldest first."""
    rows = await quarantine_of(assistant, query_args.decision, query_args.limit, query_args.offset)
    return Quarantine(quarantine=[QuarantinedView.of(row) for row in rows])


@blueprint.post("/assistants/<uuid:assistant_id>/quarantine/<uuid:item_id>/keep")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_response(QuarantinedView)
async def keep(assistant: Assistant, item: QuarantinedText) -> QuarantinedView:
    """Use this text: its documents are read again with it, in the background. Undoes an earlier drop, too."""
    await decide(the_core(), item, keep=True, by=g.actor)
    return QuarantinedView.of(item)


@blueprint.post("/assistants/<uuid:assistant_id>/quarantine/<uuid:item_id>/drop")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_response(QuarantinedView)
async def drop(assistant: Assistant, item: QuarantinedText) -> QuarantinedView:
    """Leave this text out for good. Undoes an earlier keep, too: its documents are read again without it."""
    await decide(the_core(), item, keep=False, by=g.actor)
    return QuarantinedView.of(item)
