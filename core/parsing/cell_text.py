"""What a cell shows: a stored value and its number format as people write it. Refuses to know files.

A spreadsheet stores 1200.5 and 0.25 and 46000; its reader sees "1 200,50 ₽", "25 %" and a date. The formats are those
of ECMA-376, part 1, 18.8.31. A file does not say whose decimal mark its readers use: the currency and the language
of its words tell.
"""

import datetime
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from core.parsing.tidying import tidy

_RUSSIAN_FORMAT = re.compile("₽|руб|р\\.|-(?:419|FC19)\\]", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\[\]-]*+)(?:-[^\[\]]*+)?\]")
_CONDITION = re.compile(r"\[[^\[\]$][^\[\]]*+\]")
_PLACEHOLDERS = re.compile(r"[#0?](?:[#0?, \u00a0]*[#0?])?(?:\.[#0?]+)?")
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|[_*].')
_PLAIN = re.compile(r"(?i)general|@|[#0?]/|/[#0?]|e[+-]")


@dataclass(frozen=True, slots=True)
class Writing:
    """How the people of this file write: with a decimal comma and "да", or with a point and "yes"."""

    russian: bool = False


def shown(value: object, number_format: str, writing: Writing) -> str:
    """The words of a cell; empty for nothing and for a formula's error (#N/A)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("да" if value else "нет") if writing.russian else ("yes" if value else "no")
    if isinstance(value, int | float):
        return _number(value, number_format, russian=writing.russian)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return _moment(value, number_format, russian=writing.russian)
    text = str(value)
    return "" if re.fullmatch(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)", text) else _lines(text)


def _lines(text: str) -> str:
    return "\n".join(line for part in re.split(r"\r\n|\r|\n|_x000D_", text) if (line := tidy(part)))


def _number(value: float, number_format: str, *, russian: bool) -> str:
    sections = number_format.split(";")
    section = sections[1] if value < 0 and len(sections) > 1 and sections[1].strip() else sections[0]
    section = _CONDITION.sub("", _CURRENCY.sub(lambda sign: f'"{sign[1]}"', section))
    russian = russian or _RUSSIAN_FORMAT.search(number_format) is not None
    quoted = _LITERAL.sub("", section)
    core = _PLACEHOLDERS.search(quoted)
    if core is None or _PLAIN.search(quoted):
        return _in_writing(_general(value), russian=russian)
    pattern = core[0]
    decimals = len(pattern.partition(".")[2])
    amount = abs(_as_stored(value)).scaleb(2 if "%" in quoted else 0)
    grouped = re.search(r"[, \u00a0]", pattern) is not None
    number = _in_writing(_rounded(amount, decimals, grouped=grouped), russian=russian)
    zeros = pattern.partition(".")[0].count("0")
    if number.isdecimal() and len(number) < zeros:
        number = number.zfill(zeros)  # codes: 00042
    before, after = _around(section)
    minus = "-" if value < 0 and re.search(r"[1-9]", number) else ""
    return tidy(f"{minus}{before}{number}{after}")


def _around(section: str) -> tuple[str, str]:
    """What stands before and after the digits: a currency, a unit."""
    words = _LITERAL.sub(lambda part: part[1] or ("" if part[2] is None else f"{part[2]}"), section)
    core = _PLACEHOLDERS.search(words)
    if core is None:
        return "", ""
    return words[: core.start()].strip(" -()+"), words[core.end() :].rstrip(" ()-")


def _as_stored(value: float) -> Decimal:
    """The fifteen digits that Excel keeps: 1.005 is as much, and not a little less."""
    return Decimal(value if isinstance(value, int) else f"{value:.15g}")


def _rounded(amount: Decimal, decimals: int, *, grouped: bool) -> str:
    """As people round: a half goes up."""
    with localcontext(rounding=ROUND_HALF_UP):
        return f"{amount:,.{decimals}f}" if grouped else f"{amount:.{decimals}f}"


def _general(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.12g}"
    return f"{value:.0f}" if "e" in text and abs(value) < 1e21 and value.is_integer() else text


def _in_writing(number: str, *, russian: bool) -> str:
    return number.replace(",", " ").replace(".", ",") if russian else number


def _moment(value: object, number_format: str, *, russian: bool) -> str:
    if isinstance(value, datetime.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M")
    if isinstance(value, datetime.datetime) and (value.hour or value.minute) and "h" in number_format.lower():
        return f"{_day(value, number_format, russian=russian)} {value:%H:%M}"
    assert isinstance(value, datetime.date)  # noqa: S101  (the caller has looked)
    return _day(value, number_format, russian=russian)


def _day(value: datetime.date, number_format: str, *, russian: bool) -> str:
    """05.03.2026 where dates have dots, else 2026-03-05, which nobody reads with month and day exchanged."""
    dotted = russian or re.search(r"(?i)d+\\?\.m+", number_format) is not None
    return f"{value:%d.%m.%Y}" if dotted else f"{value:%Y-%m-%d}"
