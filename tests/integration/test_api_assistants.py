import asyncio
from typing import Any
from uuid import uuid4

from tests.conftest import MakeAssistant, MakeOwner

ASSISTANTS = "/api/v1/assistants"


async def test_an_owner_makes_changes_and_deletes_an_assistant(api: Any, owner: MakeOwner) -> None:
    headers = (await owner()).headers
    made = await api.post(ASSISTANTS, headers=headers, json={"name": "Rosa", "locale": "ru"})
    address = f"{ASSISTANTS}/{(await made.get_json())['id']}"
    changed = await api.patch(
        address, headers=headers, json={"persona": "Short and kind.", "generation": {"max_tokens": 90}}
    )

    assert made.status_code == 201
    seen = await (await api.get(address, headers=headers)).get_json()
    assert seen == await changed.get_json()
    assert (seen["name"], seen["locale"], seen["persona"]) == ("Rosa", "ru", "Short and kind.")
    assert seen["generation"] == {"max_tokens": 90}
    assert (await api.delete(address, headers=headers)).status_code == 204
    assert (await api.get(address, headers=headers)).status_code == 404


async def test_a_setting_that_would_break_answers_is_refused(api: Any, owner: MakeOwner) -> None:
    headers = (await owner()).headers
    for wrong in (
        {"answer_policy": {"threshold": "high"}},
        {"answer_policy": {"unknown": 1}},
        {"answer_policy": {"quiet_hours": 0.05}},
        {"answer_policy": {"quiet_hours": 721}},
        {"generation": {"max_tokens": 0}},
        {"live_adapter_id": str(uuid4())},
        {"name": "  "},
    ):
        answer = await api.post(ASSISTANTS, headers=headers, json={"name": "Rosa", **wrong})
        assert answer.status_code == 422, wrong
        assert (await answer.get_json())["field"].startswith(next(iter(wrong)))


async def test_a_change_of_one_rule_leaves_the_others(api: Any, owner: MakeOwner, assistant: MakeAssistant) -> None:
    anna = await owner()
    address = f"{ASSISTANTS}/{(await assistant(anna)).id}"
    first = {"answer_policy": {"contact": "+353 1 234", "length": "long"}, "generation": {"temperature": 0.5}}
    then = {"answer_policy": {"length": "short"}, "generation": {"max_tokens": 64}}
    for change in (first, then):
        changed = await (await api.patch(address, headers=anna.headers, json=change)).get_json()
    assert changed["answer_policy"] == {"contact": "+353 1 234", "length": "short"}
    assert changed["generation"] == {"temperature": 0.5, "max_tokens": 64}


async def test_somebody_elses_assistant_does_not_exist(api: Any, owner: MakeOwner, assistant: MakeAssistant) -> None:
    theirs = await assistant()
    headers = (await owner()).headers
    address = f"{ASSISTANTS}/{theirs.id}"
    answers = [
        await api.get(address, headers=headers),
        await api.patch(address, headers=headers, json={"name": "Mine now"}),
        await api.delete(address, headers=headers),
        await api.post(f"{address}/documents", headers=headers),
        await api.post(f"{address}/search", headers=headers, json={"query": "anything"}),
        await api.post(f"{address}/api-keys", headers=headers, json={"name": "k"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert await (await api.get(ASSISTANTS, headers=headers)).get_json() == {"assistants": []}


async def test_an_api_key_cannot_do_what_owners_do(api: Any, owner: MakeOwner, assistant: MakeAssistant) -> None:
    anna = await owner()
    hers = await assistant(anna)
    issued = await api.post(
        f"{ASSISTANTS}/{hers.id}/api-keys", headers=anna.headers, json={"name": "site", "scopes": ["chat", "read"]}
    )
    headers = {"Authorization": f"Bearer {(await issued.get_json())['key']}"}

    assert (await api.get(ASSISTANTS, headers=headers)).status_code == 403
    assert (await api.delete(f"{ASSISTANTS}/{hers.id}", headers=headers)).status_code == 403


async def test_a_key_is_shown_once_and_refused_after_it_is_revoked(
    api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    address = f"{ASSISTANTS}/{(await assistant(anna)).id}"
    issued = await (
        await api.post(f"{address}/api-keys", headers=anna.headers, json={"name": "crm", "scopes": ["read"]})
    ).get_json()
    headers = {"Authorization": f"Bearer {issued['key']}"}
    listed = await (await api.get(f"{address}/api-keys", headers=anna.headers)).get_json()

    assert [key["prefix"] for key in listed["api_keys"]] == [issued["key"][:12]]
    assert "key" not in listed["api_keys"][0]
    assert (await api.get(f"{address}/documents", headers=headers)).status_code == 200
    assert (await api.delete(f"{address}/api-keys/{issued['id']}", headers=anna.headers)).status_code == 204
    assert (await api.get(f"{address}/documents", headers=headers)).status_code == 401


async def test_an_unknown_scope_and_a_bare_time_are_refused(
    api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    address = f"{ASSISTANTS}/{(await assistant(anna)).id}/api-keys"
    scope = await api.post(address, headers=anna.headers, json={"name": "k", "scopes": ["everything"]})
    time = await api.post(address, headers=anna.headers, json={"name": "k", "expires_at": "2030-01-01T00:00:00"})

    assert [scope.status_code, time.status_code] == [422, 422]
    assert [(await scope.get_json())["field"], (await time.get_json())["field"]] == ["scopes", "expires_at"]


async def test_too_little_to_learn_from_is_said_before_a_training_starts(
    api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    address = f"{ASSISTANTS}/{(await assistant(anna)).id}/adapters"
    answer = await api.post(address, headers=anna.headers)
    outside = await api.post(address, headers=anna.headers, json={"out": "/tmp"})

    assert answer.status_code == 422
    assert (await answer.get_json())["code"] == "error-too-little-data"
    assert (await outside.get_json())["field"] == "out"
    assert await (await api.get(address, headers=anna.headers)).get_json() == {"adapters": []}


async def test_of_two_requests_at_once_one_starts_a_training(
    api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    address = f"{ASSISTANTS}/{(await assistant(anna)).id}"
    for number in range(20):
        pair = {
            "question": f"What does kettle number {number} cost?",
            "answer": f"Kettle {number} costs {number} euros.",
        }
        await api.post(f"{address}/verified-answers", headers=anna.headers, json=pair)
    answers = await asyncio.gather(*(api.post(f"{address}/adapters", headers=anna.headers) for _ in range(4)))

    listed = (await (await api.get(f"{address}/adapters", headers=anna.headers)).get_json())["adapters"]
    for adapter in listed:  # before any worker of another test begins
        await api.post(f"{address}/adapters/{adapter['id']}/cancel", headers=anna.headers)

    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    assert len(listed) == 1


async def test_a_verified_answer_is_given_word_for_word_until_it_is_deleted(
    api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    address = f"{ASSISTANTS}/{(await assistant(anna)).id}"
    key = await (await api.post(f"{address}/api-keys", headers=anna.headers, json={"name": "site"})).get_json()
    headers = {"Authorization": f"Bearer {key['key']}"}
    question = "Do you repair old samovars?"

    async def ask() -> dict[str, Any]:
        return dict(await (await api.post("/api/v1/chat", headers=headers, json={"message": question})).get_json())

    assert (await ask())["tier"] == "refused"
    gaps = await (await api.get(f"{address}/gaps", headers=anna.headers)).get_json()
    assert [gap["question"] for gap in gaps["gaps"]] == [question]
    added = await api.post(
        f"{address}/verified-answers", headers=anna.headers, json={"question": question, "answer": "On Fridays."}
    )
    answered = await ask()
    assert (answered["tier"], answered["answer"]) == ("verified", "On Fridays.")
    assert await (await api.get(f"{address}/gaps", headers=anna.headers)).get_json() == {"gaps": []}

    row = (await added.get_json())["id"]
    assert (await api.delete(f"{address}/verified-answers/{row}", headers=anna.headers)).status_code == 204
    assert (await ask())["tier"] == "refused"
