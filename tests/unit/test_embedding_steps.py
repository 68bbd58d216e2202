"""Batches are cut into steps of few shapes."""

import asyncio
import random
import threading
from functools import partial

import pytest

from core.embeddings.charsmap import compiled_charsmap
from core.embeddings.steps import LENGTHS, MOST_ROWS, MOST_TOKENS, padded_length, steps
from core.embeddings.turns import Turns


def test_every_text_is_in_exactly_one_step() -> None:
    lengths = [random.Random(1).randint(3, 512) for _ in range(500)]
    assert sorted(row for step in steps(lengths) for row in step) == list(range(500))


def test_a_step_is_small_and_all_its_texts_are_padded_alike() -> None:
    lengths = [random.Random(2).randint(3, 512) for _ in range(500)]
    for rows in steps(lengths):
        sizes = {padded_length(lengths[row]) for row in rows}
        assert len(sizes) == 1
        assert len(rows) <= MOST_ROWS
        assert len(rows) * sizes.pop() <= MOST_TOKENS


def test_few_shapes_ever_reach_the_engine_because_it_remembers_each() -> None:
    shapes = set()
    for seed in range(200):
        lengths = [random.Random(seed).randint(3, 512) for _ in range(seed)]
        shapes |= {(len(rows), padded_length(lengths[rows[0]])) for rows in steps(lengths)}
    assert len(shapes) <= len(LENGTHS) * 5
    assert {rows for rows, _ in shapes} == {1, 2, 4, 8, 16}


async def test_a_question_is_next_after_the_step_that_runs_whatever_waits_in_the_batch() -> None:
    turns, order, may_go_on = Turns("test"), list[str](), threading.Event()

    def step(name: str) -> None:
        assert may_go_on.wait(10)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("step 1", "step 2", "step 3"):
            group.create_task(turns.step(partial(step, name)))
        await asyncio.sleep(0)
        group.create_task(turns.query(partial(order.append, "question")))
        await asyncio.sleep(0)
        may_go_on.set()
    assert order == ["step 1", "question", "step 2", "step 3"]
    await turns.close()


def test_no_texts_need_no_steps() -> None:
    assert list(steps([])) == []


def test_a_character_map_is_read_by_the_reference_normaliser() -> None:
    from tokenizers import normalizers

    characters = {0x2460: "1", 0xFB01: "fi", 0x1F: "", ord("щ"): "shch", 0x1D400: "A", 0xA0: " "}
    normaliser = normalizers.Precompiled(compiled_charsmap(characters))
    for text in ("①ﬁ\x1fщи 𝐀\u00a0b", "и", "ﬂ②", "𝐁𐎀", ""):
        assert normaliser.normalize_str(text) == text.translate(characters)


def test_a_character_map_takes_single_characters_only() -> None:
    with pytest.raises(TypeError):
        compiled_charsmap({"ab": "c"})  # type: ignore[dict-item]
