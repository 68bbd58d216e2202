"""What a customer's words say about people: he asks for one, he is angry, or neither.

Phrases and word patterns (`wishes.txt`), no model: it costs a millisecond and says the same every time. What only
looks like a wish ("the manager's phone number") is taken out first. Refuses to know conversations and to answer.
"""

import re
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
    bare = bare_words(text)
    wanted = _without_asides(bare)
    if any(pattern.search(wanted) for pattern in _ASKED):
        return HandoffReason.ASKED
    shouted = _is_shouted(text) and any(pattern.search(bare) for pattern in _TROUBLE)
    if shouted or any(pattern.search(wanted) for pattern in _ANGRY):
        return HandoffReason.ANGRY
    return None


def mentions_person(text: str) -> bool:
    """It speaks of somebody who could be meant, wish or not: most questions do not."""
    wanted = _without_asides(bare_words(_ends_of(text)))
    return any(pattern.search(wanted) for pattern in _MENTION)


def _ends_of(text: str) -> str:
    return text if len(text) <= 2 * LONGEST else f"{text[:LONGEST]}\n{text[-LONGEST:]}"


def _without_asides(bare: str) -> str:
    for pattern in _ASIDE:
        bare = pattern.sub(", ", bare)
    return bare


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


_KINDS = _patterns()
_ASIDE, _ASKED, _ANGRY, _TROUBLE, _MENTION = (
    _KINDS[kind] for kind in ("aside", "asked", "angry", "trouble", "mention")
)
