"""A PEFT adapter's weights in the one shape the graph is fed with: every projection of every layer, one rank.

Why one shape: OpenVINO's CPU plugin corrupts memory when a graph first runs with an empty adapter and then, in a
larger batch, with a full one (seen: `corrupted double-linked list`). So smaller ranks are filled up with zeros,
absent projections are all zeros, and no adapter at all is never asked for. Refuses to know pipelines.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.llm.model_facts import ModelFacts

RANK_STEP = 16

Tensors = dict[str, NDArray[np.float32]]
"""Floats of 32 bits, as the graph computes: shorter ones would be converted anew for every token."""


class WeightsUnfit(ValueError):
    """The file is no adapter of this model."""


def neutral_weights(facts: ModelFacts, rank: int = RANK_STEP) -> Tensors:
    """Weights that change nothing."""
    tensors: Tensors = {}
    for layer in range(facts.layers):
        for projection, (outputs, inputs) in facts.projections.items():
            name = f"base_model.model.model.layers.{layer}.{projection}"
            tensors[f"{name}.lora_A.weight"] = np.zeros((rank, inputs), np.float32)
            tensors[f"{name}.lora_B.weight"] = np.zeros((outputs, rank), np.float32)
    return tensors


def rank_of(tensors: Tensors) -> int:
    return int(next(iter(tensors.values())).shape[0])


def read_weights(file: Path, facts: ModelFacts, least_rank: int = RANK_STEP) -> Tensors:
    """The file's weights in the shape of `neutral_weights`, of at least this rank. Raises `WeightsUnfit`."""
    try:
        found = load_file(file)
    except (OSError, SafetensorError, KeyError, TypeError) as wrong:
        raise WeightsUnfit(f"{file.name} cannot be read: {wrong}") from wrong
    ranks = [tensor.shape[0] for name, tensor in found.items() if ".lora_A." in name]
    tensors = neutral_weights(facts, max(least_rank, -(-max(ranks, default=1) // RANK_STEP) * RANK_STEP))
    for name, tensor in found.items():
        place = tensors.get(name)
        if place is None or tensor.ndim != 2:
            raise WeightsUnfit(f"{file.name} has an unknown weight {name}")
        by_rows = ".lora_A." in name
        if tensor.shape[by_rows] != place.shape[by_rows]:
            raise WeightsUnfit(f"{name} has the shape {tensor.shape}")
        place[: tensor.shape[0], : tensor.shape[1]] = tensor
    return tensors


def as_safetensors(tensors: Tensors) -> NDArray[np.uint8]:
    """The bytes of a safetensors file."""
    return np.frombuffer(save(tensors), np.uint8)
