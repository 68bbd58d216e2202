"""What can be seen of a short text without understanding it: stems, pairs of them, and the notions they stand for.

A notion (`words.txt`) gathers words of both languages that mean the same to this product: "erase", "удали" and "get
rid" are DELETE. Two notions in one text say more than all its words: DELETE and FILE. Pure.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.words import stem

_WORD = re.compile(r"\w+(?:-\w+)*")
_BEGINNING = 4
"""Letters of a longer word that are looked at by themselves, for other endings and slips of the finger."""
_WHOLE = 3
"""Words of `words.txt` up to this long are whole words, longer ones are beginnings."""
Matrix = NDArray[np.float32]


@lru_cache(maxsize=4096)
def signs_of(text: str) -> tuple[str, ...]:
    """Each once, in the order of the text."""
    words = _words_of(text)
    stems = [stem(word) for word in words]
    notions = list(dict.fromkeys(notion for word in words for notion in _notions_of(word)))
    signs = [
        *stems,
        *(f"{first} {second}" for first, second in pairwise(stems)),
        *(f"{word[:_BEGINNING]}…" for word in words if len(word) > _BEGINNING),
        *(f"<{notion}>" for notion in notions),
        *("+".join(sorted(pair)) for pair in combinations(notions, 2)),
    ]
    return tuple(dict.fromkeys(signs))


def notions_in(text: str) -> frozenset[str]:
    return frozenset(notion for word in _words_of(text) for notion in _notions_of(word))


class Weights:
    """Signs of many texts, each weighed by how few of them have it (inverse document frequency)."""

    def __init__(self, signs: Sequence[str], rarity: Matrix) -> None:
        self.signs, self.rarity = tuple(signs), rarity
        self._place = {sign: at for at, sign in enumerate(signs)}

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Weights":
        """Signs that only one text has say nothing about others and are left out."""
        count: dict[str, int] = {}
        for text in texts:
            for sign in signs_of(text):
                count[sign] = count.get(sign, 0) + 1
        known = sorted(sign for sign, seen in count.items() if seen > 1)
        return cls(known, np.log1p([len(texts) / count[sign] for sign in known]).astype(np.float32))

    def rows(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), signs), each row of length 1, or 0 when nothing in it is known."""
        found = np.zeros((len(texts), len(self.signs)), np.float32)
        for at, text in enumerate(texts):
            places = [self._place[sign] for sign in signs_of(text) if sign in self._place]
            found[at, places] = self.rarity[places]
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        rows: Matrix = np.divide(found, lengths, out=found, where=lengths > 0)
        return rows


def _words_of(text: str) -> list[str]:
    return [word.replace("ё", "е") for word in _WORD.findall(text.lower())]


def _notions_of(word: str) -> list[str]:
    whole, beginnings = _notions()
    found = list(whole.get(word, ()))
    for length in range(_WHOLE + 1, len(word) + 1):
        found += beginnings.get(word[:length], ())
    return found


@cache
def _notions() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Whole words, and beginnings of words, each with its notions."""
    whole: dict[str, list[str]] = {}
    beginnings: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines():
        notion, _, words = line.partition(":")
        if line.startswith("#") or not words:
            continue
        for word in words.replace("ё", "е").split():
            (whole if len(word) <= _WHOLE else beginnings).setdefault(word, []).append(notion)
    return whole, beginnings
