from uuid import uuid4

import pytest

from core.models import Author, Message
from core.rewriting import standalone_question


def _turn(author: Author, text: str) -> Message:
    return Message(id=uuid4(), conversation_id=uuid4(), author=author, text=text)


ASKED = [
    _turn(Author.CUSTOMER, "How much does delivery cost?"),
    _turn(Author.ASSISTANT, "Delivery costs 5 euros."),
]
ASKED_RU = [
    _turn(Author.CUSTOMER, "Сколько стоит доставка?"),
    _turn(Author.ASSISTANT, "Доставка стоит 300 рублей."),
]


@pytest.mark.parametrize(
    "text", ["And how long does it take?", "What about Sundays?", "it?", "Is it free?", "Express?"]
)
def test_a_question_that_leans_on_the_last_one_takes_it_along(text: str) -> None:
    assert standalone_question(text, ASKED) == f"How much does delivery cost? {text}"


@pytest.mark.parametrize(
    "text", ["А в воскресенье?", "И сколько она занимает?", "Как насчёт выходных?", "А самовывоз?"]
)
def test_a_russian_follow_up_takes_the_last_question_along(text: str) -> None:
    assert standalone_question(text, ASKED_RU) == f"Сколько стоит доставка? {text}"


@pytest.mark.parametrize("text", ["Do you sell gift cards online?", "Which payment methods are accepted in the shop?"])
def test_a_question_that_stands_alone_is_not_touched(text: str) -> None:
    assert standalone_question(text, ASKED) == text


@pytest.mark.parametrize("text", ["And how long does it take?", "it?", "Refunds?"])
def test_a_first_question_is_never_touched(text: str) -> None:
    assert standalone_question(text, []) == text


def test_only_what_the_customer_said_is_put_in_front() -> None:
    assert standalone_question("it?", [_turn(Author.ASSISTANT, "Hello, I am Rosa.")]) == "it?"
