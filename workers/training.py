"""One training, watched: writes the data set, starts the trainer as a process of its own, reports its progress.

The trainer outlives this process: after a restart the watcher finds it by its pid file and goes on watching. It is
stopped when the owner cancels. Refuses to know torch.
"""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from core.app import Core
from core.errors import TooLittleData, TrainingFailed
from core.learning.base import training_base
from core.learning.data_set import ENOUGH, ready_set, taught
from core.learning.examples import read_examples, write_examples
from core.learning.judging import compare
from core.learning.lineage import lineage_of
from core.learning.unrelated import unrelated_questions
from core.models import AdapterStatus, Assistant, LoraAdapter
from core.training import (
    EXAMPLES,
    JUDGED,
    UNFINISHED,
    finish_training,
    folder_of,
    live_adapter,
    note_progress,
    served,
    set_status,
    tidy_training,
)
from workers.device import free_device

LOSSES = "judged.json"
WATCH_S = 1.0
SILENT_S = 900.0
STOP_S = 5.0


async def train_adapter(core: Core, adapter_id: UUID) -> None:
    """Train, judge, then try it with customers. What fails is told to the owner; a stopping process leaves it running.

    Raises `Unavailable` when something that judging needs is away: the job waits, and nothing is trained twice.
    """
    adapter = await LoraAdapter.get_or_none(id=adapter_id)
    if adapter is None:
        return
    if adapter.status in UNFINISHED:
        await _train(core, adapter)
    await tidy_training(core, adapter)


async def _train(core: Core, adapter: LoraAdapter) -> None:
    folder = await asyncio.to_thread(folder_of(core, adapter).resolve)
    try:
        if not await asyncio.to_thread(_under_way, folder):
            await _start_in_turn(core, adapter, folder)
        await set_status(adapter, AdapterStatus.TRAINING)
        await _watch(adapter, folder)
    except TrainingFailed as failure:
        await set_status(adapter, AdapterStatus.FAILED, failure.code, **failure.facts)
        return
    if await set_status(adapter, AdapterStatus.EVALUATING):
        accepted = await _judged(core, adapter, folder)
        await finish_training(core, adapter, accepted=accepted)


async def _judged(core: Core, adapter: LoraAdapter, folder: Path) -> bool:
    """Whether it is better than what serves now; the report stays with the adapter."""
    assistant = await Assistant.get(id=adapter.assistant_id)
    examples = await asyncio.to_thread(read_examples, folder / JUDGED)
    losses = await asyncio.to_thread(_losses, folder / LOSSES)
    pair = (await live_adapter(core, assistant), served(core, adapter))
    unrelated = await asyncio.to_thread(unrelated_questions, assistant.locale) if examples else ()
    verdict, report = await compare(core, assistant, examples, unrelated, pair, losses)
    adapter.metrics["report"] = report
    settings = await asyncio.to_thread(_settings, folder)
    adapter.metrics["lineage"] = adapter.metrics.get("lineage", {}) | {"settings": settings}
    await adapter.save(update_fields=["metrics"])
    return verdict.accepted


def _losses(file: Path) -> dict[str, list[float]]:
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def _settings(folder: Path) -> dict[str, Any]:
    """With what it was learnt, chosen or given, as the trainer said at its last start; an older trainer did not."""
    said = [line["settings"] for line in _progress(folder) if "settings" in line]
    return dict(said[-1]) if said else {}


async def give_up_training(adapter_id: UUID) -> None:
    """The job failed for good: the owner must see it."""
    adapter = await LoraAdapter.get_or_none(id=adapter_id)
    if adapter:
        await set_status(adapter, AdapterStatus.FAILED, TrainingFailed.code, reason="the worker could not run it")


async def _start_in_turn(core: Core, adapter: LoraAdapter, folder: Path) -> None:
    """As soon as no other training runs on this device. Raises `TrainingFailed` when it is no longer wanted by then."""
    device = await free_device(core.settings.adapters_folder, core.settings.cuda_visible_devices)
    try:
        if not await LoraAdapter.filter(id=adapter.id, status__in=UNFINISHED).exists():
            raise TrainingFailed(reason="cancelled")
        await _start(core, adapter, folder, device)
    finally:
        os.close(device)


async def _start(core: Core, adapter: LoraAdapter, folder: Path, device: int) -> None:
    assistant = await Assistant.get(id=adapter.assistant_id)
    base = training_base(core)
    learnt, judged = await ready_set(core, assistant)
    if taught([*learnt, *judged]) < ENOUGH or not judged:
        raise TooLittleData(found=taught([*learnt, *judged]), needed=ENOUGH)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread(write_examples, assistant, learnt, folder / EXAMPLES)
    await asyncio.to_thread(write_examples, assistant, judged, folder / JUDGED)
    rival = await live_adapter(core, assistant)
    lineage = await asyncio.to_thread(lineage_of, base, learnt, judged)
    adapter.metrics["lineage"] = lineage | {"before": rival.id if rival else ""}
    await adapter.save(update_fields=["metrics"])
    job = {
        "examples": str(folder / EXAMPLES),
        "judged": str(folder / JUDGED),
        "rival": str(await asyncio.to_thread(rival.folder.resolve)) if rival else "",
        "out": str(folder),
        "base_model": base.weights,
        "base_name": base.name,
        "form": base.form,
        **adapter.settings,
    }
    await asyncio.to_thread((folder / "job.json").write_text, json.dumps(job), "utf-8")
    await asyncio.to_thread(_launch, folder, device)


def _launch(folder: Path, device: int) -> None:
    """Start the trainer, which holds the device, in a session of its own: stopping this process does not stop it."""
    with (folder / "trainer.log").open("ab") as errors:
        trainer = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "workers.lora.train", str(folder / "job.json")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            pass_fds=(device,),
        )
    (folder / "trainer.pid").write_text(str(trainer.pid))
    # From here on the pid file stands for it, also after our restart: Popen need not miss it when it is forgotten.
    trainer.returncode = 0


async def _watch(adapter: LoraAdapter, folder: Path) -> None:
    """Until the adapter is whole: the trainer puts it into its place in one step, and may be killed before it says so.

    Raises `TrainingFailed` when it fails, falls silent or is cancelled, `ChildProcessError` when it was killed: then
    the job tries again, from the last checkpoint.
    """
    silent, seen = 0.0, -1
    while True:
        trainer = await asyncio.to_thread(_trainer, folder)  # before its words: it may end between the two
        lines = await asyncio.to_thread(_progress, folder)
        if len(lines) != seen:
            seen, silent = len(lines), 0.0
            await note_progress(adapter, lines)
        last = lines[-1] if lines else {}
        if (trainer is None or last.get("event") == "done") and await asyncio.to_thread((folder / "adapter").exists):
            return
        if last.get("event") == "failed":
            raise TrainingFailed(reason=str(last.get("reason", ""))[:200])
        if trainer is None:
            raise ChildProcessError("the trainer was killed")
        cancelled = not await LoraAdapter.filter(id=adapter.id, status__in=UNFINISHED).exists()
        if cancelled or silent > SILENT_S:
            await asyncio.to_thread(_stop, trainer)
            raise TrainingFailed(reason="cancelled" if cancelled else "the trainer made no progress")
        await asyncio.sleep(WATCH_S)
        silent += WATCH_S


def _progress(folder: Path) -> list[dict[str, Any]]:
    """The trainer's lines so far; a last line that is still being written is left for the next look."""
    file = folder / "progress.jsonl"
    if not file.exists():
        return []
    text = file.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def _under_way(folder: Path) -> bool:
    """A trainer runs, or has finished: after a restart there is nothing to start, only to watch."""
    return _trainer(folder) is not None or (folder / "adapter").exists()


def _trainer(folder: Path) -> psutil.Process | None:
    """The trainer while it runs; a pid that now belongs to another program does not count."""
    try:
        process = psutil.Process(int((folder / "trainer.pid").read_text()))
        if process.status() == psutil.STATUS_ZOMBIE:
            process.wait(0)  # ended, and our own child: let the system forget it
            return None
        command = process.cmdline()
        return process if "workers.lora.train" in command and str(folder / "job.json") in command else None
    except (OSError, ValueError, psutil.Error):
        return None


def _stop(trainer: psutil.Process) -> None:
    """Ask, then insist."""
    with suppress(psutil.NoSuchProcess):
        trainer.terminate()
        try:
            trainer.wait(STOP_S)
        except psutil.TimeoutExpired:
            trainer.kill()
