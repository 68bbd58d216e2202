"""Search without an answer: the passages that an answer would stand on."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import owner_or_key
from api.context import the_core
from api.limits import per_minute
from core.messages import Passage
from core.models import Assistant
from core.retrieval import find_passages

blueprint = Blueprint("search", __name__)


class Query(BaseModel):
    query: Annotated[str, Field(min_length=1, max_length=2000)]
    limit: Annotated[int, Field(ge=1, le=20)] = 6


class FoundPassage(BaseModel):
    """`score` is about 0.7 to 1.1; only its order means something."""

    id: UUID
    document_id: UUID
    document: str
    heading: str
    page: int | None
    text: str
    score: float

    @classmethod
    def of(cls, passage: Passage) -> Self:
        return cls.model_validate(passage, from_attributes=True)


class Found(BaseModel):
    passages: list[FoundPassage]


@blueprint.post("/assistants/<uuid:assistant_id>/search")
@rate_limit(limits=per_minute(300))
@owner_or_key("read")
@validate_request(Query)
@validate_response(Found)
async def search(assistant: Assistant, data: Query) -> Found:
    """The passages of this assistant's documents that fit a query, best first."""
    passages = await find_passages(the_core(), assistant.id, data.query, data.limit)
    return Found(passages=[FoundPassage.of(passage) for passage in passages])
