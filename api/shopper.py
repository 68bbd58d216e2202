"""The mystery shopper: the same questions asked again and again, and what became of their answers."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from quart import Blueprint, request
from quart_rate_limiter import rate_limit
from quart_schema import RequestSchemaValidationError, document_request, validate_request, validate_response

from api.access import login_required, manager_required
from api.assistants import AssistantChange
from api.context import the_core
from api.limits import per_minute
from core.models import Assistant, RunKind, ShopperQuestion, ShopperResult, ShopperRun
from core.shopper.judging import Verdict
from core.shopper.questions import LONGEST, SHORTEST, add_own_question, shoppers_list, take_off
from core.shopper.runs import accept, counted, results_of, runs_of, start_run, stop_run

blueprint = Blueprint("shopper", __name__)


class WantedRun(BaseModel):
    """With `settings`, the questions are answered as they are and as they would be; nothing is saved."""

    model_config = ConfigDict(extra="forbid")
    settings: AssistantChange | None = None


class RunView(BaseModel):
    """`kind`: night, asked or change; `state`: waiting, asking, done, failed or stopped. `found` counts by verdict."""

    id: UUID
    kind: str
    state: str
    questions: int
    found: dict[Verdict, int]
    slower: int
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: ShopperRun, results: list[ShopperResult]) -> Self:
        counts, seen = counted(results), ("id", "kind", "state", "questions", "created_at", "finished_at")
        return cls(**{name: getattr(run, name) for name in seen}, found=counts.by, slower=counts.slower)


class Runs(BaseModel):
    runs: list[RunView]


class ToldView(BaseModel):
    text: str
    tier: str
    reason: str
    documents: list[str]
    seconds: float

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        seen = {name: told[name] for name in ("text", "tier", "reason", "seconds")}
        return cls(**seen, documents=[source["name"] for source in told["sources"]])


class CauseView(BaseModel):
    """A `change` that can be looked at and undone under `changes`; or what happened by itself: model, adapter,
    read-anew, gone, and of which document."""

    change: UUID | None
    itself: str
    name: str
    sure: bool


class ResultView(BaseModel):
    """`known`: it was as bad in the run before. `accepted`: you said that it is fine so."""

    id: UUID
    question_id: UUID
    question: str
    verdict: Verdict
    reasons: list[str]
    causes: list[CauseView]
    before: ToldView | None
    after: ToldView
    slower: bool
    known: bool
    accepted: bool

    @classmethod
    def of(cls, row: ShopperResult) -> Self:
        seen = ("id", "question_id", "verdict", "reasons", "slower", "known", "accepted")
        return cls(
            **{name: getattr(row, name) for name in seen},
            question=row.question.question,
            causes=[CauseView(**cause) for cause in row.causes],
            before=ToldView.of(row.before) if row.before else None,
            after=ToldView.of(row.after),
        )


class RunDetails(RunView):
    results: list[ResultView]


class QuestionView(BaseModel):
    """`source`: own, ready, sample or customer."""

    id: UUID
    question: str
    source: str

    @classmethod
    def of(cls, row: ShopperQuestion) -> Self:
        return cls(id=row.id, question=row.question, source=row.source)


class Questions(BaseModel):
    questions: list[QuestionView]


class NewQuestion(BaseModel):
    model_config = ConfigDict(extra="forbid")
    question: Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=SHORTEST, max_length=LONGEST)]


@blueprint.get("/assistants/<uuid:assistant_id>/shopper")
@rate_limit(limits=per_minute(120))
@login_required
@validate_response(Runs)
async def list_all(assistant: Assistant) -> Runs:
    """The last runs, newest first."""
    return Runs(runs=[RunView.of(run, await results_of(run)) for run in await runs_of(assistant)])


@blueprint.post("/assistants/<uuid:assistant_id>/shopper")
@rate_limit(limits=per_minute(10))
@manager_required
@document_request(WantedRun)
@validate_response(RunView, 202)
async def begin(assistant: Assistant) -> tuple[RunView, int]:
    """Ask all questions of the list now; the body may be left out. 409 `error-shopper-nothing` for an empty list."""
    wanted = await _wanted()
    if wanted.settings is None:
        run = await start_run(the_core(), assistant)
    else:
        settings = wanted.settings.model_dump(mode="json", exclude_unset=True)
        run = await start_run(the_core(), assistant, RunKind.CHANGE, settings=settings)
    return RunView.of(run, []), 202


@blueprint.get("/assistants/<uuid:assistant_id>/shopper/<uuid:run_id>")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(RunDetails)
async def get(assistant: Assistant, run: ShopperRun) -> RunDetails:
    """One run with its answers before and after, the worst first."""
    results = await results_of(run)
    view = RunView.of(run, results)
    return RunDetails(**view.model_dump(), results=[ResultView.of(row) for row in results])


@blueprint.post("/assistants/<uuid:assistant_id>/shopper/<uuid:run_id>/stop")
@rate_limit(limits=per_minute(60))
@manager_required
async def stop(assistant: Assistant, run: ShopperRun) -> tuple[str, int]:
    """Ask no further questions of this run."""
    await stop_run(run)
    return "", 204


@blueprint.post("/assistants/<uuid:assistant_id>/shopper/results/<uuid:result_id>/accept")
@rate_limit(limits=per_minute(120))
@manager_required
async def find_fine(assistant: Assistant, result: ShopperResult) -> tuple[str, int]:
    """It is fine so: later answers are compared with this one."""
    await accept(result)
    return "", 204


@blueprint.get("/assistants/<uuid:assistant_id>/shopper/questions")
@rate_limit(limits=per_minute(120))
@login_required
@validate_response(Questions)
async def questions(assistant: Assistant) -> Questions:
    """The list, in the order in which it is asked. It fills itself before each run."""
    return Questions(questions=[QuestionView.of(row) for row in await shoppers_list(assistant)])


@blueprint.post("/assistants/<uuid:assistant_id>/shopper/questions")
@rate_limit(limits=per_minute(60))
@manager_required
@validate_request(NewQuestion)
@validate_response(QuestionView, 201)
async def add(assistant: Assistant, data: NewQuestion) -> tuple[QuestionView, int]:
    """One more. 409 `error-shopper-asked` when it is asked already, `error-shopper-full` when there is no room."""
    return QuestionView.of(await add_own_question(the_core(), assistant, data.question)), 201


@blueprint.delete("/assistants/<uuid:assistant_id>/shopper/questions/<uuid:question_id>")
@rate_limit(limits=per_minute(60))
@manager_required
async def remove(assistant: Assistant, question: ShopperQuestion) -> tuple[str, int]:
    """Not asked any more; it does not come back by itself."""
    await take_off(question)
    return "", 204


async def _wanted() -> WantedRun:
    if not await request.get_data():
        return WantedRun()
    try:
        return WantedRun.model_validate(await request.get_json(force=True))
    except ValidationError as error:
        raise RequestSchemaValidationError(error) from error
