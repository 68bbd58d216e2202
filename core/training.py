"""Adapters of an assistant: trained, made live, taken back. Refuses to know torch; workers run the training itself."""

import logging
import shutil
from asyncio import to_thread
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.expressions import F
from tortoise.transactions import in_transaction

from core.app import Core
from core.errors import AdapterMismatch, Conflict, TooLittleData
from core.jobs import wake
from core.learning.base import training_base
from core.learning.data_set import ENOUGH, gather
from core.learning.trials import begin_trial, make_live, trial_of, tried_in
from core.llm.base import Adapter
from core.models import AdapterStatus, Assistant, Conversation, Job, JobStatus, LoraAdapter
from core.webhooks.outbox import outbox

log = logging.getLogger(__name__)
EXAMPLES, JUDGED = "examples.jsonl", "judged.jsonl"
UNFINISHED = (AdapterStatus.QUEUED, AdapterStatus.TRAINING, AdapterStatus.EVALUATING)
LOG_LINES = 200


async def request_training(core: Core, assistant: Assistant, settings: dict[str, Any] | None = None) -> LoraAdapter:
    """Queue a training.

    Raises `CannotTrain` where the answering model's weights are not known, `TooLittleData`, and `Conflict` while
    another training of this assistant is unfinished.
    """
    base = training_base(core)
    await _refuse_a_second(assistant)
    found = await gather(core, assistant)
    if found.taught < ENOUGH:
        raise TooLittleData(found=found.taught, needed=ENOUGH)
    async with in_transaction():
        # Of two requests in the same moment the second waits here for the first, and then sees its adapter.
        await Assistant.filter(id=assistant.id).update(name=F("name"))
        await _refuse_a_second(assistant)
        adapter = await LoraAdapter.create(
            assistant=assistant,
            base_model_name=base.name,
            settings=settings or {},
            metrics={"examples": len(found.examples)},
        )
        adapter.adapter_path = f"{assistant.id}/{adapter.id}"
        await adapter.save(update_fields=["adapter_path"])
        job = await Job.create(kind="train_adapter", assistant_id=assistant.id, subject_id=adapter.id)
    await wake(core.queue, job)
    return adapter


async def _refuse_a_second(assistant: Assistant) -> None:
    if await LoraAdapter.filter(assistant_id=assistant.id, status__in=UNFINISHED).exists():
        raise Conflict(reason="a training of this assistant is already under way")


async def adapters_of(assistant: Assistant) -> list[LoraAdapter]:
    """Newest first."""
    return await LoraAdapter.filter(assistant_id=assistant.id).order_by("-created_at")


def folder_of(core: Core, adapter: LoraAdapter) -> Path:
    """Where a training keeps its files; the finished adapter is its subfolder `adapter`."""
    return core.settings.adapters_folder / (adapter.adapter_path or f"{adapter.assistant_id}/{adapter.id}")


async def note_progress(adapter: LoraAdapter, lines: list[dict[str, Any]]) -> None:
    """Keep the newest lines of the training's log where owners can see them."""
    adapter.training_logs = lines[-LOG_LINES:]
    await LoraAdapter.filter(id=adapter.id).update(training_logs=adapter.training_logs)


async def set_status(adapter: LoraAdapter, status: AdapterStatus, code: str = "", **facts: str | int | float) -> bool:
    """Move an unfinished adapter on; False when it was cancelled or deleted meanwhile."""
    finished = {} if status in UNFINISHED else {"finished_at": datetime.now(UTC)}
    moved = await LoraAdapter.filter(id=adapter.id, status__in=UNFINISHED).update(
        status=status, error_code=code, error_facts=facts, **finished
    )
    return bool(moved)


async def finish_training(core: Core, adapter: LoraAdapter, *, accepted: bool) -> None:
    """The adapter is whole and judged: from the next conversation on it is tried, if its base model still answers."""
    async with in_transaction(), outbox(adapter.assistant_id) as out:
        ended = await set_status(adapter, AdapterStatus.COMPLETED if accepted else AdapterStatus.REJECTED)
        if ended:
            await out.adapter_completed(adapter, accepted=accepted)
        if ended and accepted and adapter.base_model_name == core.llm.name:
            await begin_trial(adapter)


async def activate_adapter(core: Core, assistant: Assistant, adapter: LoraAdapter) -> None:
    """Serve with this adapter from the next answer on. Raises `Conflict` when it is not finished, `AdapterMismatch`."""
    if adapter.status != AdapterStatus.COMPLETED:
        raise Conflict(reason=f"the adapter is {adapter.status}")
    if adapter.base_model_name != core.llm.name:
        raise AdapterMismatch(adapter_base=adapter.base_model_name, base=core.llm.name)
    await make_live(assistant.id, adapter.id)


async def back_to_base(core: Core, assistant: Assistant) -> None:
    """Serve with the base model from the next answer on."""
    trial = await trial_of(assistant)
    in_use = {assistant.live_adapter_id, trial.adapter_id if trial else None} - {None}
    await make_live(assistant.id, None)
    for adapter_id in in_use:
        await core.llm.forget_adapter(str(adapter_id))


async def cancel_training(adapter: LoraAdapter) -> None:
    """Stop an unfinished training: a queued one at once, a running one within seconds. Raises `Conflict`."""
    if not await set_status(adapter, AdapterStatus.CANCELLED):
        raise Conflict(reason="the training has already ended")
    await Job.filter(subject_id=adapter.id, status=JobStatus.QUEUED).update(status=JobStatus.DONE)


async def forget_adapter(core: Core, adapter: LoraAdapter) -> None:
    """Delete an adapter and its files; a live one goes out of service first."""
    await Assistant.filter(live_adapter_id=adapter.id).update(live_adapter_id=None)
    await LoraAdapter.filter(id=adapter.id).delete()
    await core.llm.forget_adapter(str(adapter.id))
    await to_thread(shutil.rmtree, folder_of(core, adapter), ignore_errors=True)


async def tidy_training(core: Core, adapter: LoraAdapter) -> None:
    """What serves stays of a training that has ended, and how it went; what people wrote is in the database."""
    row = await LoraAdapter.get_or_none(id=adapter.id).only("id", "status")
    if row is None:
        await to_thread(shutil.rmtree, folder_of(core, adapter), ignore_errors=True)
    elif row.status not in UNFINISHED:
        await to_thread(_tidy, folder_of(core, adapter), row.status == AdapterStatus.COMPLETED)


def _tidy(folder: Path, serves: bool) -> None:
    for name in (EXAMPLES, JUDGED):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    gone = folder / ".adapter.gone"
    if not serves and (folder / "adapter").exists():
        (folder / "adapter").rename(gone)  # nobody ever sees half an adapter
    shutil.rmtree(gone, ignore_errors=True)


async def tidy_trainings(core: Core) -> None:
    """What a process that was killed at the end of a training left."""
    async for adapter in LoraAdapter.exclude(status__in=UNFINISHED).only("id", "assistant_id", "adapter_path"):
        await tidy_training(core, adapter)


async def live_adapter(core: Core, assistant: Assistant) -> Adapter | None:
    """The adapter that serves all; None for the base model. One that does not fit is logged and left out."""
    return await _fitting(core, assistant, assistant.live_adapter_id)


async def adapter_for(core: Core, assistant: Assistant, conversation: Conversation, channel: str) -> Adapter | None:
    """The adapter for an answer in this conversation: the one on trial, if it is tried there, or else the live one."""
    tried = await tried_in(assistant, conversation, channel)
    if tried and (adapter := await _fitting(core, assistant, tried)):
        return adapter
    return await live_adapter(core, assistant)


async def _fitting(core: Core, assistant: Assistant, adapter_id: UUID | None) -> Adapter | None:
    if adapter_id is None:
        return None
    row = await LoraAdapter.get_or_none(id=adapter_id, assistant_id=assistant.id)
    if row is None or row.base_model_name != core.llm.name:
        log.error("adapter %s of assistant %s does not fit %s", adapter_id, assistant.id, core.llm.name)
        return None
    return served(core, row)


def served(core: Core, row: LoraAdapter) -> Adapter:
    """A finished training as language models take it."""
    phrases = row.metrics.get("lineage", {}).get("phrases", ())
    return Adapter(str(row.id), folder_of(core, row) / "adapter", frozenset(phrases))
