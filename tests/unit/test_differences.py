"""What may not be answered alike, however alike it sounds."""

import csv
from pathlib import Path

import pytest

from core.differences import Difference, difference_between, names_nothing

PAIRS = Path(__file__).with_name("question_pairs.tsv")


def _pairs(kind: str) -> list[tuple[str, str]]:
    with PAIRS.open(encoding="utf-8", newline="") as stream:
        return [(one, other) for name, _, one, other in csv.reader(stream, delimiter="\t") if name == kind]


def test_no_pair_of_near_but_different_questions_is_taken_for_one() -> None:
    """Cosines of up to 0.99 stand between them."""
    taken = [pair for pair in _pairs("different") if difference_between(*pair) is None]

    assert len(_pairs("different")) > 100
    assert taken == []


def test_most_questions_in_other_words_are_taken_for_one() -> None:
    same = _pairs("same")
    taken = [pair for pair in same if difference_between(*pair) is None]

    assert len(taken) >= 0.69 * len(same), sorted(set(same) - set(taken))


def test_it_makes_no_difference_which_of_the_two_was_there_first() -> None:
    for one, other in (*_pairs("same"), *_pairs("different")):
        assert difference_between(one, other) == difference_between(other, one), (one, other)


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ("Is a table for 4 free?", "Is a table for 6 free?", Difference.NUMBER),
        ("Вы работаете до 18:00?", "Вы работаете до 20:00?", Difference.NUMBER),
        ("Can I pay by card?", "Can I not pay by card?", Difference.NEGATION),
        ("Можно с детьми?", "С детьми нельзя?", Difference.NEGATION),
        ("When do you open?", "When do you close?", Difference.NEGATION),
        ("Вы открыты в понедельник?", "Are you open on Sunday?", Difference.SUBJECT),
        ("Do you ship to Austria?", "Do you ship to Australia?", Difference.SUBJECT),
        ("Есть рейс из Москвы?", "Есть рейс в Москву?", Difference.DIRECTION),
        ("Кто хозяин?", "Где хозяин?", Difference.ASKED),
        ("Do you deliver?", "Do you deliver to Germany?", Difference.SUBJECT),
    ],
)
def test_a_difference_has_a_name(one: str, other: str, difference: Difference) -> None:
    assert difference_between(one, other) == difference


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Do you deliver to Germany?", "DO YOU DELIVER TO GERMANY"),
        ("Добрый день! Есть ли у вас парковка?", "есть ли у вас парковка"),
        ("Не подскажете, есть ли парковка?", "Есть ли парковка?"),
        ("Isn't there any parking?", "Is there parking?"),
        ("Вы доставляете в Германию?", "Do you deliver to Germany?"),
    ],
)
def test_case_politeness_and_the_other_alphabet_are_no_difference(one: str, other: str) -> None:
    assert difference_between(one, other) is None


def test_loosely_one_question_may_say_more_and_neither_may_say_something_else() -> None:
    assert difference_between("Do you deliver?", "Do you deliver to Germany?", loosely=True) is None
    assert difference_between("Do you deliver to Spain?", "Do you deliver to Germany?", loosely=True)
    assert difference_between("Do you have 2 beds?", "Do you have 3 beds?", loosely=True)


def test_a_question_of_nothing_but_function_words_names_nothing() -> None:
    assert names_nothing("What is this?")
    assert names_nothing("А это что?")
    assert not names_nothing("Where are you located?")


@pytest.mark.parametrize("odd", ["", "?", "😀" * 500, "a" * 5000, "\x00\u202e", "1" * 300, "не " * 2000])
def test_nothing_that_is_typed_breaks_it(odd: str) -> None:
    assert difference_between(odd, odd) is None
    difference_between(odd, "Do you deliver?")
