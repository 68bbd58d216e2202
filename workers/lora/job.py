"""What a training is asked to do, and where it writes what became of it. Refuses to know models."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUNDLED = "bundled"


@dataclass(frozen=True, slots=True)
class Job:
    """The content of JOB.json. With `max_steps` 0 the length follows from `epochs`, within bounds that keep a small
    set's training at a minute or two on two cores."""

    examples: str
    out: str
    base_model: str = BUNDLED
    rank: int = 16
    alpha: float = 32.0
    learning_rate: float = 1e-3
    epochs: int = 2
    max_steps: int = 0
    seed: int = 7
    max_length: int = 1024
    batch_size: int = 2
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

    def steps_for(self, rows: int) -> int:
        by_epochs = -(-rows // self.batch_size) * self.epochs
        return self.max_steps or max(30, min(by_epochs, 400))


class Progress:
    """`progress.jsonl`: one JSON object a line, only ever appended to, also over restarts."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "progress.jsonl"
        self._started = self._first_step_at = time.monotonic()
        self._first_step = 0

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._started, 1)

    def say(self, event: str, **facts: Any) -> None:
        line = json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n"
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())

    def start(self, step: int, steps: int, examples: int) -> None:
        """The model is loaded; steps follow."""
        self._first_step, self._first_step_at = step, time.monotonic()
        self.say("start", step=step, steps=steps, examples=examples, percent=100 * step // steps)

    def step(self, step: int, steps: int, loss: float) -> None:
        """`eta_s` goes by the pace since `start`."""
        left = (steps - step) * (time.monotonic() - self._first_step_at) / (step - self._first_step)
        self.say("step", step=step, steps=steps, loss=round(loss, 4), percent=100 * step // steps, eta_s=round(left))
