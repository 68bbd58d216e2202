"""Adapters in the bundled engine: every rank is served as if it were alone, and only so many are held."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from core.llm.openvino import OpenVinoLanguageModel
from core.llm.pipeline import Pipeline, Settings
from tests.adapter_files import bundled_facts, random_weights, save_adapter
from tests.language_models import ask

QUESTION = "Facts: The shop sells kettles and cups. It opens at ten. What does the shop sell?"


@pytest.fixture
async def model(smollm2: Path) -> AsyncIterator[OpenVinoLanguageModel]:
    model = await OpenVinoLanguageModel.open(smollm2, cache_mb=64)
    yield model
    await model.close()


async def test_a_larger_adapter_is_served_after_a_smaller_one_and_harms_it_not(
    model: OpenVinoLanguageModel, tmp_path: Path
) -> None:
    """The places for adapters in the graph have one rank; a larger one makes them grow."""
    weights = random_weights(1, rank=8, size=0.1)
    doubled = {
        name: np.concatenate([weight, np.zeros_like(weight)] * 2, axis=0 if ".lora_A." in name else 1)
        for name, weight in weights.items()
    }
    small, large = save_adapter(tmp_path / "small", weights), save_adapter(tmp_path / "large", doubled)
    base = await ask(model, QUESTION)
    first = await ask(model, QUESTION, adapter=small)
    assert await ask(model, QUESTION, adapter=large) not in ("", base, first)
    assert await ask(model, QUESTION, adapter=small) == first != base
    assert await ask(model, QUESTION) == base


async def test_an_adapter_of_the_attention_too_is_served_after_one_of_the_mlp_alone(
    model: OpenVinoLanguageModel, tmp_path: Path
) -> None:
    """The graph has places for what our own training adapts; another's adapter makes them more."""
    own = save_adapter(tmp_path / "own", random_weights(1, size=0.1))
    everywhere = random_weights(2, size=0.1, projections=bundled_facts().projections)
    theirs = save_adapter(tmp_path / "theirs", everywhere)
    attention = {name: weight for name, weight in everywhere.items() if "self_attn" in name}
    base, first = await ask(model, QUESTION), await ask(model, QUESTION, adapter=own)
    second = await ask(model, QUESTION, adapter=theirs)
    third = await ask(model, QUESTION, adapter=save_adapter(tmp_path / "attention", attention))
    assert len({base, first, second, third}) == 4
    assert await ask(model, QUESTION, adapter=own) == first
    assert await ask(model, QUESTION) == base


def test_the_engine_holds_only_so_many_adapters_the_latest_used_ones(smollm2: Path, tmp_path: Path) -> None:
    pipeline = Pipeline(Settings(str(smollm2), threads=2, cache_mb=64, most_adapters=2, takes_adapters=True))
    adapters = {name: save_adapter(tmp_path / name, random_weights(n)) for n, name in enumerate("abc")}
    for name in ("a", "b", "a", "c"):
        file = adapters[name].folder / "adapter_model.safetensors"
        pipeline.apply({"id": name, "file": str(file), "alpha": 1.0})
    assert list(pipeline.held_adapters) == ["a", "c"]
    pipeline.forget("a")
    assert list(pipeline.held_adapters) == ["c"]
