"""What a text is about, where customers and businesses name the same thing in different words or languages.

"Do you deliver?" has no word of "Доставка по городу бесплатна", and none of "Shipping is free" either, yet it is about
what they say. `synonyms.txt` lists such words, a meaning a line; here they are found in texts. A meaning counts as one
word of the question. Refuses to know passages and scores.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from core.words import ASKING_STEMS, STOP_STEMS, stem, stems_of, words_of

FILE = Path(__file__).with_name("synonyms.txt")
NOTHING = "~"
"""The meaning of phrases that are listed only so that their words mean nothing else."""
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subjects:
    """`words` are content stems and meanings. `asides` are words that only ask ("located") and meanings that a
    question has by function words alone ("how much"): they count where they are found, and are not missed elsewhere."""

    words: frozenset[str]
    asides: frozenset[str]


Phrases = Mapping[str, Sequence[tuple[Phrase, frozenset[str]]]]
"""First stem of a phrase -> the phrases that begin so, the longest first, each with its meanings."""


@dataclass(frozen=True)
class _Lexicon:
    """Phrases that are found in questions and texts, and those that are found in texts only."""

    named: Phrases
    shown: Phrases


@lru_cache(maxsize=4096)
def subjects_of(question: str) -> Subjects:
    """What a question asks about. Words that a meaning stands for are not counted a second time."""
    stems = stems_of(question)
    words, asides = set[str](), set[str]()
    left = dict(enumerate(stems))
    for at, phrase, meanings in _found(stems, _lexicon().named):
        (asides if all(map(_only_asks, phrase)) else words).update(meanings)
        for place in range(at, at + len(phrase)):
            del left[place]
    for stemmed in left.values():
        if stemmed not in STOP_STEMS:
            (asides if _only_asks(stemmed) else words).add(stemmed)
    return Subjects(frozenset(words - {NOTHING}), frozenset(asides - words - {NOTHING}))


@lru_cache(maxsize=8192)
def evidence_in(text: str) -> frozenset[str]:
    """What a text speaks of: its content stems, the meanings that it names, and those that it shows without a name."""
    stems = stems_of(text)
    lexicon = _lexicon()
    found = set(stems) - STOP_STEMS
    for phrases in (lexicon.named, lexicon.shown):
        for _, _, meanings in _found(stems, phrases):
            found |= meanings
    return frozenset(found - {NOTHING})


def is_meaning(word: str) -> bool:
    """Whether a word of `Subjects` stands for a line of `synonyms.txt`, in whichever language."""
    return word.startswith("@")


def _only_asks(stemmed: str) -> bool:
    return stemmed in STOP_STEMS or stemmed in ASKING_STEMS


def _found(stems: Sequence[str], phrases: Phrases) -> Iterator[tuple[int, Phrase, frozenset[str]]]:
    """Where which phrase stands: the longest one at each place, none inside another."""
    free = 0
    for at, first in enumerate(stems):
        if first in phrases and at >= free:
            for phrase, meanings in phrases[first]:
                if len(phrase) == 1 or tuple(stems[at : at + len(phrase)]) == phrase:
                    yield at, phrase, meanings
                    free = at + len(phrase)
                    break


@cache
def _lexicon() -> _Lexicon:
    text = FILE.read_text(encoding="utf-8")
    return _Lexicon(_by_first_stem(phrases_in(text)), _by_first_stem(phrases_in(text, only_shown=True)))


def _by_first_stem(listed: Iterable[tuple[str, Phrase]]) -> Phrases:
    meanings: dict[Phrase, set[str]] = {}
    for meaning, phrase in listed:
        meanings.setdefault(phrase, set()).add(meaning)
    phrases: dict[str, list[tuple[Phrase, frozenset[str]]]] = {}
    for phrase in sorted(meanings, key=len, reverse=True):
        phrases.setdefault(phrase[0], []).append((phrase, frozenset(meanings[phrase])))
    return phrases


def phrases_in(text: str, *, only_shown: bool = False) -> Iterator[tuple[str, Phrase]]:
    """Meanings with the phrases, as stems, of a text like `synonyms.txt`; with `only_shown` those behind the bar."""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, listed = line.partition(":")
        for phrase in listed.partition("|")[2 if only_shown else 0].split(","):
            if words := words_of(phrase):
                yield NOTHING if name.startswith("~") else f"@{name}", tuple(map(stem, words))
