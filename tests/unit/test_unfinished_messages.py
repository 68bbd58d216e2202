import pytest

from core.bursts import looks_unfinished


@pytest.mark.parametrize(
    "text",
    [
        *("Hello", "Привет!", "добрый день", "Hi there,", "one question:", "I want to return a kettle and"),
        *("delivery", "сколько стоит", "how much is", "хочу заказать чайник, но", "Здравствуйте...", "а вы"),
        *("I would like to know about the", "подскажите пожалуйста, сколько стоит доставка в", "order 1234"),
    ],
)
def test_more_is_likely_to_come(text: str) -> None:
    assert looks_unfinished(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Delivery?", "Yes.", "сколько стоит доставка", "how much is delivery to Spain", "Where is the shop?"),
        *("До скольки вы работаете в субботу?", "Спасибо за помощь, всё получилось!", "🙂", "где вы находитесь"),
    ],
)
def test_what_is_whole_is_not_waited_for(text: str) -> None:
    assert not looks_unfinished(text)
