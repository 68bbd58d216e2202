"""How well a model says what was wanted: the loss of each example, the best moment of a training, and the comparison
with what serves now. Refuses to know where examples come from."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from workers.lora.base_model import BaseModel
from workers.lora.dataset import IGNORED, Row, read_rows
from workers.lora.job import Job

AT_ONCE = 2
PATIENCE = 3
"""So many looks in a row without a better loss end a training."""
RIVAL = "rival"


def loss_of(net: Any, batch: Sequence[Row]) -> Any:
    """The mean loss of a batch's wanted tokens, with its graph."""
    width = max(len(row.ids) for row in batch)
    device = next(net.parameters()).device
    ids = torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in batch], device=device)
    mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in batch], device=device)
    labels = torch.tensor([row.labels + [IGNORED] * (width - len(row.ids)) for row in batch], device=device)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
        return net(input_ids=ids, attention_mask=mask, labels=labels).loss


def losses(net: Any, rows: Sequence[Row]) -> list[float]:
    """Of each example by itself, in nats a wanted token."""
    net.eval()
    with torch.no_grad():
        return [float(loss_of(net, [row])) for row in rows]


class Best:
    """The weights at the moment when what was watched was said best. Without any look, the last ones count."""

    def __init__(self, weights: Sequence[Any]) -> None:
        self._weights = weights
        self._kept: list[Any] = []
        self._loss = float("inf")
        self._in_vain = 0
        self.step = 0

    @property
    def is_past(self) -> bool:
        return self._in_vain >= PATIENCE

    def look(self, loss: float, step: int) -> None:
        if loss < self._loss:
            self._loss, self._in_vain, self.step = loss, 0, step
            self._kept = [weight.detach().clone() for weight in self._weights]
        else:
            self._in_vain += 1

    def take_back(self) -> None:
        """Go on with the best."""
        with torch.no_grad():
            for weight, kept in zip(self._weights, self._kept, strict=False):
                weight.copy_(kept)

    def state(self) -> dict[str, Any]:
        return {"kept": self._kept, "loss": self._loss, "in_vain": self._in_vain, "step": self.step}

    def restore(self, state: dict[str, Any]) -> None:
        self._kept, self._loss = state["kept"], state["loss"]
        self._in_vain, self.step = state["in_vain"], state["step"]


def judge(job: Job, base: BaseModel) -> None:
    """Write `judged.json`: the losses of the new adapter and of what serves now, example by example in their order."""
    rows = read_rows(Path(job.judged), base.form.prompt_ids, base.form.answer_ids, job.max_length)
    said = {"judged_new": losses(base.net, rows)}
    if job.rival:
        base.net.load_adapter(job.rival, adapter_name=RIVAL)
        base.net.set_adapter(RIVAL)
        said["judged_now"] = losses(base.net, rows)
        base.net.set_adapter("default")
        base.net.delete_adapter(RIVAL)
    else:
        with base.net.disable_adapter():
            said["judged_now"] = losses(base.net, rows)
    new = job.folder / "judged.new"
    new.write_text(json.dumps(said), "utf-8")
    new.replace(job.folder / "judged.json")
