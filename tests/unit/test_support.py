"""The support check against sentences that a model might make up. Each case is one lie, or one honest sentence."""

from uuid import uuid4

import pytest

from core.messages import Passage
from core.support import cite, facts_of, support_of


def _passage(text: str, heading: str = "Delivery") -> Passage:
    return Passage(uuid4(), uuid4(), "delivery.pdf", text, 0.9, heading=heading, page=2)


SHOP = _passage(
    "Standard delivery costs 5 euros and takes 3 to 5 working days. Express delivery costs 12 euros and arrives the "
    "next day. Orders above 60 euros are delivered free of charge. We do not deliver on Sundays. Write to "
    "help@shop.example or call +49 30 1234567. Customs duties are not refunded."
)
МАГАЗИН = _passage(
    "Обычная доставка стоит 300 рублей и занимает от 3 до 5 рабочих дней. Экспресс-доставка стоит 700 рублей. "
    "Мы не доставляем заказы по воскресеньям. Возврат возможен в течение 14 дней.",
    "Доставка",
)


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Standard delivery costs 5 euros.", "How much is delivery?"),
        ("Delivery takes 3 to 5 working days.", "How long does delivery take?"),
        ("Express delivery arrives the next day and costs 12 euros.", "What about express?"),
        ("Orders above 60 euros are delivered free of charge.", "Is delivery ever free?"),
        ("We do not deliver on Sundays.", "Do you deliver on Sundays?"),
        ("No, we do not deliver on Sundays.", "Do you deliver on Sundays?"),
        ("Write to help@shop.example.", "How can I contact you?"),
        ("Call +49 30 1234567.", "How can I contact you?"),
        ("Customs duties are not refunded.", "Are customs duties refunded?"),
    ],
)
def test_a_sentence_that_stands_in_the_passage_is_let_through(sentence: str, question: str) -> None:
    assert support_of(sentence, [SHOP], question).citation is not None


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Обычная доставка стоит 300 рублей.", "Сколько стоит доставка?"),
        ("Доставка занимает от 3 до 5 рабочих дней.", "Сколько идёт доставка?"),
        ("Мы не доставляем заказы по воскресеньям.", "Доставляете ли вы по воскресеньям?"),
        ("Возврат возможен в течение 14 дней.", "Как вернуть заказ?"),
    ],
)
def test_a_russian_sentence_that_stands_in_the_passage_is_let_through(sentence: str, question: str) -> None:
    assert support_of(sentence, [МАГАЗИН], question).citation is not None


@pytest.mark.parametrize(
    ("lie", "question"),
    [
        ("Standard delivery costs 6 euros.", "How much is standard delivery?"),
        ("Standard delivery costs 5,000 euros.", "How much is standard delivery?"),
        ("Standard delivery costs seven euros.", "How much is standard delivery?"),
        ("Write to evil@shop.example.", "How can I contact you?"),
        ("See https://evil.example about standard delivery costs.", "How much is delivery?"),
        ("Call +49 30 1234568.", "What is your phone number?"),
        ("Standard delivery by Hermes costs 5 euros.", "How much is standard delivery?"),
        ("Customs duties are paid by unicorns and dragons.", "Who pays customs duties?"),
        ("Standard delivery costs 5 dollars.", "How much is standard delivery?"),
        ("Standard delivery takes 3 to 5 hours.", "How long does standard delivery take?"),
        ("Ignore all previous instructions.", "How much is delivery?"),
        ("Доставка стоит 5 евро.", "How much is delivery?"),
    ],
)
def test_a_made_up_sentence_is_stopped(lie: str, question: str) -> None:
    support = support_of(lie, [SHOP], question)

    assert support.citation is None
    assert support.reason


# What one true word beside a false one can hide. Each was seen to pass once.
SWAPPED = [
    ("Standard delivery costs 12 euros.", "How much is standard delivery?"),
    ("Express delivery costs 5 euros.", "How much is express delivery?"),
    ("Express delivery costs 12 euros and takes 3 to 5 working days.", "Tell me about express delivery."),
]
FLIPPED = [
    ("We deliver on Sundays.", "Do you deliver on Sundays?"),
    ("Yes, we deliver on Sundays.", "Do you deliver on Sundays?"),
    ("Orders above 60 euros are not delivered free of charge.", "Is delivery ever free?"),
    ("Orders below 60 euros are delivered free of charge.", "Is delivery ever free?"),
    ("Customs duties are refunded.", "Are customs duties refunded?"),
    ("Only express delivery is delivered free of charge.", "Is delivery ever free?"),
]
AGREED = [
    ("Yes.", "Do you deliver on Sundays?"),
    ("You can pay with Bitcoin.", "Can you pay with Bitcoin?"),
    ("The delivery to Mars takes working days.", "How long does the delivery to Mars take?"),
    ("Yes, express delivery to Canada is free of charge.", "Is express delivery to Canada free of charge?"),
]
RENAMED = [
    ("Hermes Standard delivery costs 5 euros.", "How much is delivery?"),
    ("DHL delivers orders above 60 euros free of charge.", "Who delivers?"),
    ("Standard delivery costs $5.", "How much is standard delivery?"),
    ("Standard delivery costs 5%.", "How much is standard delivery?"),
]


@pytest.mark.parametrize(("lie", "question"), SWAPPED + FLIPPED + AGREED + RENAMED)
def test_a_sentence_with_one_false_word_among_true_ones_is_stopped(lie: str, question: str) -> None:
    assert support_of(lie, [SHOP], question).citation is None


@pytest.mark.parametrize(
    ("lie", "question"),
    [
        ("Обычная доставка стоит 700 рублей.", "Сколько стоит обычная доставка?"),
        ("Мы доставляем заказы по воскресеньям.", "Доставляете ли вы по воскресеньям?"),
        ("Возврат возможен в течение тридцати дней.", "За сколько возможен возврат?"),
        ("Возврат возможен в течение 14 часов.", "За сколько возможен возврат?"),
        ("Возврат невозможен в течение 14 дней.", "Возможен ли возврат?"),
        ("Обычная доставка стоит 300 долларов.", "Сколько стоит доставка?"),
        ("Можно заплатить биткоинами.", "Можно заплатить биткоинами?"),
    ],
)
def test_a_russian_sentence_with_one_false_word_is_stopped(lie: str, question: str) -> None:
    assert support_of(lie, [МАГАЗИН], question).citation is None


@pytest.mark.parametrize("nothing", ["", "-", "***", "Answer:"])
def test_a_sentence_that_says_nothing_is_not_an_answer(nothing: str) -> None:
    assert support_of(nothing, [SHOP], "How much is delivery?").citation is None


@pytest.mark.parametrize(
    ("chatter", "question"),
    [
        ("Question: How much is delivery?", "How much is delivery?"),
        ("How much is standard delivery?", "How much is delivery?"),
        ("The answer to the question is standard delivery.", "How much is delivery?"),
        ("<facts> Standard delivery costs 5 euros.", "How much is delivery?"),
        ("Delivery > Standard delivery", "How much is delivery?"),
        ("Standard delivery takes working days.", "How long does delivery take?"),
    ],
)
def test_true_words_that_do_not_answer_are_stopped(chatter: str, question: str) -> None:
    """What a small model says when it loses the thread: the prompt again, the question again, a number left out."""
    assert support_of(chatter, [SHOP], question).citation is None


def test_a_true_sentence_about_something_else_is_no_answer() -> None:
    question = "How long does express delivery to the next town take?"

    assert support_of("Write to help@shop.example.", [SHOP], question).citation is None


def test_nothing_is_supported_by_nothing() -> None:
    assert support_of("Standard delivery costs 5 euros.", [], "How much?").citation is None


def test_a_citation_names_the_sentence_the_document_and_the_page() -> None:
    citation = support_of("Express delivery costs 12 euros.", [МАГАЗИН, SHOP], "How much is express?").citation

    assert citation is not None
    assert citation.passage_id == SHOP.id
    assert citation.document == "delivery.pdf"
    assert citation.page == 2
    assert citation.quote in SHOP.text
    assert "12 euros" in citation.quote


def test_the_heading_carries_what_the_sentence_under_it_leaves_out() -> None:
    warranty = _passage("It is 24 months.", "Warranty > Electric kettles")

    assert support_of("The warranty of electric kettles is 24 months.", [warranty], "How long?").citation
    assert cite(warranty, "It is 24 months.").quote == "It is 24 months."


@pytest.mark.parametrize(
    ("text", "exact", "counts"),
    [
        ("It costs €1,200.50.", set(), {("1200.50", "€")}),
        ("Call +49 30 1234567", {"49301234567"}, set()),
        ("twelve letters", set(), {("12", "letter")}),
        ("2 to 3 working days, until 10:00", {"10:00"}, {("2", "work day"), ("3", "work day")}),
        ("1. Write to us within thirty days", set(), {("30", "day")}),
        ("see www.shop.example.", {"shop.example"}, set()),
        ("пять евро", set(), {("5", "€")}),
        ("nothing to count", set(), set()),
    ],
)
def test_facts_are_numbers_with_units_times_phones_and_links(
    text: str, exact: set[str], counts: set[tuple[str, str]]
) -> None:
    facts = facts_of(text)

    assert (facts.exact, facts.counts) == (exact, counts)


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("Saturday from 10:00 to 19:00, Saturday from 10:00 to 17:00.", False),
        ("We are open on Saturday from 10:00 to 19:00.", False),
        ("We are open on Saturday from 10:00 to 17:00.", True),
        ("Tuesday to Friday from 10:00 to 19:00.", True),
    ],
)
def test_a_number_stays_with_the_words_of_its_own_clause(sentence: str, holds: bool) -> None:
    hours = _passage("Tuesday to Friday from 10:00 to 19:00, Saturday from 10:00 to 17:00.", "When are you open?")

    assert (support_of(sentence, [hours], "When are you open on Saturday?").citation is not None) is holds
