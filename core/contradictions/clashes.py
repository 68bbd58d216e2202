"""Do two sentences tell different prices, times, dates, phones or numbers of one and the same thing? Pure.

Strict on purpose: what is asked of an owner must be worth his look. Everything but the values must agree, in whichever
language (core/differences.py), so "the small kettle" and "the large kettle" contradict nobody, and two values of which
the one is among the others' do not either. Refuses to know documents.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, islice, product
from uuid import UUID

from core.differences import difference_between, subjects_in
from core.facts import facts_of
from core.search.synonyms import is_meaning, subjects_of
from core.words import language_of, stem

MOST_FOUND = 200
MOST_COMPARED = 200_000
"""Pairs of sentences that are about the same."""
LONGEST = 400
"""Characters of a sentence that can be compared at a glance."""


class Told(StrEnum):
    """What two sentences tell differently."""

    PRICE = "price"
    TIME = "time"
    DATE = "date"
    PHONE = "phone"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a passage that tells values; `about` is what it says without them, with the heading if it needs
    one."""

    passage_id: UUID
    document_id: UUID
    quote: str
    about: str
    values: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Clash:
    first: Statement
    second: Statement
    told: Told


_MONEY = "€$£₽"
_NAMED = frozenset(one.value for one in Told) - {Told.PRICE.value, Told.NUMBER.value}
_VALUE = re.compile(r"\+?\d(?:[\d\s()./:,-]*\d)?\s?(?:[ap]\.?m\b\.?)?|[€$£₽%°]", re.IGNORECASE)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[^\W\d_]*"
)
_DATED = re.compile(rf"\b(?:\d{{1,2}}\s+{_MONTH}|{_MONTH}\s+\d{{1,2}})\b", re.IGNORECASE)
_SAYS_NO_SUBJECT = re.compile(
    r"\b(?:euros?|eur|dollars?|usd|pounds?|gbp|roubles?|rubles?|rub|евро|доллар\w*|фунт\w*|руб\w*|products?|items?|goods|"
    r"товар\w*|costs?|prices?|priced|стоит|стоят|стоимость|цен[аы]|"
    r"within|only|just|всего|в течение|from|с|до|to|until|from|for|за|составляет|около|about|"
    r"lasts?|takes?|is|are|accepted|possible|возможен|возможна|возможно|длится|действует|составит)\b\.?",
    re.IGNORECASE,
)
_REACHED = re.compile(
    r"\b(?:phone|tel|telephone|mobile|call|whatsapp|us|our|number|телефон\w*|тел|моб|звоните|позвоните|звонок|наш\w*|нам|"
    r"номер\w*)\b\.?",
    re.IGNORECASE,
)
_UNITS = {
    "дн": re.compile(r"\b(?:дн\w+|день)\b", re.IGNORECASE),
    "год": re.compile(r"\b(?:год\w*|лет)\b", re.IGNORECASE),
}
"""Words of a unit whose stems differ from its name in core/facts.py."""
_MODEL = re.compile(r"(?<![\w@./-])[^\W\d_]+-?\d[\w-]*")


def statement_of(passage_id: UUID, document_id: UUID, quote: str, heading: str) -> Statement | None:
    """None for a sentence that tells no value, or nothing that the value could be of."""
    values = _values(quote) if len(quote) <= LONGEST else {}
    if not values.keys() - {""}:
        return None
    about = _about(quote, values)
    if not _subjects(about):
        about = f"{_about(heading, values)} {about}".strip()
    if not _subjects(about) and "phone" not in values:
        return None
    return Statement(passage_id, document_id, quote, about, values)


def clashes_in(statements: Sequence[Statement]) -> Iterator[Clash]:
    """Of different documents, each pair once."""
    found = 0
    for one, other in islice(_alike(statements), MOST_COMPARED):
        told = _told_differently(one, other)
        if told and _of_one_thing(one, other):
            yield Clash(one, other, told)
            found += 1
            if found == MOST_FOUND:
                return


def _alike(statements: Sequence[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Pairs that may be of one thing: in one language those about the very same, across languages those that share all
    meanings, for names are written otherwise there."""
    languages = [language_of(one.quote) for one in statements]
    same, across = dict[Hashable, list[Statement]](), dict[Hashable, dict[str, list[Statement]]]()
    for one, language in zip(statements, languages, strict=True):
        subjects = subjects_in(one.about)
        same.setdefault((language, subjects), []).append(one)
        meanings = frozenset(filter(is_meaning, subjects))
        across.setdefault(meanings, {}).setdefault(language, []).append(one)
    for group in same.values():
        yield from combinations(group, 2)
    for by_language in across.values():
        for ones, others in combinations(by_language.values(), 2):
            yield from product(ones, others)


def _told_differently(one: Statement, other: Statement) -> Told | None:
    """The one kind of value in which they differ, all else that both tell being the same."""
    if one.document_id == other.document_id:
        return None
    if one.values.get("") != other.values.get(""):
        return None
    both = one.values.keys() & other.values.keys()
    if one.values.keys() - both and other.values.keys() - both:
        return None
    unlike = [kind for kind in both if one.values[kind] != other.values[kind]]
    if len(unlike) != 1 or not unlike[0]:
        return None
    mine, theirs = one.values[unlike[0]], other.values[unlike[0]]
    return None if mine <= theirs or theirs <= mine else _name(unlike[0])


def _of_one_thing(one: Statement, other: Statement) -> bool:
    if set(_MODEL.findall(one.quote)) != set(_MODEL.findall(other.quote)):
        return False
    if not _subjects(one.about) or not _subjects(other.about):
        return not _subjects(one.about) and not _subjects(other.about)
    return difference_between(one.about, other.about) is None


def _values(text: str) -> dict[str, frozenset[str]]:
    """What is told, by kind: "€", "time", "date", "phone", or the unit that is counted."""
    facts = facts_of(text)
    found: dict[str, set[str]] = {}
    for number, unit in facts.counts:
        found.setdefault(unit, set()).add(number)  # unit "": the number of a thing, which tells it from others
    for one in facts.exact:
        if re.fullmatch(r"\d{9,15}", one):
            found.setdefault("phone", set()).add(one)
        elif re.fullmatch(r"\d{1,2}:\d\d|\d{1,2}(?::\d\d)?[ap]m", one):
            found.setdefault("time", set()).add(one)
        elif re.fullmatch(r"\d{4}-\d\d-\d\d|\d\d-\d\d", one):
            found.setdefault("date", set()).add(one[-5:])
    return {kind: frozenset(values) for kind, values in found.items()}


def _name(kind: str) -> Told:
    if kind[0] in _MONEY:
        return Told.PRICE
    return Told(kind) if kind in _NAMED else Told.NUMBER


def _about(text: str, values: Mapping[str, frozenset[str]]) -> str:
    """A sentence without its values, their units, and words that only introduce them."""
    text = _SAYS_NO_SUBJECT.sub(" ", _VALUE.sub(" ", _DATED.sub(" ", text)))
    if "phone" in values:
        text = _REACHED.sub(" ", text)
    for unit in _UNITS.keys() & values.keys():
        text = _UNITS[unit].sub(" ", text)
    words = re.split(r"(\W+)", text)
    return re.sub(r"[\s;:—–-]+", " ", "".join(word for word in words if stem(word.lower()) not in values)).strip()


def _subjects(text: str) -> frozenset[str]:
    return frozenset(subjects_of(text).words) - {"@price"}
