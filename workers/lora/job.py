"""What a training is asked to do, and where it writes what became of it. Refuses to know models."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.llm.bundled import WEIGHTS

EPOCHS = ((40, 6), (120, 3), (10**9, 2))
"""Of so many examples at most, so many times all of them."""
SHORTEST, LONGEST = 30, 400
"""Steps."""
LARGE = 10**9
"""Of so many weights a model is taught more gently (QLoRA, arXiv 2305.14314, appendix B)."""


@dataclass(frozen=True, slots=True)
class Job:
    """The content of JOB.json.

    With `max_steps` 0 the length follows from `epochs`; with `epochs` 0 those follow from how many examples there are,
    and the training stops when it learns no more. A step learns `batch_size` examples at once, `accumulate` times; with
    0 that follows from how many there are, and from the memory (workers/lora/memory.py). `learning_rate` 0 follows from
    the model's size.

    `judged` is a file of examples that it never learns from: by them it is compared with what serves now, the adapter
    in `rival`, or the base model. `base_model`, `base_name` and `form` are the weights, the name that serves, and a
    folder with its prompt form (core/learning/base.py).
    """

    examples: str
    out: str
    judged: str = ""
    rival: str = ""
    base_model: str = WEIGHTS
    base_name: str = ""
    form: str = ""
    rank: int = 16
    alpha: float = 32.0
    learning_rate: float = 0.0
    epochs: int = 0
    max_steps: int = 0
    accumulate: int = 0
    seed: int = 7
    max_length: int = 1024
    batch_size: int = 0
    checkpoint_every: int = 20
    threads: int = 2
    niceness: int = 10

    @classmethod
    def read(cls, file: Path) -> "Job":
        """Keys it does not know are left to others (evaluation, notes)."""
        values = json.loads(file.read_text(encoding="utf-8"))
        return cls(**{key: value for key, value in values.items() if key in cls.__dataclass_fields__})

    @property
    def folder(self) -> Path:
        return Path(self.out)

    def pace_for(self, weights: int) -> float:
        """The learning rate for a model of so many."""
        return self.learning_rate or (2e-4 if weights >= LARGE else 1e-3)

    def steps_for(self, rows: int, in_a_step: int) -> int:
        """A small set is learnt more often, a large one hardly twice; never so long that an owner waits for hours."""
        epochs = self.epochs or next(times for most, times in EPOCHS if rows <= most)
        by_epochs = -(-rows // in_a_step) * epochs
        return self.max_steps or max(SHORTEST, min(by_epochs, LONGEST))


class Progress:
    """`progress.jsonl`: one JSON object a line, only ever appended to, also over restarts."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "progress.jsonl"
        self._started = self._first_step_at = time.monotonic()
        self._first_step = self._tokens = 0

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._started, 1)

    def say(self, event: str, **facts: Any) -> None:
        line = json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n"
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())

    def start(self, step: int, steps: int, examples: int, settings: Mapping[str, Any]) -> None:
        """The model is loaded; steps follow. `settings` are those that were chosen or given."""
        self._first_step, self._first_step_at = step, time.monotonic()
        percent = 100 * step // steps
        self.say("start", step=step, steps=steps, examples=examples, percent=percent, settings=dict(settings))

    def step(self, step: int, steps: int, loss: float, tokens: int) -> None:
        """`eta_s` goes by the pace since `start`; `tokens` are those of this step, prompts included."""
        self._tokens += tokens
        passed = time.monotonic() - self._first_step_at
        left = (steps - step) * passed / (step - self._first_step)
        self.say(
            "step",
            step=step,
            steps=steps,
            loss=round(loss, 4),
            tokens_s=round(self._tokens / passed, 1),
            percent=100 * step // steps,
            eta_s=round(left),
        )
