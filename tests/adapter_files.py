"""Adapters for the bundled model with random weights, as PEFT saves them: nobody has to train for them."""

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from core.llm.adapter_weights import LEARNT
from core.llm.base import Adapter
from core.llm.bundled import NAME, bundled_gguf
from core.llm.gguf_facts import facts_of_gguf, open_gguf
from core.llm.model_facts import ModelFacts

Weights = dict[str, NDArray[np.float32]]


@cache
def bundled_facts() -> ModelFacts:
    return facts_of_gguf(bundled_gguf(), open_gguf(bundled_gguf()))


def random_weights(seed: int, *, rank: int = 16, size: float = 1e-3, projections: Collection[str] = LEARNT) -> Weights:
    """Of the projections that our own training adapts, or others. `size` .1 is heard in every answer, .001 in none."""
    random, facts = np.random.default_rng(seed), bundled_facts()
    weights: Weights = {}
    for layer in range(facts.layers):
        for projection in projections:
            outputs, inputs = facts.projections[projection]
            name = f"base_model.model.model.layers.{layer}.{projection}"
            weights[f"{name}.lora_A.weight"] = random.normal(0, size, (rank, inputs)).astype(np.float32)
            weights[f"{name}.lora_B.weight"] = random.normal(0, size, (outputs, rank)).astype(np.float32)
    return weights


def save_adapter(folder: Path, weights: Weights, base: str = NAME) -> Adapter:
    """What `save_pretrained` would write; alpha is the rank, so the weights count as they are."""
    rank = next(iter(weights.values())).shape[0]
    folder.mkdir(parents=True)
    save_file(weights, folder / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "base_model_name_or_path": base, "r": rank, "lora_alpha": rank}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return Adapter(folder.name, folder)
