"""An assistant's numbers over REST, as JSON and as a picture."""

from typing import Any

from core.gaps import count_question
from core.models import Assistant
from tests.conftest import MakeAssistant, MakeOwner, Owner
from tests.integration.counted import said_to

PNG = b"\x89PNG"


async def test_numbers_of_a_period_are_read_over_rest(api: Any, anna: Owner, rosa: Assistant) -> None:
    asked = ("Do you deliver?", "quoted", ""), ("A person!", "handed_over", "a person was called: asked")
    await said_to(rosa, "vera", *asked, seconds=1.5, score=1)
    await said_to(rosa, "ivan", ("Do you deliver the moon?", "refused", "no"), days_ago=3)
    await said_to(rosa, "ivan", ("Why?", "refused", "no"), days_ago=8)
    await count_question(rosa.id, "Do you deliver the moon?")
    got = await api.get(f"/api/v1/assistants/{rosa.id}/numbers", headers=anna.headers | {"Accept-Language": "ru"})
    assert got.status_code == 200
    told = await got.get_json()

    assert (told["period"], told["time_zone"]) == ("week", "UTC")
    assert told["now"] == {
        "conversations": 2,
        "customers": 2,
        "questions": 3,
        "answered": {"verified": 0, "grounded": 0, "quoted": 1},
        "refused": {"unknown": 1},
        "handed_over": {"asked": 1},
        "share": 0.3333,
        "liked": 2,
        "disliked": 0,
    }
    assert told["before"]["questions"] == 1
    assert sum(part["questions"] for part in told["parts"]) == 3
    assert (told["median_s"], told["p95_s"], told["open_gaps"]) == (1.5, 1.5, 1)
    assert told["worst_gaps"][0]["question"] == "Do you deliver the moon?"
    assert told["subjects"] == [{"subject": "доставка", "asked": 2}]
    day = await (await api.get(f"/api/v1/assistants/{rosa.id}/numbers?period=day", headers=anna.headers)).get_json()
    assert day["now"]["questions"] == 2


async def test_the_picture_is_a_png_also_of_nothing(api: Any, anna: Owner, rosa: Assistant) -> None:
    for period in ("day", "week", "month"):
        got = await api.get(f"/api/v1/assistants/{rosa.id}/numbers/chart?period={period}", headers=anna.headers)
        assert (got.status_code, got.mimetype) == (200, "image/png")
        assert (await got.get_data()).startswith(PNG)
        assert got.headers["Cache-Control"] == "private, no-store"


async def test_an_unknown_period_is_refused_in_words(api: Any, anna: Owner, rosa: Assistant) -> None:
    for route in ("numbers", "numbers/chart"):
        got = await api.get(f"/api/v1/assistants/{rosa.id}/{route}?period=century", headers=anna.headers)
        assert got.status_code in (400, 422)
        assert (await got.get_json())["field"] == "period"


async def test_numbers_of_another_tenant_do_not_exist(
    api: Any, owner: MakeOwner, assistant: MakeAssistant, rosa: Assistant
) -> None:
    stranger = await owner()
    await assistant(stranger)
    for route in ("numbers", "numbers/chart"):
        assert (await api.get(f"/api/v1/assistants/{rosa.id}/{route}", headers=stranger.headers)).status_code == 404
