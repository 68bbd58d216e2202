from dataclasses import replace
from uuid import uuid4

import pytest

from core.messages import Passage
from core.retrieval import _ranked, overlap_of


def _passage(text: str, score: float = 0.9, heading: str = "") -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, score, heading=heading, cosine=score)


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
