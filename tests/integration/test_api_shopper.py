"""The mystery shopper over REST."""

from typing import Any

import pytest

from core.app import Core
from core.models import Assistant, ShopperRun
from core.verified import change_verified_answer, verified_answers_of
from tests.conftest import Owner
from tests.integration.shopping import done

pytestmark = pytest.mark.usefixtures("worker")


async def _run(api: Any, anna: Owner, rosa: Assistant, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Begun, waited for, read."""
    path = f"/api/v1/assistants/{rosa.id}/shopper"
    begun = await api.post(path, headers=anna.headers, **({"json": body} if body else {}))
    assert begun.status_code == 202, await begun.get_data(as_text=True)
    run_id = (await begun.get_json())["id"]
    await done(await ShopperRun.get(id=run_id))
    told: dict[str, Any] = await (await api.get(f"{path}/{run_id}", headers=anna.headers)).get_json()
    return told


async def test_runs_are_begun_read_compared_and_accepted(api: Any, core: Core, anna: Owner, rosa: Assistant) -> None:
    path = f"/api/v1/assistants/{rosa.id}/shopper"
    added = await api.post(f"{path}/questions", headers=anna.headers, json={"question": "Do you sell elephants?"})
    assert added.status_code == 201
    again = await api.post(f"{path}/questions", headers=anna.headers, json={"question": "do you sell elephants"})
    assert (again.status_code, (await again.get_json())["code"]) == (409, "error-shopper-asked")
    first = await _run(api, anna, rosa)
    assert (first["state"], first["kind"], first["found"]["new"]) == ("done", "asked", 2)

    [ready] = await verified_answers_of(rosa)
    await change_verified_answer(ready, "At 14 Mill Lane.", anna.actor)
    worse = (await _run(api, anna, rosa))["results"][0]
    assert (worse["question"], worse["verdict"], worse["reasons"]) == ("Where is the shop?", "worse", ["facts"])
    assert (worse["before"]["text"], worse["after"]["text"]) == ("At 12 Mill Lane.", "At 14 Mill Lane.")
    changes = await (await api.get("/api/v1/changes", headers=anna.headers)).get_json()
    assert worse["causes"] == [{"change": changes["changes"][0]["id"], "itself": "", "name": "", "sure": True}]
    assert (await api.post(f"{path}/results/{worse['id']}/accept", headers=anna.headers)).status_code == 204
    third = await _run(api, anna, rosa)
    assert third["found"] == {"new": 0, "same": 2, "changed": 0, "better": 0, "worse": 0}

    settings = {"settings": {"answer_policy": {"contact": "@anna"}}}
    tried = await _run(api, anna, rosa, settings)
    assert (tried["kind"], tried["found"]["changed"]) == ("change", 1)
    assert "@anna" in tried["results"][0]["after"]["text"]
    assert "contact" not in (await Assistant.get(id=rosa.id)).answer_policy

    listed = await (await api.get(path, headers=anna.headers)).get_json()
    assert [run["kind"] for run in listed["runs"]] == ["change", "asked", "asked", "asked"]
    questions = await (await api.get(f"{path}/questions", headers=anna.headers)).get_json()
    assert {one["source"] for one in questions["questions"]} == {"own", "ready"}
    for one in questions["questions"]:
        gone = await api.delete(f"{path}/questions/{one['id']}", headers=anna.headers)
        assert gone.status_code == 204
    empty = await api.post(path, headers=anna.headers)
    assert (empty.status_code, (await empty.get_json())["code"]) == (409, "error-shopper-nothing")
