from uuid import UUID, uuid4

import pytest

from core.messages import Passage
from core.search.neighbours import goes_on, join_next, stops_short

DOCUMENT = uuid4()


def _passage(index: int, text: str, score: float = 0.9, heading: str = "Care", document: UUID = DOCUMENT) -> Passage:
    return Passage(uuid4(), document, "a.txt", text, score, heading=heading, page=index, chunk_index=index)


@pytest.mark.parametrize("text", ["You need:", "- a bowl\n- a spoon", "1. Boil\n2. Pour", "the water is then"])
def test_a_list_and_half_a_sentence_stop_short(text: str) -> None:
    assert stops_short(text)


@pytest.mark.parametrize("text", ["The end.", "“Really?”", "Name: Kettle; Price: 20 €"])
def test_a_whole_sentence_and_a_row_do_not_stop_short(text: str) -> None:
    assert not stops_short(text)


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("You need:\n- a bowl\n- a spoon", "You need:\n- a towel"),
        ("1. Boil\n2. Pour", "3. Wait"),
        ("Pour the water, wait", "for three minutes and drink."),
    ],
)
def test_a_list_goes_on_with_its_items_and_a_sentence_with_its_words(text: str, following: str) -> None:
    assert goes_on(_passage(1, text), _passage(2, following))


def test_a_list_does_not_go_on_with_another_paragraph_or_under_another_heading() -> None:
    listed = _passage(1, "You need:\n- a bowl")

    assert not goes_on(listed, _passage(2, "We are open on Monday."))
    assert not goes_on(listed, _passage(2, "- a towel", heading="Returns"))


async def test_a_list_that_was_cut_is_one_passage_again_and_each_half_knows_its_home() -> None:
    first = _passage(1, "You need:\n- a bowl\n- a spoon")
    other = _passage(9, "We are open on Monday.", 0.89, document=uuid4())
    second = _passage(2, "You need:\n- a towel", 0.7)

    joined, *rest = await join_next(uuid4(), [first, other, second])

    assert joined.text == "You need:\n- a bowl\n- a spoon\n- a towel"
    assert joined.id == first.id
    assert rest == [other]
    assert joined.home_of("a towel") is second
    assert joined.home_of("a bowl") is first


async def test_halves_of_a_paragraph_are_joined_when_both_were_found_nearly_alike() -> None:
    first = _passage(1, "Kettles are of copper. They are tinned inside.", 0.90)
    second = _passage(2, "They are tinned inside. Tin wears off in ten years.", 0.88)
    far = _passage(2, second.text, 0.80)

    (joined,) = await join_next(uuid4(), [first, second])

    assert joined.text == "Kettles are of copper. They are tinned inside.\nTin wears off in ten years."
    assert await join_next(uuid4(), [first, far]) == [first, far]


async def test_passages_that_were_not_cut_from_one_another_stay_apart() -> None:
    first, second = _passage(1, "Kettles are of copper.", 0.9), _passage(2, "Tea is from China.", 0.9)

    assert await join_next(uuid4(), [first, second]) == [first, second]


async def test_a_joined_passage_does_not_outgrow_two() -> None:
    first = _passage(1, "You need:\n" + "- a bowl\n" * 150)
    second = _passage(2, "- a towel\n" * 150, 0.9)

    assert await join_next(uuid4(), [first, second]) == [first, second]
