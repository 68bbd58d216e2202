"""What is quoted of a passage once its nearest sentence is known: neither half a table nor a list without its items."""

from core.quoting import _completed, _joined
from core.words import content_stems

ROWS = [
    "Zone: Lindenford; Delivery time: same day; Price: €4",
    "Zone: United Kingdom; Delivery time: 5 to 8 working days; Price: €18",
    "Zone: European Union; Delivery time: 4 to 7 working days; Price: €14",
]
LIST = ["To return something:", "1. Write to us.", "2. Send the parcel.", "3. Wait for the money."]


def test_a_question_that_names_no_row_gets_the_whole_table() -> None:
    asked = set(content_stems("How long does delivery take?"))

    assert _completed(asked, ["We deliver in four zones.", *ROWS], range(2, 3)) == ROWS


def test_a_question_that_names_a_row_gets_that_row() -> None:
    asked = set(content_stems("What does delivery to the United Kingdom cost?"))

    assert _completed(asked, ROWS, range(1, 2)) == [ROWS[1]]


def test_a_list_is_quoted_with_its_items_each_on_a_line() -> None:
    asked = set(content_stems("How do I return something?"))
    quoted = _completed(asked, ["Opened tea is not taken back.", *LIST], range(2))

    assert quoted == ["Opened tea is not taken back.", *LIST]
    assert _joined(quoted).splitlines() == quoted


def test_prose_is_quoted_as_it_was_found() -> None:
    prose = ["We re-tin kettles.", "It costs €25.", "Repairs under warranty are free."]

    assert _joined(_completed(set(), prose, range(2))) == "We re-tin kettles. It costs €25."
