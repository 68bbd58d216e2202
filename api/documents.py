"""Documents of an assistant: sent, listed, read back as passages, deleted."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, RootModel, TypeAdapter, ValidationError
from quart import Blueprint, g, request
from quart_rate_limiter import rate_limit
from quart_schema import DataSource, RequestSchemaValidationError, document_request, validate_response

from api.access import login_or_key, manager_or_key
from api.context import caller_locale, the_core
from api.limits import per_minute
from api.openapi import accepts_file
from api.uploads import arrived_file
from core.document_state import describe_failure, seconds_left
from core.documents import cancel_reading, documents_of, forget_document, passages_of
from core.errors import Conflict
from core.models import Assistant, Document, PassageRow
from core.passages import only_used
from core.pausing import pause_document, resume_document, retry_document
from core.quarantine import count_waiting_in, waiting_counts
from core.receiving import receive_file, receive_pairs, receive_text
from core.sites import DEEPEST, MOST_PAGES, add_site, cancel_site, forget_site, site_of_document

blueprint = Blueprint("documents", __name__)


class TextDocument(BaseModel):
    """A pasted text."""

    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=2_000_000)]


class Pair(BaseModel):
    model_config = ConfigDict(extra="forbid")
    question: Annotated[str, Field(min_length=1, max_length=1_000)]
    answer: Annotated[str, Field(min_length=1, max_length=20_000)]


class PairsDocument(BaseModel):
    """Questions with their answers. Each pair stays together, and its question is searched, too."""

    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, Field(min_length=1, max_length=200)]
    pairs: Annotated[list[Pair], Field(min_length=1, max_length=2_000)]


class SiteAddress(BaseModel):
    """A site to read, from this page on. `depth`: how many links away from it (5), `pages`: how many at most (200).

    The document in the answer stands for the site: it is `indexed` when the whole site has been read.
    """

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Field(min_length=1, max_length=4_000)]
    depth: Annotated[int | None, Field(ge=0, le=DEEPEST)] = None
    pages: Annotated[int | None, Field(ge=1, le=MOST_PAGES)] = None


AsJson = TextDocument | PairsDocument | SiteAddress


class Sent(RootModel[AsJson]):
    """What may be sent as JSON."""


class DocumentView(BaseModel):
    """`status`: uploaded, processing, indexed, failed, cancelled or paused; `error` says what could not be read.

    A document whose newer `version` is being read answers from the earlier one meanwhile. `seconds_left` is of the
    present step, reading pages or remembering passages, once it can be told. `quarantined` texts wait for the owner.
    """

    id: UUID
    status: str
    kind: str
    filename: str
    title: str
    size_bytes: int
    source_url: str
    version: int
    page_count: int
    pages_done: int
    passage_count: int
    passages_done: int
    seconds_left: float | None
    quarantined: int
    error: str
    error_code: str
    created_at: datetime

    @classmethod
    def of(cls, row: Document, quarantined: int = 0) -> Self:
        made = {
            "error": describe_failure(the_core(), row, caller_locale()),
            "seconds_left": seconds_left(row),
            "quarantined": quarantined,
        }
        return cls(**{name: getattr(row, name) for name in cls.model_fields if name not in made}, **made)


class Documents(BaseModel):
    documents: list[DocumentView]


class PassageView(BaseModel):
    """`used` is false for one that its owner has hidden or corrected."""

    id: UUID
    chunk_index: int
    heading: str
    page: int | None
    text: str
    used: bool

    @classmethod
    def of(cls, row: PassageRow, used: bool) -> Self:
        columns = {name: getattr(row, name) for name in cls.model_fields if name != "used"}
        return cls(**columns, used=used)


class Passages(BaseModel):
    passages: list[PassageView]


@blueprint.post("/assistants/<uuid:assistant_id>/documents")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@accepts_file
@document_request(Sent, source=DataSource.JSON)
@validate_response(DocumentView, 202)
async def receive(assistant: Assistant) -> tuple[DocumentView, int]:
    """Send a file (multipart `file`), a text or a site's address; it is read in the background, see `status`."""
    if request.mimetype == "multipart/form-data":
        filename, arrived = await arrived_file()
        document = await receive_file(the_core(), assistant, filename, arrived, by=g.actor)
    else:
        data = await _sent_as_json()
        if isinstance(data, SiteAddress):
            _, document = await add_site(the_core(), assistant, data.url, data.depth, data.pages, by=g.actor)
        elif isinstance(data, PairsDocument):
            pairs = [(pair.question, pair.answer) for pair in data.pairs]
            document = await receive_pairs(the_core(), assistant, data.title, pairs, g.actor)
        else:
            document = await receive_text(the_core(), assistant, data.title, data.text, by=g.actor)
    return DocumentView.of(document), 202


@blueprint.get("/assistants/<uuid:assistant_id>/documents")
@rate_limit(limits=per_minute(300))
@login_or_key("read")
@validate_response(Documents)
async def list_all(assistant: Assistant) -> Documents:
    """All documents of the assistant, oldest first."""
    waiting = await waiting_counts(assistant)
    rows = await documents_of(assistant)
    return Documents(documents=[DocumentView.of(row, waiting.get(row.id, 0)) for row in rows])


@blueprint.get("/assistants/<uuid:assistant_id>/documents/<uuid:document_id>")
@rate_limit(limits=per_minute(600))
@login_or_key("read")
@validate_response(DocumentView)
async def get(assistant: Assistant, document: Document) -> DocumentView:
    """One document, with how far its reading has come."""
    return DocumentView.of(document, await count_waiting_in(document))


@blueprint.get("/assistants/<uuid:assistant_id>/documents/<uuid:document_id>/passages")
@rate_limit(limits=per_minute(120))
@login_or_key("read")
@validate_response(Passages)
async def passages(assistant: Assistant, document: Document) -> Passages:
    """What was read of a document, in its order."""
    rows = await only_used(PassageRow.filter(document_id=document.id), assistant.id)
    used = {row.id for row in await rows.only("id")}
    return Passages(passages=[PassageView.of(row, row.id in used) for row in await passages_of(document)])


@blueprint.post("/assistants/<uuid:assistant_id>/documents/<uuid:document_id>/cancel")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@validate_response(DocumentView)
async def cancel(assistant: Assistant, document: Document) -> DocumentView:
    """Stop reading a document, or the site that it stands for. What is known already goes on answering."""
    site = await site_of_document(document)
    if site and await cancel_site(the_core(), site):
        await document.refresh_from_db()
    elif not await cancel_reading(the_core(), document):
        raise Conflict(reason="it is not being read")
    return DocumentView.of(document)


@blueprint.post("/assistants/<uuid:assistant_id>/documents/<uuid:document_id>/pause")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@validate_response(DocumentView)
async def pause(assistant: Assistant, document: Document) -> DocumentView:
    """Keep a document without using it, from the next answer on. A page of a site cannot be paused: 409."""
    await pause_document(the_core(), document, g.actor)
    return DocumentView.of(document, await count_waiting_in(document))


@blueprint.post("/assistants/<uuid:assistant_id>/documents/<uuid:document_id>/resume")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
@validate_response(DocumentView)
async def resume(assistant: Assistant, document: Document) -> DocumentView:
    """Use a paused document again, or read one that failed or was stopped once more; any other stays as it is."""
    if not await resume_document(the_core(), document, g.actor):
        await retry_document(the_core(), document)
    return DocumentView.of(document, await count_waiting_in(document))


@blueprint.delete("/assistants/<uuid:assistant_id>/documents/<uuid:document_id>")
@rate_limit(limits=per_minute(120))
@manager_or_key("write")
async def forget(assistant: Assistant, document: Document) -> tuple[str, int]:
    """Delete a document, or the site that it stands for; the next answer no longer knows it."""
    site = await site_of_document(document)
    if site:
        await forget_site(the_core(), site, g.actor)
    else:
        await forget_document(the_core(), document, g.actor)
    return "", 204


async def _sent_as_json() -> AsJson:
    body = await request.get_json()
    kinds: dict[str, type[AsJson]] = {"url": SiteAddress, "pairs": PairsDocument}
    model = next((kinds[name] for name in kinds if isinstance(body, dict) and name in body), TextDocument)
    try:
        return TypeAdapter[AsJson](model).validate_python(body)
    except ValidationError as error:
        raise RequestSchemaValidationError(error) from error
