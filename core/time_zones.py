"""Time zones as people name them: by a city in either language, by an offset ("UTC+3"), or by their own names.

A city that is not in `time_zones.txt` is looked for among the names of the zones themselves. Refuses to guess.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-−–])\s*(\d{1,2})(?::?([0-5]\d))?")
_HOUR_ONLY = re.compile(r"(?:utc|gmt)(?:\s*0)?")
_AROUND = re.compile(r"^(?:in|по|в|город|time zone|timezone|часовой пояс|г\.)\s+|\s+(?:time|time zone|времени|время)$")
_NOT_LETTER = re.compile(r"[\W_]+")
_WITHOUT_SUMMER_TIME = (
    "Asia/Kolkata", "Asia/Tehran", "Asia/Kabul", "Asia/Kathmandu", "Asia/Yangon", "Australia/Darwin", "Asia/Colombo",
    "America/Caracas", "Pacific/Marquesas", "Australia/Eucla",
)  # fmt: skip
"""For offsets that are no whole hours: those have no zone of their own."""
_MOST_EAST, _MOST_WEST = 14, -12
_ENDINGS = ("", "а", "я", "ь", "й")


@dataclass(frozen=True, slots=True)
class _City:
    zone: str
    names: dict[str, str]
    """By locale."""


def zone_in(text: str) -> str | None:
    """The zone that a text names; None when it names none, or one that nobody knows."""
    said = text.strip().casefold().replace("ё", "е").rstrip(".!")
    if found := _OFFSET.fullmatch(said):
        sign = 1 if found[1] == "+" else -1
        return _zone_of_offset(sign * (int(found[2]) * 60 + int(found[3] or 0)))
    if _HOUR_ONLY.fullmatch(said):
        return "UTC"
    key = _key(_AROUND.sub("", _AROUND.sub("", said)))
    known = _zones_by_name()
    if key in known:
        return known[key]
    stem = key[:-1]  # "по Москве", "в Самаре"
    near = {known[stem + ending] for ending in _ENDINGS if len(stem) > 2 and stem + ending in known}
    return near.pop() if len(near) == 1 else None


def city_of(zone: str, locale: str) -> str:
    """What people call a zone: its city, or its own name where it is no city."""
    known = next((city for city in _cities() if city.zone == zone), None)
    if known:
        return known.names.get(locale, known.names["en"])
    if zone.startswith("Etc/"):
        return ""
    return zone.rpartition("/")[2].replace("_", " ")


def offset_words(zone: str, now: datetime | None = None) -> str:
    """ "UTC+3", "UTC−3:30": as it is at that moment."""
    shift = (now or datetime.now(UTC)).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = round(shift.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def _zone_of_offset(minutes: int) -> str | None:
    hours, rest = divmod(minutes, 60)
    if rest:
        now = datetime.now(UTC)
        shift = timedelta(minutes=minutes)
        return next(
            (zone for zone in _WITHOUT_SUMMER_TIME if now.astimezone(ZoneInfo(zone)).utcoffset() == shift), None
        )
    if not _MOST_WEST <= hours <= _MOST_EAST:
        return None
    # In these names the sign is the other way round.
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


@cache
def _cities() -> tuple[_City, ...]:
    return tuple(_City(zone, {"en": en, "ru": ru}) for zone, en, ru, _ in _lines())


def _lines() -> list[tuple[str, str, str, str]]:
    lines = Path(__file__).with_name("time_zones.txt").read_text(encoding="utf-8").splitlines()
    told = []
    for line in lines:
        if not line.startswith("#"):
            zone, en, ru, others = (part.strip() for part in line.split(";"))
            told.append((zone, en, ru, others))
    return told


@cache
def _zones_by_name() -> dict[str, str]:
    """Key of a name -> zone; the names of our file come before the zones' own."""
    own = {_key(name.rpartition("/")[2]): name for name in sorted(available_timezones()) if "/" in name}
    whole = {_key(name): name for name in available_timezones()}
    ours = {
        _key(name): zone for zone, en, ru, others in _lines() for name in (en, ru, *others.split(",")) if name.strip()
    }
    return {
        **{key: name for key, name in own.items() if not key.isdigit() and not name.startswith("Etc/")},
        **whole,
        **ours,
    }


def _key(name: str) -> str:
    return _NOT_LETTER.sub(" ", name.casefold().replace("ё", "е")).strip()
