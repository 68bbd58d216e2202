"""What customers of any business ask about, and by what a sentence shows that it tells it. Pure.

The subjects are meanings of `core/search/synonyms.txt`; the numbers beside them are read by `core/facts.py`. The
questions themselves are sentences of the locales ("sample-question-…").
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.facts import Facts, facts_of
from core.search.synonyms import evidence_in
from core.words import stem

_DIGIT = re.compile(r"\d")
_LETTERS_BESIDE = re.compile(r"@|\d(?:[\s()./-]{0,3}\d){8,}")
_MONEY = frozenset("€$£₽")
_SPANS = frozenset(
    stem(word)
    for word in "minute minutes hour hours day days week weeks month months year years минут минуты час часа часов "
    "сутки суток день дня дней дн неделю недели недель месяц месяца месяцев год года лет".split()
)
_AT_ONCE = re.compile(r"\b(?:same day|next day|lifetime|в тот же день|на следующий день|пожизненн\w+)\b", re.IGNORECASE)
_MAY = re.compile(r"\b(?:can|cannot|may|must|unused|only|можно|нельзя|может\w*|должн\w+|только)\b", re.IGNORECASE)
_ROUND_THE_CLOCK = re.compile(r"\b(?:24[/ ]7|round the clock|круглосуточно)\b", re.IGNORECASE)
_SPOKEN_HOURS = re.compile(r"\bс [а-я\d]+ до [а-я\d]+\b|\bfrom \w+ (?:to|till|until) \w+\b", re.IGNORECASE)


def _anything(_sentence: str, _facts: Facts) -> bool:
    return True


def _number(sentence: str, _facts: Facts) -> bool:
    return bool(_DIGIT.search(sentence))


def has_price(sentence: str, facts: Facts) -> bool:
    """A sum of money, or that there is nothing to pay."""
    return any(unit[:1] in _MONEY for unit in facts.units) or "@free" in evidence_in(sentence)


def _duration(sentence: str, facts: Facts) -> bool:
    return any(set(unit.split()) & _SPANS for unit in facts.units) or bool(_AT_ONCE.search(sentence))


def _hours(sentence: str, facts: Facts) -> bool:
    told = any(":" in one or one.endswith(("am", "pm")) for one in facts.exact)
    return told or bool(_ROUND_THE_CLOCK.search(sentence) or _SPOKEN_HOURS.search(sentence))


def _way_to_reach(sentence: str, _facts: Facts) -> bool:
    return bool(_LETTERS_BESIDE.search(sentence))


def _term(sentence: str, facts: Facts) -> bool:
    """Until when, or under which condition."""
    return _duration(sentence, facts) or bool(_MAY.search(sentence))


def _percent(sentence: str, facts: Facts) -> bool:
    return "%" in facts.units or has_price(sentence, facts)


@dataclass(frozen=True, slots=True)
class FactKind:
    """`name` ends the key of its question. A sentence tells it when it speaks of one of `about` and passes `shows`.

    One that speaks of what stands in `but` tells something else: when to phone is not when a shop is open.
    """

    name: str
    about: frozenset[str]
    shows: Callable[[str, Facts], bool] = _anything
    but: frozenset[str] = frozenset()

    @property
    def needs_a_fact(self) -> bool:
        """Whether only a number, a time or the like tells it, so that any passage that has one answers."""
        return self.shows is not _anything

    def is_told_in(self, sentence: str, context: str) -> bool:
        """`context` is the sentence with what stands above it."""
        if not evidence_in(context) & self.about or evidence_in(sentence) & self.but:
            return False
        return self.shows(sentence, facts_of(sentence))


def _meanings(names: str) -> frozenset[str]:
    return frozenset(f"@{name}" for name in names.split())


def _kind(name: str, about: str, shows: Callable[[str, Facts], bool] = _anything, but: str = "") -> FactKind:
    return FactKind(name, _meanings(about), shows, _meanings(but))


KINDS: tuple[FactKind, ...] = (
    _kind(
        "hours",
        "hours monday tuesday wednesday thursday friday saturday sunday weekend",
        _hours,
        "phone order delivery",
    ),
    _kind("contact", "phone contact email", _way_to_reach),
    _kind("place", "place", _number),
    _kind("delivery-price", "delivery", has_price),
    _kind("delivery-time", "delivery", _duration),
    _kind("pickup", "pickup"),
    _kind("pay", "card cash transfer instalments"),
    _kind("return", "return exchange", _term),
    _kind("warranty", "warranty", _duration),
    _kind("booking", "booking"),
    _kind("cancel", "cancel"),
    _kind("discount", "discount loyalty", _percent),
    _kind("gift-card", "gift_card"),
    _kind("minimum-order", "minimum_order", has_price),
    _kind("wholesale", "wholesale"),
    _kind("parking", "parking"),
    _kind("pets", "pets"),
    _kind("wifi", "wifi"),
)
"""In the order in which they are asked most: a greeting names the first ones."""


def kinds_told_in(sentence: str, context: str) -> Iterator[FactKind]:
    return (kind for kind in KINDS if kind.is_told_in(sentence, context))
