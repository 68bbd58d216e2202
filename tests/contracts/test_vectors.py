"""What the house relies on in the vector store, whichever Milvus stands behind it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from core.embeddings.base import Vectors
from core.entries import Entry, passage_of_entry, placeholder, question_entry_id
from core.errors import Unavailable
from core.vectors import VectorStore

DIMENSION = 16


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[VectorStore]:
    opened = await VectorStore.open(str(tmp_path / "vectors.db"), "", "test-model", DIMENSION)
    yield opened
    await opened.close()


def _vector(seed: int) -> Vectors:
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


def _entries(first: int, count: int) -> list[Entry]:
    return [Entry(UUID(int=number), _vector(number), f"word{number} common") for number in range(first, first + count)]


async def _ids(store: VectorStore, assistant: UUID, terms: str = "common") -> set[int]:
    return {hit.id.int for hit in await store.search(assistant, _vector(0), terms, 1000)}


async def test_what_was_indexed_is_found_by_meaning_and_by_words(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, _entries(1, 20))
    hits = {hit.id.int: hit for hit in await store.search(assistant, _vector(7), "word9", 3)}

    assert hits[7].cosine == pytest.approx(1.0, abs=1e-3)
    assert hits[9].bm25 > 0
    assert all(hit.bm25 == 0 for number, hit in hits.items() if number != 9)


async def test_an_assistant_without_anything_finds_nothing(store: VectorStore) -> None:
    assert await store.search(uuid4(), _vector(1), "common", 5) == []


async def test_assistants_never_share_a_collection(store: VectorStore) -> None:
    rosa, stranger = uuid4(), uuid4()
    await store.index(rosa, _entries(1, 5))
    await store.index(stranger, _entries(100, 5))

    assert await _ids(store, rosa) == {1, 2, 3, 4, 5}
    assert await _ids(store, stranger) == {100, 101, 102, 103, 104}


async def test_indexing_again_replaces(store: VectorStore) -> None:
    assistant = uuid4()
    for _ in range(3):
        await store.index(assistant, _entries(1, 10))

    hits = await store.search(assistant, _vector(1), "common", 1000)
    assert sorted(hit.id.int for hit in hits) == list(range(1, 11))


async def test_many_writers_at_once_lose_nothing(store: VectorStore) -> None:
    """Two workers index two documents of one assistant: Milvus Lite itself does not survive overlapping flushes."""
    for _ in range(6):
        assistant = uuid4()
        async with asyncio.TaskGroup() as group:
            for first in range(0, 80, 4):
                group.create_task(store.index(assistant, _entries(first + 1, 4)))

        assert await _ids(store, assistant) == set(range(1, 81))


async def test_writing_and_forgetting_at_once_lose_nothing(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, _entries(1, 60))
    async with asyncio.TaskGroup() as group:
        for first in range(0, 60, 10):
            group.create_task(store.forget(assistant, [UUID(int=number) for number in range(first + 1, first + 6)]))
            group.create_task(store.index(assistant, _entries(1000 + first, 5)))

    kept = {number for first in range(0, 60, 10) for number in range(first + 6, first + 11)}
    added = {number for first in range(0, 60, 10) for number in range(1000 + first, 1005 + first)}
    assert await _ids(store, assistant) == kept | added


async def test_what_was_forgotten_is_not_found_and_unknown_ids_are_fine(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, _entries(1, 6))
    await store.forget(assistant, [UUID(int=2), UUID(int=999)])
    await store.forget(uuid4(), [UUID(int=1)])

    assert await _ids(store, assistant) == {1, 3, 4, 5, 6}


async def test_a_dropped_assistant_may_begin_anew(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, _entries(1, 3))
    await store.drop(assistant)
    await store.drop(assistant)

    assert await store.search(assistant, _vector(1), "common", 5) == []
    await store.index(assistant, _entries(7, 1))
    assert await _ids(store, assistant) == {7}


async def test_kinds_are_searched_apart(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, [Entry(UUID(int=1), _vector(1), "common")])
    await store.index(assistant, [Entry(UUID(int=2), _vector(1), "common", "verified")])

    assert await _ids(store, assistant) == {1}
    assert {hit.id.int for hit in await store.search(assistant, _vector(1), "", 5, kind="verified")} == {2}


async def test_what_was_indexed_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    assistant = uuid4()
    for expected in (set(range(1, 6)), set(range(1, 11))):
        store = await VectorStore.open(str(tmp_path / "vectors.db"), "", "test-model", DIMENSION)
        await store.index(assistant, _entries(len(expected) - 4, 5))
        assert await _ids(store, assistant) == expected
        await store.close()


async def test_closing_in_the_middle_of_writing_says_nothing_of_errors(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened = await VectorStore.open(str(tmp_path / "vectors.db"), "", "test-model", DIMENSION)
    assistant, loop = uuid4(), asyncio.get_running_loop()
    await opened.index(assistant, _entries(1, 4))
    writing = [loop.create_task(opened.index(assistant, _entries(first, 4))) for first in range(5, 85, 4)]
    await asyncio.wait(writing, return_when=asyncio.FIRST_COMPLETED)
    for task in writing:
        task.cancel()
    await opened.close()
    await asyncio.gather(*writing, return_exceptions=True)

    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_file_that_somebody_holds_is_refused_and_free_after_he_closed_it(
    store: VectorStore, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable, match="Milvus"):
        await VectorStore.open(str(tmp_path / "vectors.db"), "", "test-model", DIMENSION)

    await store.close()
    again = await VectorStore.open(str(tmp_path / "vectors.db"), "", "test-model", DIMENSION)
    await again.close()


@pytest.mark.parametrize("asked", [{"dense": _vector(3)}, {"sparse": "word3 common"}, {}])
async def test_lite_finds_the_same_through_its_server_and_past_it(store: VectorStore, asked: dict[str, Any]) -> None:
    assistant = uuid4()
    await store.index(assistant, _entries(1, 40))
    await store.index(assistant, _entries(20, 10))
    await store.forget(assistant, [UUID(int=3)])
    through_server = VectorStore(store._client, "test-model", DIMENSION)

    vector, terms = asked.get("dense"), asked.get("sparse", "")
    hits = [sorted(await one.search(assistant, vector, terms, 7), key=str) for one in (store, through_server)]
    assert [(hit.id, hit.by_question) for hit in hits[0]] == [(hit.id, hit.by_question) for hit in hits[1]]
    assert [hit.bm25 for hit in hits[0]] == pytest.approx([hit.bm25 for hit in hits[1]])
    assert len(hits[0]) == (7 if asked else 0)


async def test_vectors_of_another_model_are_never_mixed_in(tmp_path: Path) -> None:
    assistant = uuid4()
    store = await VectorStore.open(str(tmp_path / "vectors.db"), "", "one-model", DIMENSION)
    await store.index(assistant, _entries(1, 3))
    await store.close()
    other = await VectorStore.open(str(tmp_path / "vectors.db"), "", "another-model", DIMENSION)

    assert await other.search(assistant, _vector(1), "common", 5) == []
    await other.close()


async def test_text_too_long_for_its_field_is_cut_not_refused(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, [Entry(UUID(int=1), _vector(1), "слово " * 20_000)])

    assert await _ids(store, assistant, "слово") == {1}


def test_the_id_of_a_passages_question_leads_back_to_the_passage() -> None:
    passage = uuid4()
    question = question_entry_id(passage)
    assert question != passage
    assert passage_of_entry(question, "question") == passage
    assert passage_of_entry(passage, "passage") == passage


async def test_a_passage_is_found_by_its_question_and_is_still_one_passage(store: VectorStore) -> None:
    assistant, passage = uuid4(), uuid4()
    asked = Entry(question_entry_id(passage), _vector(2), "refund", "question")
    await store.index(assistant, [Entry(passage, _vector(1), "fourteen days"), asked, *_entries(10, 5)])

    by_question = next(hit for hit in await store.search(assistant, _vector(2), "refund", 10) if hit.id == passage)
    assert by_question.cosine == pytest.approx(1.0, abs=1e-3)
    assert by_question.by_question
    assert by_question.bm25 > 0
    by_text = [hit for hit in await store.search(assistant, _vector(1), "fourteen", 10) if hit.id == passage]
    assert [hit.by_question for hit in by_text] == [False]
    assert by_text[0].cosine == pytest.approx(1.0, abs=1e-3)


async def test_forgetting_a_passage_forgets_its_question(store: VectorStore) -> None:
    assistant, passage = uuid4(), uuid4()
    asked = Entry(question_entry_id(passage), _vector(2), "refund", "question")
    await store.index(assistant, [Entry(passage, _vector(1), "fourteen days"), asked])
    await store.forget(assistant, [passage])

    assert await store.search(assistant, _vector(2), "refund", 10) == []


async def test_words_alone_and_meaning_alone_can_be_searched(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, _entries(1, 10))

    assert [(hit.id.int, hit.cosine) for hit in await store.search(assistant, None, "word4", 5)] == [(4, None)]
    assert {hit.bm25 for hit in await store.search(assistant, _vector(4), "", 5)} == {0.0}
    assert await store.search(assistant, None, "", 5) == []


async def test_two_models_indexes_stand_side_by_side_until_the_earlier_is_dropped(store: VectorStore) -> None:
    assistant, stranger, earlier = uuid4(), uuid4(), "earlier-model:4"
    small = np.array([1, 0, 0, 0], np.float32)
    await store.index(assistant, [Entry(UUID(int=1), small, "common")], model=earlier)
    assert await store.indexed() == set()
    await store.index(assistant, _entries(2, 3))
    await store.index(stranger, [Entry(UUID(int=1), small, "common")], model=earlier)

    assert [hit.id.int for hit in await store.search(assistant, small, "common", 5, model=earlier)] == [1]
    assert await _ids(store, assistant) == {2, 3, 4}
    await store.put(assistant, [Entry(UUID(int=4), placeholder(DIMENSION), "word4 common")])
    assert await store.known(assistant, [UUID(int=number) for number in range(5)]) == {UUID(int=n) for n in (2, 3)}
    assert await store.indexed() == {assistant}
    await store.drop_others(assistant)
    assert not await store.has(assistant, model=earlier)
    assert await store.has(stranger, model=earlier)
    assert await _ids(store, assistant) == {2, 3, 4}


async def test_a_forgotten_assistant_leaves_no_index_of_any_model(store: VectorStore) -> None:
    assistant = uuid4()
    await store.index(assistant, [Entry(UUID(int=1), np.ones(4, np.float32), "common")], model="earlier-model:4")
    await store.index(assistant, _entries(2, 3))
    await store.drop(assistant)

    assert not await store.has(assistant)
    assert not await store.has(assistant, model="earlier-model:4")


async def test_all_entries_are_listed_however_many_and_only_assistants_own_collections_count(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.vectors._PAGE", 8)
    assistant, nobody = uuid4(), uuid4()
    wanted = {uuid4() for _ in range(60)}
    await store.index(assistant, [Entry(key, _vector(1), "common", "verified") for key in wanted])

    assert sorted(await store.entries(assistant)) == sorted((key, "verified") for key in wanted)
    assert await store.entries(nobody) == []
    assert await store.assistants() == {assistant}
