import pytest

from core.words import content_stems, language_of, sounds_of, stem, terms_of, words_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order?", "en"),
        ("Где мой заказ?", "ru"),
        ("Сколько стоит доставка DHL?", "ru"),
        ("What does Ёлка cost?", "en"),
        ("12345", "en"),
        ("", "en"),
    ],
)
def test_a_text_has_the_language_of_most_of_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("one", "other"),
    [("deliveries", "delivery"), ("доставка", "доставку"), ("возврата", "возврат"), ("ёлка", "елка")],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize("text", ["Hello!", "hi there", "Привет", "Здравствуйте!", "Спасибо", "Thank you!", "???"])
def test_a_greeting_has_no_subject(text: str) -> None:
    assert content_stems(text) == []


@pytest.mark.parametrize("text", ["refunds", "How do I return a bouquet?", "Как вернуть букет?", "оплата?"])
def test_a_question_has_a_subject(text: str) -> None:
    assert content_stems(text)


def test_search_counts_stems_of_the_subject_only() -> None:
    assert terms_of("How long does the delivery take?") == "deliveri"
    assert "доставк" in terms_of("Сколько стоит доставка?").split()


def test_hyphens_apostrophes_and_dots_do_not_break_a_word() -> None:
    assert words_of("The well-known shop's v2.1") == ["the", "well-known", "shop's", "v2.1"]


@pytest.mark.parametrize(
    ("russian", "english"),
    [("Варшава", "Warsaw"), ("Нормандия", "Normandy"), ("университет", "university"), ("Кения", "Kenya")],
)
def test_names_and_borrowed_words_sound_alike_in_both_alphabets(russian: str, english: str) -> None:
    assert sounds_of(russian) & sounds_of(english)


def test_numbers_sound_as_they_are_and_short_words_not_at_all() -> None:
    assert sounds_of("The cat of 1998") == {"1998"}
    assert not sounds_of("кот") & sounds_of("cat")
