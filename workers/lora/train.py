"""The trainer: `python -m workers.lora.train JOB.json`, one LoRA adapter, from top to bottom.

It writes into the job's folder: `progress.jsonl` (step, then done or failed), `checkpoint/` while it works, and
`adapter/`, whole or not at all. Started again after any kind of death it goes on from its last checkpoint. SIGTERM
ends it at once: nothing it writes is ever half there. Refuses to know the database, the queue and who asked.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import torch

from core.errors import ProductError
from workers.lora.base_model import BaseModel, load_base_model
from workers.lora.dataset import IGNORED, Row, all_batches, read_rows
from workers.lora.job import Job, Progress

WARM_UP = 0.1
LARGEST_GRADIENT = 1.0


def train(job: Job, progress: Progress) -> None:
    base = load_base_model(job)
    rows = read_rows(Path(job.examples), base.form.prompt_ids, base.form.answer_ids, job.max_length)
    steps = job.steps_for(len(rows))
    weights = [weight for weight in base.net.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=job.learning_rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps))
    done = _resume(job.folder / "checkpoint", weights, optimizer, schedule)
    progress.start(done, steps, len(rows))
    base.net.train()
    recent = 0.0
    for step, batch in enumerate(all_batches(rows, job.batch_size, job.seed), 1):
        if step <= done:
            continue  # the same order as before the interruption
        if step > steps:
            break
        loss = _learn(base.net, batch)
        torch.nn.utils.clip_grad_norm_(weights, LARGEST_GRADIENT)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        recent = loss if step == done + 1 else 0.9 * recent + 0.1 * loss
        progress.step(step, steps, loss)
        if step % job.checkpoint_every == 0:
            _keep(job.folder / "checkpoint", step, weights, optimizer, schedule)
    _write_adapter(job, base)
    shutil.rmtree(job.folder / "checkpoint", ignore_errors=True)
    progress.say("done", loss=round(recent, 4), seconds=progress.seconds)


def _pace(step: int, steps: int) -> float:
    """Up in the first tenth, then straight down to nothing."""
    warm = max(1, round(WARM_UP * steps))
    return (step + 1) / warm if step < warm else (steps - step) / (steps - warm + 1)


def _learn(net: Any, batch: list[Row]) -> float:
    """One forward and backward pass; the loss."""
    width = max(len(row.ids) for row in batch)
    device = next(net.parameters()).device
    ids = torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in batch], device=device)
    mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in batch], device=device)
    labels = torch.tensor([row.labels + [IGNORED] * (width - len(row.ids)) for row in batch], device=device)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
        loss = net(input_ids=ids, attention_mask=mask, labels=labels).loss
    loss.backward()
    return float(loss.detach())


def _keep(folder: Path, step: int, weights: list[Any], optimizer: Any, schedule: Any) -> None:
    """The file is replaced in one move: whoever dies now leaves the older one."""
    folder.mkdir(exist_ok=True)
    state = {
        "step": step,
        "weights": weights,
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    torch.save(state, folder / "state.new")
    (folder / "state.new").replace(folder / "state.pt")


def _resume(folder: Path, weights: list[Any], optimizer: Any, schedule: Any) -> int:
    """Steps already done; 0 without a checkpoint."""
    file = folder / "state.pt"
    if not file.exists():
        return 0
    state = torch.load(file, weights_only=True)
    with torch.no_grad():
        for weight, kept in zip(weights, state["weights"], strict=True):
            weight.copy_(kept)
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["step"])


def _write_adapter(job: Job, base: BaseModel) -> None:
    """Into a folder beside, then moved: nobody ever sees half an adapter."""
    new = job.folder / ".adapter.new"
    shutil.rmtree(new, ignore_errors=True)
    base.net.save_pretrained(new, save_embedding_layers=False)  # "auto" would ask the hub about the base
    (new / "README.md").unlink(missing_ok=True)
    shutil.rmtree(job.folder / "adapter", ignore_errors=True)
    new.rename(job.folder / "adapter")


def main() -> int:
    job = Job.read(Path(sys.argv[1]))
    job.folder.mkdir(parents=True, exist_ok=True)
    os.nice(job.niceness)
    torch.set_num_threads(job.threads)
    progress = Progress(job.folder)
    try:
        train(job, progress)
    except ProductError as known:
        progress.say("failed", reason=f"{known.code} {known.facts}")
        return 1
    except (RuntimeError, OSError, ValueError, KeyError, ImportError) as wrong:
        progress.say("failed", reason=f"{type(wrong).__name__}: {wrong}"[:500])
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
