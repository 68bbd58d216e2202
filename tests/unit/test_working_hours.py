"""When somebody is there again: over midnight, over changes of the clock, on days that are different."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.handoff import opening_words
from core.texts import Texts
from core.working_hours import WorkingHours, minutes_of

OFFICE = {day: ["9:00-13:00", "14:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}


def _local(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def _opening(hours: WorkingHours, now: datetime) -> str:
    """In local time; empty when it is open, or never opens."""
    opening = hours.next_opening(now)
    return opening.strftime("%Y-%m-%d %H:%M") if opening else ""


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23 08:59", "2026-11-23 09:00"),
        ("2026-11-23 09:00", ""),
        ("2026-11-23 12:59", ""),
        ("2026-11-23 13:00", "2026-11-23 14:00"),
        ("2026-11-23 18:00", "2026-11-24 09:00"),
        ("2026-11-27 18:01", "2026-11-30 09:00"),
        ("2026-11-29 23:59", "2026-11-30 09:00"),
    ],
)
def test_an_office_opens_in_the_morning_after_lunch_and_on_monday(now: str, opens: str) -> None:
    hours = WorkingHours("Europe/Moscow", OFFICE)

    assert _opening(hours, _local("Europe/Moscow", now)) == opens


def test_the_customers_own_time_zone_changes_nothing() -> None:
    hours = WorkingHours("Asia/Vladivostok", OFFICE)

    assert _opening(hours, datetime(2026, 11, 22, 22, 30, tzinfo=UTC)) == "2026-11-23 09:00"  # 8:30 on Monday there
    assert hours.is_open(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))


def test_a_night_shift_lasts_until_the_next_morning() -> None:
    hours = WorkingHours("Europe/London", {"friday": ["22:00-6:00"]})

    assert hours.is_open(_local("Europe/London", "2026-11-27 23:30"))
    assert hours.is_open(_local("Europe/London", "2026-11-28 05:59"))
    assert _opening(hours, _local("Europe/London", "2026-11-28 06:00")) == "2026-12-04 22:00"
    assert _opening(hours, _local("Europe/London", "2026-11-27 05:59")) == "2026-11-27 22:00"


def test_round_the_clock_is_always_open() -> None:
    days = [*OFFICE, "saturday"]
    hours = WorkingHours("UTC", {day: ["0:00-24:00"] for day in days})

    assert hours.is_open(datetime(2026, 11, 23, 0, 0, tzinfo=UTC))
    assert hours.is_open(datetime(2026, 11, 28, 23, 59, tzinfo=UTC))
    assert _opening(hours, datetime(2026, 11, 29, 12, 0, tzinfo=UTC)) == "2026-11-30 00:00"


def test_an_exception_stands_for_its_weekday() -> None:
    exceptions = {date(2026, 11, 24): [], date(2026, 11, 28): ["12:00-15:00"]}
    hours = WorkingHours("Europe/Moscow", OFFICE, exceptions)

    assert _opening(hours, _local("Europe/Moscow", "2026-11-23 19:00")) == "2026-11-25 09:00"
    assert _opening(hours, _local("Europe/Moscow", "2026-11-27 19:00")) == "2026-11-28 12:00"
    assert not hours.is_open(_local("Europe/Moscow", "2026-11-24 10:00"))


def test_the_clocks_go_forward_and_back_and_hours_stay_what_the_clock_says() -> None:
    hours = WorkingHours("Europe/Berlin", {"sunday": ["9:00-17:00"]})

    # 2027-03-28: 2:00 becomes 3:00. 2027-10-31: 3:00 becomes 2:00.
    for day, utc_hour in (("2027-03-28", 7), ("2027-10-31", 8)):
        opening = hours.next_opening(_local("Europe/Berlin", f"{day} 00:30"))
        assert opening
        assert opening.hour == 9
        assert opening.astimezone(UTC).hour == utc_hour


def test_a_time_that_the_clock_leaves_out_becomes_the_one_after_the_gap() -> None:
    hours = WorkingHours("Europe/Berlin", {"sunday": ["2:30-8:00"]})

    assert _opening(hours, _local("Europe/Berlin", "2027-03-28 01:00")) == "2027-03-28 03:30"


def test_an_hour_that_comes_twice_belongs_to_a_night_shift_twice() -> None:
    hours = WorkingHours("Europe/Berlin", {"saturday": ["22:00-6:00"]})

    for fold in (0, 1):
        assert hours.is_open(_local("Europe/Berlin", "2027-10-31 02:30").replace(fold=fold))


def test_who_is_never_there_promises_no_time() -> None:
    assert WorkingHours("UTC").next_opening(datetime(2026, 11, 23, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "interval", ["9-18", "25:00-26:00", "9:60-10:00", "9:00", "9:00-9:00", "24:00-6:00", "", "0:00-24:01"]
)
def test_what_is_no_interval_is_refused(interval: str) -> None:
    with pytest.raises(ValueError, match="no interval"):
        minutes_of(interval)


@pytest.mark.parametrize("values", [{"time_zone": "Moscow"}, {"time_zone": "UTC", "week": {"monday": ["9-18"]}}])
def test_hours_that_nobody_could_keep_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no "):
        WorkingHours(**values)


@pytest.mark.parametrize(
    ("now", "english", "russian"),
    [
        ("2026-11-30 08:00", "today at 9:00", "сегодня в 9:00"),
        ("2026-11-29 23:00", "tomorrow at 9:00", "завтра в 9:00"),
        ("2026-11-28 12:00", "on Monday at 9:00", "в понедельник в 9:00"),
        ("2026-11-23 10:00", "on 30 November at 9:00", "30 ноября в 9:00"),
    ],
)
def test_an_opening_is_said_as_people_say_it(now: str, english: str, russian: str) -> None:
    texts, opening = Texts(), _local("Europe/Moscow", "2026-11-30 09:00")

    assert opening_words(texts, "en", opening, _local("Europe/Moscow", now)) == english
    assert opening_words(texts, "ru", opening, _local("Europe/Moscow", now).astimezone(UTC)) == russian
