"""Is it small talk, and of which kind? By words alone, from the lists of `small_talk.txt`; no model, no search.

A message counts only when every one of its words belongs to small talk: "Hi, do you deliver?" is a question, and so is
"thanks, and the price?". Refuses to know what is said back.
"""

import re
import unicodedata
from collections.abc import Sequence

from core.small_talk_lists import Kind, Phrase, lists

MOST_WORDS = 16
"""Who says more than this has something to say."""
ASKS = frozenset((Kind.ROBOT, Kind.ABILITY, Kind.WHO, Kind.ASIDE, Kind.HOW, Kind.HELP, Kind.IMPATIENCE))
"""Kinds that ask something: an owner may have answered it himself."""
_NEVER_ASKED = frozenset((Kind.WISHES, Kind.SORRY, Kind.COMPLIMENT, Kind.OK, Kind.TEST, Kind.THANKS, Kind.BYE))
"""With a question mark these are somebody's question: "ok?", "super?", "thanks, the time?"."""
_BEGINS_QUESTION = frozenset("is are am was do does did can could will would should".split())
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"(?<=\w)['’`´ʼ](?=\w)")
_SMILEY = re.compile(r"(?<!\w)(?:[:;=8xх][-'^o]?[)(\]\[dpз3*|/\\]+|[)(]{2,}|<3+|\^_*\^)(?!\w)", re.IGNORECASE)
_LAUGHTER = re.compile(r"(?:[аa][хh]){2,}[аa]?|(?:[хh][аaеeиiыоo]){2,}[хh]?")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


def small_talk_in(text: str, name: str = "") -> Kind | None:
    """What kind of small talk a whole message is; None when there is more to it. `name` is the assistant's."""
    asked, words = "?" in text, words_said(text)
    if not words:
        return Kind.EMOJI if _has_emoji(text) else Kind.NOTHING
    words = _without_name(words, name, asked=asked)
    if len(words) > MOST_WORDS or not all(map(_may_be_small_talk, words)):
        return None
    kind = _kind_of(words)
    if kind in _NEVER_ASKED and (asked or words[0] in _BEGINS_QUESTION):
        return None
    return Kind.IMPATIENCE if kind is Kind.HELLO and asked else kind


def is_of_either_language(text: str) -> bool:
    """Whether people write this in whatever language they speak: "ok", "lol", a smiley, nothing."""
    return set(words_said(text)) <= lists().either


def words_said(text: str) -> list[str]:
    """Small letters, without smileys, signs and what cannot be seen; "hellooo" is "hello", "u" is "you"."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    plain = _APOSTROPHES.sub("", _SMILEY.sub(" ", seen.lower().replace("ё", "е")))
    meant = lists().meant
    return [one for word in _WORD.findall(plain) for one in meant.get(word, (_as_written(word),))]


def _as_written(word: str) -> str:
    """The listed word that was drawn out: "sooo" is "so", "coooool" is "cool"."""
    twice = _DRAWN_OUT.sub(r"\1\1", word)
    return twice if twice in lists().words else _DRAWN_OUT.sub(r"\1", word)


def _may_be_small_talk(word: str) -> bool:
    return lists().anything.fits(word) or bool(_LAUGHTER.fullmatch(word))


def _kind_of(words: Sequence[str]) -> Kind | None:
    """The first kind of those whose phrases, with what may stand around them, make up all the words."""
    fillers = _filler_places(words)
    places: dict[Kind, set[int]] = {}
    if laughs := {place for place, word in enumerate(words) if _LAUGHTER.fullmatch(word)}:
        places[Kind.LAUGHTER] = laughs
    for phrase in lists().phrases:
        if found := _places_of(phrase, words, fillers):
            places.setdefault(phrase.kind, set()).update(found)
    covered = set[int]().union(*places.values())
    around = frozenset[str]().union(*(lists().around.get(kind, frozenset()) for kind in places))

    def belongs(place: int, word: str) -> bool:
        joins = word in lists().joiners and place + 1 in covered
        return joins or place in covered or place in fillers or word in around

    belong = all(belongs(place, word) for place, word in enumerate(words))
    return min(places, key=list(Kind).index) if places and belong else None


def _places_of(phrase: Phrase, words: Sequence[str], fillers: set[int]) -> set[int]:
    """Where a phrase stands; words that may stand around it may also stand inside."""
    around = lists().around[phrase.kind]
    found = set[int]()
    for start, word in enumerate(words):
        if not phrase.places[0].fits(word):
            continue
        places, at = {start}, start + 1
        for wanted in phrase.places[1:]:
            while at < len(words) and not wanted.fits(words[at]) and (words[at] in around or at in fillers):
                at += 1
            if at == len(words) or not wanted.fits(words[at]):
                break
            places.add(at)
            at += 1
        else:
            found |= places
    beside = set(range(len(words))) - found
    return set() if phrase.alone and any(words[place] not in around for place in beside) else found


def _filler_places(words: Sequence[str]) -> set[int]:
    return {
        at + step
        for filler in lists().fillers
        for at in range(len(words) - len(filler) + 1)
        if tuple(words[at : at + len(filler)]) == filler
        for step in range(len(filler))
    }


def _without_name(words: list[str], name: str, *, asked: bool) -> list[str]:
    """ "Thanks, Rosa!" is thanks; "Hi, copper kettle?" asks for one."""
    called = words_said(name)
    for at in range(len(words) - len(called) + (0 if asked else 1)):
        if called and words[at : at + len(called)] == called and len(words) > len(called):
            return words[:at] + words[at + len(called) :]
    return words


def _has_emoji(text: str) -> bool:
    return bool(_SMILEY.search(text)) or any(unicodedata.category(sign) == "So" for sign in text)
