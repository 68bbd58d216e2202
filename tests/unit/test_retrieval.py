from dataclasses import replace
from uuid import uuid4

from core.messages import Passage
from core.retrieval import _ranked


def _passage(text: str, score: float = 0.9, heading: str = "") -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, score, heading=heading, cosine=score)


def test_the_headings_of_a_passage_speak_for_it() -> None:
    assert _passage("It costs 5 euros.", heading="Delivery").headed_text == "Delivery It costs 5 euros."


def test_the_documents_title_tells_no_passage_apart_from_its_neighbours() -> None:
    titled = replace(_passage("Send it back.", heading="Delivery > Returns"), document="Delivery")

    assert titled.headed_text == "Returns Send it back."


def test_of_two_passages_that_say_the_same_the_one_in_the_questions_language_comes_first() -> None:
    english, russian = _passage("Delivery costs 5 euros.", 0.900), _passage("Доставка стоит 5 евро.", 0.905)

    assert _ranked([english, russian], "en")[0] is english
    assert _ranked([english, russian], "ru")[0] is russian


def test_a_clearly_better_passage_wins_in_any_language() -> None:
    english, russian = _passage("Delivery costs 5 euros.", 0.80), _passage("Доставка стоит 5 евро.", 0.90)

    assert _ranked([english, russian], "en")[0] is russian
