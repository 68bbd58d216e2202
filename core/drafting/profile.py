"""A first draft of an assistant out of what it has read: its name, its tone, its greeting. Pure, and by rules.

Nothing is made up: a name stands in a title or in the text, a greeting lists only what some sentence tells
(`kinds.py`), a tone is one of ours. A wrong guess costs its owner one button. Refuses to know where texts come from.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.drafting.kinds import KINDS, has_price, kinds_told_in
from core.facts import facts_of
from core.search.synonyms import evidence_in
from core.sentences import split_sentences
from core.words import language_of, stem, words_of

Say = Callable[..., str]
"""Language, key and facts -> a sentence of the locales."""

LONGEST_NAME = 60
MOST_TOPICS = 3
_TOPICS = {
    "hours": "hours",
    "delivery-price": "delivery",
    "delivery-time": "delivery",
    "pay": "pay",
    "return": "return",
    "warranty": "warranty",
    "booking": "booking",
    "discount": "discount",
}
"""Kind of a fact -> what a greeting calls it ("draft-topic-…")."""
_SEPARATOR = re.compile(r"\s+[|–—·•»/-]\s+|\s*::\s*|\s*[|]\s*|(?<=\w):\s+|\s+—\s*")
_WELCOME = re.compile(r"^(?:welcome to|добро пожаловать (?:в|на)|главная|home|home ?page)\b[\s:,|–—-]*", re.IGNORECASE)
_QUOTED = re.compile(r"[«“„\"]([^«»“”„\"\n]{2,40})[»”“\"]")
_CAPITALS = r"((?:[A-Z][\w’'&.-]*)(?: (?:and |& |of |the )?[A-Z][\w’'&.-]*){0,4})"
_BEGINS = re.compile(
    r"^(?:[Aa]t |[Ww]e at |[Ww]elcome to |[Tt]he )?"
    r"(?!(?:We|I|It|This|That|They|Our|My|The|There|You|All|Here)\b)"
    rf"{_CAPITALS}(?=,? (?:is|are) (?:a|an|the|your|our)\b|(?: [–—-]|,) (?:a|an|the|your)\b)"
)
_CALLED = re.compile(
    r"\b(?:called|named|name is|welcome to|(?:we are|we['’]re|this is|I run|I own|we run|we own)(?= [A-Z]))"
    rf" {_CAPITALS}"
)
_LEADS_IN = re.compile(
    r"^(?:hello|hi|good day|здравствуйте|добрый день|привет)?[\s,.!]*"
    r"(?:i (?:have|run|own)|we (?:are|run|have|own)|this is|у (?:меня|нас)|мы|я|это)\b\s*(?:a|an|the)?\b[\s–—:-]*",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,.;:!?\n]|\s[–—-]\s")
_GENERIC = frozenset(
    (
        *("home", "about", "about us", "contacts", "contact", "menu", "shop", "index", "faq", "questions and answers"),
        *("главная", "контакты", "меню", "о нас", "о компании", "вопросы и ответы", "частые вопросы"),
    )
)
_SUBJECTS = frozenset(meaning for kind in KINDS for meaning in kind.about) | {"@price", "@order", "@rules", "@privacy"}
_STRICT = frozenset(
    stem(word)
    for word in "law legal lawyer attorney solicitor notary notarial clinic medical dental dentist bank banking "
    "insurance tax accounting accountant audit юрист юридический юридические адвокат адвокатский нотариус нотариальный "
    "клиника медицинский медицинская стоматология стоматолог банк банковский страхование страховой налоговый налоговые "
    "бухгалтерский бухгалтер аудит".split()
)
"""Businesses in which customers expect to be spoken to formally."""
_STRICT_SHARE = 0.004


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its title, and its text in parts, each with the heading it stands under."""

    title: str
    parts: tuple[tuple[str, str], ...]
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What was drafted. `name` is empty where nothing looks like one."""

    locale: str
    name: str
    persona: str
    greeting: str


def profile_of(sources: Sequence[Source], say: Say, *, named: str = "", known_as: str = "") -> Profile:
    """`sources` in their order, a site's first page first; `named` is what is sure to be the name, `known_as` how
    the assistant is called until there is something better. A title alone is a name only on a site."""
    texts = [text for source in sources for _, text in source.parts]
    locale = language_of("\n".join(texts)[:20_000])
    name = named.strip() or name_in(sources) or known_as
    manner = "formal" if is_strict(texts) else "friendly"
    greeting = greeting_for(name, topics_in(sources), locale, say)
    return Profile(locale, name, say(locale, f"admin-tone-{manner}"), greeting)


def greeting_for(name: str, topics: Sequence[str], locale: str, say: Say) -> str:
    if not topics:
        return say(locale, "draft-greeting", name=name)
    named = ", ".join(say(locale, f"draft-topic-{topic}") for topic in topics)
    return say(locale, "draft-greeting-about", name=name, topics=named)


def topics_in(sources: Sequence[Source]) -> list[str]:
    """What can be asked about, the most usual first; nothing that no sentence tells."""
    told: set[str] = set()
    for source in sources:
        for heading, text in source.parts:
            for sentence in split_sentences(text):
                told |= {kind.name for kind in kinds_told_in(sentence, f"{heading}. {sentence}")}
                if has_price(sentence, facts_of(sentence)) and not evidence_in(sentence) & {"@delivery", "@parking"}:
                    told.add("price")
    named = dict.fromkeys(topic for kind, topic in _TOPICS.items() if kind in told)
    return [*named, *(["price"] if "price" in told else [])][:MOST_TOPICS]


def is_strict(texts: Sequence[str]) -> bool:
    """Whether the words of law, medicine or money are frequent here."""
    words = [stem(word) for text in texts for word in words_of(text)]
    return bool(words) and sum(word in _STRICT for word in words) >= max(2, _STRICT_SHARE * len(words))


def name_in(sources: Sequence[Source]) -> str:
    """What the business seems to be called; empty when nothing looks like a name."""
    if not sources:
        return ""
    text = "\n".join(part for source in sources for _, part in source.parts)
    for said in _named_at_the_beginning(sources):
        return said
    titled = [part for one in _SEPARATOR.split(_WELCOME.sub("", sources[0].title)) if (part := _fit(one))]
    named = [part for part in titled if part.casefold() not in _GENERIC and not _is_about_a_subject(part)]
    often = Counter({part: len(re.findall(re.escape(part), text, re.IGNORECASE)) for part in named})
    return next((part for part, count in often.most_common() if count or sources[0].is_page), "")


def _is_about_a_subject(title: str) -> bool:
    """ "Delivery and returns" is what a document is about, and nobody's name."""
    return bool(evidence_in(title) & _SUBJECTS)


def _named_at_the_beginning(sources: Sequence[Source]) -> list[str]:
    """«Медный чайник» — …; "Copper Kettle is a …"; "We are Copper Kettle": where a text introduces itself."""
    found: Counter[str] = Counter()
    for source in sources:
        for _, text in source.parts[:2]:
            for sentence in split_sentences(text)[:3]:
                names = [*_CALLED.findall(sentence), *_BEGINS.findall(sentence), *_QUOTED.findall(sentence)]
                found.update(name for name in map(_fit, names) if name and name[:1].isupper())
    return [name for name, _ in found.most_common(1)]


def name_told(text: str) -> str:
    """What an owner calls his business when he tells of it; else how he begins: "A small bakery in Leeds"."""
    first = " ".join(split_sentences(text)[:3])
    named = [*_QUOTED.findall(first), *_CALLED.findall(first), *_BEGINS.findall(first)]
    for name in map(_fit, named):
        if name:
            return name
    clause = _CLAUSE.split(_LEADS_IN.sub("", text.strip()), maxsplit=1)[0].strip()
    short = clause if len(clause) <= LONGEST_NAME else clause[:LONGEST_NAME].rpartition(" ")[0]
    return short[:1].upper() + short[1:]


def _fit(name: str) -> str:
    """A name without decoration; "" when it is too long for one. What is shouted is said."""
    plain = " ".join(name.split()).strip(" .,:;!|–—-«»“”\"'")
    if not 2 <= len(plain) <= LONGEST_NAME or len(plain.split()) > 7:
        return ""
    if plain.isupper() and len(plain) > 5:
        return plain.capitalize() if language_of(plain) == "ru" else plain.title()
    return plain
