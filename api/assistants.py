"""Assistants of a business."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_required, manager_required, owner_required
from api.context import the_core
from api.limits import per_minute
from core.assistants import change_assistant, create_assistant, forget_assistant
from core.models import Assistant
from core.search.sufficiency import THRESHOLD
from core.tenancy import assistants_of
from core.verified import THRESHOLD as VERIFIED_THRESHOLD

blueprint = Blueprint("assistants", __name__)
Name = Annotated[str, Field(min_length=1, max_length=120)]
Words = Annotated[str, Field(max_length=4000)]
Share = Annotated[float, Field(ge=0, le=1)]
Question = Annotated[str, Field(min_length=1, max_length=200)]


class Generation(BaseModel):
    """How the model writes; what is left out keeps its default."""

    model_config = ConfigDict(extra="forbid")
    max_tokens: Annotated[int, Field(ge=8, le=1024)] = 160
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0


class AnswerPolicy(BaseModel):
    """When to answer, and whom to name when there is no answer. Thresholds: higher is stricter."""

    model_config = ConfigDict(extra="forbid")
    threshold: Share = THRESHOLD
    verified_threshold: Share = VERIFIED_THRESHOLD
    contact: Annotated[str, Field(max_length=300)] = ""
    sample_questions: dict[Literal["en", "ru"], Annotated[list[Question], Field(max_length=6)]] = {}


class AssistantChange(BaseModel):
    """What an owner may set; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    name: Name = ""
    description: Words = ""
    locale: Literal["en", "ru"] = "en"
    persona: Words = ""
    greeting: Words = ""
    generation: Generation = Generation()
    answer_policy: AnswerPolicy = AnswerPolicy()
    public_page: bool = False


class NewAssistant(AssistantChange):
    name: Name


class AssistantView(BaseModel):
    id: UUID
    name: str
    description: str
    locale: str
    persona: str
    greeting: str
    generation: dict[str, Any]
    answer_policy: dict[str, Any]
    public_page: bool
    base_model_name: str
    live_adapter_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, row: Assistant) -> Self:
        return cls.model_validate(row, from_attributes=True)


class Assistants(BaseModel):
    assistants: list[AssistantView]


@blueprint.post("/assistants")
@rate_limit(limits=per_minute(60))
@manager_required
@validate_request(NewAssistant)
@validate_response(AssistantView, 201)
async def create(data: NewAssistant) -> tuple[AssistantView, int]:
    """Make an assistant."""
    row = await create_assistant(the_core(), g.actor, **data.model_dump(exclude_unset=True))
    return AssistantView.of(row), 201


@blueprint.get("/assistants")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(Assistants)
async def list_all() -> Assistants:
    """All assistants of the business, oldest first."""
    return Assistants(assistants=[AssistantView.of(row) for row in await assistants_of(g.actor)])


@blueprint.get("/assistants/<uuid:assistant_id>")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(AssistantView)
async def get(assistant: Assistant) -> AssistantView:
    """One assistant."""
    return AssistantView.of(assistant)


@blueprint.patch("/assistants/<uuid:assistant_id>")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_request(AssistantChange)
@validate_response(AssistantView)
async def change(assistant: Assistant, data: AssistantChange) -> AssistantView:
    """Change some fields; the change serves from the next answer on."""
    return AssistantView.of(await change_assistant(g.actor, assistant, **data.model_dump(exclude_unset=True)))


@blueprint.delete("/assistants/<uuid:assistant_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def forget(assistant: Assistant) -> tuple[str, int]:
    """Delete an assistant with everything it knows."""
    await forget_assistant(the_core(), g.actor, assistant)
    return "", 204
