"""Examples to token ids and labels, in the very prompt form that serving uses.

The examples are a JSON-lines file; each line:

    {"turns": [{"role": "system" | "user" | "assistant", "content": "..."}, ...], "answer": "what it should say"}

`turns` are everything before the answer, exactly as the product will ask (system prompt and passages included);
other keys are ignored. Only the answer and the marker that ends it are learnt. Refuses to know torch.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import TooLittleData
from core.llm.base import Turn

LEAST_WATCHED = 40
IGNORED = -100
"""The label that the loss skips (torch's cross entropy, `ignore_index`)."""

PromptIds = Callable[[Sequence[Turn], int], list[int]]
"""Turns and the example's number to the ids of everything before the answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One example as numbers; `labels` are as long as `ids`."""

    ids: list[int]
    labels: list[int]


def read_rows(file: Path, prompt_ids: PromptIds, answer_ids: Callable[[str], list[int]], max_length: int) -> list[Row]:
    """Raises `TooLittleData` when nothing fits. Rows longer than `max_length` are left out, never cut: an answer
    without its end would teach the model not to stop."""
    rows, found = [], 0
    with file.open(encoding="utf-8") as lines:
        for found, line in enumerate(lines, 1):
            example = json.loads(line)
            turns = [Turn(turn["role"], turn["content"]) for turn in example["turns"]]
            prompt, answer = prompt_ids(turns, found), answer_ids(example["answer"])
            if len(prompt) + len(answer) <= max_length:
                rows.append(Row(prompt + answer, [IGNORED] * len(prompt) + answer))
    if not rows:
        raise TooLittleData(found=found, needed=1)
    return rows


def part_to_watch(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Every tenth to see by whether a training still learns, and the others; none of a set that is too small."""
    if len(rows) < LEAST_WATCHED:
        return list(rows), []
    return [row for at, row in enumerate(rows) if at % 10], list(rows[::10])


def batches(rows: Sequence[Row], size: int, epoch: int, seed: int) -> list[list[Row]]:
    """Rows of like length together, so that little is padding; another order in every epoch, the same by seed."""
    order = random.Random(f"{seed} {epoch}")  # noqa: S311  (an order, not a secret)
    shuffled = order.sample(rows, len(rows))
    shuffled.sort(key=lambda row: len(row.ids) // 32)  # stable: rows of like length stay shuffled
    groups = [shuffled[n : n + size] for n in range(0, len(shuffled), size)]
    order.shuffle(groups)
    return groups


def all_batches(rows: Sequence[Row], size: int, seed: int) -> Iterator[list[Row]]:
    """Epoch after epoch, without end: the trainer stops at its last step."""
    epoch = 0
    while True:
        yield from batches(rows, size, epoch, seed)
        epoch += 1


def parts_of(rows: Sequence[Row], size: int) -> list[list[Row]]:
    """In their order, so many in each."""
    return [list(rows[start : start + size]) for start in range(0, len(rows), size)]
