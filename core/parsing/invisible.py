"""Characters that nobody sees: the harmless are removed, the misused are made visible. Refuses to judge the words.

Harmless: soft hyphens, hints where a line may break, joiners of emoji, Persian and Indic letters, marks of direction
and of byte order. Misused: letters written with the invisible "tag" alphabet or as runs of variation selectors; words
whose every few letters are parted by something invisible; text that an override shows backwards.
"""

import re
from dataclasses import dataclass

_ZERO_WIDTH = "\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\u2066-\u206f\ufeff"
_INVISIBLE = re.compile(f"[\u00ad{_ZERO_WIDTH}\u202a-\u202e\U000e0000-\U000e007f]")
_LETTER = "A-Za-zА-Яа-яЁё"
# England, Scotland and Wales: a black flag, its letters as tags, and the tag that ends them.
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,6}\U000e007f")
_SMUGGLED = re.compile("[\U000e0020-\U000e007e]{3,}|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{3,}")
# Four times in a row one to three letters and something invisible; soft hyphens part syllables, so only single letters.
_PARTED = f"(?:[{_LETTER}]{{1,3}}[{_ZERO_WIDTH}]+){{4,}}|(?:[{_LETTER}]\u00ad){{4,}}"
_OVERRIDDEN = f"[\u202d\u202e][^\u202c]{{0,80}}?[{_LETTER}]{{3}}[^\u202c]{{0,1000}}"
_MISUSED = re.compile(f"{_PARTED}|{_OVERRIDDEN}")


@dataclass(frozen=True, slots=True)
class Revealed:
    """`text` as it looks, without anything invisible; `odd` are the places in it where letters were disguised.

    `smuggled` are texts written in characters that are never seen; they are not in `text`.
    """

    text: str
    odd: tuple[tuple[int, int], ...] = ()
    smuggled: tuple[str, ...] = ()


def without_harmless(text: str) -> str:
    """The text without invisible characters; one that misuses them is left as it is, for `reveal`."""
    if text.isascii():
        return text
    if _MISUSED.search(text) or _SMUGGLED.search(_FLAG.sub("", text)):
        return text
    return _INVISIBLE.sub("", text)


def reveal(text: str) -> Revealed:
    """What a text says to the eye, and what it says behind its back."""
    if text.isascii():
        return Revealed(text)
    smuggled: list[str] = []

    def take(run: re.Match[str]) -> str:
        smuggled.append(_decoded(run[0]))
        return ""

    text = _SMUGGLED.sub(take, _FLAG.sub("\U0001f3f4", text))
    parts: list[str] = []
    odd: list[tuple[int, int]] = []
    length = start = 0
    for found in _MISUSED.finditer(text):
        before, within = _seen(text[start : found.start()]), _seen(found[0])
        odd.append((length + len(before), length + len(before) + len(within)))
        parts += [before, within]
        length, start = odd[-1][1], found.end()
    parts.append(_seen(text[start:]))
    return Revealed("".join(parts), tuple(odd), tuple(words for words in smuggled if words))


def _seen(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _decoded(run: str) -> str:
    """Tags are ASCII moved up; variation selectors stand for bytes. Nothing when that gives no words."""
    if run[0] >= "\U000e0000" and run[0] <= "\U000e007f":
        return "".join(chr(ord(tag) - 0xE0000) for tag in run).strip()
    codes = (ord(one) for one in run)
    letters = bytes(code - 0xFE00 if code < 0xE0000 else code - 0xE0100 + 16 for code in codes)
    words = letters.decode("utf-8", "ignore").strip()
    return words if words.isprintable() and any(letter.isalpha() for letter in words) else ""
