"""Batches are cut into steps of few shapes."""

import asyncio
import random
import threading
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest

from core.embeddings.base import Vectors
from core.embeddings.batches import AT_ONCE, BATCH, batches, embed_all
from core.embeddings.charsmap import compiled_charsmap
from core.embeddings.steps import MOST_ROWS, MOST_TOKENS, padded_length, steps
from core.embeddings.turns import TOGETHER, Turns
from core.errors import Unavailable


def test_every_text_is_in_exactly_one_step() -> None:
    lengths = [random.Random(1).randint(3, 512) for _ in range(500)]
    assert sorted(row for step in steps(lengths) for row in step) == list(range(500))


def test_a_step_is_small_and_its_texts_are_neighbours_by_length() -> None:
    lengths = [random.Random(2).randint(3, 512) for _ in range(500)]
    before = max(lengths)
    for rows in steps(lengths):
        own = [lengths[row] for row in rows]
        assert max(own) <= before
        before = min(own)
        assert len(rows) <= MOST_ROWS
        assert len(rows) * padded_length(max(own)) <= MOST_TOKENS


def test_little_of_the_work_is_padding() -> None:
    chance = random.Random(3)
    lengths = [chance.randint(40, 220) for _ in range(640)]
    padded = sum(len(rows) * padded_length(max(lengths[row] for row in rows)) for rows in steps(lengths))
    assert padded < 1.08 * sum(lengths)


def test_few_shapes_ever_reach_the_engine_because_it_remembers_each() -> None:
    shapes = set()
    for seed in range(200):
        lengths = [random.Random(seed).randint(3, 512) for _ in range(seed)]
        shapes |= {(len(rows), padded_length(max(lengths[row] for row in rows))) for rows in steps(lengths)}
    assert len(shapes) <= 90
    assert {rows for rows, _ in shapes} <= {1, 2, 4, 8, 16}


async def test_questions_are_next_after_the_step_that_runs_and_share_one_call() -> None:
    order, calls, may_go_on = list[str](), list[int](), threading.Event()

    def answer(questions: Sequence[str]) -> list[str]:
        order.extend(questions)
        calls.append(len(questions))
        return [question.upper() for question in questions]

    turns = Turns[str, str]("test", answer)

    def step(name: str) -> None:
        assert may_go_on.wait(10)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name in ("step 1", "step 2", "step 3"):
            group.create_task(turns.step(partial(step, name)))
        await asyncio.sleep(0)
        asked = [group.create_task(turns.query(f"question {number}")) for number in range(TOGETHER + 1)]
        gone = group.create_task(turns.query("a question whose asker has gone"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        may_go_on.set()
    questions = [f"question {number}" for number in range(TOGETHER + 1)]
    assert order == ["step 1", *questions, "step 2", "step 3"]
    assert calls == [TOGETHER, 1]
    assert [task.result() for task in asked] == [question.upper() for question in questions]
    await turns.close()


async def test_a_question_that_cannot_be_answered_fails_for_those_who_asked_together_and_for_nobody_else() -> None:
    def answer(questions: Sequence[str]) -> list[str]:
        if "bad" in questions:
            raise ValueError("bad")
        return list(questions)

    turns = Turns[str, str]("test", answer)
    with pytest.raises(ValueError, match="bad"):
        await turns.query("bad")
    assert await turns.query("good") == "good"
    await turns.close()


class _Slow:
    """An embedder whose vectors say which text they are of; remembers what it was asked and how many at once."""

    name, dimension, max_tokens = "slow", 1, 500

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.at_once = self.most_at_once = 0

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.append(len(texts))
        await asyncio.sleep(0)
        self.at_once -= 1
        return np.array([[len(text)] for text in texts], np.float32)

    async def embed_query(self, text: str) -> Vectors:
        raise NotImplementedError

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError


async def test_every_text_gets_its_own_vector_in_batches_two_at_once() -> None:
    texts = ["x" * ((7 * number) % 501) for number in range(300)]
    embedder, stored = _Slow(), dict[int, float]()

    async def store(rows: Sequence[int], vectors: Vectors) -> None:
        stored.update({row: float(vector[0]) for row, vector in zip(rows, vectors, strict=True)})

    await embed_all(embedder, texts, store)
    assert stored == {row: len(text) for row, text in enumerate(texts)}
    assert max(embedder.asked) <= BATCH
    assert embedder.most_at_once == AT_ONCE


async def test_what_cannot_be_stored_ends_the_embedding_with_its_own_error() -> None:
    embedder = _Slow()

    async def store(_rows: Sequence[int], _vectors: Vectors) -> None:
        raise Unavailable(part="Milvus")

    with pytest.raises(Unavailable):
        await embed_all(embedder, ["text"] * 1000, store)
    assert len(embedder.asked) <= AT_ONCE + 1


def test_texts_of_like_length_share_a_batch() -> None:
    texts = ["x" * ((37 * number) % 1000) for number in range(640)]
    spans = [max(sizes) - min(sizes) for rows in batches(texts) if (sizes := [len(texts[row]) for row in rows])]
    assert max(spans) < 150


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
        compiled_charsmap({"ab": "c"})
