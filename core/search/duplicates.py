"""Of passages that say the same, one. Two documents often hold the same text; the customer should not read it twice.

Passages that stand under other headings, answer other questions, or differ in a number, a name or a "not" are no
duplicates, however alike they are. Pure.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from core.claims import TURNING
from core.messages import Passage
from core.sentences import split_sentences
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
        twin = next((at for at, other in enumerate(kept) if says_no_more(passage, other)), None)
        if twin is None:
            if len(kept) == limit:
                break
            kept.append(passage)
        elif _takes_the_place_of(passage, kept[twin]):
            kept[twin] = passage
    return kept


def says_no_more(one: Passage, than: Passage) -> bool:
    """Whether a reader of `than` learns nothing from `one`, but for a slip of the pen."""
    if one.question and than.question and _plain(one.question) != _plain(than.question):
        return False
    if not _are_under_one_heading(one, than):
        return False
    return _sentences(one.text) <= _sentences(than.text) or _are_alike(one.text, than.text)


def _takes_the_place_of(one: Passage, other: Passage) -> bool:
    """Whether `one` is a newer writing of the same, found as well."""
    return one.newness > other.newness and one.score >= other.score - TIE and says_no_more(other, one)


def _are_under_one_heading(one: Passage, other: Passage) -> bool:
    """The headings of one end the other's: "Delivery" and "Shop > Delivery", but not "Tea > Price", "Cups > Price"."""
    shorter, longer = sorted((_headings(one), _headings(other)), key=len)
    return shorter == longer[len(longer) - len(shorter) :]


def _headings(passage: Passage) -> list[str]:
    return [_plain(name) for name in passage.own_heading.split(" > ") if name]


def _are_alike(one: str, other: str) -> bool:
    if _plain(one) == _plain(other):
        return True
    words, others = _words(one), _words(other)
    if min(len(words), len(others)) < max(len(words), len(others)) * ALIKE:
        return False
    if len(words & others) < len(words | others) * ALIKE:
        return False
    return not any(_carries_weight(word) for word in words ^ others)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """Without case, punctuation and line breaks."""
    return " ".join(words_of(text))


@lru_cache(maxsize=1024)
def _sentences(text: str) -> frozenset[str]:
    return frozenset(_plain(sentence) for sentence in split_sentences(text))


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    """As they are written: a capital may be a name."""
    return frozenset(_WORD.findall(text))


def _carries_weight(word: str) -> bool:
    """A name, a number, a small word, or one that turns the sense: what must not differ between duplicates."""
    return not word.islower() or stem(word) in TURNING | STOP_STEMS
