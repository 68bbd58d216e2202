"""Working hours cut into what their words are: days, times, dashes, "closed". In English and in Russian.

Knows nothing of how they belong together (core/hours_in_words.py); a word that it does not know is an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS: tuple[tuple[str, str], ...] = (
    ("round", r"24\s*/\s*7|24\s*(?:hours|ч(?:ас\w*)?)\b|(?:a?round[- ]the[- ]clock)|круглосуточно"),
    (
        "time",
        r"(?P<h>\d{1,2})(?:\s?[:.]\s?(?P<m>\d{2}))?(?!\d)"
        r"(?:\s*(?P<half>a\.?m\b\.?|p\.?m\b\.?|утра|дня|вечера|ночи))?(?:\s*(?:o.?clock|h\b|час\w*|ч\b\.?))?",
    ),
    ("noon", r"noon|полд(?:ень|ня)|midday"),
    ("midnight", r"midnight|полноч[ьи]|полуночи"),
    ("0", r"mon(?:days?)?\b|mo\b|понедельник\w*|пон\b|пн\b"),
    ("1", r"tue(?:s|sdays?)?\b|tu\b|вторник\w*|вт\b"),
    ("2", r"wed(?:s|nesdays?)?\b|we\b(?=\s*[-–—,.:&]|\s*\d)|сред[ауыеам]+\b|ср\b"),
    ("3", r"thu(?:r|rs|rsdays?)?\b|th\b|четверг\w*|чет\b|чт\b"),
    ("4", r"fri(?:days?)?\b|fr\b|пятниц\w*|пят\b|пт\b"),
    ("5", r"sat(?:urdays?)?\b|sa\b|суббот\w*|суб\b|сб\b"),
    ("6", r"sun(?:days?)?\b|su\b|воскресень\w*|воскр\b|вск?\b"),
    ("workdays", r"weekdays?\b|working days\b|workdays\b|будн\w+(?:\s+дн\w+)?|рабочи[ем]\w*\s+дн\w+"),
    (
        "everyday",
        r"every ?day|daily|all days|all week|seven days a week|7 days a week|ежедневно|кажд\w+ день"
        r"|без выходных|всю неделю",
    ),
    ("weekend", r"weekends?\b|выходн(?:ые|ым|ых)(?:\s+дн\w+)?\b"),
    ("closed", r"closed|days? off|not open|off\b|выходной|закрыт\w*|не работа\w+|нерабоч\w+(?:\s+д\w+)?"),
    ("except", r"except(?: for| on)?|but not(?: on)?|кроме|за исключением"),
    ("break", r"(?:lunch )?break|lunch|перерыв\w*(?: на обед)?|обед\w*"),
    ("and", r"and\b|&|\+|и\b"),
    (
        "dash",
        r"[-–—−]+|to\b|till?\b|until\b|through\b|thru\b|до\b|по\b(?=\s*(?:пн|вт|ср|чт|пт|сб|вс|пон|пят|суб|вос|чет"
        r"|пол|\d))",
    ),
    ("stop", r"[,;\n|/]+|\.(?!\d)|а\b"),
    (
        "filler",
        r"[:()!«»\"“”…*•]+|(?:from|we(?:.re)?|are|is|it.s|our|the|a|at|on|in|open|opens?|opening|work|works|working"
        r"|business|office|hours|time|times|schedule|times?|all|now|please|with|no|days|you can reach us"
        r"|с|со|в|во|по|на|у|нас|мы|наш[аие]?|работаем|работает|работа|работы|рабочие|рабочий|часы|час|время"
        r"|режим|график|открыт[оы]?|для|клиентов|день|дни|дням|всегда)\b",
    ),
)
_TOKEN = re.compile("|".join(f"(?P<k{at}>(?:{pattern}))" for at, (_, pattern) in enumerate(_WORDS)))


class HoursUnclear(ValueError):
    """`piece` is what was not understood; empty when the whole says no hours."""

    def __init__(self, piece: str = "") -> None:
        super().__init__(piece)
        self.piece = piece


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    minutes: int = 0
    half: str = ""


def tokens_of(text: str) -> Iterator[Token]:
    text = text.lower().replace("ё", "е").replace("’", "'")
    at = 0
    while at < len(text):
        if text[at] in " \t\r\xa0":
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if found is None or (at and text[at - 1].isalpha() and text[at].isalpha()):
            raise HoursUnclear(re.split(r"[,;\n]", text[at:])[0].strip()[:60])
        at = found.end()
        kind = next(
            _WORDS[int(name[1:])][0] for name, value in found.groupdict().items() if value and name[1:].isdigit()
        )
        if kind == "time":
            yield _time(found)
        elif kind != "filler":
            yield Token(kind, found.group())
            if kind.isdigit() and text[at : at + 1] == ".":
                at += 1  # "пн."


def _time(found: re.Match[str]) -> Token:
    hour, minute, half = int(found["h"]), int(found["m"] or 0), (found["half"] or "").replace(".", "")
    if hour > 24 or minute > 59 or (hour == 24 and minute) or (half in ("am", "pm") and not 1 <= hour <= 12):
        raise HoursUnclear(found.group().strip())
    if half in ("pm", "дня", "вечера") and hour < 12:
        hour += 12
    elif half in ("am", "ночи") and hour == 12:
        hour = 0
    return Token("time", found.group().strip(), hour * 60 + minute, half)
