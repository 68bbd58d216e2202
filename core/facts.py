"""The checkable facts of a text: numbers with what they count, times, phones, links, e-mails. Pure."""

import re
from dataclasses import dataclass

from core.words import STOP_STEMS, stem

_LINK = re.compile(r"https?://\S+|www\.\S+|\b[\w.+-]{1,64}@[\w-]+\.[\w.]+", re.IGNORECASE)
_PHONE = re.compile(r"\+?\d(?:[\s()-]*\d){8,}")
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b(?!\s?[€$£₽%])|\b\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)
_LIST_MARK = re.compile(r"(?m)^[^\S\n]*\(?\d{1,2}[.)]\s+")
_THOUSANDS = re.compile(r"(?<=\d)[\s ,](?=\d{3}(?!\d))")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[€$£₽%°]|[^\W\d_]+", re.UNICODE)
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
    """`exact` must match to the letter; of `counts`, (number, unit), the unit may be missing on one side."""

    exact: frozenset[str]
    counts: frozenset[tuple[str, str]]

    @property
    def units(self) -> frozenset[str]:
        """What the numbers count."""
        return frozenset(unit for _, unit in self.counts if unit)

    def within(self, other: "Facts") -> bool:
        """Does `other` carry all of these?"""
        if not self.exact <= other.exact:
            return False
        return all(any(_same(mine, theirs) for theirs in other.counts) for mine in self.counts)

    def __bool__(self) -> bool:
        return bool(self.exact or self.counts)


def facts_of(text: str) -> Facts:
    """Everything in the text that can be checked to the letter, normalised. Numbers of list items are no facts."""
    text = _LIST_MARK.sub("", text)
    exact = {link.rstrip(".,;:!?)").lower() for link in _LINK.findall(text)}
    text = _LINK.sub(" ", text)
    exact |= {re.sub(r"\D", "", phone) for phone in _PHONE.findall(text)}
    text = _PHONE.sub(" ", text)
    exact |= {_time(found) for found in _TIME.findall(text)}
    text = _THOUSANDS.sub("", _TIME.sub(" ", text))
    return Facts(frozenset(exact), frozenset(_counts(_TOKEN.findall(text.lower()))))


def _time(found: str) -> str:
    return re.sub(r"[\s.]", "", found.lower().replace(".", ":", 1)).lstrip("0")


def _counts(tokens: list[str]) -> list[tuple[str, str]]:
    found = []
    for at, token in enumerate(tokens):
        number = _SPELLED.get(token, token.replace(",", ".") if token[0].isdigit() else "")
        if number:
            before = tokens[at - 1] if at else ""
            found.append((_plain(number), _unit(before, tokens[at + 1 : at + 5])))
    return found


def _unit(before: str, after: list[str]) -> str:
    """What a number counts: a sign beside it, or the next word that is no part of a range."""
    if before in "€$£₽" and before:
        return before
    for token in after:
        if token in _RANGE or token[0].isdigit() or token in _SPELLED:
            continue
        word = stem(token)
        return "" if word in STOP_STEMS else _SIGNS.get(word, word)
    return ""


def _plain(number: str) -> str:
    whole, _, part = number.partition(".")
    return f"{whole.lstrip('0') or '0'}.{part}" if part.strip("0") else whole.lstrip("0") or "0"


def _same(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    return mine[0] == theirs[0] and (mine[1] == theirs[1] or not mine[1] or not theirs[1])
