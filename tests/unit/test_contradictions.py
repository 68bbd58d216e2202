"""What contradicts what: other values of one thing do, other things do not, in either language."""

from uuid import uuid4

import pytest

from core.contradictions.clashes import MOST_FOUND, Statement, Told, clashes_in, statement_of

CONTRADICT = [
    ("Delivery to Germany costs 12 euros.", "We deliver to Germany for €15.", Told.PRICE),
    ("We are open Tuesday to Friday from 10:00 to 19:00.", "Opening hours: Tuesday to Friday 9:00–18:00", Told.TIME),
    ("Product: Copper kettle; Price: €45", "The copper kettle costs 49 euros.", Told.PRICE),
    ("Phone: +49 30 1234567", "Call us: +49 30 7654321", Told.PHONE),
    ("You can return goods within 14 days.", "Returns are accepted within 30 days.", Told.NUMBER),
    ("The warranty is 2 years.", "The warranty lasts 3 years.", Told.NUMBER),
    ("The sale ends on 5 May 2026.", "The sale ends on 12 May 2026.", Told.DATE),
    ("Доставка по городу стоит 300 рублей.", "Стоимость доставки по городу — 350 руб.", Told.PRICE),
    ("Мы работаем с 9:00 до 18:00.", "Часы работы: 10:00–19:00", Told.TIME),
    ("Возврат возможен в течение 14 дней.", "Возврат товара — в течение 30 дней.", Told.NUMBER),
    ("Стрижка мужская — 1200 ₽", "Мужская стрижка стоит 1500 рублей", Told.PRICE),
    ("Телефон: 8 (495) 123-45-67", "Звоните нам: +7 495 765-43-21", Told.PHONE),
    ("Delivery to Germany costs 12 euros.", "Доставка в Германию стоит 15 евро.", Told.PRICE),
]
AGREE = [
    ("Delivery costs 5 euros.", "Express delivery costs 12 euros."),
    ("The small kettle costs 45 euros.", "The large kettle costs 60 euros."),
    ("Product: Kettle 1.5 l; Price: €45", "Product: Kettle 2 l; Price: €60"),
    ("Kettle X-200 costs 45 euros.", "Kettle X-300 costs 60 euros."),
    ("Monday: 10:00–19:00", "Saturday: 10:00–17:00"),
    ("Delivery takes 2 days.", "Delivery costs 5 euros."),
    ("Delivery in Berlin is free from 50 euros.", "Delivery in Hamburg is free from 70 euros."),
    ("Orders over 50 euros are delivered free.", "Orders over 50 euros are delivered free within 3 days."),
    ("Breakfast is from 7:00 to 10:00.", "Dinner is from 18:00 to 21:00."),
    ("You cannot cancel less than 24 hours before.", "You can cancel up to 48 hours before."),
    ("Стрижка мужская — 1200 ₽", "Стрижка женская — 2200 ₽"),
    ("Delivery to Germany costs 12 euros.", "Доставка в Германию стоит 12 евро."),
    ("Phone: +49 30 1234567", "Tel. 0049 30 1234567, +49 30 1234567"),
    ("We are open from 10:00 to 19:00.", "We are open from 10:00 to 19:00, on Saturday from 10:00 to 17:00."),
    ("The kettle number 5 costs 15 euros.", "The kettle number 6 costs 16 euros."),
    ("The shop was founded in 1998.", "The shop was painted in 2012."),
]


def _statement(quote: str, heading: str = "") -> Statement | None:
    return statement_of(uuid4(), uuid4(), quote, heading)


@pytest.mark.parametrize(("one", "other", "told"), CONTRADICT)
def test_other_values_of_one_thing_contradict(one: str, other: str, told: Told) -> None:
    statements = [_statement(one), _statement(other)]
    assert all(statements)
    for order in (statements, statements[::-1]):
        (clash,) = clashes_in([statement for statement in order if statement])
        assert clash.told is told


@pytest.mark.parametrize(("one", "other"), AGREE)
def test_other_things_do_not(one: str, other: str) -> None:
    assert list(clashes_in([found for text in (one, other) if (found := _statement(text))])) == []


def test_one_document_may_say_two_things() -> None:
    document = uuid4()
    both = [statement_of(uuid4(), document, text, "") for text in CONTRADICT[0][:2]]
    assert list(clashes_in([one for one in both if one])) == []


def test_a_heading_says_what_a_bare_price_is_of() -> None:
    kettle, mended = _statement("45 €", "Copper kettle"), _statement("49 €", "Copper kettle")
    teapot = _statement("60 €", "Glass teapot")
    assert kettle
    assert mended
    assert teapot
    assert len(list(clashes_in([kettle, mended, teapot]))) == 1
    assert _statement("45 €") is None, "nothing says of what"


def test_so_many_and_no_more() -> None:
    many = [_statement(f"The kettle costs {at + 10} euros.") for at in range(600)]
    assert len(list(clashes_in([one for one in many if one]))) == MOST_FOUND
