"""What tells two questions apart that sound alike. Deterministic, Russian and English, also one against the other.

Vectors put "delivery to Germany" and "delivery to France" nearer together than many a question and its own paraphrase,
so nearness alone must not decide whether the owner's answer to the one is given to the other. Here every word that
carries a subject must have its counterpart, and what turns a question round (not, without, closed, from) must agree.
Strict on purpose: a ready answer that is missed costs little, a wrong one is believed. Refuses to know vectors.
"""

import re
from enum import StrEnum
from functools import lru_cache

from core.facts import facts_of
from core.search.synonyms import is_meaning, subjects_of
from core.words import language_of, sounds_of, stem, stems_of, without_greeting, words_of


class Difference(StrEnum):
    """Why two questions are not one. `SUBJECT`: names, weekdays, things."""

    NUMBER = "number"
    NEGATION = "negation"
    ASKED = "asked"
    DIRECTION = "direction"
    SUBJECT = "subject"


_TURNS = {
    # Presence must agree.
    "not": frozenset("not no never don't doesn't can't cannot isn't aren't won't не нет нельзя никогда".split()),
    "without": frozenset("without free без".split()),
    "closed": frozenset(map(stem, "close closed closing закрыты закрыто закрываетесь закрывается".split())),
}
_AGAINST = [
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        ("before до перед", "after после"),
        ("from из от", "to into в во на до"),
        ("over more больше свыше", "under less меньше"),
        ("on", "off"),
        ("in внутри", "out outside снаружи"),
        ("all every каждый все всех", "any some"),
    )
]
_ONE_OF_A_KIND = """dog dogs собака собаку собакой собаками / cat cats кошка кошку кошкой кот котом
child children kid kids ребёнок ребёнка ребёнком дети детей детьми детский / baby toddler infant малыш младенец
manicure маникюр / pedicure педикюр / sauna сауна / баня steam / coffee кофе / espresso эспрессо / cappuccino капучино
shoes обувь / boots ботинки сапоги / туфли / street улица / wash мыть мойка помыть washing / laundry стирка стирать /
химчистка / dentist стоматолог / doctor врач доктор physician / toilet туалет restroom wc / bathroom ванная / vegan
веган веганский веганские веганов / vegetarian вегетарианский вегетарианец / sms смс / today сегодня / tonight / visa /
mastercard / email e-mail почта почту / return вернуть возврат / refund деньги money / курс курсы course courses /
урок уроки lesson lessons / cigarettes сигареты / vape вейп / passport паспорт / удостоверение / fax факс / cart
купить buy purchase / machine машина car / wholesale опт / tour экскурсия excursion / guide гид экскурсовод /
bouquet букет / promo промокод coupon купон / sale распродажа / manager менеджер / operator оператор / owner хозяин
владелец owner / founder основатель / director директор / ticket билет tickets билеты / entrance admission /
airport аэропорт / suitcase чемодан / therapy / procedure процедура / lunch обед ланч / meat мясо мяса / fish рыба /
week неделя недели weekly / month месяц месяца / year год года / day день дня / minute минута минут"""
"""Words that `synonyms.txt` may count as one meaning, for a document that says the one tells of the other, too."""
_POLITE = re.compile(  # negations that ask no more than "please" does
    r"\bне (?:подскаж\w+|скаж\w+|могли бы|мог бы|могла бы|знаете|напомн\w+)|\bнет ли\b"
    r"|^(?:is|are|do|does|can|could|would|will|have)n['’]t\b|^can['’]t\b|\bwould(?:n['’]t)? you mind\b",
    re.IGNORECASE,
)
_INCLUDED = re.compile(r"\b(?:входит|входят|включ[её]н\w*|включа\w+|includ\w+)", re.IGNORECASE)
_ITEM = re.compile(r"\b(?:items?|products?|goods|товар\w*)\b", re.IGNORECASE)
_GENERIC = frozenset(
    stem(word)
    for word in """bring come visit allow allowed accept offer provide possible near until time want need able please
    require required necessary give serve served put
    прийти приходить пускаете принимаете оформить действует возможно предлагаете взять
    даёте выдаёте вносить внести надо необходимо подают подаёте""".split()
)
_BY_ITSELF_NOTHING = frozenset(("@accept", "@stock", "@long"))
"""Meanings that questions have by the way they ask."""
_ASIDES_THAT_COUNT = frozenset(("@price", "@place"))
_KINDS = (
    ("time", re.compile(r"\b(?:when|how (?:long|soon|fast|quickly)|what time|когда|(?:во|со|до|к) скольки|во сколько"
                        r"|как (?:долго|быстро|скоро)|сколько (?:времени|дней|длится|ид[её]т))\b")),
    ("amount", re.compile(r"\b(?:how many|how much|сколько)\b")),
    ("place", re.compile(r"\b(?:where|где|куда|откуда)\b")),
    ("person", re.compile(r"\b(?:who|whom|whose|кто|кого|кому|кем)\b")),
    ("reason", re.compile(r"\b(?:why|почему|зачем)\b")),
    ("what", re.compile(r"\b(?:what|which|как(?:ой|ая|ое|ие|ую|ого|им|их)|что|чем|чего)\b")),
    ("way", re.compile(r"\b(?:how|как|каким образом)\b")),
)  # fmt: skip
_GO_TOGETHER = frozenset(
    map(frozenset, (("whether", "place"), ("amount", "time"), ("way", "what"), ("what", "time"), ("what", "place"),
                    ("what", "amount"), ("what", "told"), ("way", "told"), ("place", "told"), ("time", "told"),
                    ("amount", "told"), ("whether", "told")))
)  # fmt: skip
_TOLD = re.compile(
    r"^(?:(?:can|could) you tell |i |i'd |tell |please )"
    r"|^(?:хочу|хотел|подскажите|скажите|расскажите|сообщите|нужен|нужна|нужно)"
)


def _by_stem(listed: str) -> dict[str, int]:
    """Stem -> the number of the thing that it names, in whichever language."""
    return {stem(word): at for at, words in enumerate(listed.split("/")) for word in words.split()}


_THINGS = _by_stem(_ONE_OF_A_KIND)


@lru_cache(maxsize=4096)
def difference_between(one: str, other: str, *, loosely: bool = False) -> Difference | None:
    """The first difference that is found, None when the two ask the same in other words.

    Loosely, one of them may say more than the other: good enough to show the two together.
    """
    one, other = without_greeting(one).strip(), without_greeting(other).strip()
    if words_of(one) == words_of(other):
        return None
    one, other = _POLITE.sub(" ", one).strip(), _POLITE.sub(" ", other).strip()
    if _numbers(one) != _numbers(other):
        return Difference.NUMBER
    if _turns(one) != _turns(other):
        return Difference.NEGATION
    if _subjects_differ(one, other, loosely=loosely):
        return Difference.SUBJECT
    if _go_against(one, other):
        return Difference.DIRECTION
    kinds = frozenset((_kind(one), _kind(other)))
    return Difference.ASKED if len(kinds) == 2 and kinds not in _GO_TOGETHER else None


def names_nothing(question: str) -> bool:
    """Whether it is made of words that say nothing about its subject: "What is this?"."""
    return not subjects_in(question)


def _numbers(text: str) -> frozenset[str]:
    """All that can be checked to the letter. "Which one?" counts nothing."""
    facts = facts_of(text)
    return facts.exact | {number for number, _ in facts.counts if number != "1" or "1" in text}


def _turns(text: str) -> frozenset[str]:
    words = words_of(text.replace("’", "'").replace("-", " "))
    found = {*words, *map(stem, words)}
    return frozenset(name for name, marks in _TURNS.items() if marks & found)


def _go_against(one: str, other: str) -> bool:
    ones, others = set(words_of(one)), set(words_of(other))
    return any(
        (ones & a and not ones & b and others & b and not others & a)
        or (ones & b and not ones & a and others & a and not others & b)
        for a, b in _AGAINST
    )


@lru_cache(maxsize=4096)
def subjects_in(text: str) -> frozenset[str]:
    """Meanings and stems of what a text is about. Two that differ here, in one language, are not one."""
    text = _ITEM.sub("goodsitem", _INCLUDED.sub("includedwith", text))
    found = subjects_of(text)
    words = found.words | (found.asides & _ASIDES_THAT_COUNT)
    turns = frozenset[str]().union(*_TURNS.values())
    return frozenset(
        word
        for word in words - _BY_ITSELF_NOTHING - _GENERIC - turns
        if not word[0].isdigit()  # compared as numbers
    )


def _subjects_differ(one: str, other: str, *, loosely: bool) -> bool:
    things, others_things = _things(one), _things(other)
    ones, others = subjects_in(one), subjects_in(other)
    more = bool(things - others_things or _without(ones - others, one, other))
    less = bool(others_things - things or _without(others - ones, other, one))
    return more and less if loosely else more or less


def _things(text: str) -> set[int]:
    return {_THINGS[word] for word in stems_of(text) if word in _THINGS}


def _without(left: frozenset[str], here: str, there: str) -> set[str]:
    """What is left of these words when names that sound alike in the other alphabet are taken out."""
    if language_of(here) == language_of(there):  # "Austria" begins like "Australia"
        return set(left)
    heard = sounds_of(there)
    found = {stem(word) for word in words_of(here) if sounds_of(word) & heard}
    return {word for word in left if is_meaning(word) or word not in found}


def _kind(text: str) -> str:
    lowered = text.lower()
    found = [(match.start(), at, name) for at, (name, form) in enumerate(_KINDS) if (match := form.search(lowered))]
    if _TOLD.match(lowered):
        return "told"
    if not found or " ли " in f" {lowered} ":
        return "whether"
    return min(found)[2]
