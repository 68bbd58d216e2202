"""Time zones as owners name them."""

from datetime import UTC, datetime

import pytest

from core.time_zones import city_of, offset_words, zone_in
from core.working_hours import check_time_zone
from tests.subprocesses import ROOT

WINTER = datetime(2027, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Moscow", "Europe/Moscow"),
        ("москва", "Europe/Moscow"),
        ("по Москве", "Europe/Moscow"),
        ("мск", "Europe/Moscow"),
        ("Питер", "Europe/Moscow"),
        ("в Екатеринбурге", "Asia/Yekaterinburg"),
        ("Екатеринбург", "Asia/Yekaterinburg"),
        ("Санкт-Петербург", "Europe/Moscow"),
        ("new york", "America/New_York"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("Reykjavik", "Atlantic/Reykjavik"),
        ("UTC", "UTC"),
        ("UTC+3", "Etc/GMT-3"),
        ("+5", "Etc/GMT-5"),
        ("GMT-4", "Etc/GMT+4"),
        ("+5:30", "Asia/Kolkata"),
        ("+0545", "Asia/Kathmandu"),
        ("+25", None),
        ("-13", None),
        ("+3:17", None),
        ("Atlantis", None),
        ("", None),
        ("no", None),
        ("?", None),
    ],
)
def test_a_zone_is_known_by_its_city_or_its_offset(text: str, zone: str | None) -> None:
    assert zone_in(text) == zone
    if zone:
        check_time_zone(zone)


def test_every_city_of_ours_is_one_that_serving_knows() -> None:
    lines = (ROOT / "core" / "time_zones.txt").read_text(encoding="utf-8").splitlines()
    told = [line.split(";") for line in lines if not line.startswith("#")]
    assert len(told) > 60
    for zone, *names in told:
        check_time_zone(zone)
        for name in ", ".join(filter(str.strip, names)).split(","):
            assert zone_in(name) == zone, name


def test_a_zone_is_told_by_its_city_and_offset() -> None:
    assert city_of("Europe/Moscow", "ru") == "Москва"
    assert city_of("Europe/Moscow", "en") == "Moscow"
    assert city_of("Atlantic/Reykjavik", "ru") == "Reykjavik"
    assert city_of("Etc/GMT-3", "ru") == ""
    assert offset_words("Etc/GMT-3", WINTER) == "UTC+3"
    assert offset_words("America/New_York", WINTER) == "UTC−5"
    assert offset_words("Asia/Kolkata", WINTER) == "UTC+5:30"
    assert offset_words("UTC", WINTER) == "UTC+0"
