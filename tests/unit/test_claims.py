"""What a model may change in a true sentence so that it is no longer true, and what it may say in its own words."""

from uuid import uuid4

import pytest

from core.claims import disagreement
from core.facts import facts_of
from core.messages import Passage
from core.support import support_of

PASSAGES = {
    name: Passage(uuid4(), uuid4(), "shop.pdf", text, 0.9, heading=name)
    for name, text in {
        "Delivery": "Standard delivery inside Germany costs 4.90 euros and takes 3 to 5 working days. Express delivery "
        "arrives on the next working day before 12:00. Orders above 60 euros are delivered free of charge.",
        "Opening hours": "Our shop in Harbour Street is open Monday to Friday from 9:00 to 19:00 and on Saturday from "
        "10:00 to 16:00. It is closed on Sundays and on 25 December 2026. The workshop starts on 3 May at 18:30 and "
        "costs 25 euros per person.",
        "Kettles": "The kettle X-200 holds 1.5 litres and has a warranty of 24 months. Both kettles are made in Poland "
        "by Norvik. Descale the kettle every two months with vinegar. The discount for members is 15 %, for "
        "students 10 %.",
        "Contract": "You may cancel in writing up to four weeks before the end. The monthly fee of the Basic plan is "
        "$9 and that of the Plus plan is $19. Late payment costs 2 % interest per month. Parcels to Spain take up to 8 "
        "days. You can return unopened tea within 30 days.",
        "Доставка": "Обычная доставка по Москве занимает от 2 до 4 рабочих дней. Заказы дороже 5000 рублей "
        "доставляются бесплатно. Магазин открыт в субботу с 10:00 до 16:00. Мастер-класс начнётся 3 мая и стоит 2500 "
        "рублей с человека. Распечатанный чай не принимается, если он не испорчен. Вернуть можно нераспечатанный чай.",
    }.items()
}

LIES = """Delivery | Standard delivery inside Germany costs 4.90 dollars.
Delivery | Standard delivery takes 5 to 3 working days.
Delivery | Standard delivery takes 3 to 3 working days.
Delivery | Standard delivery takes 3 to 5 working weeks.
Delivery | Standard delivery takes 3 to 5 days.
Delivery | Express delivery arrives on the next day before 12:00.
Delivery | Express delivery arrives on the next working day after 12:00.
Delivery | Orders are delivered free of charge.
Delivery | All orders above 60 euros are delivered free of charge.
Opening hours | Our shop is open on Saturday from 9:00 to 19:00.
Opening hours | Our shop is open Monday to Friday from 19:00 to 9:00.
Opening hours | Our shop is open on Saturday from 10:00 to 19:00.
Opening hours | It is open on Sundays and on 25 December 2026.
Opening hours | It is closed on Mondays and on 25 December 2026.
Opening hours | It is closed on Sundays and on 5 December 2026.
Opening hours | It is closed on Sundays and on 25 December 2027.
Opening hours | The workshop starts on 25 May at 18:30.
Opening hours | The workshop costs 25 euros per group.
Opening hours | The workshop costs 25 euros.
Kettles | The kettle X-300 holds 1.5 litres.
Kettles | The kettle X-200 has a warranty of 24 years.
Kettles | Both kettles are made in Poland by Poland.
Kettles | Both kettles are made in Poland by Bosch.
Kettles | Descale the kettle every two months with soap.
Kettles | Descale the kettle every three months with vinegar.
Kettles | The discount for students is 15 %.
Contract | The monthly fee of the Basic plan is $19.
Contract | The monthly fee of the Plus plan is $9.
Contract | You must cancel in writing up to four weeks before the end.
Contract | Late payment costs 2 % interest per year.
Contract | Parcels to Spain take 8 days.
Contract | Parcels from Spain take up to 8 days.
Contract | You can return opened tea within 30 days.
Contract | You can return tea within 30 days.
Доставка | Обычная доставка занимает от 4 до 2 рабочих дней.
Доставка | Обычная доставка занимает от 2 до 4 дней.
Доставка | Заказы дешевле 5000 рублей доставляются бесплатно.
Доставка | Заказы доставляются бесплатно.
Доставка | Магазин закрыт в субботу с 10:00 до 16:00.
Доставка | Магазин открыт в воскресенье с 10:00 до 16:00.
Доставка | Мастер-класс начнётся 5 мая.
Доставка | Мастер-класс стоит 2500 рублей с группы.
Доставка | Распечатанный чай не принимается.
Доставка | Вернуть можно чай.
Доставка | Вернуть можно любой нераспечатанный чай."""

HONEST = """Delivery | Standard delivery inside Germany costs €4.90.
Delivery | Standard shipping takes 3–5 working days.
Delivery | Delivery is free of charge for orders above 60 euros.
Delivery | Express delivery arrives before 12:00 on the next working day.
Opening hours | On Saturday we are open from 10:00 to 16:00.
Opening hours | Our shop is open Monday to Friday from 9:00 to 19:00.
Opening hours | The shop is closed on Sundays.
Opening hours | The workshop starts on May 3 at 18:30.
Opening hours | The workshop costs 25 euros per person.
Kettles | The kettle X-200 has a warranty of 24 months.
Kettles | The discount for students is 10 %.
Contract | The monthly fee of the Plus plan is $19.
Contract | Unopened tea can be returned within 30 days.
Contract | Parcels to Spain take up to 8 days.
Доставка | Обычная доставка по Москве занимает 2–4 рабочих дня.
Доставка | Да, заказы дороже 5000 ₽ доставляются бесплатно.
Доставка | В субботу магазин открыт с 10:00 до 16:00.
Доставка | Мастер-класс стоит 2500 рублей с человека."""


def _is_said(line: str) -> bool:
    name, sentence = line.split(" | ")
    question = "Что мне нужно знать?" if name == "Доставка" else "What should I know?"
    return support_of(sentence, [PASSAGES[name]], question).citation is not None


@pytest.mark.parametrize("lie", LIES.splitlines())
def test_a_true_sentence_that_was_bent_a_little_is_stopped(lie: str) -> None:
    assert not _is_said(lie)


@pytest.mark.parametrize("honest", HONEST.splitlines())
def test_the_same_in_other_words_is_let_through(honest: str) -> None:
    assert _is_said(honest)


def test_what_differs_is_told() -> None:
    quote = "Delivery to Spain costs 8 euros."

    assert disagreement("Delivery to Spain costs 8 euros.", quote, quote) == ""
    assert disagreement("Delivery to Spain costs 9 euros.", quote, quote).startswith("a number")
    assert disagreement("Delivery to Spain is free.", quote, quote).startswith("a limit")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("on 3 May 2026", "03.05.2026"),
        ("on May 3rd, 2026", "2026-05-03"),
        ("3-го мая 2026 года", "on the 3rd of May 2026"),
        ("call 8 (495) 123-45-67", "+7 495 123 45 67"),
        ("call +49 30.123.4567", "+49 (30) 123 4567"),
        ("see https://www.shop.example/", "www.shop.example"),
        ("until 5 p.m.", "until 5pm"),
        ("from 9.00 to 19.00", "9:00–19:00"),
        ("1,200 euros", "€1200"),
        ("5 лет", "5 года"),
    ],
)
def test_one_fact_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert facts_of(one) == facts_of(other)
    assert facts_of(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("3 May", "3 June"), ("3 May 2026", "3 May"), ("3.50 euros", "3.50 dollars"), ("$9 a month", "$9 a year")],
)
def test_facts_that_differ_are_not_within_each_other(one: str, other: str) -> None:
    assert not facts_of(one).within(facts_of(other))


def test_a_date_without_its_year_is_within_the_whole_date_and_not_the_reverse() -> None:
    assert facts_of("on 3 May").within(facts_of("on 3 May 2026"))
    assert not facts_of("on 3 May 2026").within(facts_of("on 3 May"))


def test_a_number_is_not_said_more_often_than_it_stands_there() -> None:
    assert not facts_of("5 euros for the cup, 5 euros for the pot").within(facts_of("5 euros for the cup and the pot"))


@pytest.mark.parametrize(
    ("heading", "text", "sentence", "is_said"),
    [
        ("", "Should I switch off the alarm before I leave? Please see page 7.", "Switch off the alarm.", False),
        ("", "Should I switch off the alarm before I leave? Please see page 7.", "Please see page 7.", True),
        ("Should I switch off the alarm?", "Please see page 7.", "Please switch off the alarm.", False),
        ("Can I pay by card?", "Yes, by Visa.", "Yes, you can pay by card, by Visa.", True),
        ("", "Can I pay by card? Yes, by Visa.", "You can pay by card.", True),
        ("", "Can I pay by card? No, only in cash.", "You can pay by card.", False),
        ("How long is the warranty?", "24 months.", "The warranty is 24 months.", True),
        ("Можно ли вернуть чай?", "Подробности на странице 7.", "Вернуть чай можно, подробности на странице 7.", False),
    ],
)
def test_a_question_in_a_document_says_nothing_unless_its_answer_is_yes(
    heading: str, text: str, sentence: str, is_said: bool
) -> None:
    passage = Passage(uuid4(), uuid4(), "faq.txt", text, 0.9, heading=heading)
    question = "Что мне нужно знать?" if heading.startswith("Можно") else "What should I know?"

    assert (support_of(sentence, [passage], question).citation is not None) is is_said
