"""LoRA by rows against PEFT's own, number by number."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

from core.llm.base import Adapter
from core.llm.transformers_adapters import AdapterShelf, AdapterUnfit
from core.llm.transformers_lora import BASE, LoraRows
from tests.tiny_llama import make_adapter, make_tiny_llama
from workers.lora.base_model import PROJECTIONS

# PEFT and transformers have this to settle between them.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

TOKENS = torch.tensor([[5, 6, 7], [40, 41, 42], [9, 9, 9], [100, 7, 100], [1, 2, 3], [8, 50, 3], [12, 80, 4]])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_llama(tmp_path_factory.mktemp("tiny-llama"))


@pytest.fixture
def net(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@pytest.fixture
def loras(net: Any) -> LoraRows:
    return LoraRows(net, torch.device("cpu"), torch.float32)


@pytest.fixture
def shelf(net: Any, loras: LoraRows) -> AdapterShelf:
    return AdapterShelf(net, loras, 10_000_000)


@pytest.fixture
def adapters(tmp_path: Path, folder: Path) -> list[Adapter]:
    """Of two ranks; one scaled by the root of its rank, one twice as loud."""
    made = [make_adapter(tmp_path / f"a{n}", str(folder), n, rank=rank) for n, rank in enumerate((4, 8, 4, 8))]
    _change(made[2], use_rslora=True)
    _change(made[3], lora_alpha=16)
    return made


def _change(adapter: Adapter, **values: Any) -> None:
    file = adapter.folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.parametrize(
    "voices",
    [
        [0, 0, 0, 0, 0, 0, 0],
        [None, 0, None, None, None, None, None],
        [3, 0, 1, 0, None, 2, 0],
        [1, 1, 1, 3, 3, None, 0],
        [None] * 7,
    ],
)
def test_every_row_speaks_with_its_own_adapter(
    net: Any, loras: LoraRows, shelf: AdapterShelf, adapters: list[Adapter], folder: Path, voices: list[int | None]
) -> None:
    names = [shelf.take(one.id, one.folder, frozenset()) or "" for one in adapters]
    loras.speak([BASE if voice is None else names[voice] for voice in voices])
    with torch.inference_mode():
        said = net(input_ids=TOKENS).logits

    peft = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    peft = PeftModel.from_pretrained(peft, str(adapters[0].folder), "a0").eval()
    for one in adapters[1:]:
        peft.load_adapter(str(one.folder), one.id)
    theirs = ["__base__" if voice is None else adapters[voice].id for voice in voices]
    with torch.inference_mode():
        expected = peft(input_ids=TOKENS, adapter_names=theirs).logits
    torch.testing.assert_close(said, expected)


@pytest.mark.parametrize(
    "settings",
    [
        {"target_modules": PROJECTIONS, "r": 4, "lora_alpha": 8},
        {"target_modules": "all-linear", "r": 3, "use_rslora": True},
        {"target_modules": r".*layers\.1\..*(q|v)_proj", "r": 2},
        {"target_modules": ["q_proj"], "layers_to_transform": [1], "r": 2},
    ],
)
def test_what_peft_saves_is_read(
    net: Any, loras: LoraRows, shelf: AdapterShelf, folder: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    peft = get_peft_model(base, LoraConfig(**settings, init_lora_weights=False, task_type="CAUSAL_LM")).eval()
    peft.save_pretrained(str(tmp_path))
    loras.speak([shelf.take("trained", tmp_path, frozenset()) or ""] * len(TOKENS))
    with torch.inference_mode():
        torch.testing.assert_close(net(input_ids=TOKENS).logits, peft(input_ids=TOKENS).logits)


def test_an_adapter_that_was_removed_leaves_the_model_as_it_was(
    net: Any, loras: LoraRows, shelf: AdapterShelf, adapters: list[Adapter]
) -> None:
    with torch.inference_mode():
        before = net(input_ids=TOKENS).logits
        name = shelf.take(adapters[0].id, adapters[0].folder, frozenset()) or ""
        loras.speak([name] * len(TOKENS))
        assert not torch.allclose(net(input_ids=TOKENS).logits, before)
        shelf.forget(adapters[0].id)
        shelf.sweep(frozenset())
        torch.testing.assert_close(net(input_ids=TOKENS).logits, before)


def test_adapters_in_use_keep_their_place_and_the_longest_unused_goes(
    net: Any, loras: LoraRows, adapters: list[Adapter]
) -> None:
    sizes = [(one.folder / "adapter_model.safetensors").stat().st_size for one in adapters]
    shelf = AdapterShelf(net, loras, sizes[0] + sizes[1])
    first = shelf.take(adapters[0].id, adapters[0].folder, frozenset()) or ""
    second = shelf.take(adapters[1].id, adapters[1].folder, frozenset()) or ""
    assert shelf.take(adapters[2].id, adapters[2].folder, {first, second}) is None
    third = shelf.take(adapters[2].id, adapters[2].folder, {second})
    assert third
    assert shelf.take(adapters[1].id, adapters[1].folder, frozenset()) == second
    assert shelf.take(adapters[0].id, adapters[0].folder, {second}) not in (None, first), (
        "read anew, in the third's place"
    )


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"bias": "all"}, "without biases"),
        ({"modules_to_save": ["lm_head"]}, "whole layers"),
        ({"peft_type": "IA3"}, "only LoRA"),
        ({"r": 0}, "does not fit"),
        ({"r": "x"}, "does not fit"),
        ({"target_modules": ["q_proj", "v_proj", "down_proj", "k_proj"]}, "2 layers are missing"),
    ],
)
def test_what_cannot_stand_beside_others_is_refused_with_the_reason(
    shelf: AdapterShelf, adapters: list[Adapter], values: dict[str, Any], reason: str
) -> None:
    _change(adapters[0], **values)
    with pytest.raises(AdapterUnfit, match=reason):
        shelf.take(adapters[0].id, adapters[0].folder, frozenset())
    assert shelf.take(adapters[1].id, adapters[1].folder, frozenset())
