"""When people are there: hours by weekday in the business's own time zone, and exceptions by date.

An interval belongs to the day on which it begins, and may end after midnight. Instants are compared in UTC, so days of
23 and 25 hours are right. Refuses to know who works, and in which words a time is said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
MOST_INTERVALS = 6
"""Of one day."""
FAR = 366
"""Days that are looked ahead: who opens no more in a year has closed."""
_INTERVAL = re.compile(r"(\d{1,2}):(\d{2}) ?[-–—] ?(\d{1,2}):(\d{2})")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Intervals are "9:00-18:00", "22:00-6:00" (until the next morning) or "0:00-24:00"; a day without any is closed.

    `exceptions`, by ISO date, stand for the weekday's intervals. Raises `ValueError` for anything else.
    """

    time_zone: str
    week: Mapping[Weekday, Sequence[str]] = field(default_factory=dict)
    exceptions: Mapping[date, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_time_zone(self.time_zone)
        for listed in (*self.week.values(), *self.exceptions.values()):
            for interval in listed:
                minutes_of(interval)

    def is_open(self, now: datetime) -> bool:
        return any(begin <= now < end for begin, end in self._intervals(now, -1, 1))

    def next_opening(self, now: datetime) -> datetime | None:
        """In the business's time zone; None when somebody is there now, and when nobody will be for a year."""
        if self.is_open(now):
            return None
        ahead = (begin for begin, _ in self._intervals(now, 0, FAR) if begin > now)
        begin = next(ahead, None)
        return begin.astimezone(ZoneInfo(self.time_zone)) if begin else None

    def _intervals(self, now: datetime, first: int, last: int) -> Iterator[tuple[datetime, datetime]]:
        """In UTC and in order, of the days around `now`, counted from today."""
        zone = ZoneInfo(self.time_zone)
        today = now.astimezone(zone).date()
        for ahead in range(first, last + 1):
            day = today + timedelta(days=ahead)
            listed = self.exceptions.get(day)
            intervals = self.week.get(WEEKDAYS[day.weekday()], ()) if listed is None else listed
            for begin, end in sorted(map(minutes_of, intervals)):
                yield _instant(day, begin, zone), _instant(day, end, zone)


def check_time_zone(name: str) -> str:
    """A name such as "Europe/Moscow". Raises `ValueError`."""
    if name not in _time_zones():
        raise ValueError(f"no time zone: {name}")
    return name


@cache
def _time_zones() -> set[str]:
    return available_timezones()


def minutes_of(interval: str) -> tuple[int, int]:
    """Minutes after the day's midnight at which it begins and ends; an end after midnight counts on. Raises
    `ValueError`."""
    found = _INTERVAL.fullmatch(interval.strip())
    if found is None:
        raise ValueError(f"no interval: {interval}")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    begin, end = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or begin >= _DAY or end > _DAY or begin == end:
        raise ValueError(f"no interval: {interval}")
    return begin, end if end > begin else end + _DAY


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The first of two equal times when the clocks go back; a time that is left out becomes the one after the gap."""
    days, rest = divmod(minutes, _DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return wall.astimezone(UTC)
