"""Small repairs of extracted text that every format needs. Refuses to know where the text came from."""

import re

from core.parsing.invisible import without_harmless

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffc-\uffff\ud800-\udfff\ue000-\uf8ff]")
_SPACES = re.compile(r"[^\S\n]+")
_BULLET = re.compile("^[•●◦▪■□‣⁃∙·\uf0b7\uf0a7*+–—-]\\s+")
_ORDINAL = re.compile(r"^\(?(?:\d{1,3}|[a-zа-я]|[ivx]{1,5})[.)]\s+", re.IGNORECASE)


def tidy(text: str) -> str:
    """One line of clean text: ligatures spelled out, invisible and control characters gone, spaces single.

    Invisible characters that are misused stay, for `core/screening/screen.py` to tell.
    """
    for ligature, letters in _LIGATURES.items():
        if ligature in text:
            text = text.replace(ligature, letters)
    text = _CONTROL.sub(" ", without_harmless(text))
    return _SPACES.sub(" ", text.replace("\n", " ")).strip()


def is_bulleted(line: str) -> bool:
    """Whether the line starts with a bullet or dash and a space."""
    return _BULLET.match(line) is not None


def is_numbered(line: str) -> bool:
    """Whether the line starts with "1.", "2)", "(a)", "iv." or the like, and more words follow."""
    return _ORDINAL.match(line) is not None


def without_bullet(line: str) -> str:
    """The line without its bullet. Numbers stay: people refer to "point 3"."""
    return _BULLET.sub("", line, count=1)


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(character.isalnum() for character in text)
