"""Search without an answer: the passages that an answer would stand on, and whether they would be enough."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_or_key
from api.context import the_core
from api.limits import per_minute
from core.messages import Passage
from core.models import Assistant
from core.retrieval import search_documents
from core.search.sufficiency import Finding

blueprint = Blueprint("search", __name__)


class Query(BaseModel):
    query: Annotated[str, Field(min_length=1, max_length=2000)]
    limit: Annotated[int, Field(ge=1, le=20)] = 6


class FoundPassage(BaseModel):
    """`score` orders the passages: `cosine`, how near their meaning is, and a little for `words`.

    `words` is the share of the query's words that a passage has.
    """

    id: UUID
    document_id: UUID
    document: str
    heading: str
    page: int | None
    text: str
    score: float
    cosine: float
    words: float

    @classmethod
    def of(cls, passage: Passage) -> Self:
        return cls.model_validate(passage, from_attributes=True)


class Found(BaseModel):
    """`confidence`, 0 to 1, that the first passage answers the query; an answer is given from `needed` on."""

    passages: list[FoundPassage]
    confidence: float
    needed: float
    sufficient: bool

    @classmethod
    def of(cls, finding: Finding) -> Self:
        return cls(
            passages=[FoundPassage.of(passage) for passage in finding.passages],
            confidence=round(finding.confidence, 4),
            needed=finding.needed,
            sufficient=finding.sufficient,
        )


@blueprint.post("/assistants/<uuid:assistant_id>/search")
@rate_limit(limits=per_minute(300))
@login_or_key("read")
@validate_request(Query)
@validate_response(Found)
async def search(assistant: Assistant, data: Query) -> Found:
    """The passages of this assistant's documents that fit a query, best first, and whether they are enough."""
    return Found.of(await search_documents(the_core(), assistant, data.query, data.limit))
