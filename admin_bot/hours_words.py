"""Working hours as people read them: days in a row together, the city whose time it is."""

from collections.abc import Mapping
from typing import Any

from core.app import Core
from core.hours_in_words import days_alike
from core.time_zones import city_of, offset_words

_ROUND = ["0:00-24:00"]


def hours_words(core: Core, locale: str, held: Mapping[str, Any] | None) -> str:
    """`held` as it is stored (api/hours.py has the form); empty for none. Days by date are counted."""
    if not held:
        return ""
    lines = []
    for first, last, hours in days_alike(dict(held.get("week") or {})):
        days = _day(core, locale, first) if first == last else f"{_day(core, locale, first)}–{_day(core, locale, last)}"
        if (first, last) == (1, 7):
            days = core.texts.say(locale, "hours-daily")
        lines.append(core.texts.say(locale, "hours-line", days=days, hours=_hours(core, locale, hours)))
    if held.get("exceptions"):
        lines.append(core.texts.say(locale, "hours-exceptions", count=len(held["exceptions"])))
    return "\n".join([*lines, core.texts.say(locale, "hours-zone", zone=zone_words(str(held["time_zone"]), locale))])


def zone_words(zone: str, locale: str) -> str:
    city, offset = city_of(zone, locale), offset_words(zone)
    return f"{city} ({offset})" if city and city != "UTC" else offset


def _day(core: Core, locale: str, day: int) -> str:
    return core.texts.say(locale, "hours-day", day=day)


def _hours(core: Core, locale: str, hours: list[str]) -> str:
    if not hours:
        return core.texts.say(locale, "hours-closed")
    if hours == _ROUND:
        return core.texts.say(locale, "hours-round")
    return ", ".join(one.replace("-", "–") for one in hours)
