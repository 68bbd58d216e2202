"""What Telegram proposes as the name of a new bot is always one that it takes."""

import re

import pytest

from admin_bot.bot_names import suggested_name, suggested_username

TAKEN = re.compile(r"(?=.{5,32}$)[a-z](?:_?[a-z0-9])*_bot")


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("Медный чайник", "mednyy_chaynik_1a2b_bot"),
        ("Copper Kettle", "copper_kettle_1a2b_bot"),
        ("Щёлково: объём", "schelkovo_obem_1a2b_bot"),
        ("Café Über", "cafe_uber_1a2b_bot"),
        ("24 часа", "ask_24_chasa_1a2b_bot"),
        ("My bot", "my_1a2b_bot"),
        ("茶館", "assistant_1a2b_bot"),
        ("🤖", "assistant_1a2b_bot"),
        ("Joe’s", "joes_1a2b_bot"),
    ],
)
def test_a_username_is_the_assistants_name_in_latin_letters(name: str, username: str) -> None:
    assert suggested_username(name, "1a2b") == username


@pytest.mark.parametrize(
    "name", ["", " ", "_", "__a__", "A" * 200, "Ж" * 200, "1", "бот", "Я" * 30 + " Ю", "x" * 21 + " y"]
)
def test_a_username_is_one_that_telegram_takes(name: str) -> None:
    assert TAKEN.fullmatch(suggested_username(name, "0f0f"))


def test_a_name_is_no_longer_than_telegram_takes() -> None:
    assert suggested_name("  Rosa ") == "Rosa"
    assert len(suggested_name("long name " * 30)) <= 64
