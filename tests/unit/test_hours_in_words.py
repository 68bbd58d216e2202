"""Working hours as owners say them become days and intervals; what is no hours is refused and named."""

import pytest

from core.hours_in_words import days_alike, week_in
from core.hours_tokens import HoursUnclear
from core.working_hours import WEEKDAYS, WorkingHours

SHORT = {"mon": "monday", "tue": "tuesday", "wed": "wednesday", "thu": "thursday", "fri": "friday", "sat": "saturday",
         "sun": "sunday"}  # fmt: skip
WORK = "mon tue wed thu fri"


def _week(*told: tuple[str, list[str]]) -> dict[str, list[str]]:
    found = {SHORT[day]: hours for days, hours in told for day in days.split()}
    return {day: found[day] for day in WEEKDAYS if day in found}


NINE = ["9:00-18:00"]
SATURDAY = ("sat", ["10:00-16:00"])
ALL = f"{WORK} sat sun"
SAID = [
    ("Mon–Fri 9–18, Sat 10–16", _week((WORK, NINE), SATURDAY)),
    ("Mon-Fri 9:00-18:00; Sat 10:00-16:00; Sun closed", _week((WORK, NINE), SATURDAY)),
    ("We are open Monday to Friday from 9 am to 6 pm", _week((WORK, NINE))),
    ("weekdays 9 to 6, Saturday 10am-4pm, closed on Sundays", _week((WORK, NINE), SATURDAY)),
    ("our hours are 9–18 on weekdays and 10–16 on Saturday", _week((WORK, NINE), SATURDAY)),
    ("daily 9:00–18:00 except Sunday", _week((f"{WORK} sat", NINE))),
    ("Mon, Wed and Fri 9-18", _week(("mon wed fri", NINE))),
    ("Mon-Fri 9-13, 14-18", _week((WORK, ["9:00-13:00", "14:00-18:00"]))),
    ("Mon–Fri 9–18, lunch 13–14", _week((WORK, ["9:00-13:00", "14:00-18:00"]))),
    ("Tue 1-5pm", _week(("tue", ["13:00-17:00"]))),
    ("Tue 9-5pm", _week(("tue", ["9:00-17:00"]))),
    ("Fri 22-6", _week(("fri", ["22:00-6:00"]))),
    ("Fri 10 to midnight, Sat noon to midnight", _week(("fri", ["10:00-24:00"]), ("sat", ["12:00-24:00"]))),
    ("Sat-Mon 9-18", _week(("mon sat sun", NINE))),
    ("Mon-Fri 9 to 9", _week((WORK, ["9:00-21:00"]))),
    ("24/7", _week((ALL, ["0:00-24:00"]))),
    ("around the clock", _week((ALL, ["0:00-24:00"]))),
    ("9-18", _week((ALL, NINE))),
    ("пн-пт с 9 до 18, сб 10–16, вс выходной", _week((WORK, NINE), SATURDAY)),
    ("Пн.–пт. 9.00–18.00, сб. 10.00–16.00, вс. — выходной", _week((WORK, NINE), SATURDAY)),
    ("мы работаем с понедельника по пятницу с 9 до 18", _week((WORK, NINE))),
    ("по будням с 9:00 до 18:00, в субботу с 10 до 16", _week((WORK, NINE), SATURDAY)),
    ("с 9 до 18 по будням, в субботу с 10 до 16", _week((WORK, NINE), SATURDAY)),
    ("будни 9-18, выходные 10-16", _week((WORK, NINE), ("sat sun", ["10:00-16:00"]))),
    ("будни 9-18, сб и вс — выходные", _week((WORK, NINE))),
    ("ежедневно с 9 утра до 6 вечера", _week((ALL, NINE))),
    ("ежедневно с 9 до 18, кроме воскресенья", _week((f"{WORK} sat", NINE))),
    ("без выходных с 9 до 18", _week((ALL, NINE))),
    ("вт, чт с 10 до 20", _week(("tue thu", ["10:00-20:00"]))),
    ("пн-пт 9-18, обед с 13 до 14", _week((WORK, ["9:00-13:00", "14:00-18:00"]))),
    ("пн-чт 12-24\nпт-вс 12-2", _week(("mon tue wed thu", ["12:00-24:00"]), ("fri sat sun", ["12:00-2:00"]))),
    ("круглосуточно", _week((ALL, ["0:00-24:00"]))),
    ("пн-пт круглосуточно", _week((WORK, ["0:00-24:00"]))),
    ("График работы: пн–пт 9–18", _week((WORK, NINE))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "week"), SAID, ids=[text for text, _ in SAID])
def test_hours_are_read_as_they_are_said(text: str, week: dict[str, list[str]]) -> None:
    read = week_in(text)
    assert read == week
    WorkingHours("Europe/Moscow", read)  # serving takes it


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("", ""),
        ("Mon–Fri", ""),
        ("closed", ""),
        ("вс выходной", ""),
        ("hello there", "hello there"),
        ("Mon–Fri 9", "9"),
        ("Mon–Fri 25–30", "25"),
        ("Mon–Fri 9:75–18", "9:75"),
        ("Mon–Fri 15–15", "15–15"),
        ("Mon 13pm–15pm", "13pm"),
        ("Mon–Fri 9–18, maybe Saturday", "maybe saturday"),
        ("пн-пт 9-18, сб по записи", "записи"),
        ("Политика 9-18", "политика 9-18"),
        ("-", "-"),
        ("9 18 27", "27"),
        ("0" * 600, ""),
        ("пн-пт, сб 10-", "10"),
        ("Sunday best", "best"),
    ],
)
def test_what_says_no_hours_is_refused_with_what_was_not_understood(text: str, piece: str) -> None:
    with pytest.raises(HoursUnclear) as refused:
        week_in(text)
    assert refused.value.piece == piece


def test_days_in_a_row_with_the_same_hours_are_told_together() -> None:
    week = week_in("пн-пт 9-18, сб 10-16")
    assert days_alike(week) == [(1, 5, NINE), (6, 6, ["10:00-16:00"]), (7, 7, [])]
