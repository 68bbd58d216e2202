"""What customers ask about most, named in words that an owner reads."""

from core.asked_about import Subject, _names, subjects_asked

TEXTS = (
    "Do you deliver?",
    "Доставка по городу есть?",
    "Сколько стоит самовар?",
    "how much is a samovar",
    "Самовары на углях делаете?",
    "самовар бабушки",
    "Hello!",
    "hello",
    "my phone is 79161234567",
    "79161234567",
)


def test_one_thing_in_two_languages_is_one_subject_in_the_owners() -> None:
    russian, english = subjects_asked(TEXTS, "ru"), subjects_asked(TEXTS, "en")

    assert {Subject("доставка", 2), Subject("цена", 2), Subject("самовар", 3)} <= set(russian)
    assert {Subject("delivery", 2), Subject("price", 2), Subject("самовар", 3)} <= set(english)
    assert russian[0] == Subject("самовар", 3), "the most frequent first"


def test_greetings_numbers_and_what_was_asked_once_are_no_subjects() -> None:
    names = {one.name for one in subjects_asked(TEXTS, "en")}

    assert not names & {"hello", "79161234567", "бабушки", "samovar"}
    assert subjects_asked((), "en") == ()


def test_the_order_of_texts_changes_nothing() -> None:
    assert subjects_asked(TEXTS, "ru") == subjects_asked(TEXTS[::-1], "ru")


def test_every_meaning_has_a_russian_name() -> None:
    names = _names("ru")

    assert len(names) > 120
    assert (names["@hours"], names["@return"], names["@pickup"]) == ("часы работы", "возврат", "самовывоз")
