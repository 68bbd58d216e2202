"""LoRA adapters of an assistant: trained, made live, taken back."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from quart import Blueprint, Response, request
from quart_rate_limiter import rate_limit
from quart_schema import RequestSchemaValidationError, document_request, validate_response

from api.access import login_required, manager_required
from api.context import caller_locale, the_core
from api.limits import per_minute
from core.errors import Conflict, NotFound
from core.learning.chart import draw
from core.learning.report import address_of_report
from core.models import Assistant, LoraAdapter
from core.training import (
    UNFINISHED,
    activate_adapter,
    adapters_of,
    back_to_base,
    cancel_training,
    forget_adapter,
    request_training,
)

blueprint = Blueprint("adapters", __name__)


class TrainingSettings(BaseModel):
    """How long and how strongly to train. What is 0 follows from how many examples there are, the model's size and the
    memory; `max_steps` 0: from `epochs`."""

    model_config = ConfigDict(extra="forbid")
    epochs: Annotated[int, Field(ge=0, le=20)] = 0
    max_steps: Annotated[int, Field(ge=0, le=2000)] = 0
    learning_rate: Annotated[float, Field(ge=0, le=0.01)] = 0.0
    batch_size: Annotated[int, Field(ge=0, le=64)] = 0
    rank: Annotated[int, Field(ge=2, le=64)] = 16
    seed: Annotated[int, Field(ge=0, le=2**31)] = 7


class AdapterView(BaseModel):
    """`live`: answers are given with it now. `progress` is the newest line of the training's log. `report_url` opens
    its page in any browser, for a week; empty until it was judged."""

    id: UUID
    status: str
    live: bool
    base_model_name: str
    metrics: dict[str, Any]
    settings: dict[str, Any]
    progress: dict[str, Any] | None
    error: str
    error_code: str
    report_url: str
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, assistant: Assistant, row: LoraAdapter) -> Self:
        seen = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        error = the_core().texts.say(caller_locale(), row.error_code, **row.error_facts) if row.error_code else ""
        progress = row.training_logs[-1] if row.training_logs else None
        page = address_of_report(the_core(), row.id) if row.metrics.get("report") else ""
        live = assistant.live_adapter_id == row.id
        return cls(**seen, live=live, progress=progress, error=error, report_url=page)


class AdapterDetails(AdapterView):
    training_logs: list[dict[str, Any]]


class Adapters(BaseModel):
    adapters: list[AdapterView]


@blueprint.post("/assistants/<uuid:assistant_id>/adapters")
@rate_limit(limits=per_minute(20))
@manager_required
@document_request(TrainingSettings)
@validate_response(AdapterView, 202)
async def train(assistant: Assistant) -> tuple[AdapterView, int]:
    """Train an adapter from the examples; the body may be left out. It is judged, tried, then live by itself."""
    settings = await _settings()
    adapter = await request_training(the_core(), assistant, settings.model_dump(exclude_unset=True))
    return AdapterView.of(assistant, adapter), 202


@blueprint.get("/assistants/<uuid:assistant_id>/adapters")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(Adapters)
async def list_all(assistant: Assistant) -> Adapters:
    """All trainings, newest first."""
    return Adapters(adapters=[AdapterView.of(assistant, row) for row in await adapters_of(assistant)])


@blueprint.get("/assistants/<uuid:assistant_id>/adapters/<uuid:adapter_id>")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(AdapterDetails)
async def get(assistant: Assistant, adapter: LoraAdapter) -> AdapterDetails:
    """One training with its log."""
    view = AdapterView.of(assistant, adapter)
    return AdapterDetails(**view.model_dump(), training_logs=adapter.training_logs)


@blueprint.get("/assistants/<uuid:assistant_id>/adapters/<uuid:adapter_id>/chart")
@rate_limit(limits=per_minute(60))
@login_required
async def chart(assistant: Assistant, adapter: LoraAdapter) -> Response:
    """The training and its comparison as a picture (PNG), in the caller's language."""
    report = adapter.metrics.get("report")
    if not report:
        raise NotFound(what="chart")
    say = partial(the_core().texts.say, caller_locale())
    png = await asyncio.to_thread(draw, adapter.training_logs, report, say)
    return Response(png, mimetype="image/png")


@blueprint.delete("/assistants/<uuid:assistant_id>/adapters/<uuid:adapter_id>")
@rate_limit(limits=per_minute(60))
@manager_required
async def forget(assistant: Assistant, adapter: LoraAdapter) -> tuple[str, int]:
    """Delete a trained adapter; a live one goes out of service first."""
    if adapter.status in UNFINISHED:
        raise Conflict(reason="cancel the training first")
    await forget_adapter(the_core(), adapter)
    return "", 204


@blueprint.post("/assistants/<uuid:assistant_id>/adapters/<uuid:adapter_id>/activate")
@rate_limit(limits=per_minute(60))
@manager_required
@validate_response(AdapterView)
async def activate(assistant: Assistant, adapter: LoraAdapter) -> AdapterView:
    """Answer with this adapter from the next message on."""
    await activate_adapter(the_core(), assistant, adapter)
    await assistant.refresh_from_db()
    return AdapterView.of(assistant, adapter)


@blueprint.post("/assistants/<uuid:assistant_id>/adapters/<uuid:adapter_id>/cancel")
@rate_limit(limits=per_minute(60))
@manager_required
@validate_response(AdapterView)
async def cancel(assistant: Assistant, adapter: LoraAdapter) -> AdapterView:
    """Stop a training that has not ended."""
    await cancel_training(adapter)
    await adapter.refresh_from_db()
    return AdapterView.of(assistant, adapter)


@blueprint.delete("/assistants/<uuid:assistant_id>/adapter")
@rate_limit(limits=per_minute(60))
@manager_required
async def take_back(assistant: Assistant) -> tuple[str, int]:
    """Answer with the base model again."""
    await back_to_base(the_core(), assistant)
    return "", 204


async def _settings() -> TrainingSettings:
    if not await request.get_data():
        return TrainingSettings()
    try:
        return TrainingSettings.model_validate(await request.get_json(force=True))
    except ValidationError as error:
        raise RequestSchemaValidationError(error) from error
