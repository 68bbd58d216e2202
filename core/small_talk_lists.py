"""The lists of `small_talk.txt`, read: kinds of small talk, their phrases, and words that may stand around these.

Refuses to know messages. What the signs in that file mean is said at its top.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

FILE = Path(__file__).with_name("small_talk.txt")
SHORTEST_MISSPELT = 4


class Kind(StrEnum):
    """Kinds of small talk, in the order in which they win where a message is of several."""

    ROBOT = "robot"
    ABILITY = "ability"
    WHO = "who"
    ASIDE = "aside"
    HOW = "how"
    HELP = "help"
    IMPATIENCE = "impatience"
    WISHES = "wishes"
    BYE = "bye"
    THANKS = "thanks"
    SORRY = "sorry"
    COMPLIMENT = "compliment"
    LAUGHTER = "laughter"
    HELLO = "hello"
    OK = "ok"
    TEST = "test"
    EMOJI = "emoji"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Place:
    """What one place of a phrase may hold: words as they are, beginnings of words, words with one letter wrong."""

    exact: frozenset[str]
    beginnings: tuple[str, ...]
    misspelt: tuple[str, ...]

    def fits(self, word: str) -> bool:
        if word in self.exact or word.startswith(self.beginnings):
            return True
        return word not in lists().never and any(is_misspelling(word, meant) for meant in self.misspelt)


@dataclass(frozen=True, slots=True)
class Phrase:
    """`alone`: only where nothing else is said."""

    kind: Kind
    places: tuple[Place, ...]
    alone: bool


@dataclass(frozen=True)
class Lists:
    """`around` are the words that may stand around a kind's phrases; `meant` is what people mean by what they write.

    A joiner needs a phrase behind it; what is in `either` is written in both languages.
    """

    phrases: tuple[Phrase, ...]
    around: dict[Kind, frozenset[str]]
    fillers: tuple[tuple[str, ...], ...]
    meant: dict[str, tuple[str, ...]]
    joiners: frozenset[str]
    never: frozenset[str]
    either: frozenset[str]

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of phrases."""
        return frozenset(word for phrase in self.phrases for place in phrase.places for word in place.exact)

    @cached_property
    def anything(self) -> Place:
        """What any word of small talk fits: most questions have one that does not, and cost no more than this."""
        places = [place for phrase in self.phrases for place in phrase.places]
        beside = (*self.around.values(), *map(frozenset, self.fillers), self.joiners)
        return Place(
            self.words.union(*beside),
            tuple({beginning for place in places for beginning in place.beginnings}),
            tuple({word for place in places for word in place.misspelt}),
        )


@cache
def lists() -> Lists:
    """Read once."""
    phrases: list[Phrase] = []
    around: dict[Kind, frozenset[str]] = {}
    plain: dict[str, list[tuple[str, ...]]] = {name: [] for name in ("as", "filler", "joiner", "never", "either")}
    for name, listed in _lines():
        said, _, beside = listed.partition("|")
        parts = [part.strip() for part in said.split(",")]
        if name in plain:
            plain[name] += [tuple(part.split()) for part in parts]
        else:
            kind = Kind(name)
            phrases += [_phrase(kind, part) for part in parts]
            around[kind] = around.get(kind, frozenset()) | frozenset(beside.split())
    single = {name: frozenset(words[0] for words in plain[name]) for name in ("joiner", "never", "either")}
    meant = {written: words for written, _, *words in plain["as"]}
    return Lists(
        phrases=tuple(phrases),
        around=around,
        fillers=tuple(plain["filler"]),
        meant={written: tuple(words) for written, words in meant.items()},
        joiners=single["joiner"],
        never=single["never"],
        either=single["either"],
    )


def is_misspelling(word: str, meant: str) -> bool:
    """One letter left out, too many, wrong, or swapped with its neighbour; the first one, if not swapped, is right."""
    if len(word) < SHORTEST_MISSPELT or abs(len(word) - len(meant)) > 1:
        return False
    at = next((n for n, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other), len(meant))
    if len(word) == len(meant):
        swapped = word[at : at + 2] == meant[at : at + 2][::-1] and word[at + 2 :] == meant[at + 2 :]
        return swapped or (at > 0 and word[at + 1 :] == meant[at + 1 :])
    longer, shorter = (word, meant) if len(word) > len(meant) else (meant, word)
    return at > 0 and longer[at + 1 :] == shorter[at:]


def _phrase(kind: Kind, written: str) -> Phrase:
    places = [place.split("/") for place in written.removeprefix("=").split()]
    return Phrase(kind, tuple(map(_place, places)), written.startswith("="))


def _place(words: list[str]) -> Place:
    return Place(
        frozenset(word.removesuffix("~") for word in words if not word.endswith("*")),
        tuple(word.removesuffix("*") for word in words if word.endswith("*")),
        tuple(word.removesuffix("~") for word in words if word.endswith("~")),
    )


def _lines() -> Iterator[tuple[str, str]]:
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, listed = line.partition(": ")
            yield name, listed
