"""The pictures of how a token is got are those that the words of today draw, and light enough for a phone."""

from pathlib import Path

import pytest
from PIL import Image

from admin_bot.pictures import STEPS, picture, token_pictures
from admin_bot.pictures.draw import DRAWN
from core.texts import LOCALES, Texts


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_pictures_say_what_the_locales_say(locale: str, tmp_path: Path) -> None:
    for step, draw in DRAWN.items():
        again = tmp_path / f"{step}.png"
        draw(Texts(), locale).save(again)
        with Image.open(again) as new, Image.open(picture(locale, step)) as kept:
            assert new.convert("RGB").tobytes() == kept.convert("RGB").tobytes(), "python -m admin_bot.pictures.draw"


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_pictures_are_an_album_of_small_files_of_one_size(locale: str) -> None:
    album = await token_pictures(locale)
    assert [name for name, _ in album] == [f"token-{step}-{locale}.png" for step in STEPS]
    assert all(len(content) < 100_000 for _, content in album)
    for step in STEPS:
        with Image.open(picture(locale, step)) as drawn:
            assert drawn.size == (720, 900)
