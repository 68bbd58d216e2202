"""The running batch, token by token: as transformers' own `generate` has them, and when the memory ends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from core.llm.base import Adapter
from core.llm.transformers_adapters import AdapterShelf, AdapterUnfit
from core.llm.transformers_batch import Batch, NoMemory, Row
from core.llm.transformers_lora import BASE, LoraRows
from tests.tiny_llama import make_adapter, make_tiny_llama

# PEFT and transformers have this to settle between them.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

TOKENS = 16
PROMPTS = ([5, 6, 7, 8, 9, 10, 11, 12], [40, 41], [100, 7, 100])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_llama(tmp_path_factory.mktemp("tiny-llama"))


@pytest.fixture(scope="module")
def adapters(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> list[Adapter]:
    return [make_adapter(tmp_path_factory.mktemp("adapter"), str(folder), seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def expected(folder: Path, adapters: list[Adapter]) -> list[list[int]]:
    """What transformers and PEFT say to each prompt: the first without an adapter, the others with one each."""
    folders = [None, *(adapter.folder for adapter in adapters)]
    return [_generated(folder, ids, adapter) for ids, adapter in zip(PROMPTS, folders, strict=True)]


@pytest.fixture
def net(folder: Path) -> Any:
    return _net(folder)


@pytest.fixture
def loras(net: Any) -> LoraRows:
    return LoraRows(net, torch.device("cpu"), torch.float32)


@pytest.fixture
def batch(net: Any, loras: LoraRows) -> Batch:
    return Batch(net, torch.device("cpu"), loras)


@pytest.fixture
def rows(net: Any, loras: LoraRows, adapters: list[Adapter]) -> list[Row]:
    """A row for each prompt, its adapter loaded."""
    shelf = AdapterShelf(net, loras, 1_000_000)
    names = [BASE, *(shelf.take(adapter.id, adapter.folder, frozenset()) or "" for adapter in adapters)]
    return [Row(n, ids, TOKENS, adapter=name) for n, (ids, name) in enumerate(zip(PROMPTS, names, strict=True))]


def test_rows_of_any_company_say_what_generate_says(batch: Batch, rows: list[Row], expected: list[list[int]]) -> None:
    said = _run(batch, {0: rows[0], 3: rows[1], 5: rows[2]})
    assert [said[row.number] for row in rows] == expected


def test_a_prompt_that_finds_no_memory_stays_out_and_the_others_notice_nothing(
    batch: Batch, rows: list[Row], expected: list[list[int]]
) -> None:
    batch.join(rows[0])
    batch.join(rows[1])
    with _memory_ends_in_the_last_layer(batch), pytest.raises(NoMemory) as full:
        batch.join(rows[2])
    assert full.value.row is rows[2]
    said = _run(batch, {2: rows[2]})
    assert [said[row.number] for row in rows] == expected


def test_a_prompt_that_finds_no_room_beside_the_others_stays_out(
    batch: Batch, rows: list[Row], expected: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory ends while the first layer's cache is joined and the second's is not."""
    batch.join(rows[1])
    pad, calls = torch.nn.functional.pad, iter(range(1000))

    def limited(*args: Any) -> Any:
        if next(calls) == 5:
            raise torch.OutOfMemoryError
        return pad(*args)

    monkeypatch.setattr(torch.nn.functional, "pad", limited)
    with pytest.raises(NoMemory):
        batch.join(rows[0])
    said = _run(batch, {2: rows[0], 4: rows[2]})
    assert [said[row.number] for row in rows] == expected


def test_when_memory_ends_in_mid_answer_the_newest_gives_way(
    batch: Batch, rows: list[Row], expected: list[list[int]]
) -> None:
    for row in rows:
        batch.join(row)
    with _memory_ends_in_the_last_layer(batch), pytest.raises(NoMemory) as full:
        batch.step()
    assert full.value.row is rows[2]
    batch.leave(full.value.row)
    said = _run(batch, {})
    assert [said[0], said[1]] == expected[:2]


def test_what_cannot_stand_beside_others_in_a_batch_is_refused(folder: Path, tmp_path: Path) -> None:
    net = _net(folder)
    shelf = AdapterShelf(net, LoraRows(net, torch.device("cpu"), torch.float32), 1_000_000)
    adapter = make_adapter(tmp_path / "biased", str(folder), 1)
    config = adapter.folder / "adapter_config.json"
    config.write_text(config.read_text().replace('"r": 4', '"r": 4, "bias": "all"'))
    with pytest.raises(AdapterUnfit):
        shelf.take(adapter.id, adapter.folder, frozenset())


def _run(batch: Batch, joining: dict[int, Row]) -> dict[int, list[int]]:
    """Step until everybody has said enough; `joining` are let in before the steps of these numbers."""
    said = {row.number: [row.latest] for row in batch.rows}
    step = 0
    while batch.rows or any(when >= step for when in joining):
        if row := joining.get(step):
            batch.join(row)
            said[row.number] = [row.latest]
        if batch.rows:
            batch.step()
        for row in list(batch.rows):
            said[row.number].append(row.latest)
            if row.made == row.most:
                batch.leave(row)
        step += 1
    return said


class _memory_ends_in_the_last_layer:  # noqa: N801 - reads as a sentence
    """The first layer's cache has grown then, the last one's has not."""

    def __init__(self, batch: Batch) -> None:
        self._layer = batch._net.model.layers[-1]

    def __enter__(self) -> None:
        self._hook = self._layer.register_forward_pre_hook(_end_memory)

    def __exit__(self, *_: object) -> None:
        self._hook.remove()


def _end_memory(*_: Any) -> Iterator[None]:
    raise torch.OutOfMemoryError


def _net(folder: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def _generated(folder: Path, ids: list[int], adapter: Path | None) -> list[int]:
    net = _net(folder)
    if adapter:
        net = PeftModel.from_pretrained(net, str(adapter)).eval()
    prompt = torch.tensor([ids])
    out = net.generate(
        input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False,
        max_new_tokens=TOKENS, min_new_tokens=TOKENS, eos_token_id=-1, pad_token_id=2,
    )  # fmt: skip
    return [int(token) for token in out[0, len(ids) :]]
