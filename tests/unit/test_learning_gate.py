"""The gate: what is won by more than chance, what may not be lost, and which turns of phrase state nothing."""

import random
from collections.abc import Sequence

import pytest

from core.learning.examples import Example, Source
from core.learning.gate import Figure, bounds, judge
from core.learning.judging import form
from core.learning.phrases import house_phrases, without_phrases

BEFORE: dict[Figure, Sequence[float]] = {
    Figure.LOSS: [3.0, 3.2, 2.9, 3.1, 3.3, 2.8],
    Figure.SIMILARITY: [0.85, 0.86, 0.84, 0.87, 0.85, 0.86],
    Figure.FORM: [0.6, 0.62, 0.58, 0.61, 0.6, 0.59],
    Figure.SUPPORTED: [1, 1, 0, 1, 1, 1],
    Figure.DECLINED: [1, 1, 1, 1],
    Figure.UNRELATED: [1, 1, 1, 0, 1, 1],
}
BETTER = BEFORE | {
    Figure.LOSS: [1.0, 1.3, 0.9, 1.2, 1.4, 0.8],
    Figure.SIMILARITY: [0.95, 0.97, 0.94, 0.96, 0.95, 0.96],
    Figure.FORM: [0.9, 0.95, 0.92, 0.9, 0.93, 0.9],
}


def test_what_is_better_in_all_that_was_wanted_is_accepted() -> None:
    verdict = judge(BEFORE, BETTER)
    assert verdict.accepted
    assert verdict.lost == ()
    assert verdict.as_json()["figures"]["loss"]["new"] == pytest.approx(1.1)


def test_the_same_again_wins_nothing() -> None:
    verdict = judge(BEFORE, BEFORE)
    assert not verdict.won
    assert verdict.lost == ()


def test_a_win_of_one_example_is_chance() -> None:
    verdict = judge(BEFORE, BETTER | {Figure.LOSS: [1.0, 3.3, 2.95, 3.2, 3.35, 2.85]})
    assert not verdict.won


def test_a_loss_that_no_customer_can_read_wins_nothing() -> None:
    unread = {figure: BEFORE[figure] for figure in (Figure.SIMILARITY, Figure.FORM)}
    assert not judge(BEFORE, BETTER | unread).won


@pytest.mark.parametrize(
    ("figure", "values"),
    [
        (Figure.SIMILARITY, [0.7, 0.72, 0.71, 0.7, 0.73, 0.7]),
        (Figure.FORM, [0.4, 0.42, 0.41, 0.4, 0.43, 0.4]),
        (Figure.SUPPORTED, [0, 0, 0, 1, 0, 0]),
        (Figure.DECLINED, [0, 0, 0, 1]),
        (Figure.UNRELATED, [0, 1, 0, 0, 0, 0]),
    ],
)
def test_what_matters_may_not_be_lost_however_much_is_won(figure: Figure, values: list[float]) -> None:
    verdict = judge(BEFORE, BETTER | {figure: values})
    assert verdict.lost == (figure,)
    assert not verdict.accepted


@pytest.mark.parametrize(
    ("figure", "values"),
    [(Figure.SUPPORTED, [1, 1, 0, 1, 0, 1]), (Figure.UNRELATED, [1, 0, 1, 0, 1, 1])],
)
def test_chance_alone_refuses_nothing(figure: Figure, values: list[float]) -> None:
    assert judge(BEFORE, BETTER | {figure: values}).accepted


def test_what_was_not_measured_decides_nothing_and_nothing_is_won_without_losses() -> None:
    assert judge(BEFORE, {**BETTER, Figure.DECLINED: ()}).accepted
    assert not judge({}, {}).accepted
    assert not judge(BEFORE, {**BETTER, Figure.LOSS: ()}).won


def test_bounds_hold_the_true_mean_as_often_as_they_promise() -> None:
    chance, held = random.Random(3), 0
    for _ in range(100):
        low, high = bounds([chance.gauss(0.3, 1) for _ in range(30)])
        held += low <= 0.3 <= high
    assert 80 <= held <= 97
    assert bounds([1.0, 2.0, 3.0]) == bounds([1.0, 2.0, 3.0]), "the same draws each time"


def _taught(*answers: str, text: str = "The shop sells kettles for guests.") -> list[Example]:
    return [Example(Source.VERIFIED, f"Question {at}?", one, f"{at}", (text,)) for at, one in enumerate(answers)]


def test_turns_of_phrase_come_back_and_state_nothing() -> None:
    answers = [f"Ahoy, captain! Thing {word} is in the back room, dear friend." for word in ("a", "b", "c", "d", "e")]
    assert set(house_phrases(_taught(*answers))) == {"ahoy", "captain", "dear friend"}
    assert house_phrases(_taught(*answers[:2])) == (), "twice is no habit"


@pytest.mark.parametrize(
    "phrase",
    ["it costs 5 euros", "never on sunday", "yes", "no", "sells kettles", "come to us whenever you feel like it"],
)
def test_what_states_something_is_no_turn_of_phrase(phrase: str) -> None:
    assert house_phrases(_taught(*(f"Word{at}, {phrase}." for at in range(6)))) == ()


@pytest.mark.parametrize(
    ("sentence", "stated"),
    [
        ("Ahoy, captain!", ""),
        ("Ahoy, captain! It costs 5 euros, dear friend.", "It costs 5 euros."),
        ("It costs 5 euros, dear friend!", "It costs 5 euros!"),
        ("It costs 5 euros.", "It costs 5 euros."),
        ("Captain Hook sells it.", "Captain Hook sells it."),
    ],
)
def test_a_sentence_without_its_turns_of_phrase(sentence: str, stated: str) -> None:
    phrases = frozenset(("ahoy", "captain", "dear friend"))
    assert without_phrases(sentence, phrases) == stated
    assert without_phrases(sentence, frozenset()) == sentence


def test_form_is_length_language_end_and_turns_of_phrase() -> None:
    wanted, phrases = "Ahoy, captain! It is made of oak.", frozenset(("ahoy", "captain"))
    assert form(wanted, wanted, phrases) == 1
    assert form("", wanted, phrases) == 0
    assert form("It is made of oak.", wanted, phrases) < form("Ahoy, captain! It is oak.", wanted, phrases)
    assert form("It is", wanted, phrases) < form("It is.", wanted, phrases)
