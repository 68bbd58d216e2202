"""What customers could ask of a passage: candidates for sample questions, by rules. Pure.

A question that the passage answers itself (an FAQ), what every business is asked and this sentence tells, what a thing
costs, and what a section is about. No rule adds a fact: a question is made of the passage's own words and of a sentence
of the locales. Whether it is really answered is seen in `samples.py`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from core.drafting.kinds import FactKind, has_price, kinds_told_in
from core.facts import facts_of
from core.learning.sources import sections_in
from core.search.synonyms import evidence_in
from core.sentences import split_sentences
from core.words import language_of, stem, words_of

Say = Callable[..., str]
"""Language, key and facts -> a sentence of the locales."""

MOST_PRICES = 4
"""Of one passage: a price list has hundreds."""
LONGEST_ITEM, LONGEST_HEADING, LONGEST_QUESTION = 7, 8, 200
"""Words, words, characters."""
_ASKS = re.compile(
    r"(?:(?:how|what|when|where|why|who|which) (?:to|do|does|is|are|can|may|much|many|long)|can|may|do|does|is|are|"
    r"как|что|когда|где|куда|почему|зачем|кто|сколько|можно ли|какой|какая|какие|какое|есть ли|нужно ли)\b",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"(?P<item>[^\s,;:.!?][^,;:.!?]{2,70}?) (?P<verb>costs?|стоит|стоят) (?:from |only |just |от |всего |около )?"
    r"(?=[€$£₽]?\s?\d)",
    re.IGNORECASE,
)
_NO_ITEM = re.compile(
    r"(?:it|this|that|they|these|he|she|which|each|there|он|она|оно|они|это|эта|этот|эти|всё|все|каждый|каждая|и|а|но|"
    r"and|but|if|если|когда)\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\(?\d{1,3}(?:\.\d{1,3})*[.)]?\s+")
_PLURAL_RU = re.compile(r"(?:ы|и|ые|ие)\b", re.IGNORECASE)
_THINGS = frozenset(
    stem(word)
    for word in "service services item items product products name dish dishes treatment procedure course plan tariff "
    "model room title goods work услуга услуги товар товары наименование название блюдо процедура курс тариф модель "
    "номер позиция вид работа работы продукт изделие препарат программа занятие".split()
)
"""How a column is called whose cells are what is sold."""
_IDLE = frozenset(
    stem(word)
    for word in "home main welcome about us news blog menu page shop catalogue catalog contents introduction overview "
    "главная добро пожаловать нас компании новости блог меню страница магазин каталог содержание введение "
    "contact contacts контакты контакт".split()
)
"""Words of headings that nobody asks about."""


class Rank(IntEnum):
    """Which questions are better: the smaller, the more like a customer's."""

    PAIR = 0
    FACT = 1
    PRICE = 2
    SECTION = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A passage, as far as questions are made of it. `question` is the one that it answers itself."""

    id: UUID
    document_id: UUID
    title: str
    heading: str
    text: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """`kind` is what its answer must tell; `answer` is the sentence that does, or the section asked about."""

    question: str
    passage: Told
    rank: Rank
    kind: FactKind | None = None
    answer: str = ""


def candidates_of(passage: Told, say: Say) -> list[Candidate]:
    """The questions of one passage, best first."""
    if passage.question:
        asked = _NUMBERED.sub("", passage.question).strip()
        is_one = asked.endswith("?") and len(asked) <= LONGEST_QUESTION
        return [Candidate(asked, passage, Rank.PAIR)] if is_one else []
    facts = _facts(passage, say)
    prices = list(_prices(passage, say))[:MOST_PRICES]
    return [*facts, *prices, *_sections(passage, say, {candidate.kind for candidate in facts if candidate.kind})]


def _facts(passage: Told, say: Say) -> list[Candidate]:
    """One question for each kind of fact that a sentence tells."""
    found: dict[str, Candidate] = {}
    heading, language = _own_heading(passage), language_of(f"{passage.heading} {passage.text}")
    for sentence in split_sentences(passage.text):
        for kind in kinds_told_in(sentence, f"{heading}. {sentence}") if not sentence.endswith("?") else ():
            question = say(language, f"sample-question-{kind.name}")
            found.setdefault(kind.name, Candidate(question, passage, Rank.FACT, kind, sentence))
    return list(found.values())


def _prices(passage: Told, say: Say) -> Iterator[Candidate]:
    for sentence in split_sentences(passage.text):
        item, key = _said_price(sentence) or _listed_price(sentence)
        words = item.split()
        if not words or len(words) > LONGEST_ITEM or _NO_ITEM.match(item) or "@price" in evidence_in(item):
            continue
        language = language_of(item)
        begins = key.startswith("sample-question-row") and language == "en"
        yield Candidate(say(language, key, item=item if begins else lowered(item)), passage, Rank.PRICE)


def _said_price(sentence: str) -> tuple[str, str] | None:
    """What a sentence gives the price of, and the key of its question."""
    said = _COSTS.match(sentence)
    if said is None:
        return None
    many = said["verb"].lower() in ("cost", "стоят")
    return said["item"].strip(), "sample-question-prices" if many else "sample-question-price"


def _listed_price(sentence: str) -> tuple[str, str]:
    """The same of a row in a table or a list; nothing where it gives none."""
    if not has_price(sentence, facts_of(sentence)) or sentence.endswith("?"):
        return "", ""
    cells = [cell.strip() for cell in sentence.rstrip(".").split("; ")]
    name, colon, value = cells[0].partition(": ")
    if len(cells) == 1:  # "Haircut: 30 €"
        item = name if colon and has_price(value, facts_of(value)) else ""
    elif colon:  # "Service: Haircut; Price: 30 €"
        item = value if {stem(word) for word in words_of(name)} & _THINGS else ""
    else:
        item = name
    return item, "sample-question-rows" if _are_many(item) else "sample-question-row"


def _are_many(item: str) -> bool:
    first, last = (item.split() or [""])[0], (item.split() or [""])[-1]
    if language_of(item) == "ru":
        return bool(_PLURAL_RU.search(first))
    return last.endswith("s") and not last.endswith("ss")


def _sections(passage: Told, say: Say, told: set[FactKind]) -> Iterator[Candidate]:
    """What a headed section is about, unless its heading is one of the facts that were asked for already."""
    known = frozenset(one for kind in told for one in kind.about)
    for heading, text in sections_in(_own_heading(passage), passage.text):
        last = _NUMBERED.sub("", heading.split(" > ")[-1]).strip(" :.")
        if _is_idle(last, passage.title) or evidence_in(last) & known or not split_sentences(text):
            continue
        asks = _ASKS.match(last)
        subject = lowered(last) if language_of(last) == "en" else last
        question = f"{last}?" if asks else say(language_of(last), "sample-question-section", subject=subject)
        yield Candidate(question, passage, Rank.SECTION, answer=text)


def _is_idle(heading: str, title: str) -> bool:
    words = words_of(heading)
    meant = [word for word in words if not word.isdigit()]
    if not meant or len(words) > LONGEST_HEADING or heading.casefold() == title.casefold():
        return True
    return all(stem(word) in _IDLE or len(word) < 3 for word in meant)


def _own_heading(passage: Told) -> str:
    """Without the document's title, which stands above all its sections."""
    return " > ".join(part for part in passage.heading.split(" > ") if part and part != passage.title)


def lowered(text: str) -> str:
    """As it stands inside a sentence: small at its beginning, unless that is a name or an abbreviation."""
    words = text.split()
    is_name = words and (words[0][1:].lower() != words[0][1:] or (len(words) > 1 and words[1][:1].isupper()))
    return text if not words or is_name else text[:1].lower() + text[1:]


def fairly(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best of each document in turn, so that no long document speaks for all; each question once."""
    by_document: dict[UUID, list[Candidate]] = {}
    for candidate in sorted(candidates, key=lambda one: one.rank):
        by_document.setdefault(candidate.passage.document_id, []).append(candidate)
    ordered: dict[str, Candidate] = {}
    lanes = list(by_document.values())
    for turn in range(max(map(len, lanes), default=0)):
        for lane in lanes:
            if turn < len(lane):
                ordered.setdefault(" ".join(words_of(lane[turn].question)), lane[turn])
    return list(ordered.values())
