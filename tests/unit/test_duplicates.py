from dataclasses import replace
from uuid import uuid4

import pytest

from core.messages import Passage
from core.search.duplicates import say_the_same, without_duplicates

TEXT = (
    "We deliver to all of Ireland with our own car and by post. Parcels are packed by hand, insured against loss and "
    "handed over only to the person who ordered them. Delivery within Ireland takes 2 to 3 working days and costs €5. "
    "Whoever is not at home finds a card and collects the parcel at the nearest office."
)


def _passage(text: str, score: float = 0.9, year: int = 2025) -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, score, newness=year)


@pytest.mark.parametrize(
    "other",
    [
        TEXT,
        TEXT.upper(),
        TEXT.replace(". ", ".\n"),
        TEXT.partition("Whoever")[0],
        TEXT.replace("parcel at", "packet at"),
    ],
)
def test_the_same_text_said_again_is_a_duplicate(other: str) -> None:
    assert say_the_same(TEXT, other)
    assert say_the_same(other, TEXT)


@pytest.mark.parametrize(
    ("here", "there"),
    [("€5", "€7"), ("Ireland takes", "Scotland takes"), ("is not at home", "is at home"), ("only to", "to")],
)
def test_what_differs_in_a_number_a_name_or_a_not_is_no_duplicate(here: str, there: str) -> None:
    assert not say_the_same(TEXT, TEXT.replace(here, there))


def test_rows_of_a_price_list_are_no_duplicates() -> None:
    assert not say_the_same("Name: Kettle A; Price: 20 €", "Name: Kettle B; Price: 20 €")


def test_of_duplicates_one_stays_and_the_next_passage_moves_up() -> None:
    first, again, other = _passage(TEXT, 0.95), _passage(TEXT, 0.94), _passage("We sell tea.", 0.8)

    assert without_duplicates([first, again, other], 2) == [first, other]


def test_of_equal_duplicates_the_newer_stays() -> None:
    old, new = _passage(TEXT, 0.95, 2020), _passage(TEXT, 0.945, 2025)

    assert without_duplicates([old, new], 6) == [new]
    assert without_duplicates([old, replace(new, score=0.8)], 6) == [old]
