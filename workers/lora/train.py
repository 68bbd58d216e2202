"""The trainer: `python -m workers.lora.train JOB.json`, one LoRA adapter, from top to bottom.

It writes into the job's folder: `progress.jsonl` (step, then done or failed), `checkpoint/` while it works,
`judged.json` with what it compared, and `adapter/`, whole or not at all. Started again after any kind of death it goes
on from its last checkpoint. SIGTERM ends it at once: nothing it writes is ever half there. Refuses to know the
database, the queue and who asked.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import torch

from core.errors import ProductError, TrainingFailed
from workers.lora.base_model import BaseModel, load_base_model
from workers.lora.dataset import Row, all_batches, part_to_watch, parts_of, read_rows
from workers.lora.job import Job, Progress
from workers.lora.losses import Best, judge, loss_of, losses
from workers.lora.memory import Portions, halved, portions

WARM_UP = 0.1
LARGEST_GRADIENT = 1.0
LOOKS = 12
"""How often in a training it is looked whether it still learns."""


def train(job: Job, progress: Progress) -> None:
    base = load_base_model(job)
    rows = read_rows(Path(job.examples), base.form.prompt_ids, base.form.answer_ids, job.max_length)
    loss, best = learn(job, progress, base.net, rows)
    best.take_back()
    if job.judged:
        progress.say("judging", percent=100)
        judge(job, base)
    _write_adapter(job, base)
    shutil.rmtree(job.folder / "checkpoint", ignore_errors=True)
    progress.say("done", loss=round(loss, 4), seconds=progress.seconds, best_step=best.step)


def learn(job: Job, progress: Progress, net: Any, rows: list[Row]) -> tuple[float, Best]:
    """Until the last step, or until no more is learnt: the loss of late, and the weights at their best."""
    part = portions(net, max(len(row.ids) for row in rows), len(rows), job.batch_size, job.accumulate)
    steps = job.steps_for(len(rows), part.at_once * part.times)
    rows, watched = part_to_watch(rows) if not job.max_steps else (rows, [])
    weights = [weight for weight in net.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=job.pace_for(net.num_parameters()), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps))
    best = Best(weights)
    done = _resume(job.folder / "checkpoint", weights, optimizer, schedule, best)
    progress.start(done, steps, len(rows), _settings(job, steps, part, job.pace_for(net.num_parameters())))
    recent = 0.0
    batches = all_batches(rows, part.at_once * part.times, job.seed)
    for step, batch in zip(range(1, steps + 1), batches, strict=False):
        if step <= done:
            continue  # the same order as before the interruption
        net.train()
        loss, part = _learn(net, batch, part, optimizer)
        torch.nn.utils.clip_grad_norm_(weights, LARGEST_GRADIENT)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        recent = loss if step == done + 1 else 0.9 * recent + 0.1 * loss
        progress.step(step, steps, loss, sum(len(row.ids) for row in batch))
        if watched and step % max(10, steps // LOOKS) == 0:
            best.look(sum(losses(net, watched)) / len(watched), step)
            if best.is_past:
                break
        if step % job.checkpoint_every == 0:
            _keep(job.folder / "checkpoint", step, weights, optimizer, schedule, best)
    return recent, best


def _settings(job: Job, steps: int, part: Portions, learning_rate: float) -> dict[str, float]:
    """What it is learnt with, for the adapter's lineage."""
    return {
        "rank": job.rank,
        "alpha": job.alpha,
        "learning_rate": learning_rate,
        "steps": steps,
        "batch_size": part.at_once * part.times,
        "max_length": job.max_length,
        "seed": job.seed,
    }


def _pace(step: int, steps: int) -> float:
    """Up in the first tenth, then straight down to nothing."""
    warm = max(1, round(WARM_UP * steps))
    return (step + 1) / warm if step < warm else (steps - step) / (steps - warm + 1)


def _learn(net: Any, batch: list[Row], part: Portions, optimizer: Any) -> tuple[float, Portions]:
    """The gradients of one step, its loss, and the portions that the memory has held."""
    while True:
        try:
            return sum(_learn_part(net, rows, len(batch)) for rows in parts_of(batch, part.at_once)), part
        except torch.OutOfMemoryError:
            smaller = halved(part)
            if smaller is None:
                raise
            part = smaller
        optimizer.zero_grad()
        torch.cuda.empty_cache()


def _learn_part(net: Any, rows: list[Row], in_all: int) -> float:
    """One forward and backward pass; its share of the step's loss."""
    loss = loss_of(net, rows) * len(rows) / in_all
    loss.backward()
    return float(loss.detach())


def _keep(folder: Path, step: int, weights: list[Any], optimizer: Any, schedule: Any, best: Best) -> None:
    """The file is replaced in one move: whoever dies now leaves the older one."""
    folder.mkdir(exist_ok=True)
    state = {
        "step": step,
        "weights": weights,
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "best": best.state(),
    }
    torch.save(state, folder / "state.new")
    (folder / "state.new").replace(folder / "state.pt")


def _resume(folder: Path, weights: list[Any], optimizer: Any, schedule: Any, best: Best) -> int:
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
    best.restore(state["best"])
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
    except TrainingFailed as known:
        progress.say("failed", reason=known.facts.get("reason", known.code))
        return 1
    except ProductError as known:
        progress.say("failed", reason=f"{known.code} {known.facts}")
        return 1
    except (MemoryError, torch.OutOfMemoryError):
        progress.say("failed", reason="memory")
        return 1
    except (RuntimeError, OSError, ValueError, KeyError, ImportError) as wrong:
        progress.say("failed", reason=f"{type(wrong).__name__}: {wrong}"[:500])
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
