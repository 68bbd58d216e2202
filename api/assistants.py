"""Assistants of a business."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import login_required, manager_required, owner_required
from api.context import the_core
from api.hours import Hours
from api.limits import per_minute
from core.assistants import change_assistant, create_assistant
from core.farewell import delete_assistant
from core.models import Assistant
from core.parameters import MaxTokens, Share, Temperature, TopP
from core.policy import (
    LONGEST_SAMPLE_QUESTION,
    LONGEST_TONE_EXAMPLE,
    LONGEST_TOPIC,
    MOST_SAMPLE_QUESTIONS,
    MOST_TONE_EXAMPLES,
    MOST_TOPICS,
    THRESHOLD,
    VERIFIED_THRESHOLD,
)
from core.tenancy import assistants_everywhere

blueprint = Blueprint("assistants", __name__)
Name = Annotated[str, Field(min_length=1, max_length=120)]
Words = Annotated[str, Field(max_length=4000)]
Question = Annotated[str, Field(min_length=1, max_length=LONGEST_SAMPLE_QUESTION)]
Questions = Annotated[list[Question], Field(max_length=MOST_SAMPLE_QUESTIONS)]
ToneExample = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TONE_EXAMPLE)]
Topic = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TOPIC)]
Topics = Annotated[list[Topic], Field(max_length=MOST_TOPICS)]


class Generation(BaseModel):
    """How the model writes; what is left out keeps its default."""

    model_config = ConfigDict(extra="forbid")
    max_tokens: MaxTokens = 160
    temperature: Temperature = 0.0
    top_p: TopP = 1.0


class AnswerPolicy(BaseModel):
    """When to answer, about what, how much, and whom to name when there is no answer. Thresholds: higher is stricter.

    Topics are your own words, in English or Russian: "politics", "medical advice". A question about a forbidden one is
    declined kindly, or handed to a person with `forbidden_calls_person`. With `allowed_topics` a question that is near
    to none of them is declined. Greetings and your verified answers always work. Customers may read the topics' words.
    """

    model_config = ConfigDict(extra="forbid")
    threshold: Share = THRESHOLD
    verified_threshold: Share = VERIFIED_THRESHOLD
    contact: Annotated[str, Field(max_length=300)] = ""
    sample_questions: dict[Literal["en", "ru"], Questions] = {}
    length: Literal["short", "medium", "long"] = Field(
        "medium", description="how much an answer says: one sentence, up to three, up to six; quotations follow it"
    )
    tone_examples: Annotated[list[ToneExample], Field(max_length=MOST_TONE_EXAMPLES)] = Field(
        [], description="messages of yours that show the model how to write; facts are never taken from them"
    )
    small_talk: bool = Field(
        True,
        description="false: thanks, jokes and the like get one sentence that leads back; a greeting is still greeted",
    )
    feedback_buttons: bool = Field(True, description="ask customers in messengers whether an answer helped")
    allowed_topics: Topics = Field([], description="when there are any, nothing else is answered from documents")
    forbidden_topics: Topics = Field([], description="what the assistant does not talk about")
    forbidden_calls_person: bool = Field(False, description="a question about a forbidden topic goes to a person")
    quiet_hours: Annotated[float, Field(ge=0.1, le=720)] = 12.0
    working_hours: Hours | None = None
    nightly_check: bool = Field(True, description="ask the shopper's list at night and tell what got worse")


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
    """`tenant_id`: the business that it belongs to."""

    id: UUID
    tenant_id: UUID
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
    """Make an assistant of the business that you work in."""
    row = await create_assistant(the_core(), g.actor, **data.model_dump(exclude_unset=True))
    return AssistantView.of(row), 201


@blueprint.get("/assistants")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(Assistants)
async def list_all() -> Assistants:
    """All assistants of the businesses that you work in; those of one together, oldest first."""
    return Assistants(assistants=[AssistantView.of(row) for row in await assistants_everywhere(g.actor.user_id)])


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
    """Change some fields, also of `generation` and `answer_policy`; the change serves from the next answer on."""
    values = data.model_dump(exclude_unset=True)
    for name in {"generation", "answer_policy"} & values.keys():
        values[name] = {**getattr(assistant, name), **values[name]}
    return AssistantView.of(await change_assistant(g.actor, assistant, **values))


@blueprint.delete("/assistants/<uuid:assistant_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def forget(assistant: Assistant) -> tuple[str, int]:
    """Delete an assistant with everything it knows; for `UNDO_DAYS` it can be brought back (`changes`)."""
    await delete_assistant(the_core(), g.actor, assistant)
    return "", 204
