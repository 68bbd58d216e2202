"""What customers ask about most, in words that an owner reads. Pure, and the same for the same texts.

A meaning (core/search/synonyms.py) is one subject in whichever language it is named; other words are subjects by their
stem, and are called as customers write them most often. Numbers, addresses and function words are none.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from core.search.synonyms import FILE, is_meaning, subjects_of
from core.words import GREETING_STEMS, stem, words_of

MOST = 5
LEAST = 2
"""Questions that make a subject: what one customer wrote once is nobody's business."""
_SHORTEST = 3
_NO_SUBJECT = frozenset(("@accept", "@long", "@today", "@tomorrow"))
"""Meanings that say when and how, not what about."""
_READABLE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    asked: int


def subjects_asked(texts: Iterable[str], locale: str) -> tuple[Subject, ...]:
    """The most frequent first, at most `MOST`; each counted once in a text."""
    counted: Counter[str] = Counter()
    written: dict[str, Counter[str]] = {}
    for text in texts:
        subjects = subjects_of(text)
        found = (subjects.words | {aside for aside in subjects.asides if is_meaning(aside)}) - _NO_SUBJECT
        for word in words_of(text):
            if (stemmed := stem(word)) in found:
                written.setdefault(stemmed, Counter())[word] += 1
        counted.update(one for one in found if is_meaning(one) or _is_subject(one))
    named: Counter[str] = Counter()
    for one, asked in counted.items():
        if asked >= LEAST and (name := _meaning_name(one, locale) if is_meaning(one) else _commonest(written.get(one))):
            named[name] = max(named[name], asked)
    ordered = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Subject(name, asked) for name, asked in ordered[:MOST])


def _is_subject(stemmed: str) -> bool:
    readable = _READABLE.fullmatch(stemmed) is not None
    return readable and len(stemmed) >= _SHORTEST and stemmed not in GREETING_STEMS


def _commonest(words: Counter[str] | None) -> str:
    """As it is written most often; of several the first of the alphabet."""
    return min(words, key=lambda word: (-words[word], word)) if words else ""


def _meaning_name(meaning: str, locale: str) -> str:
    return _names(locale).get(meaning, meaning.removeprefix("@").replace("_", " "))


@cache
def _names(locale: str) -> dict[str, str]:
    """In Russian a meaning is called by its first Russian words; in English its name in the file says it."""
    names: dict[str, str] = {}
    if locale != "ru":
        return names
    for line in FILE.read_text(encoding="utf-8").splitlines():
        name, _, listed = line.partition(":")
        phrases = (phrase.strip() for phrase in listed.partition("|")[0].split(","))
        russian = next((phrase for phrase in phrases if _CYRILLIC.search(phrase)), "")
        if russian and not name.startswith(("#", "~")):
            names.setdefault(f"@{name}", russian)
    return names
