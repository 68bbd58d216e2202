"""How a text becomes an intent: signs, the model over made-up vectors, and when it is sure. The real phrases are read
by tests/integration/test_intents.py."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pytest

from core.intents.base import DESTRUCTIVE, NONE, NOTHING, Intent, Reading
from core.intents.model import IntentModel, Likeness
from core.intents.reader import phrases, read_phrases, reading_of
from core.intents.signs import Weights, notions_in, signs_of
from core.words import language_of
from tests.bench.intents import KEPT_APART

SMALLEST = 20


def _like(nearest: float = 0.7, **known: float) -> dict[str, Likeness]:
    """Scores; all examples equally near, and what wants nothing far away."""
    scores = {intent.value: 0.0 for intent in Intent} | known
    return {NONE: Likeness(0.0, 0.1)} | {name: Likeness(score, nearest) for name, score in scores.items()}


def test_words_of_both_languages_stand_for_the_same_notions() -> None:
    english, russian = notions_in("Please erase the old price-list"), notions_in("Сотри старый прайс")
    assert {"DELETE", "FILE"} <= english & russian
    assert "DELETE+FILE" in signs_of("Удали файл")
    assert notions_in("Delivery takes two days") == frozenset()


def test_signs_that_one_text_alone_has_say_nothing() -> None:
    weights = Weights.of(["delete the file", "remove the file", "a kangaroo"])
    assert "file" in weights.signs
    assert not any("kangaroo" in sign for sign in weights.signs)
    rows = weights.rows(["the file", "kangaroo", ""])
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1, 0, 0])


def test_a_model_knows_its_examples_and_is_the_same_after_it_was_kept(tmp_path: Path) -> None:
    texts = ["show files", "list files", "delete files", "erase files", "hello there", "good morning"]
    wanted = ["documents", "documents", "delete_document", "delete_document", NONE, NONE]
    vectors = np.random.default_rng(7).normal(size=(6, 16)).astype(np.float32)
    model = IntentModel.fit(texts, wanted, vectors)
    model.save(tmp_path / "kept.npz")
    again = IntentModel.load(tmp_path / "kept.npz")
    for text, name, vector in zip(texts, wanted, vectors, strict=True):
        found = model.likeness(text, vector)
        assert max(found, key=lambda one: found[one].score) == name
        assert found[name].nearest == pytest.approx(1)
        for one, likeness in again.likeness(text, vector).items():
            assert likeness == pytest.approx(found[one], abs=1e-5)
    (tmp_path / "kept.npz").write_bytes(b"half")
    with pytest.raises((ValueError, OSError, EOFError, BadZipFile)):
        IntentModel.load(tmp_path / "kept.npz")


@pytest.mark.parametrize(
    ("scores", "reading"),
    [
        (_like(documents=0.9), Reading(Intent.DOCUMENTS)),
        (_like(documents=0.5, answers=0.45), Reading(perhaps=(Intent.DOCUMENTS, Intent.ANSWERS))),
        (_like(documents=0.1), NOTHING),
        (_like(documents=0.9, nearest=0.2), NOTHING),
        (_like(documents=0.5) | {NONE: Likeness(0.6, 0.1)}, NOTHING),
        (_like(documents=0.9) | {NONE: Likeness(0.0, 0.85)}, NOTHING),
    ],
)
def test_what_is_plain_is_done_and_what_is_not_is_asked(scores: dict[str, Likeness], reading: Reading) -> None:
    assert reading_of(scores, "…") == reading


def test_nothing_is_ended_without_a_word_of_ending() -> None:
    for intent in DESTRUCTIVE:
        scores = _like(**{intent.value: 0.9})
        assert reading_of(scores, "Show me the documents, the bot and the assistant").intent is None
        assert reading_of(scores, "Please delete it").intent == intent


def test_every_intent_has_examples_in_both_languages() -> None:
    texts, wanted = phrases()
    assert set(wanted) == {NONE, *(intent.value for intent in Intent)}
    for name in set(wanted):
        for language in ("en", "ru"):
            assert (
                sum(one == name and language_of(text) == language for text, one in zip(texts, wanted, strict=True))
                >= SMALLEST
            )
    assert len(set(zip(texts, wanted, strict=True))) == len(texts)


def test_the_phrases_it_is_measured_by_are_no_examples() -> None:
    kept_apart, wanted = read_phrases(KEPT_APART)
    assert {text.lower() for text in kept_apart} & {text.lower() for text in phrases()[0]} == set()
    for name in set(wanted):
        for language in ("en", "ru"):
            own = [text for text, one in zip(kept_apart, wanted, strict=True) if one == name]
            assert len(own) >= SMALLEST, name
            assert sum(language_of(text) == language for text in own) >= SMALLEST // 2, name
