from dataclasses import replace
from uuid import uuid4

import pytest

from core.messages import Passage
from core.search.duplicates import says_no_more, without_duplicates

TEXT = (
    "We deliver to all of Ireland with our own car and by post. Parcels are packed by hand, insured against loss and "
    "handed over only to the person who ordered them. Delivery within Ireland takes 2 to 3 working days and costs €5. "
    "Whoever is not at home finds a card and collects the parcel at the nearest office."
)


def _passage(text: str, score: float = 0.9, year: int = 2025, heading: str = "", question: str = "") -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, score, newness=year, heading=heading, question=question)


def _says_no_more(one: str, than: str) -> bool:
    return says_no_more(_passage(one), _passage(than))


@pytest.mark.parametrize(
    "other",
    [
        TEXT,
        TEXT.upper(),
        TEXT.replace(". ", ".\n"),
        TEXT.replace("parcel at", "packet at"),
    ],
)
def test_the_same_text_said_again_is_a_duplicate(other: str) -> None:
    assert _says_no_more(TEXT, other)
    assert _says_no_more(other, TEXT)


def test_whole_sentences_of_a_longer_passage_say_no_more_and_the_longer_one_does() -> None:
    part = TEXT.partition("Whoever")[0]

    assert _says_no_more(part, TEXT)
    assert not _says_no_more(TEXT, part)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Free.", "Not free of charge, 500 roubles."),
        ("Yes.", "Yes, without cream."),
        ("We deliver", "We deliver abroad"),
    ],
)
def test_words_that_stand_in_another_sentence_are_no_duplicate_of_it(one: str, other: str) -> None:
    assert not _says_no_more(one, other)
    assert not _says_no_more(other, one)


def test_the_same_answer_under_another_question_or_heading_is_no_duplicate() -> None:
    assert not says_no_more(
        _passage("Yes.", heading="Is the soup vegan?"), _passage("Yes, it is.\nYes.", heading="Is the cake vegan?")
    )
    assert not says_no_more(
        _passage("500 roubles.", heading="Tea > Price"), _passage("500 roubles.", heading="Cups > Price")
    )
    assert says_no_more(_passage(TEXT, heading="Delivery"), _passage(TEXT, heading="Shop > Delivery"))
    soup, cake = (f"Is the {what} vegan?\n{TEXT}" for what in ("soup", "cake"))
    assert not says_no_more(
        _passage(soup, question="Is the soup vegan?"), _passage(cake, question="Is the cake vegan?")
    )


@pytest.mark.parametrize(
    ("here", "there"),
    [("€5", "€7"), ("Ireland takes", "Scotland takes"), ("is not at home", "is at home"), ("only to", "to")],
)
def test_what_differs_in_a_number_a_name_or_a_not_is_no_duplicate(here: str, there: str) -> None:
    assert not _says_no_more(TEXT, TEXT.replace(here, there))


def test_rows_of_a_price_list_are_no_duplicates() -> None:
    assert not _says_no_more("Name: Kettle A; Price: 20 €", "Name: Kettle B; Price: 20 €")


def test_of_duplicates_one_stays_and_the_next_passage_moves_up() -> None:
    first, again, other = _passage(TEXT, 0.95), _passage(TEXT, 0.94), _passage("We sell tea.", 0.8)

    assert without_duplicates([first, again, other], 2) == [first, other]


def test_of_equal_duplicates_the_newer_stays() -> None:
    old, new = _passage(TEXT, 0.95, 2020), _passage(TEXT, 0.945, 2025)

    assert without_duplicates([old, new], 6) == [new]
    assert without_duplicates([old, replace(new, score=0.8)], 6) == [old]


def test_the_newer_passage_never_takes_the_place_of_a_better_one_that_says_more() -> None:
    whole, part = _passage(TEXT, 0.95, 2020), _passage(TEXT.partition("Whoever")[0], 0.945, 2025)
    soup = _passage("Yes.", 0.95, 2020, heading="Is the soup vegan?")
    cake = _passage("Yes, without cream.", 0.945, 2025, heading="Is the cake vegan?")

    assert without_duplicates([whole, part], 6) == [whole]
    assert without_duplicates([soup, cake], 6) == [soup, cake]
