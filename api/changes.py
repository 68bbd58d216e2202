"""What was changed and can still be taken back."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_response

from api.access import login_required, manager_required
from api.context import the_core
from api.limits import per_minute
from api.paging import Part
from core.audit import who_did
from core.changes import undoable_in
from core.errors import Refused
from core.farewell import erase_change
from core.models import Change
from core.undoing import may_undo, undo

blueprint = Blueprint("changes", __name__)


class UndoableView(BaseModel):
    """`kind` of thing: assistant (its settings), whole assistant, document, answer, gap, text, site, channel, member or
    webhook; `subject_id` is its id."""

    id: UUID
    created_at: datetime
    assistant_id: UUID | None
    kind: str
    subject_id: UUID
    who: str
    action: str
    details: dict[str, Any]

    @classmethod
    def of(cls, row: Change, names: dict[str, str]) -> Self:
        own = {name: getattr(row, name) for name in ("id", "created_at", "assistant_id", "kind", "subject_id")}
        event = row.event
        return cls(who=names.get(event.actor, ""), action=event.action, details=event.details, **own)


class Undoable(BaseModel):
    changes: list[UndoableView]


class Undone(BaseModel):
    """`redo` is the change that undoing has made: undo that one to have the thing as it was a moment ago."""

    redo: UUID | None


@blueprint.get("/changes")
@rate_limit(limits=per_minute(300))
@login_required
@validate_querystring(Part)
@validate_response(Undoable)
async def list_undoable(query_args: Part) -> Undoable:
    """What of the business that you work in can be undone, newest first, as far as your role may."""
    rows = await undoable_in(g.actor.tenant_id, query_args.limit, query_args.offset)
    names = await who_did([row.event for row in rows])
    return Undoable(changes=[UndoableView.of(row, names) for row in rows if may_undo(g.actor, row)])


@blueprint.post("/changes/<uuid:change_id>/undo")
@rate_limit(limits=per_minute(60))
@manager_required
@validate_response(Undone)
async def take_back(change: Change) -> Undone:
    """Put the thing as it was before; 409 when it was changed once more, or is as it was already."""
    again = await undo(the_core(), g.actor, change)
    return Undone(redo=again.id if again else None)


@blueprint.delete("/changes/<uuid:change_id>")
@rate_limit(limits=per_minute(60))
@manager_required
async def forget(change: Change) -> tuple[str, int]:
    """Erase what undoing it would need, for good; that it was done stays in `team/audit`."""
    if not may_undo(g.actor, change):
        raise Refused
    await erase_change(the_core(), change)
    return "", 204
