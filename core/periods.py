"""Which time numbers are about, in the time zone of the business: today, seven days, thirty days, or the last week.

The time before is as long and ends at the same hour, so that a morning is not compared with a whole day. Days are told
apart by the business's own midnights, those of 23 and 25 hours too. Refuses to know what is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.models import Assistant
from core.policy import policy_of

NO_ZONE = "UTC"
_HOUR = timedelta(hours=1)


class Span(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_DAYS = {Span.WEEK: 7, Span.MONTH: 30}


@dataclass(frozen=True, slots=True)
class Period:
    """`edges` part it into hours (of a day) or days, `before` is what it is compared with; all of them in UTC."""

    span: Span
    zone: str
    edges: tuple[datetime, ...]
    before: tuple[datetime, datetime]

    @property
    def begins(self) -> datetime:
        return self.edges[0]

    @property
    def ends(self) -> datetime:
        return self.edges[-1]

    def local(self, moment: datetime) -> datetime:
        """As the clocks of the business show it."""
        return moment.astimezone(ZoneInfo(self.zone))


def zone_of(assistants: Sequence[Assistant]) -> str:
    """Of the first whose working hours are known."""
    hours = (policy_of(assistant).working_hours for assistant in assistants)
    return next((one.time_zone for one in hours if one), NO_ZONE)


def period_until(now: datetime, span: Span, zone: str) -> Period:
    """Today, or as many days with today as the last one. `now` is aware."""
    here = now.astimezone(ZoneInfo(zone))
    days = _DAYS.get(span, 1)
    first = here.date() - timedelta(days=days - 1)
    if span is Span.DAY:
        begin = _midnight(first, zone)
        hours = int((now - begin) / _HOUR) + 1
        edges = [begin + number * _HOUR for number in range(hours)]
    else:
        edges = [_midnight(first + timedelta(days=number), zone) for number in range(days)]
    ends = now.astimezone(UTC)
    edges = [edge for edge in edges if edge < ends] or edges[:1]
    same_hour = datetime.combine(here.date() - timedelta(days=days), here.time(), ZoneInfo(zone)).astimezone(UTC)
    return Period(span, zone, (*edges, ends), (_midnight(first - timedelta(days=days), zone), same_hour))


def week_before(monday: date, zone: str) -> Period:
    """The seven days that end with the midnight at which this Monday begins."""
    edges = tuple(_midnight(monday - timedelta(days=7 - number), zone) for number in range(8))
    return Period(Span.WEEK, zone, edges, (_midnight(monday - timedelta(days=14), zone), edges[0]))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
