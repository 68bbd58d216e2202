"""Webhooks through the REST API, as a program's maker sets them up and looks for what was lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.app import create_app
from core.app import Core
from core.models import Assistant, Change, Delivery, DeliveryStatus, WebhookEndpoint
from core.undoing import undo
from core.webhooks.delivering import deliver_for_ever
from core.webhooks.events import Event
from tests.conftest import MakeAssistant, Owner
from tests.integration.conftest import running
from tests.receiver import Receiver, receiver
from tests.waiting import until

PATH = "/api/v1/webhooks"


@pytest.fixture
async def crm() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
async def here(core: Core, crm: Receiver) -> AsyncIterator[Core]:
    yield replace(core, settings=core.settings.model_copy(update={"allowed_private_hosts": crm.host}))
    await WebhookEndpoint.all().delete()


@pytest.fixture
def api(here: Core) -> Any:
    return create_app(here, rate_limits=False).test_client()


async def _made(api: Any, anna: Owner, url: str, **values: Any) -> dict[str, Any]:
    response = await api.post(PATH, json={"url": url, **values}, headers=anna.headers)
    assert response.status_code == 201, await response.get_data(as_text=True)
    made: dict[str, Any] = await response.get_json()
    return made


async def test_added_shown_changed_and_deleted(api: Any, anna: Owner, rosa: Assistant, crm: Receiver) -> None:
    made = await _made(api, anna, crm.url())
    assert made["secret"].startswith("whsec_")
    assert (made["assistant_id"], made["events"], made["active"]) == (str(rosa.id), ["*"], True)
    mine = f"{PATH}/{made['id']}"
    for path in (PATH, mine):
        shown = await (await api.get(path, headers=anna.headers)).get_data(as_text=True)
        assert made["url"] in shown
        assert "whsec_" not in shown

    values = {"events": ["message.created", "gap.recorded", "gap.recorded"], "active": False}
    changed = await (await api.patch(mine, json=values, headers=anna.headers)).get_json()
    assert (changed["events"], changed["active"]) == (["message.created", "gap.recorded"], False)
    all_of_them = {"events": [event.value for event in Event]}
    changed = await (await api.patch(mine, json=all_of_them, headers=anna.headers)).get_json()
    assert changed["events"] == ["*"]

    assert (await api.delete(mine, headers=anna.headers)).status_code == 204
    assert (await api.get(mine, headers=anna.headers)).status_code == 404


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"url": "https://127.0.0.1/"}, "error-webhook-address", None),
        ({"url": "http://shop.example/"}, "error-webhook-not-encrypted", None),
        ({"url": "https://shop.example/", "events": ["message.sent"]}, "error-invalid", "events"),
        ({"url": "https://shop.example/", "events": []}, "error-invalid", "events"),
        ({"url": "https://shop.example/", "assistant_id": str(uuid4())}, "error-not-found", None),
        ({"url": "https://shop.example/", "secret": "mine"}, "error-invalid", "secret"),
        ({}, "error-invalid", "url"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    api: Any, anna: Owner, rosa: Assistant, values: dict[str, Any], code: str, field: str | None
) -> None:
    response = await api.post(PATH, json=values, headers=anna.headers)
    problem = await response.get_json()
    assert (problem["code"], problem.get("field")) == (code, field)
    assert not await WebhookEndpoint.filter(assistant_id=rosa.id).exists()


async def test_of_several_assistants_one_must_be_named(
    api: Any, anna: Owner, rosa: Assistant, crm: Receiver, assistant: MakeAssistant
) -> None:
    await assistant(anna, "Second")
    refused = await api.post(PATH, json={"url": crm.url()}, headers=anna.headers)
    assert (await refused.get_json())["field"] == "assistant_id"
    await _made(api, anna, crm.url(), assistant_id=str(rosa.id))


async def test_tested_lost_found_and_sent_again(
    api: Any, here: Core, anna: Owner, rosa: Assistant, crm: Receiver
) -> None:
    made = await _made(api, anna, crm.url())
    mine = f"{PATH}/{made['id']}"
    tested = await (await api.post(f"{mine}/test", headers=anna.headers)).get_json()
    assert (tested["result"]["status"], tested["delivery"]["status"]) == (204, "delivered")
    assert crm.told[-1].verified_with(made["secret"])["type"] == "endpoint.test"

    crm.answers["/hook"] = 500
    tested = await (await api.post(f"{mine}/test", headers=anna.headers)).get_json()
    assert tested["delivery"]["status"] == "dead"
    assert "answered with error 500" in tested["result"]["detail"]
    russian = {**anna.headers, "Accept-Language": "ru"}
    whole = await (await api.get(f"{mine}/deliveries/{tested['delivery']['id']}", headers=russian)).get_json()
    assert "ответил ошибкой 500" in whole["delivery"]["detail"]
    assert whole["payload"]["type"] == "endpoint.test"
    assert [one["number"] for one in whole["tries"]] == [1]

    lost = await Delivery.create(
        endpoint_id=made["id"],
        event="gap.recorded",
        payload={"type": "gap.recorded", "timestamp": "", "data": {"gap": {"id": str(uuid4())}}},
        status=DeliveryStatus.DEAD,
    )
    listed = await (await api.get(f"{mine}/deliveries?status=dead&limit=1", headers=anna.headers)).get_json()
    assert [one["id"] for one in listed["deliveries"]] == [str(lost.id)]
    crm.answers["/hook"] = 200
    moment = datetime.now(UTC)
    span = {"since": (moment + timedelta(hours=1)).isoformat()}
    replayed = await api.post(f"{mine}/replay", json=span, headers=anna.headers)
    assert await replayed.get_json() == {"replayed": 0, "more": False}
    async with running(here, deliver_for_ever(here)):
        replayed = await api.post(f"{mine}/replay", json={}, headers=anna.headers)
        assert await replayed.get_json() == {"replayed": 1, "more": False}
        await _taken(crm, str(lost.id), 1)
        again = await api.post(f"{mine}/deliveries/{lost.id}/replay", headers=anna.headers)
        assert again.status_code == 202
        await _taken(crm, str(lost.id), 2)


async def _taken(crm: Receiver, delivery_id: str, times: int) -> None:
    async def taken() -> bool:
        settled = await Delivery.filter(id=delivery_id, status=DeliveryStatus.DELIVERED).exists()
        return settled and [one.id for one in crm.told].count(delivery_id) == times

    await until(taken)


async def test_a_delivery_is_found_under_its_own_webhook_only(
    api: Any, anna: Owner, rosa: Assistant, crm: Receiver
) -> None:
    one, other = [await _made(api, anna, crm.url(path)) for path in ("/one", "/other")]
    tested = await (await api.post(f"{PATH}/{one['id']}/test", headers=anna.headers)).get_json()
    place = f"deliveries/{tested['delivery']['id']}"
    assert (await api.get(f"{PATH}/{one['id']}/{place}", headers=anna.headers)).status_code == 200
    assert (await api.get(f"{PATH}/{other['id']}/{place}", headers=anna.headers)).status_code == 404
    assert (await api.post(f"{PATH}/{other['id']}/{place}/replay", headers=anna.headers)).status_code == 404


async def test_a_secret_is_renewed_with_an_overlap(api: Any, anna: Owner, rosa: Assistant, crm: Receiver) -> None:
    made = await _made(api, anna, crm.url())
    mine = f"{PATH}/{made['id']}"
    renewed = await (await api.post(f"{mine}/rotate-secret", headers=anna.headers)).get_json()
    assert renewed["secret"] != made["secret"]
    await api.post(f"{mine}/test", headers=anna.headers)
    for secret in (made["secret"], renewed["secret"]):
        crm.told[-1].verified_with(secret)


async def test_adding_changing_and_deleting_are_undone(
    api: Any, here: Core, anna: Owner, rosa: Assistant, crm: Receiver
) -> None:
    made = await _made(api, anna, crm.url())
    mine = f"{PATH}/{made['id']}"

    async def last() -> Change:
        change = await Change.filter(subject_id=made["id"]).order_by("-created_at").first()
        assert change
        return change

    await api.patch(mine, json={"url": crm.url("/new"), "active": False}, headers=anna.headers)
    await undo(here, anna.actor, await last())
    row = await WebhookEndpoint.get(id=made["id"])
    assert (row.url, row.active) == (crm.url(), True)

    await api.delete(mine, headers=anna.headers)
    await undo(here, anna.actor, await last())
    tested = await (await api.post(f"{mine}/test", headers=anna.headers)).get_json()
    assert tested["result"]["status"] == 204
    crm.told[-1].verified_with(made["secret"])

    await undo(here, anna.actor, await last())
    assert not await WebhookEndpoint.filter(id=made["id"]).exists(), "that it was put back is undone"
