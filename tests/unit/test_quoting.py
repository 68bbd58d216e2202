"""What is quoted of a passage once its nearest sentence is known: neither half a table nor a list without its items."""

from uuid import uuid4

import pytest

from core.app import Core
from core.embeddings.base import Embedder
from core.messages import Passage
from core.quoting import _completed, _joined, quote_best
from core.search.sufficiency import Asked

ROWS = [
    "Zone: Lindenford; Delivery time: same day; Price: €4",
    "Zone: United Kingdom; Delivery time: 5 to 8 working days; Price: €18",
    "Zone: European Union; Delivery time: 4 to 7 working days; Price: €14",
]
LIST = ["To return something:", "1. Write to us.", "2. Send the parcel.", "3. Wait for the money."]


def test_a_question_that_names_no_row_gets_the_whole_table() -> None:
    asked = Asked.of("How long does delivery take?")

    assert _completed(asked, ["We deliver in four zones.", *ROWS], range(2, 3)) == ROWS


def test_a_question_that_names_a_row_gets_that_row() -> None:
    asked = Asked.of("What does delivery to the United Kingdom cost?")

    assert _completed(asked, ROWS, range(1, 2)) == [ROWS[1]]


def test_a_list_is_quoted_with_its_items_each_on_a_line() -> None:
    asked = Asked.of("How do I return something?")
    quoted = _completed(asked, ["Opened tea is not taken back.", *LIST], range(2))

    assert quoted == ["Opened tea is not taken back.", *LIST]
    assert _joined(quoted).splitlines() == quoted


def test_prose_is_quoted_as_it_was_found() -> None:
    prose = ["We re-tin kettles.", "It costs €25.", "Repairs under warranty are free."]

    assert _joined(_completed(Asked.of(""), prose, range(2))) == "We re-tin kettles. It costs €25."


def _passage(text: str, score: float = 0.9) -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, score)


async def test_a_passage_without_a_letter_is_passed_over(core: Core) -> None:
    blank, spoken = _passage("— — —"), _passage("We re-tin kettles.", 0.89)

    assert (await quote_best(core, "Do you re-tin kettles?", [blank, spoken])).quote == "We re-tin kettles."
    assert (await quote_best(core, "Do you re-tin kettles?", [blank])).quote == "— — —"


async def test_what_a_re_ranker_put_first_is_not_outbid_by_what_the_search_liked_better(core: Core) -> None:
    first, liked = _passage("They cost €25.", 0.8), _passage("Do we re-tin kettles? We re-tin kettles.", 0.9)

    assert (await quote_best(core, "Do you re-tin kettles?", [first, liked])).quote == "They cost €25."


async def test_sentences_that_were_read_once_are_quoted_without_reading_them_again(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages, question = [_passage(f"We re-tin {uuid4().hex}. It costs €25.")], f"Do you re-tin {uuid4().hex}?"
    first = await quote_best(core, question, passages)

    async def refuse(self: Embedder, texts: object) -> object:
        raise AssertionError(f"{texts} is read again")

    monkeypatch.setattr(type(core.embedder), "embed_passages", refuse)
    monkeypatch.setattr(type(core.embedder), "embed_query", refuse)

    assert await quote_best(core, question, passages) == first


SHOP = [
    "Washing a winter coat costs 14 euros. Ironing a shirt costs 2 euros.",
    "Our address is 5 Harbour Street, next to the fish market. There is a small car park behind the house.",
    "You can pay in cash or by card. We do not take American Express.",
    "Delivery inside the city is free of charge for orders over 30 euros. Otherwise it costs 4 euros.",
    "Clothes that are not collected within 30 days are given away.",
]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("Where are you located?", SHOP[1]),
        ("Do you accept Amex?", SHOP[2]),
        ("Do you deliver?", SHOP[3]),
        ("What becomes of clothes that nobody collects?", SHOP[4]),
    ],
)
async def test_a_quotation_does_not_begin_in_the_paragraph_before(core: Core, question: str, line: str) -> None:
    assert (await quote_best(core, question, [_passage("\n".join(SHOP))])).quote == line
