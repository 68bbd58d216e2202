"""What an assistant's training learns from: counts by source, each example, and the owner's own pairs."""

import asyncio
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint, request
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_response

from api.access import login_required, manager_required
from api.context import the_core
from api.limits import per_minute
from api.openapi import accepts_file
from api.paging import Part
from api.uploads import arrived_file
from core.errors import Invalid
from core.learning.data_set import ENOUGH, gather, strike, unstrike
from core.learning.examples import Example, Source
from core.learning.own_pairs import forget_own_pairs, take_pairs
from core.models import Assistant

blueprint = Blueprint("training_examples", __name__)
LONGEST_SPEAKER = 80


class ExamplesOf(Part):
    """Without a source, examples of all."""

    source: Source | None = None


class ExampleView(BaseModel):
    """`id` is the same as long as it says the same. What is `struck` is not learnt."""

    id: UUID
    source: Source
    question: str
    answer: str
    struck: bool

    @classmethod
    def of(cls, example: Example, *, struck: bool) -> Self:
        return cls(
            id=UUID(hex=example.key),
            source=example.source,
            question=example.question,
            answer=example.answer,
            struck=struck,
        )


class TrainingExamples(BaseModel):
    """`counts` by source, `left_out` by reason. A training needs `needed` examples that are no refusals: `found`."""

    counts: dict[str, int]
    left_out: dict[str, int]
    found: int
    needed: int
    examples: list[ExampleView]


class SpeakerView(BaseModel):
    id: str
    name: str
    messages: int


class TakenPairs(BaseModel):
    """`speakers`: the file is a chat. Send it again with the `speaker` whose answers are to be learnt."""

    added: int
    left_out: dict[str, int]
    speakers: list[SpeakerView]


class ForgottenPairs(BaseModel):
    removed: Annotated[int, Field(ge=0)]


@blueprint.get("/assistants/<uuid:assistant_id>/training-examples")
@rate_limit(limits=per_minute(60))
@login_required
@validate_querystring(ExamplesOf)
@validate_response(TrainingExamples)
async def list_all(assistant: Assistant, query_args: ExamplesOf) -> TrainingExamples:
    """What would be learnt now, with what is struck out."""
    found = await gather(the_core(), assistant)
    struck = {one.key for one in found.struck}
    wanted = [one for one in found.seen if query_args.source in (None, one.source)]
    part = wanted[query_args.offset : query_args.offset + query_args.limit]
    return TrainingExamples(
        counts={source.value: found.counts[source] for source in Source},
        left_out=dict(found.left_out),
        found=found.taught,
        needed=ENOUGH,
        examples=[ExampleView.of(one, struck=one.key in struck) for one in part],
    )


@blueprint.post("/assistants/<uuid:assistant_id>/training-examples/<uuid:example_id>/strike")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_response(ExampleView)
async def strike_out(assistant: Assistant, example: Example) -> ExampleView:
    """Never learn this example."""
    await strike(assistant, example.key)
    return ExampleView.of(example, struck=True)


@blueprint.delete("/assistants/<uuid:assistant_id>/training-examples/<uuid:example_id>/strike")
@rate_limit(limits=per_minute(120))
@manager_required
@validate_response(ExampleView)
async def take_back(assistant: Assistant, example: Example) -> ExampleView:
    """Learn it after all."""
    await unstrike(assistant, example.key)
    return ExampleView.of(example, struck=False)


@blueprint.post("/assistants/<uuid:assistant_id>/training-pairs")
@rate_limit(limits=per_minute(20))
@manager_required
@accepts_file
@validate_response(TakenPairs)
async def add_pairs(assistant: Assistant) -> TakenPairs:
    """Learn from the multipart `file`: a Telegram chat export (JSON), a table, or JSON lines of questions and answers.

    Columns or keys: question and answer, or prompt and completion; good or bad in `rating`. The form field `speaker`
    says who of a chat is the owner.
    """
    name, place = await arrived_file()
    try:
        speaker = (await request.form).get("speaker", "")
        if len(speaker) > LONGEST_SPEAKER:
            raise Invalid(field="speaker", reason="invalid-too-long", most=LONGEST_SPEAKER)
        taken = await take_pairs(assistant, place, name, speaker)
    finally:
        await asyncio.to_thread(place.unlink, missing_ok=True)
    speakers = [SpeakerView(id=one.id, name=one.name, messages=one.messages) for one in taken.speakers]
    return TakenPairs(added=taken.added, left_out=dict(taken.left_out), speakers=speakers)


@blueprint.delete("/assistants/<uuid:assistant_id>/training-pairs")
@rate_limit(limits=per_minute(20))
@manager_required
@validate_response(ForgottenPairs)
async def forget_pairs(assistant: Assistant) -> ForgottenPairs:
    """Forget all pairs that came from files. Adapters that have learnt from them stay: delete those, too."""
    return ForgottenPairs(removed=await forget_own_pairs(assistant))
