"""What a customer's words say about people: he asks for one, he is angry, or neither.

Phrases and word patterns (`wishes.txt`), no model: it costs a millisecond and says the same every time. What only
looks like a wish ("the manager's phone number") is taken out first. Refuses to know conversations and to answer.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from core.models import HandoffReason
from core.screening.signs import SignLanguage
from core.screening.wording import bare_words

LONGEST = 1000
"""Characters that are looked at, at either end of a text."""
_SHOUT = re.compile(r"!{2,}|\?!|!\?")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOUTED_WORDS = 3
_SHOUTED_SHARE = 0.7


@lru_cache(maxsize=256)
def wish_in(text: str) -> HandoffReason | None:
    """`ASKED` for "a person, please" in any words, `ANGRY` for insults, swearing and shouted complaints."""
    text = _ends_of(text)
    wanted = _without_asides(text)
    if _has_any("asked", wanted):
        return HandoffReason.ASKED
    if (_is_shouted(text) and _has_any("trouble", bare_words(text))) or _has_any("angry", wanted):
        return HandoffReason.ANGRY
    return None


def mentions_person(text: str) -> bool:
    """It speaks of somebody who could be meant, wish or not: most questions do not."""
    return _has_any("mention", _without_asides(_ends_of(text)))


def _ends_of(text: str) -> str:
    return text if len(text) <= 2 * LONGEST else f"{text[:LONGEST]}\n{text[-LONGEST:]}"


@lru_cache(maxsize=256)
def _without_asides(text: str) -> str:
    """The bare words that may be a wish."""
    bare = bare_words(text)
    if _has_any("aside", bare):
        for pattern in _KINDS["aside"]:
            bare = pattern.sub(", ", bare)
    return bare


def _has_any(kind: str, bare: str) -> bool:
    return any(pattern.search(bare) for pattern in _WHOLE_KINDS[kind])


def _is_shouted(text: str) -> bool:
    """Several exclamation marks in a row, or most words in capital letters."""
    words = _WORD.findall(text)
    loud = sum(word.isupper() for word in words)
    return bool(_SHOUT.search(text)) or (loud >= _SHOUTED_WORDS and loud >= _SHOUTED_SHARE * len(words))


def _patterns() -> dict[str, list[re.Pattern[str]]]:
    language = SignLanguage()
    language.read(Path(__file__).with_name("wishes.txt").read_text(encoding="utf-8"))
    found: dict[str, list[re.Pattern[str]]] = {}
    for name, _, pattern in language.signs:
        found.setdefault(name, []).append(pattern)
    return found


def _as_few(patterns: Iterable[re.Pattern[str]]) -> list[re.Pattern[str]]:
    """One that finds what any of these finds, and another for those that do not begin with a word: where all do,
    Python looks at the beginnings of words only."""
    found = [one.pattern for one in patterns]
    at_words = [one for one in found if one.startswith(r"\b")]
    groups = at_words, [one for one in found if one not in at_words]
    return [re.compile("|".join(f"(?:{one})" for one in group)) for group in groups if group]


_KINDS = _patterns()
_WHOLE_KINDS = {kind: _as_few(patterns) for kind, patterns in _KINDS.items()}
