"""What an owner says about single passages: hidden ones, and corrected ones. Both can be taken back."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_request, validate_response

from api.access import login_required, manager_required
from api.context import the_core
from api.limits import per_minute
from api.paging import Part
from core.errors import NotFound
from core.models import Assistant, PassageEdit
from core.passage_edits import (
    LONGEST_WORDING,
    Kind,
    ListedEdit,
    correct_passage,
    edit_said,
    edits_of,
    hide_passage,
    take_back,
)
from core.tenancy import passage_of

blueprint = Blueprint("passage_edits", __name__)
_HIDDEN = "/assistants/<uuid:assistant_id>/hidden-passages"
_CORRECTIONS = "/assistants/<uuid:assistant_id>/corrections"
Wording = Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=LONGEST_WORDING)]


class ToHide(BaseModel):
    """A passage of a search, a citation or a document."""

    passage_id: UUID


class NewCorrection(BaseModel):
    """`text` is the whole passage as it should be; of a pair the answer alone, its question stays."""

    passage_id: UUID
    text: Wording


class HiddenPassageView(BaseModel):
    """`applies` is false when no document says this any more: then nothing is hidden. `document_id` is where it was
    seen, while that document is there."""

    id: UUID
    document_id: UUID | None
    document: str
    heading: str
    page: int | None
    text: str
    applies: bool
    created_at: datetime

    @classmethod
    def of(cls, listed: ListedEdit) -> Self:
        return cls(**_columns(listed))


class CorrectionView(HiddenPassageView):
    """`text` is what the document says, `correction` what answers instead. Answers cite `correction_document_id`. When
    the document no longer says `text`, `applies` is false, and its new words answer."""

    correction: str
    correction_document_id: UUID | None

    @classmethod
    def of(cls, listed: ListedEdit) -> Self:
        edit = listed.edit
        return cls(**_columns(listed), correction=edit.wording, correction_document_id=edit.correction_id)


def _columns(listed: ListedEdit) -> dict[str, object]:
    edit = listed.edit
    same = {name: getattr(edit, name) for name in ("id", "document_id", "heading", "page", "text", "created_at")}
    return {**same, "document": edit.document_name, "applies": listed.applies}


class HiddenPassages(BaseModel):
    hidden_passages: list[HiddenPassageView]


class Corrections(BaseModel):
    corrections: list[CorrectionView]


@blueprint.get(_HIDDEN)
@rate_limit(limits=per_minute(300))
@login_required
@validate_querystring(Part)
@validate_response(HiddenPassages)
async def list_hidden(assistant: Assistant, query_args: Part) -> HiddenPassages:
    """What is hidden, the last one first."""
    rows = await edits_of(assistant, Kind.HIDDEN, query_args.limit, query_args.offset)
    return HiddenPassages(hidden_passages=[HiddenPassageView.of(row) for row in rows])


@blueprint.post(_HIDDEN)
@rate_limit(limits=per_minute(120))
@manager_required
@validate_request(ToHide)
@validate_response(HiddenPassageView, 201)
async def hide(assistant: Assistant, data: ToHide) -> tuple[HiddenPassageView, int]:
    """No answer and no search uses this text from now on, also when its document is read again."""
    edit = await hide_passage(await passage_of(assistant, data.passage_id), g.actor)
    return HiddenPassageView.of(await edit_said(edit)), 201


@blueprint.delete(f"{_HIDDEN}/<uuid:hidden_id>")
@rate_limit(limits=per_minute(120))
@manager_required
async def use_again(assistant: Assistant, hidden: PassageEdit) -> tuple[str, int]:
    """Use it again."""
    if hidden.wording:
        raise NotFound(what="passage")
    await take_back(the_core(), hidden, g.actor)
    return "", 204


@blueprint.get(_CORRECTIONS)
@rate_limit(limits=per_minute(300))
@login_required
@validate_querystring(Part)
@validate_response(Corrections)
async def list_corrections(assistant: Assistant, query_args: Part) -> Corrections:
    """What is corrected, the last one first."""
    rows = await edits_of(assistant, Kind.CORRECTED, query_args.limit, query_args.offset)
    return Corrections(corrections=[CorrectionView.of(row) for row in rows])


@blueprint.post(_CORRECTIONS)
@rate_limit(limits=per_minute(120))
@manager_required
@validate_request(NewCorrection)
@validate_response(CorrectionView, 201)
async def correct(assistant: Assistant, data: NewCorrection) -> tuple[CorrectionView, int]:
    """The owner's words answer in the place of this passage, and are cited as a document of their own."""
    passage = await passage_of(assistant, data.passage_id)
    edit = await correct_passage(the_core(), passage, data.text, g.actor)
    return CorrectionView.of(await edit_said(edit)), 201


@blueprint.delete(f"{_CORRECTIONS}/<uuid:correction_id>")
@rate_limit(limits=per_minute(120))
@manager_required
async def withdraw(assistant: Assistant, correction: PassageEdit) -> tuple[str, int]:
    """What the document says counts again."""
    if not correction.wording:
        raise NotFound(what="correction")
    await take_back(the_core(), correction, g.actor)
    return "", 204
