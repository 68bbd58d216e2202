"""The bench for a GPU, on the CPU with a tiny model: it must not fail for the first time where a GPU is paid for."""

import json

import pytest
import torch

from tests.bench import gpu, qlora

# PEFT and transformers have this to settle between them.
pytestmark = pytest.mark.filterwarnings(
    "ignore:`(is_gradient_checkpointing|gradient_checkpointing_enable)`:FutureWarning"
)


def test_every_row_is_measured_in_both_precisions_and_all_answers_are_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    gpu.main(["--shape", "tiny"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])

    for precision in ("bf16", "4bit"):
        rows = figures[precision]["rows"]
        assert [(row["requests"], row["adapters"]) for row in rows] == [(1, 0), (4, 0), (4, 2), (4, 4)]
        assert all((row["failed"], row["cut_off"]) == (0, 0) for row in rows)
        assert all(row["tokens_per_s"] > 0 < row["first_p50_s"] <= row["first_p95_s"] for row in rows)
        assert all(figures[precision]["generate"].values())


def test_without_a_gpu_it_says_that_it_is_skipped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    gpu.main([])
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"skipped": "no CUDA device"}


def test_qlora_learns_the_tiny_shape_in_four_bits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    qlora.main(["--shape", "tiny"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["tokens_s"] > 0 < figures["peak_mb"]


def test_qlora_of_a_large_shape_says_that_it_is_skipped_without_a_gpu(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    qlora.main([])
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"skipped": "no CUDA device"}
