"""Of passages that say the same, one. Two documents often hold the same text; the customer should not read it twice.

Passages that differ in a number, a name or a "not" are no duplicates, however alike they are. Pure.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from core.messages import Passage
from core.support import TURNING
from core.words import STOP_STEMS, stem, words_of

ALIKE = 0.9
"""Share of all their words that near-duplicates have in common."""
TIE = 0.02
"""Of duplicates whose scores differ less than this, the newer one stays."""
_WORD = re.compile(r"\w+")


def without_duplicates(passages: Sequence[Passage], limit: int) -> list[Passage]:
    """The first `limit` different ones, in their order. Of duplicates the better stays, of equal ones the newer."""
    kept: list[Passage] = []
    for passage in passages:
        twin = next((at for at, other in enumerate(kept) if say_the_same(passage.text, other.text)), None)
        if twin is None:
            if len(kept) == limit:
                break
            kept.append(passage)
        elif _is_newer(passage, kept[twin]) and passage.score >= kept[twin].score - TIE:
            kept[twin] = passage
    return kept


def say_the_same(one: str, other: str) -> bool:
    """Whether a reader of the longer one learns nothing from the shorter one, but for a slip of the pen."""
    shorter, longer = sorted((_plain(one), _plain(other)), key=len)
    if shorter in longer:
        return True
    words, others = _words(one), _words(other)
    if min(len(words), len(others)) < max(len(words), len(others)) * ALIKE:
        return False
    if len(words & others) < len(words | others) * ALIKE:
        return False
    return not any(_carries_weight(word) for word in words ^ others)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """Without case, punctuation and line breaks, with a space at either end."""
    return f" {' '.join(words_of(text))} "


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    """As they are written: a capital may be a name."""
    return frozenset(_WORD.findall(text))


def _carries_weight(word: str) -> bool:
    """A name, a number, a small word, or one that turns the sense: what must not differ between duplicates."""
    return not word.islower() or stem(word) in TURNING | STOP_STEMS


def _is_newer(one: Passage, other: Passage) -> bool:
    return one.newness > other.newness
