"""How a follow-up is made whole; test_follow_ups.py is about which ones are, and what is carried over."""

import pytest

from core.messages import Said
from core.rewriting import MOST_SUBJECT, standalone_question

ASKED = [Said("customer", "How much does delivery cost?"), Said("assistant", "Delivery costs 5 euros.")]
ASKED_RU = [Said("customer", "Сколько стоит доставка?"), Said("assistant", "Доставка стоит 300 рублей.")]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("And how long does it take?", "And how long does delivery take?"),
        ("Is it free?", "Is delivery free?"),
        ("it?", "delivery?"),
        ("On Sundays?", "How much does delivery cost On Sundays?"),
        ("What about pickup?", "How much does pickup cost?"),
        ("Express?", "How much does delivery cost? Express?"),
        ("Why?", "delivery: Why?"),
    ],
)
def test_a_question_that_leans_on_the_last_one_is_made_whole(text: str, question: str) -> None:
    assert standalone_question(text, ASKED) == question


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("А в воскресенье?", "Сколько стоит доставка в воскресенье?"),
        ("И сколько она занимает?", "доставка: И сколько она занимает?"),
        ("А самовывоз?", "Сколько стоит самовывоз?"),
    ],
)
def test_a_russian_follow_up_is_made_whole(text: str, question: str) -> None:
    assert standalone_question(text, ASKED_RU) == question


@pytest.mark.parametrize(
    "text",
    ["Do you sell gift cards online?", "Which payment methods are accepted in the shop?", "Thanks", "ок", "🙂", "?"],
)
def test_a_question_that_stands_alone_is_not_touched(text: str) -> None:
    assert standalone_question(text, ASKED) == text


@pytest.mark.parametrize("text", ["And how long does it take?", "it?", "Refunds?", "Another question: it?", "ok", ""])
def test_a_first_question_is_never_touched(text: str) -> None:
    assert standalone_question(text, []) == text
    assert standalone_question(text, [Said("customer", "Hello!"), Said("assistant", "Hello, I am Rosa.")]) == text


def test_what_is_carried_over_does_not_grow_with_the_conversation() -> None:
    turns = [Said("customer", "How much does delivery to the United Kingdom cost?")]
    turns += [Said("customer", f"And is it brown{number} or green{number}?") for number in range(50)]
    question = standalone_question("how long does it take?", turns)

    assert len(question.split()) <= MOST_SUBJECT + 5
    assert "delivery" in question


@pytest.mark.parametrize("text", ["it " * 2000, "and " * 2000, "a, " * 2000, "to " * 2000, "?" * 5000, "х, и " * 1000])
def test_a_long_question_is_not_touched_and_little_of_it_is_carried_over(text: str) -> None:
    assert standalone_question(text, ASKED) == text
    assert len(standalone_question("and on Sundays?", [Said("customer", text)] * 6)) < 1000
