"""Dates as people write them: "3 May 2026", "May 3rd", "3 мая", "03.05.2026", "2026-05-03". Pure.

Two numbers and a slash are no date here: "03/05/2026" is May to some and March to others.
"""

import re

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan января янв",
            "february feb февраля фев",
            "march mar марта мар",
            "april apr апреля апр",
            "may мая",
            "june jun июня июн",
            "july jul июля июл",
            "august aug августа авг",
            "september sept sep сентября сен",
            "october oct октября окт",
            "november nov ноября ноя",
            "december dec декабря дек",
        ),
        1,
    )
    for name in names.split()
}
_NAMED = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?:,?\s+(?P<year>(?:19|20)\d\d)(?:\s?(?:г\b\.?|года?\b))?)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d.-])(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        r"(?<![\d.])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>(?:19|20)\d\d)(?!\d)(?:\s?г\b\.?)?",
        rf"(?<![\d.,:])(?P<day>\d{{1,2}})(?:st|nd|rd|th|-?го|-?е)?\s+(?:of\s+)?(?P<month>{_NAMED})\b\.?{_YEAR}",
        rf"\b(?P<month>{_NAMED})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.:]|\s?[ap]\.?m\b){_YEAR}",
    )
)


def take_dates(text: str) -> tuple[frozenset[str], str]:
    """The dates, "05-03" and with its year "2026-05-03" too, and the text with a gap for each."""
    found: set[str] = set()

    def take(date: re.Match[str]) -> str:
        month = date["month"].lower()
        number, day = _MONTHS.get(month) or int(month), int(date["day"])
        if not (1 <= number <= 12 and 1 <= day <= 31):
            return date[0]
        found.add(f"{number:02}-{day:02}")
        if date["year"]:
            found.add(f"{date['year']}-{number:02}-{day:02}")
        return " . "

    for pattern in _DATES:
        text = pattern.sub(take, text)
    return frozenset(found), text
