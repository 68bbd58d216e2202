"""The checkable facts of a text: numbers with what they count, dates, times, phones, links, e-mails. Pure."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from core.dates import take_dates
from core.words import STOP_STEMS, stem

_LINK = re.compile(
    r"https?://\S+|www\.\S+|\b[\w.+-]{1,64}@[\w-]+\.[\w.]+"
    r"|\b[\w-]{2,63}\.(?:com|org|net|io|info|shop|store|online|app|biz|eu|de|uk|ru|рф|su|by|kz|ua)\b(?:/\S*)?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){8,}")
# A dot parts hours and minutes only where nothing is counted: "3.50 euros" and "1.20 litres" are no times.
_TIME = re.compile(
    r"\b(?:[01]?\d|2[0-4]):[0-5]\d\b|\b\d{1,2}(?:[:.][0-5]\d)?\s?[ap]\.?m\b"
    r"|\b(?<![\d.,])(?:[01]?\d|2[0-4])\.[0-5]\d\b(?![.,]?\d|\s?[€$£₽%°]|\s+[^\W\d_]{3,})"
    r"|\b(?<![\d.,])(?:[01]?\d|2[0-4])\.[0-5]\d\b(?=\s+(?:and|until|till|daily|every|uhr|часов|ежедневно|кроме|без)\b)",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"(?m)^[^\S\n]*\(?\d{1,2}[.)]\s+")
_THOUSANDS = re.compile(r"(?<=\d)[\s ,](?=\d{3}(?!\d))")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[€$£₽%°]|[^\W\d_]+", re.UNICODE)
_BETWEEN = re.compile(r"^\s*(?:[-–—−]|to|until|till|and|до|по|и)\s*$", re.IGNORECASE)
_RATE = frozenset("per a an each в за с на".split())
_RATE_OF = frozenset(
    stem(word)
    for word in "hour day night week month year person adult child guest head kilo kg час сутки день ночь неделю месяц "
    "год человека взрослого ребёнка гостя кг килограмм штуку".split()
)
_MODEL = re.compile(r"(?<![\w@./-])[^\W\d_]+-?\d[\w-]*(?![\w@/])")
"""The name of a thing, "X-200", counts nothing."""
_ONE_UNIT = {stem(word): unit for word, unit in (("день", "дн"), ("дня", "дн"), ("дней", "дн"), ("лет", "год"))}
# "Working days" are other days than days.
_KINDS = frozenset(stem(word) for word in "working business calendar full рабочих рабочие календарных полных".split())
_RANGE = frozenset("to and or by up from between до от и или по с не более than".split())
_SIGNS = {
    stem(word): sign
    for sign, listed in {
        "€": "euro euros eur евро",
        "$": "dollar dollars usd доллар доллара долларов",
        "£": "pound pounds gbp фунт фунтов",
        "₽": "rub rouble roubles руб рубль рубля рублей",
        "%": "percent процент процента процентов",
        "°": "degree degrees градус градуса градусов",
    }.items()
    for word in listed.split()
}
_SPELLED = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
}
_SPELLED |= {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100"}
_RUSSIAN_NUMBERS = """ноль 0 два две двух двум 2 три трех трёх трем 3 четыре четырех четырёх 4 пять пяти 5 шесть шести 6
семь семи 7 восемь восьми 8 девять девяти 9 десять десяти 10 двенадцать двенадцати 12 четырнадцать четырнадцати 14
пятнадцать пятнадцати 15 двадцать двадцати 20 тридцать тридцати 30 сорок сорока 40 пятьдесят пятидесяти 50
шестьдесят шестидесяти 60 девяносто девяноста 90 сто ста 100"""


def _spell_russian(listed: str) -> dict[str, str]:
    """Each number follows its spellings."""
    spelled: dict[str, str] = {}
    waiting: list[str] = []
    for token in listed.split():
        if token.isdigit():
            spelled |= dict.fromkeys(waiting, token)
            waiting = []
        else:
            waiting.append(token)
    return spelled


_SPELLED |= _spell_russian(_RUSSIAN_NUMBERS)


@dataclass(frozen=True, slots=True)
class Facts:
    """`exact` must match to the letter; of `counts`, (number, unit), the unit may be missing on one side.

    `ranges` are the numbers and times of "from 9 to 5", in their order; `times_said` is how often each is said.
    """

    exact: frozenset[str]
    counts: frozenset[tuple[str, str]]
    ranges: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False)
    times_said: Counter[str] = field(default_factory=Counter, compare=False)

    @property
    def units(self) -> frozenset[str]:
        """What the numbers count."""
        return frozenset(unit for _, unit in self.counts if unit)

    @property
    def kinds(self) -> frozenset[str]:
        """What is told by numbers here: units, clock times and dates, or other things to the letter."""
        return self.units | {"time" if ":" in one or "-" in one[:5] else "letter" for one in self.exact}

    def within(self, other: "Facts") -> bool:
        """Does `other` carry all of these?"""
        if not self.exact <= other.exact or self.times_said - other.times_said or not self.ranges <= other.ranges:
            return False
        return all(any(_same(mine, theirs) for theirs in other.counts) for mine in self.counts)

    def __bool__(self) -> bool:
        return bool(self.exact or self.counts)


@lru_cache(maxsize=4096)
def facts_of(text: str) -> Facts:
    """Everything in the text that can be checked to the letter, normalised. Numbers of list items are no facts."""
    text = _MODEL.sub(" . ", _LIST_MARK.sub("", text))
    exact = {_link(link) for link in _LINK.findall(text)}
    dates, text = take_dates(_LINK.sub(" ", text))
    exact |= dates | {_phone(phone) for phone in _PHONE.findall(text)}
    text = _THOUSANDS.sub("", _PHONE.sub(" . ", text))
    times = {_time(found) for found in _TIME.findall(text)}
    counts = _counts(_TOKEN.findall(_TIME.sub(" . ", text).lower()))
    said = Counter([_time(found) for found in _TIME.findall(text)]) + Counter(number for number, _ in counts)
    return Facts(frozenset(exact | times), frozenset(counts), _ranges(text), said)


def _link(found: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", found.rstrip(".,;:!?)»\"'").lower()).rstrip("/")


def _phone(found: str) -> str:
    """The digits. Inside Russia +7 is dialled as 8."""
    digits = re.sub(r"\D", "", found)
    return f"7{digits[1:]}" if len(digits) == 11 and digits[0] == "8" else digits


def _time(found: str) -> str:
    found = re.sub(r"([ap])\.?m$", r"\1m", re.sub(r"\s", "", found.lower()))
    return found.replace(".", ":").lstrip("0")


def _ranges(text: str) -> frozenset[tuple[str, str]]:
    """Neighbours with nothing but "to", "and" or a dash between, as (from, to)."""
    spans = [(one.span(), _time(one[0])) for one in _TIME.finditer(text)]
    taken = [span for span, _ in spans]
    spans += [
        (one.span(), _plain(one[0].replace(",", ".")))
        for one in re.finditer(r"\d+(?:[.,]\d+)?", text)
        if not any(start <= one.start() < end for start, end in taken)
    ]
    spans.sort()
    return frozenset(
        (first, second)
        for ((_, end), first), ((start, _), second) in pairwise(spans)
        if _BETWEEN.match(re.sub(r"[€$£₽%]", "", text[end:start]))
    )


def _counts(tokens: list[str]) -> list[tuple[str, str]]:
    found = []
    for at, token in enumerate(tokens):
        number = _SPELLED.get(token, token.replace(",", ".") if token[0].isdigit() else "")
        if number:
            before = tokens[at - 1] if at else ""
            found.append((_plain(number), _unit(before, tokens[at + 1 : at + 6])))
    return found


def _unit(before: str, after: list[str]) -> str:
    """What a number counts: a sign beside it, or the next word that is no part of a range; "€/month" at a rate."""
    if before in "€$£₽" and before:
        return before + _rate(after)
    for at, token in enumerate(after):
        if token in _RANGE or token[0].isdigit() or token in _SPELLED:
            continue
        word = _unit_stem(token)
        if word in _KINDS and at + 1 < len(after):
            return f"{word} {_unit_stem(after[at + 1])}"
        if word in STOP_STEMS:
            return ""
        sign = _SIGNS.get(word)
        return sign + _rate(after[at + 1 :]) if sign else word
    return ""


def _unit_stem(token: str) -> str:
    return _ONE_UNIT.get(stem(token), stem(token))


def _rate(after: list[str]) -> str:
    """ "/month" of "euros a month" or "% interest per month"."""
    for at, token in enumerate(after[:-1][:2]):
        if token in _RATE and stem(after[at + 1]) in _RATE_OF:
            return f"/{stem(after[at + 1])}"
    return ""


def _plain(number: str) -> str:
    whole, _, part = number.partition(".")
    return f"{whole.lstrip('0') or '0'}.{part}" if part.strip("0") else whole.lstrip("0") or "0"


def _same(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    return mine[0] == theirs[0] and (mine[1] == theirs[1] or not mine[1] or not theirs[1])
