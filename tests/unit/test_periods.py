"""Which time numbers are about: by the clocks of the business, compared with as much time before."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.models import Assistant
from core.periods import Span, period_until, week_before, zone_of

BERLIN = "Europe/Berlin"


def test_today_begins_at_the_midnight_of_the_business_and_is_compared_with_yesterday_by_this_hour() -> None:
    period = period_until(datetime(2026, 12, 3, 1, 30, tzinfo=UTC), Span.DAY, BERLIN)

    assert period.begins == datetime(2026, 12, 2, 23, tzinfo=UTC)
    assert period.ends == datetime(2026, 12, 3, 1, 30, tzinfo=UTC)
    assert len(period.edges) - 1 == 3, "hours"
    assert period.before == (datetime(2026, 12, 1, 23, tzinfo=UTC), datetime(2026, 12, 2, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 7, 1), 24)])
def test_a_day_has_as_many_hours_as_its_clocks_show(day: date, hours: int) -> None:
    now = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC) - timedelta(hours=2)
    period = period_until(now.replace(minute=59), Span.DAY, BERLIN)
    week = period_until(now + timedelta(days=1), Span.WEEK, BERLIN)

    assert abs(len(period.edges) - 1 - hours) <= 1
    assert week.edges[-2] - week.edges[-3] == timedelta(hours=hours)


def test_a_week_and_a_month_end_now_and_have_as_many_days() -> None:
    now = datetime(2026, 12, 3, 12, tzinfo=UTC)

    assert len(period_until(now, Span.WEEK, "UTC").edges) - 1 == 7
    month = period_until(now, Span.MONTH, "UTC")
    assert len(month.edges) - 1 == 30
    assert month.before == (datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 11, 3, 12, tzinfo=UTC))


@pytest.mark.parametrize("span", Span)
def test_at_midnight_there_is_still_a_period(span: Span) -> None:
    period = period_until(datetime(2026, 12, 3, tzinfo=UTC), span, "UTC")

    assert len(period.edges) >= 2
    assert period.begins <= period.ends


def test_the_week_of_a_letter_is_from_monday_to_monday() -> None:
    period = week_before(date(2026, 11, 2), BERLIN)

    assert period.begins == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert period.ends == datetime(2026, 11, 1, 23, tzinfo=UTC)
    assert period.before == (datetime(2026, 10, 18, 22, tzinfo=UTC), period.begins)


def test_the_zone_is_that_of_the_working_hours() -> None:
    known = Assistant(name="a", answer_policy={"working_hours": {"time_zone": BERLIN}})

    assert zone_of([Assistant(name="b"), known]) == BERLIN
    assert zone_of([Assistant(name="b")]) == "UTC"
