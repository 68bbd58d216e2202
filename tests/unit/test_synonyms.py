"""Words by which customers and businesses mean the same thing."""

import pytest

from core.search.sufficiency import Asked
from core.search.synonyms import FILE, phrases_in, subjects_of


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Do you deliver?", "Shipping inside the city is free."),
        ("Есть доставка?", "Курьером привезём за день."),
        ("Do you deliver?", "Доставка по городу бесплатна."),
        ("Where are you located?", "Our address is 5 Harbour Street."),
        ("Где вы?", "Портовая улица, 5, рядом с рынком."),
        ("По какому адресу вы находитесь?", "Приходите: ул. Портовая, 5."),
        ("Какой у вас график?", "Мы работаем с 9 до 19, воскресенье выходной."),
        ("Are you open on Mondays?", "We are closed on Mondays."),
        ("Принимаете Амекс?", "American Express не принимаем."),
        ("Можно расплатиться картой?", "You can pay in cash or by card."),
        ("Price for a coat?", "Washing a winter coat: 14 euros."),
        ("Можно с кошкой?", "С животными не заселяем."),
        ("Покажите меню", "Наше меню: блины и чай."),
    ],
)
def test_a_question_in_other_words_or_in_another_language_is_about_what_the_text_says(question: str, text: str) -> None:
    assert Asked.of(question).share_in(text) == 1


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Where are you located?", "Our e-mail address is shop@example.com."),
        ("Where are you?", "Every computer has an IP address."),
        ("Do you deliver?", "Ironing a shirt costs 2 euros."),
        ("У вас есть вакансии?", "Доставка по городу бесплатна."),
        ("Сколько это стоит?", "Мы закрыты по воскресеньям."),
    ],
)
def test_a_text_about_something_else_is_not_taken_for_an_answer(question: str, text: str) -> None:
    assert Asked.of(question).share_in(text) == 0


def test_a_part_of_a_question_that_no_text_speaks_of_is_missed() -> None:
    assert Asked.of("Do you deliver abroad?").share_in("Delivery inside the city costs 4 euros.") == 0.5


def test_words_that_ask_for_a_number_of_anything_ask_for_no_price() -> None:
    assert Asked.of("How much water does the kettle hold?").share_in("The kettle holds 2 litres of water.") == 1


def test_two_words_of_one_meaning_count_once() -> None:
    assert subjects_of("What is the address, at which street?").words == {"@place", "street"}
    assert subjects_of("What is the price, how much does it cost?").words == {"@price"}


def test_no_word_means_two_things() -> None:
    """Words are compared by their stems: "fit" would be "fitness", "вещи" cannot be both luggage and clothes."""
    meanings: dict[tuple[str, ...], str] = {}
    for meaning, phrase in phrases_in(FILE.read_text(encoding="utf-8")):
        assert meanings.setdefault(phrase, meaning) == meaning, f"{' '.join(phrase)} is in two lines"
    assert len(meanings) > 800
