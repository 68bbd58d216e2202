"""A step of a training in portions that the memory holds (workers/lora/memory.py)."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from core.errors import TrainingFailed
from workers.lora import memory
from workers.lora.memory import Portions, bytes_of_token, halved, portions


@dataclass
class _Net:
    """The shape of the bundled model; its weights are elsewhere."""

    dtype: Any = torch.float32
    is_activation_checkpointing: bool = False
    config: Any = field(
        default_factory=lambda: SimpleNamespace(
            get_text_config=lambda: SimpleNamespace(hidden_size=576, num_hidden_layers=30, vocab_size=49152)
        )
    )

    def parameters(self) -> Any:
        yield torch.zeros(1)


@pytest.mark.parametrize(
    ("free_mb", "examples", "expected"),
    [
        (16_000, 60, Portions(2, 1)),
        (16_000, 500, Portions(4, 1)),
        (32_000, 2000, Portions(8, 1)),
        (7_000, 2000, Portions(2, 4)),
        (4_000, 60, Portions(1, 2)),
    ],
)
def test_a_step_has_as_many_examples_as_help_in_portions_that_fit(
    monkeypatch: pytest.MonkeyPatch, free_mb: int, examples: int, expected: Portions
) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda _: free_mb * 1_000_000)
    assert portions(_Net(), 1024, examples) == expected


def test_a_choice_of_somebodys_own_is_kept_and_the_step_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda _: 10**11)
    assert portions(_Net(), 512, 60, at_once=1) == Portions(1, 2)
    assert portions(_Net(), 512, 60, at_once=4, times=3) == Portions(4, 3)


def test_where_not_one_example_fits_it_is_said_before_anything_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda _: 10**8)
    with pytest.raises(TrainingFailed) as refusal:
        portions(_Net(), 1024, 60)
    assert refusal.value.facts == {"reason": "memory"}


def test_less_precision_and_checkpoints_need_less() -> None:
    plain = bytes_of_token(_Net())
    assert bytes_of_token(_Net(dtype=torch.bfloat16)) < plain
    assert bytes_of_token(_Net(is_activation_checkpointing=True)) < plain / 2


def test_memory_that_ended_all_the_same_halves_the_portions_and_not_the_step() -> None:
    assert halved(Portions(4, 2)) == Portions(2, 4)
    assert halved(Portions(1, 8)) is None


@pytest.mark.parametrize(("most", "left"), [("3000", 3000 - 2000 + 500), ("max", None)])
def test_a_container_has_what_its_limit_leaves_and_the_room_of_files_that_it_has_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: str, left: int | None
) -> None:
    for name, text in (("max", most), ("current", "2000"), ("stat", "anon 1200\ninactive_file 500\nactive_file 300")):
        (tmp_path / f"memory.{name}").write_text(f"{text}\n")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    free = memory.free_bytes(torch.device("cpu"))
    assert free == left if left else free > 10**6
    monkeypatch.setattr(memory, "GROUP", tmp_path / "no container")
    assert memory.free_bytes(torch.device("cpu")) > 10**6
