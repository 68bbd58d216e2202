from dataclasses import replace
from uuid import uuid4

import pytest

from core.messages import Passage
from core.retrieval import _ranked, judge, overlap_of


def _passage(text: str, score: float = 0.9, cosine: float = 0.9, heading: str = "") -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, score, heading=heading, cosine=cosine)


def test_words_are_a_share_of_the_question_found_in_text_or_heading() -> None:
    asked = {"deliveri", "cost", "mar"}

    assert overlap_of(asked, _passage("It costs 5 euros.", heading="Delivery")) == pytest.approx(2 / 3)
    assert overlap_of(asked, _passage("Nothing of it.")) == 0.0
    assert overlap_of(set(), _passage("It costs 5 euros.", heading="Delivery")) == 0.0


def test_the_documents_title_tells_no_passage_apart_from_its_neighbours() -> None:
    titled = replace(_passage("Send it back.", heading="Delivery > Returns"), document="Delivery")

    assert overlap_of({"deliveri", "return"}, titled) == pytest.approx(1 / 2)


def test_of_two_passages_that_say_the_same_the_one_in_the_questions_language_comes_first() -> None:
    english, russian = _passage("Delivery costs 5 euros.", 0.900), _passage("Доставка стоит 5 евро.", 0.905)

    assert _ranked([english, russian], "en")[0] is english
    assert _ranked([english, russian], "ru")[0] is russian


def test_a_clearly_better_passage_wins_in_any_language() -> None:
    english, russian = _passage("Delivery costs 5 euros.", 0.80), _passage("Доставка стоит 5 евро.", 0.90)

    assert _ranked([english, russian], "en")[0] is russian


def test_nothing_found_is_never_sufficient() -> None:
    finding = judge("How much is delivery?", [], 0.0, "e5")

    assert not finding.sufficient
    assert finding.confidence == 0.0


def test_confidence_stays_between_nothing_and_certainty() -> None:
    certain = judge("delivery costs", [_passage("Delivery costs 5 euros.", cosine=0.99)], 0.5, "e5")
    hopeless = judge("submarine", [_passage("Delivery costs 5 euros.", cosine=0.1)], 0.5, "e5")

    assert 0.0 <= hopeless.confidence < certain.confidence <= 1.0
    assert certain.sufficient
    assert not hopeless.sufficient


def test_the_owners_threshold_decides() -> None:
    passages = [_passage("Delivery costs 5 euros.", cosine=0.84)]
    confidence = judge("How much is delivery?", passages, 0.5, "e5").confidence

    assert judge("How much is delivery?", passages, confidence, "e5").sufficient
    assert not judge("How much is delivery?", passages, confidence + 0.01, "e5").sufficient


def test_words_of_the_heading_count_as_words_of_the_passage() -> None:
    bare = judge("What is the warranty?", [_passage("It is 24 months.", cosine=0.84)], 0.5, "e5")
    headed = judge("What is the warranty?", [_passage("It is 24 months.", cosine=0.84, heading="Warranty")], 0.5, "e5")

    assert headed.confidence > bare.confidence
