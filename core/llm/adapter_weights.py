"""A PEFT adapter's weights in the one shape the graph is fed with: the same projections of every layer, one rank.

Why one shape: OpenVINO's CPU plugin corrupts memory when a graph first runs with an empty adapter and then, in a
larger batch, with a full one (seen: `corrupted double-linked list`). So smaller ranks are filled up with zeros,
absent projections are all zeros, and no adapter at all is never asked for. Refuses to know pipelines.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.llm.model_facts import ModelFacts

RANK_STEP = 16
LEARNT = ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
"""What our own training adapts (docs/adr/0015-adapters-as-products.md): each further projection slows every answer."""

Tensors = dict[str, NDArray[np.float32]]
"""Floats of 32 bits, as the graph computes: shorter ones would be converted anew for every token."""


class WeightsUnfit(ValueError):
    """The file is no adapter of this model."""


@dataclass(frozen=True, slots=True)
class Places:
    """What a graph takes: adapters of these projections, at most of this rank."""

    projections: frozenset[str] = frozenset(LEARNT)
    rank: int = RANK_STEP

    def with_room_for(self, file: Path, facts: ModelFacts) -> "Places":
        """The same, or more, so that this adapter fits. Raises `WeightsUnfit`."""
        found = _read(file)
        used = {projection for projection in facts.projections if any(f".{projection}." in name for name in found)}
        rank = max((tensor.shape[0] for name, tensor in found.items() if ".lora_A." in name and tensor.ndim), default=1)
        return Places(self.projections | used, max(self.rank, -(-rank // RANK_STEP) * RANK_STEP))


def neutral_weights(facts: ModelFacts, places: Places) -> Tensors:
    """Weights that change nothing."""
    tensors: Tensors = {}
    for layer in range(facts.layers):
        for projection in places.projections:
            outputs, inputs = facts.projections[projection]
            name = f"base_model.model.model.layers.{layer}.{projection}"
            tensors[f"{name}.lora_A.weight"] = np.zeros((places.rank, inputs), np.float32)
            tensors[f"{name}.lora_B.weight"] = np.zeros((outputs, places.rank), np.float32)
    return tensors


def read_weights(file: Path, facts: ModelFacts, places: Places) -> Tensors:
    """The file's weights in the shape of `neutral_weights`; `places` has room for it. Raises `WeightsUnfit`."""
    tensors = neutral_weights(facts, places)
    for name, tensor in _read(file).items():
        place = tensors.get(name)
        if place is None or tensor.ndim != 2:
            raise WeightsUnfit(f"{file.name} has an unknown weight {name}")
        by_rows = ".lora_A." in name
        if tensor.shape[by_rows] != place.shape[by_rows]:
            raise WeightsUnfit(f"{name} has the shape {tensor.shape}")
        place[: tensor.shape[0], : tensor.shape[1]] = tensor
    return tensors


def _read(file: Path) -> Tensors:
    try:
        return dict(load_file(file))
    except (OSError, SafetensorError, KeyError, TypeError) as wrong:
        raise WeightsUnfit(f"{file.name} cannot be read: {wrong}") from wrong


def as_safetensors(tensors: Tensors) -> NDArray[np.uint8]:
    """The bytes of a safetensors file."""
    return np.frombuffer(save(tensors), np.uint8)
