"""Does a sentence promise that somebody will do something for the customer? "I will check and write to you."

A model likes to say so, and nobody will do it. What a passage promises itself ("We call you before delivery") may be
repeated: core/support.py compares. Refuses to know passages, and whether a promise would be kept.
"""

from functools import cache
from pathlib import Path
from re import Pattern

from core.screening.signs import SignLanguage
from core.screening.wording import bare_words

LONGEST = 600
"""Characters of one sentence that are looked at."""


def is_promise(sentence: str) -> bool:
    """An action of ours in the future, or one that is claimed to be done: checking, calling, forwarding, booking."""
    bare = bare_words(sentence[:LONGEST])
    return any(pattern.search(bare) for pattern in _patterns())


@cache
def _patterns() -> tuple[Pattern[str], ...]:
    language = SignLanguage()
    language.read(Path(__file__).with_name("promises.txt").read_text(encoding="utf-8"))
    return tuple(pattern for _, _, pattern in language.signs)
