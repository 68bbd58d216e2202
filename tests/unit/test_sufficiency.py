from collections.abc import Sequence
from uuid import uuid4

import numpy as np
import pytest

from core.embeddings.base import Vectors
from core.messages import Passage
from core.search.sufficiency import READ_SENTENCES, Asked, Finding, judge

HERE = np.array([1.0, 0.0], np.float32)


class FlatEmbedder:
    """A model at the edge: every sentence is as near to every question as the test says."""

    dimension, max_tokens = 2, 512

    def __init__(self, nearness: float, name: str = "e5 of the tests") -> None:
        self.name = f"{name} {uuid4()}"
        self._vector = np.array([nearness, (1 - nearness**2) ** 0.5], np.float32)
        self.read: list[str] = []

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.read += texts
        return np.stack([self._vector for _ in texts])

    async def embed_query(self, text: str) -> Vectors:
        return HERE

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    async def close(self) -> None:
        """Nothing was opened."""


def _passage(text: str, cosine: float, words: float = 0.0, heading: str = "") -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, cosine, heading=heading, cosine=cosine, words=words)


async def _judged(question: str, passage: Passage, nearness: float = 0.0, needed: float = 0.6) -> Finding:
    return await judge(FlatEmbedder(nearness), HERE, question, [passage], needed)


async def test_nothing_found_is_never_sufficient() -> None:
    finding = await judge(FlatEmbedder(1.0), HERE, "How much is delivery?", [], 0.0)

    assert not finding.sufficient
    assert finding.confidence == 0.0


async def test_confidence_stays_between_nothing_and_certainty() -> None:
    certain = await _judged("delivery costs", _passage("Delivery costs 5 euros.", 0.99, 1.0))
    hopeless = await _judged("submarine", _passage("Delivery costs 5 euros.", 0.1))

    assert 0.0 <= hopeless.confidence < certain.confidence <= 1.0
    assert certain.sufficient
    assert not hopeless.sufficient


async def test_the_owners_threshold_decides() -> None:
    passage = _passage("Delivery costs 5 euros.", 0.84, 0.5)
    confidence = (await _judged("How much is delivery?", passage)).confidence

    assert (await _judged("How much is delivery?", passage, needed=confidence)).sufficient
    assert not (await _judged("How much is delivery?", passage, needed=confidence + 0.01)).sufficient


async def test_one_sentence_that_answers_makes_a_long_passage_sufficient() -> None:
    passage = _passage("We sell tea. Delivery takes two days. The shop is old.", 0.80, 0.5)

    assert not (await _judged("How long is delivery?", passage, nearness=0.79)).sufficient
    assert (await _judged("How long is delivery?", passage, nearness=0.90)).sufficient


async def test_words_of_the_heading_count_as_words_of_the_sentence() -> None:
    bare = await _judged("What is the warranty?", _passage("It is 24 months.", 0.84))
    headed = await _judged("What is the warranty?", _passage("It is 24 months.", 0.84, heading="Warranty"))

    assert headed.confidence > bare.confidence


async def test_a_passage_in_another_language_is_judged_by_its_meaning() -> None:
    near = await _judged("Сколько стоит доставка?", _passage("Delivery costs 5 euros.", 0.83))
    far = await _judged("Сколько стоит доставка?", _passage("Delivery costs 5 euros.", 0.75))

    assert near.sufficient
    assert not far.sufficient


async def test_without_a_vector_only_a_passage_that_has_the_words_is_enough() -> None:
    question = "How long is the kettle warranty?"
    alike = _passage("The kettle warranty is 24 months.", 0.0, 1.0)
    other = _passage("The kettle is green.", 0.0, 0.5)

    assert (await judge(None, None, question, [alike], 0.6)).sufficient
    assert not (await judge(None, None, question, [other], 0.6)).sufficient


async def test_sentences_are_read_where_they_decide_and_each_once() -> None:
    embedder, text = FlatEmbedder(0.9), "Tea is hot. Ice is cold."
    for cosine in (0.95, 0.60):
        await judge(embedder, HERE, "Is tea hot?", [_passage(text, cosine)], 0.6)
    assert embedder.read == []
    for _ in range(2):
        await judge(embedder, HERE, "Is tea hot?", [_passage(text, 0.80)], 0.6)
    assert embedder.read == ["Tea is hot.", "Ice is cold."]


async def test_of_many_sentences_those_are_read_that_share_the_questions_words() -> None:
    embedder, text = FlatEmbedder(0.9), " ".join(f"Shelf {number} is empty." for number in range(12))
    await judge(embedder, HERE, "Is tea hot?", [_passage(f"{text} Tea is hot.", 0.80)], 0.6)

    assert len(embedder.read) == READ_SENTENCES
    assert embedder.read[0] == "Tea is hot."


async def test_a_question_in_a_passage_is_no_answer() -> None:
    embedder = FlatEmbedder(0.99)
    await judge(embedder, HERE, "Is tea hot?", [_passage("Is tea hot?\nIt is, so wait.", 0.80)], 0.6)

    assert embedder.read == ["It is, so wait."]


@pytest.mark.parametrize(
    ("question", "text", "share"),
    [
        ("Where is Warsaw?", "Warsaw is in Poland.", 1.0),
        ("Где находится Варшава?", "Warsaw is in Poland.", 1.0),
        ("Кто построил Варшаву?", "Warsaw is in Poland.", 1 / 2),
        ("Что случилось в 1998 году?", "It began in 1998.", 1 / 3),
        ("Где находится Варшава?", "Paris is in France.", 0.0),
        ("По какому адресу вы находитесь?", "Адрес: Липовая, 5.", 1.0),
        ("Добрый день! Расскажите, пожалуйста, где ваш адрес", "Адрес: Липовая, 5.", 1.0),
        ("Where is the shop located?", "The shop is at 5 Mill Lane.", 1.0),
        ("Где вы находитесь?", "Мы находимся на Липовой, 5.", 1.0),
        ("Где вы находитесь?", "Чай стоит 500 рублей.", 0.0),
        ("Добрый день!", "Чай стоит 500 рублей.", 0.0),
    ],
)
def test_a_text_shares_what_a_question_is_about_in_either_language(question: str, text: str, share: float) -> None:
    assert Asked.of(question).share_in(text) == pytest.approx(share)
