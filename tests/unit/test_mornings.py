"""When it is morning in a business, and what a reply to the morning's questions says."""

from datetime import UTC, datetime

import pytest

from admin_bot.morning_answers import _answers_in
from core.mornings import morning_of


@pytest.mark.parametrize(
    ("now", "zone", "begun"),
    [
        ("2026-11-30T08:59", "UTC", None),
        ("2026-11-30T09:00", "UTC", "2026-11-30T09:00+00:00"),
        ("2026-11-30T20:59", "UTC", "2026-11-30T09:00+00:00"),
        ("2026-11-30T21:00", "UTC", None),
        ("2026-11-30T05:59", "Europe/Moscow", None),
        ("2026-11-30T06:00", "Europe/Moscow", "2026-11-30T09:00+03:00"),
        ("2026-11-29T23:30", "Asia/Vladivostok", "2026-11-30T09:00+10:00"),
    ],
)
def test_the_morning_begins_at_nine_where_the_business_is(now: str, zone: str, begun: str | None) -> None:
    found = morning_of(datetime.fromisoformat(now).replace(tzinfo=UTC), zone)
    assert found == (begun and datetime.fromisoformat(begun))


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("2. Yes, on Saturdays.", {"2": "Yes, on Saturdays."}),
        ("2) Yes.\nAnd on Sundays.", {"2": "Yes.\nAnd on Sundays."}),
        ("1. Yes.\n3. No,\nnever.", {"1": "Yes.", "3": "No,\nnever."}),
        ("2. Do this:\n1. Open it.\n2. Close it.", {"2": "Do this:\n1. Open it.\n2. Close it."}),
        ("9:00 to 18:00", {}),
        ("2.50 euros", {}),
        ("7. Yes.", {}),
        ("Yes, see below:\n1. Yes.", {}),
        ("2. ", {}),
    ],
)
def test_a_reply_begins_with_the_number_of_its_question(text: str, answers: dict[str, str]) -> None:
    assert _answers_in(text, ["1", "2", "3"]) == answers
