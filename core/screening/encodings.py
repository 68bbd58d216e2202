"""What a sentence says that was written so that people do not read it: encoded, backwards or rotated. Pure.

Each reading is a guess: whether it says anything that matters, its caller judges. Words hidden in invisible characters
are `core/parsing/invisible.py`'s matter, letters of other alphabets `core/screening/wording.py`'s.
"""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from core.screening.tongues import FUNCTION_WORDS

_BASE64 = re.compile(r"(?<![\w+/=:,-])[A-Za-z0-9+/_-]{20,4000}={0,2}(?![\w+/=-])")
_BASE32 = re.compile(r"(?<![\w=])[A-Z2-7]{24,4000}={0,6}(?![\w=])")
_HEX = re.compile(r"(?<![\w])(?:0x|\\x)?[0-9A-Fa-f]{2}(?:[ :,]{0,2}(?:0x|\\x)?[0-9A-Fa-f]{2}){11,2000}(?!\w)")
_BINARY = re.compile(r"(?<!\w)[01]{7,8}(?:[ ,]{0,2}[01]{7,8}){7,1000}(?!\w)")
_DECIMAL = re.compile(r"(?<!\w)\d{2,3}(?:[ ,]{1,2}\d{2,3}){11,1000}(?!\w)")
_BASE85 = re.compile(r"(?<!\S)[!-~]{30,4000}(?!\S)")
_PERCENT = re.compile(r"[^\s%]{0,40}(?:%[0-9A-Fa-f]{2}[^\s%]{0,40}){3,2000}")
_ESCAPED = re.compile(r"(?:\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}){6,2000}")
_ENTITIES = re.compile(r"(?:&#x?[0-9A-Fa-f]{2,6};\s?){6,2000}")
_MORSE = re.compile(r"(?<!\S)[.\-·–−]{1,6}(?:[ /|]{1,3}[.\-·–−]{1,6}){11,2000}(?!\S)")
_MORSE_LETTERS = dict(
    zip(
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- "
        "--..".split(),
        "abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 4
_MOST_LITTLE = 0.12
"""Of a sentence that people can read, more than this share are little words."""
_LEAST_LETTERS = 0.7
CODED = re.compile(
    r"[A-Za-z0-9+/_-]{20}|(?:(?:0x)?[0-9A-Fa-f]{2}[ :,]{0,2}){12}|\S{30}|(?:\d{2,3}[ ,]{1,2}){11}|\\[ux][0-9A-Fa-f]"
    r"|&#x?[0-9A-Fa-f]{2}|%[0-9A-Fa-f]{2}|(?:[.\-·–−]{1,6}[ /|]{1,3}){8}"
)
"""Cheap: a sentence without this is not encoded (it may still be backwards or rotated)."""


def hidden_readings(text: str) -> Iterator[str]:
    """Every text that may be meant, at most a dozen; none for a sentence that people can read."""
    if CODED.search(text):
        for pattern, read in _READERS:
            for run in pattern.finditer(text):
                if (said := _printable(read, run[0])) is not None:
                    yield said
    if is_gibberish(text):
        yield codecs.encode(text, "rot13")
        yield text[::-1]
        yield " ".join(word[::-1] for word in text.split())


def is_gibberish(text: str) -> bool:
    """Words with hardly a little one among them: a list of names, an unknown language, backwards, rotated."""
    words = [word.lower() for word in _WORD.findall(text)]
    return len(words) >= _FEWEST_WORDS and sum(word in FUNCTION_WORDS for word in words) <= _MOST_LITTLE * len(words)


def _printable(read: Callable[[str], str], run: str) -> str | None:
    """What the run says; None when it says nothing, or nothing that people write."""
    try:
        said = read(run)
    except (binascii.Error, UnicodeError, ValueError, OverflowError):
        return None
    letters = sum(letter.isalpha() or letter.isspace() for letter in said)
    return said if said.replace("\n", " ").isprintable() and letters >= _LEAST_LETTERS * len(said) else None


def _base64(run: str) -> str:
    run = run.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(run + "=" * (-len(run) % 4)).decode()


def _base32(run: str) -> str:
    run = run.rstrip("=")
    return base64.b32decode(run + "=" * (-len(run) % 8)).decode()


def _hex(run: str) -> str:
    return bytes.fromhex(re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", run)).decode()


def _binary(run: str) -> str:
    parts = re.findall("[01]{8}" if " " not in run and "," not in run else "[01]{7,8}", run)
    return bytes(int(part, 2) for part in parts).decode()


def _decimal(run: str) -> str:
    return bytes(int(part) for part in re.findall(r"\d+", run)).decode()


def _escaped(run: str) -> str:
    return re.sub(r"\\[ux]([0-9A-Fa-f]+)", lambda code: chr(int(code[1], 16)), run)


def _base85(run: str) -> str:
    try:
        return base64.b85decode(run).decode()
    except (ValueError, UnicodeError):
        return base64.a85decode(run.removeprefix("<~").removesuffix("~>")).decode()


def _morse(run: str) -> str:
    plain = run.translate(str.maketrans("·–−|", ".--/"))
    words = re.split(r" ?/ ?|   ?", plain)
    return " ".join("".join(_MORSE_LETTERS.get(letter, "?") for letter in word.split()) for word in words)


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_PERCENT, unquote),
    (_BASE64, _base64),
    (_BASE32, _base32),
    (_HEX, _hex),
    (_BINARY, _binary),
    (_DECIMAL, _decimal),
    (_BASE85, _base85),
    (_ESCAPED, _escaped),
    (_ENTITIES, lambda run: html.unescape(run.replace(" ", ""))),
    (_MORSE, _morse),
)
