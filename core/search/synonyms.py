"""What a text is about, where customers and businesses name the same thing in different words or languages.

"Do you deliver?" has no word of "Доставка по городу бесплатна", and none of "Shipping is free" either, yet it is about
what they say. `synonyms.txt` lists such words, a meaning a line; here they are found in texts. A meaning counts as one
word of the question. Refuses to know passages and scores.
"""

from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True)
class _Lexicon:
    """Phrases as stems -> meaning; `named` are found in questions and texts, `shown` in texts only."""

    named: Mapping[Phrase, str]
    shown: Mapping[Phrase, frozenset[str]]
    longest: int


@lru_cache(maxsize=4096)
def subjects_of(question: str) -> Subjects:
    """What a question asks about. Words that a meaning stands for are not counted a second time."""
    words: set[str] = set()
    asides: set[str] = set()
    for phrase, meaning in _parted(stems_of(question)):
        if meaning or phrase[0] not in STOP_STEMS:
            only_asks = all(s in STOP_STEMS or s in ASKING_STEMS for s in phrase)
            (asides if only_asks else words).add(meaning or phrase[0])
    return Subjects(frozenset(words - {NOTHING}), frozenset(asides - words - {NOTHING}))


@lru_cache(maxsize=4096)
def evidence_in(text: str) -> frozenset[str]:
    """What a text speaks of: its content stems, the meanings that it names, and those that it shows without a name."""
    lexicon = _lexicon()
    stems = stems_of(text)
    found = {s for s in stems if s not in STOP_STEMS}
    found |= {meaning for _, meaning in _parted(stems)}
    for at in range(len(stems)):
        for length in range(1, lexicon.longest + 1):
            found |= lexicon.shown.get(tuple(stems[at : at + length]), frozenset())
    return frozenset(found - {NOTHING, ""})


def is_meaning(word: str) -> bool:
    """Whether a word of `Subjects` stands for a line of `synonyms.txt`, in whichever language."""
    return word.startswith("@")


def _parted(stems: list[str]) -> Iterator[tuple[Phrase, str]]:
    """The text in pieces: the longest phrase that has a meaning, or a word without one ("")."""
    lexicon, at = _lexicon(), 0
    while at < len(stems):
        for length in range(min(lexicon.longest, len(stems) - at), 0, -1):
            phrase = tuple(stems[at : at + length])
            if phrase in lexicon.named:
                yield phrase, lexicon.named[phrase]
                break
        else:
            phrase = (stems[at],)
            yield phrase, ""
        at += len(phrase)


@cache
def _lexicon() -> _Lexicon:
    text = FILE.read_text(encoding="utf-8")
    shown: dict[Phrase, set[str]] = {}
    for meaning, phrase in phrases_in(text, only_shown=True):
        shown.setdefault(phrase, set()).add(meaning)
    named = {phrase: meaning for meaning, phrase in phrases_in(text)}
    longest = max(map(len, [*named, *shown]))
    return _Lexicon(named, {phrase: frozenset(meanings) for phrase, meanings in shown.items()}, longest)


def phrases_in(text: str, *, only_shown: bool = False) -> Iterator[tuple[str, Phrase]]:
    """Meanings with the phrases, as stems, of a text like `synonyms.txt`; with `only_shown` those behind the bar."""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, listed = line.partition(":")
        for phrase in listed.partition("|")[2 if only_shown else 0].split(","):
            if words := words_of(phrase):
                yield NOTHING if name.startswith("~") else f"@{name}", tuple(map(stem, words))
