"""Programs are told what happens: signed, in order, at least once, and only what is their own."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from standardwebhooks import WebhookVerificationError

from core.app import Core
from core.conversations import rate_answer
from core.dialog import answer_message
from core.fetching import Fetcher, open_fetcher
from core.keyring import Keyring
from core.messages import Incoming
from core.models import (
    Assistant,
    AuditEvent,
    Conversation,
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    DeliveryTurn,
    EndpointTrouble,
    Message,
    WebhookEndpoint,
)
from core.news import WEBHOOK_STOPPED
from core.webhooks import delivering, line, signing
from core.webhooks.delivering import deliver, deliver_for_ever
from core.webhooks.endpoints import (
    FAILING,
    WebhookAddressRefused,
    WebhookNotEncrypted,
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    rotate_secret,
)
from core.webhooks.events import Event, payload_of
from core.webhooks.line import claim
from core.webhooks.log import KEEP, StillInLine, forget_old_deliveries, replay, replay_span, send_test
from core.webhooks.outbox import outbox, put_in_line
from core.webhooks.sending import GONE
from tests.conftest import MakeAssistant, MakeOwner, Owner
from tests.integration.conftest import running
from tests.receiver import Receiver, receiver
from tests.waiting import until
from tests.web_site import drip

SECOND = timedelta(seconds=1)
Add = Callable[..., Awaitable[tuple[WebhookEndpoint, str]]]


@pytest.fixture
async def crm() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
async def here(core: Core, crm: Receiver) -> AsyncIterator[Core]:
    """The Core, allowed to reach this test's receiver. Its endpoints are forgotten afterwards."""
    settings = core.settings.model_copy(update={"allowed_private_hosts": crm.host})
    yield replace(core, settings=settings)
    await WebhookEndpoint.all().delete()


@pytest.fixture
async def delivers(here: Core) -> AsyncIterator[None]:
    async with running(here, deliver_for_ever(here)):
        yield


@pytest.fixture
def add(here: Core, anna: Owner, rosa: Assistant, crm: Receiver) -> Add:
    """Anna's endpoint for Rosa's events, with its secret."""

    async def made(path: str = "/hook", events: tuple[str, ...] = ("*",)) -> tuple[WebhookEndpoint, str]:
        return await add_endpoint(here, anna.actor, rosa, crm.url(path), events)

    return made


async def _ask(core: Core, assistant: Assistant, text: str = "Where is the shop?", who: str = "vera") -> Message:
    reply = await answer_message(core, Incoming(assistant.id, "web", who, text, contact_name="Vera"))
    return await Message.get(id=reply.message_id)


async def _put(endpoint: WebhookEndpoint, *conversations: Any, number: int = 1) -> list[Delivery]:
    """So many messages of each conversation, written down in turns."""
    made = []
    for place in range(number):
        for conversation in conversations:
            data = {"conversation": {"id": str(conversation)}, "number": place}
            made += await put_in_line([endpoint], payload_of("message.created", data))
    return made


async def _settled(*deliveries: Delivery, status: DeliveryStatus = DeliveryStatus.DELIVERED) -> None:
    ids = [one.id for one in deliveries]

    async def all_are() -> bool:
        return await Delivery.filter(id__in=ids, status=status).count() == len(ids)

    await until(all_are, 20)


@asynccontextmanager
async def _fetcher(core: Core) -> AsyncIterator[Fetcher]:
    async with open_fetcher(core.settings) as fetcher:
        yield fetcher


# What is told


async def test_a_conversation_is_told_from_its_beginning_in_order_and_signed(
    here: Core, rosa: Assistant, crm: Receiver, add: Add, delivers: None
) -> None:
    _, secret = await add()
    answer = await _ask(here, rosa)

    async def told() -> bool:
        return len(crm.told) >= 3

    await until(told)
    assert crm.types() == ["conversation.started", "message.created", "message.created"]
    events = [one.verified_with(secret) for one in crm.told]
    assert [event["data"]["message"]["author"] for event in events[1:]] == ["customer", "assistant"]
    said = events[2]["data"]["message"]
    assert (said["id"], said["text"], said["tier"]) == (str(answer.id), "At 12 Mill Lane.", "verified")
    assert {event["data"]["contact"]["name"] for event in events} == {"Vera"}
    assert len({one.id for one in crm.told}) == 3
    assert all(one.headers["content-type"] == "application/json" for one in crm.told)


async def test_where_nobody_listens_nothing_is_written_down(here: Core, rosa: Assistant) -> None:
    before = await Delivery.all().count()
    await _ask(here, rosa)
    assert await Delivery.all().count() == before


async def test_only_what_an_endpoint_wants_is_told(here: Core, rosa: Assistant, add: Add) -> None:
    wanting, _ = await add(events=("gap.recorded", "feedback.given"))
    answer = await _ask(here, rosa)
    await _ask(here, rosa, "Do you repair bicycles on the moon?")
    await rate_answer(answer, -1, "too short")
    await rate_answer(await Message.get(id=answer.id), -1, "too short")

    told = await Delivery.filter(endpoint_id=wanting.id).order_by("created_at")
    assert [one.event for one in told] == ["gap.recorded", "feedback.given"], "the same score again is no news"
    assert told[0].payload["data"]["gap"]["question"] == "Do you repair bicycles on the moon?"
    assert told[1].payload["data"]["feedback"] == {"score": -1, "comment": "too short"}


async def test_what_an_owner_tries_out_is_not_told(here: Core, rosa: Assistant, add: Add) -> None:
    endpoint, _ = await add()
    await answer_message(here, Incoming(rosa.id, "preview", "owner", "Where is the shop?"))
    assert not await Delivery.filter(endpoint_id=endpoint.id).exists()


async def test_another_tenants_endpoint_hears_nothing(
    here: Core, rosa: Assistant, crm: Receiver, add: Add, owner: MakeOwner, assistant: MakeAssistant, delivers: None
) -> None:
    boris = await owner()
    other = await assistant(boris, "Other")
    await add_endpoint(here, boris.actor, other, crm.url("/boris"))
    _, secret = await add()
    await _ask(here, rosa)

    async def told() -> bool:
        return len(crm.told) >= 3

    await until(told)
    await asyncio.sleep(0.5)
    assert {one.path for one in crm.told} == {"/hook"}
    assert all(one.verified_with(secret)["data"]["assistant_id"] == str(rosa.id) for one in crm.told)


async def test_what_is_taken_back_is_not_told(here: Core, rosa: Assistant, add: Add) -> None:
    endpoint, _ = await add()
    conversation_id = (await _ask(here, rosa)).conversation_id
    conversation = await Conversation.get(id=conversation_id)
    before = await Delivery.filter(endpoint_id=endpoint.id).count()

    async def killed() -> None:
        async with outbox(rosa.id) as out:
            message = await Message.create(conversation_id=conversation.id, author="customer", text="Hello?")
            await out.message_created(conversation, message)
            raise RuntimeError("killed here")

    with pytest.raises(RuntimeError, match="killed"):
        await killed()
    assert await Message.filter(conversation_id=conversation.id).count() == 2
    assert await Delivery.filter(endpoint_id=endpoint.id).count() == before


async def test_an_endpoint_that_is_deleted_at_that_moment_costs_the_change_nothing(
    here: Core, anna: Owner, rosa: Assistant, add: Add
) -> None:
    gone, _ = await add("/gone")
    kept, _ = await add("/kept")
    conversation = await Conversation.get(id=(await _ask(here, rosa)).conversation_id)
    async with outbox(rosa.id) as out:
        await WebhookEndpoint.filter(id=gone.id).delete()
        message = await Message.create(conversation_id=conversation.id, author="customer", text="Hello?")
        await out.message_created(conversation, message)
    assert await Message.filter(id=message.id).exists()
    last = await Delivery.filter(endpoint_id=kept.id).order_by("-created_at").first()
    assert last
    assert last.payload["data"]["message"]["id"] == str(message.id)


# How it is delivered


async def test_one_conversation_is_told_in_order_though_its_first_fails_and_others_go_past(
    here: Core, crm: Receiver, add: Add, delivers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "PAUSES", (0.3 * SECOND,) * 5)
    endpoint, _ = await add()
    blocked, free = uuid4(), uuid4()
    failed = 0

    async def answer(_request: web.Request) -> web.StreamResponse:
        nonlocal failed
        data = crm.told[-1].event["data"]
        if data["conversation"]["id"] == str(blocked) and data["number"] == 0 and failed < 3:
            failed += 1
            return web.Response(status=500)
        return web.Response(status=200)

    crm.answers["/hook"] = answer
    deliveries = await _put(endpoint, blocked, free, number=3)
    await _settled(*deliveries)

    def order(conversation: object) -> list[int]:
        told = [one.event["data"] for one in crm.told]
        return [data["number"] for data in told if data["conversation"]["id"] == str(conversation)]

    assert order(blocked) == [0, 0, 0, 0, 1, 2]
    assert order(free) == [0, 1, 2]
    last_of_free = max(place for place, one in enumerate(crm.told) if str(free) in one.body.decode())
    second_of_blocked = next(
        place
        for place, one in enumerate(crm.told)
        if one.event["data"]["number"] == 1 and str(blocked) in one.body.decode()
    )
    assert last_of_free < second_of_blocked, "the free one did not wait"
    assert (
        len({one.id for one in crm.told if one.event["data"]["number"] == 0 and str(blocked) in one.body.decode()}) == 1
    )
    assert len({one.body for one in crm.told}) == len({one.id for one in crm.told}) == 6, "a repetition is the same"


async def test_two_workers_send_nothing_twice(here: Core, crm: Receiver, add: Add, delivers: None) -> None:
    endpoint, _ = await add()
    async with running(here, deliver_for_ever(here)):
        deliveries = await _put(endpoint, *(uuid4() for _ in range(15)), number=2)
        await _settled(*deliveries)
    assert sorted(one.id for one in crm.told) == sorted(str(one.id) for one in deliveries)
    assert not await DeliveryTurn.filter(endpoint_id=endpoint.id).exists()


async def test_of_many_who_claim_one_delivery_one_has_it(add: Add) -> None:
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    claims = await asyncio.gather(*(claim(delivery.id) for _ in range(10)))
    assert len([one for one in claims if one]) == 1


async def test_an_address_that_hangs_holds_up_no_other(here: Core, crm: Receiver, add: Add, delivers: None) -> None:
    hanging, _ = await add("/hangs")
    crm.answers["/hangs"] = _hang
    stuck = await _put(hanging, *(uuid4() for _ in range(40)))

    async def all_places_taken() -> bool:
        return len(crm.told) >= delivering.MOST_OF_ONE

    await until(all_places_taken)
    quick, _ = await add("/quick")
    deliveries = await _put(quick, *(uuid4() for _ in range(10)))
    began = asyncio.get_running_loop().time()
    await _settled(*deliveries)
    assert asyncio.get_running_loop().time() - began < 5
    assert len([one for one in crm.told if one.path == "/hangs"]) == delivering.MOST_OF_ONE
    assert await Delivery.filter(id__in=[one.id for one in stuck], attempts=0).count() == 36


async def _hang(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


async def test_killed_between_the_answer_and_the_note_it_is_sent_again_under_the_same_id(
    here: Core, crm: Receiver, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LEASE", 0.5 * SECOND)
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    with monkeypatch.context() as patch:

        async def killed(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(delivering, "note", killed)
        async with _fetcher(here) as fetcher:
            with pytest.raises(KeyboardInterrupt):
                await deliver(here, fetcher, delivery.id)
    assert len(crm.told) == 1
    assert (await Delivery.get(id=delivery.id)).status == DeliveryStatus.SENDING
    assert await claim(delivery.id) is None, "as long as its sender may live, nobody else takes it"

    async with running(here, deliver_for_ever(here)):
        await _settled(delivery)
    assert [one.id for one in crm.told] == [str(delivery.id)] * 2
    assert crm.told[0].body == crm.told[1].body


async def test_a_sender_that_comes_back_late_notes_nothing(here: Core, add: Add) -> None:
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    late = await claim(delivery.id)
    assert late
    await Delivery.filter(id=delivery.id).update(run_after=datetime.now(UTC))  # its lease has run out
    current = await claim(delivery.id)
    assert current
    await delivering.note(late, delivering.Outcome(500, "", "webhook-error-status", 1))
    assert (await Delivery.get(id=delivery.id)).status == DeliveryStatus.SENDING
    await delivering.note(current, delivering.Outcome(200, "", "", 1))
    assert (await Delivery.get(id=delivery.id)).status == DeliveryStatus.DELIVERED
    assert await DeliveryAttempt.filter(delivery_id=delivery.id).count() == 1


async def test_a_stopping_worker_lets_go_at_once(here: Core, crm: Receiver, add: Add) -> None:
    endpoint, _ = await add()
    crm.answers["/hook"] = _hang
    (delivery,) = await _put(endpoint, uuid4())
    async with running(here, deliver_for_ever(here)):

        async def asked() -> bool:
            return bool(crm.told)

        await until(asked)
    assert (await Delivery.get(id=delivery.id)).status == DeliveryStatus.PENDING
    crm.answers["/hook"] = 200
    async with running(here, deliver_for_ever(here)):
        await _settled(delivery)


async def test_what_ends_its_sender_each_time_is_given_up(
    here: Core, crm: Receiver, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "PAUSES", (SECOND, SECOND))
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())

    async def dies(*_: object) -> None:
        raise RuntimeError("no memory left")

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "send", dies)
        async with _fetcher(here) as fetcher:
            for _ in range(4):
                with suppress(RuntimeError):
                    await deliver(here, fetcher, delivery.id)
                still = Delivery.filter(id=delivery.id, status=DeliveryStatus.SENDING)
                await still.update(run_after=datetime.now(UTC))  # its lease has run out
    assert (await Delivery.get(id=delivery.id)).status == DeliveryStatus.DEAD
    assert not crm.told


# What an address may answer


async def _sent(core: Core, delivery: Delivery) -> DeliveryAttempt:
    async with _fetcher(core) as fetcher:
        await deliver(core, fetcher, delivery.id)
    attempt = await DeliveryAttempt.filter(delivery_id=delivery.id).order_by("-created_at").first()
    assert attempt
    return attempt


async def test_a_slow_answer_is_a_failure_and_a_slow_rest_of_one_is_not(
    here: Core, crm: Receiver, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.webhooks.sending.LIMIT_S", 0.5)
    endpoint, _ = await add()
    first, second = await _put(endpoint, uuid4(), uuid4())
    crm.answers["/hook"] = _hang
    attempt = await _sent(here, first)
    assert (attempt.status, attempt.error) == (None, "webhook-error-silent")
    crm.answers["/hook"] = drip
    attempt = await _sent(here, second)
    assert (attempt.status, attempt.error) == (200, "")
    assert attempt.body.startswith("<p>")


async def test_of_a_giant_answer_the_beginning_is_kept(here: Core, crm: Receiver, add: Add) -> None:
    sent = 0

    async def giant(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Length": str(500 * 2**20)})
        await response.prepare(request)
        for _ in range(500):
            await response.write(b"ha" * 2**19)
            sent += 1
        return response

    crm.answers["/hook"] = giant
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    attempt = await _sent(here, delivery)
    assert (attempt.status, attempt.error, len(attempt.body)) == (200, "", 1000)
    assert sent < 50, "the rest is not waited for"


async def test_a_redirect_is_not_followed(here: Core, crm: Receiver, add: Add) -> None:
    async def elsewhere(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "http://127.0.0.1:1/secret"})

    crm.answers["/hook"] = elsewhere
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    attempt = await _sent(here, delivery)
    assert (attempt.status, attempt.error) == (307, "webhook-error-redirect")
    assert (await Delivery.get(id=delivery.id)).status == DeliveryStatus.PENDING


async def test_an_address_that_became_private_is_sent_nothing(core: Core, here: Core, crm: Receiver, add: Add) -> None:
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    attempt = await _sent(core, delivery)  # this Core may not reach it
    assert (attempt.status, attempt.error) == (None, "webhook-error-private")
    assert not crm.told


async def test_gone_switches_the_address_off_and_is_news(
    here: Core, anna: Owner, rosa: Assistant, crm: Receiver, add: Add
) -> None:
    endpoint, _ = await add()
    crm.answers["/hook"] = 410
    lane = uuid4()
    first, second = await _put(endpoint, lane, number=2)
    await _sent(here, first)
    assert (await Delivery.get(id=first.id)).status == DeliveryStatus.DEAD
    assert not (await WebhookEndpoint.get(id=endpoint.id)).active
    news = await AuditEvent.get(action=WEBHOOK_STOPPED, subject=str(endpoint.id))
    assert (news.tenant_id, news.details) == (rosa.tenant_id, {"name": "127.0.0.1", "why": GONE})
    assert await claim(second.id) is None
    await _ask(here, rosa)
    assert await Delivery.filter(endpoint_id=endpoint.id).count() == 2, "one that is off is told nothing more"

    crm.answers["/hook"] = 200
    await change_endpoint(here, anna.actor, await WebhookEndpoint.get(id=endpoint.id), active=True)
    await _sent(here, second)
    assert (await Delivery.get(id=second.id)).status == DeliveryStatus.DELIVERED, "what waited is sent"


async def test_pauses_grow_for_a_day_then_it_is_given_up_and_the_next_has_its_turn(
    here: Core, crm: Receiver, add: Add
) -> None:
    endpoint, _ = await add()
    crm.answers["/hook"] = 503
    lane = uuid4()
    first, second = await _put(endpoint, lane, number=2)
    waited = timedelta()
    for pause in delivering.PAUSES:
        before = datetime.now(UTC)
        await _sent(here, first)
        row = await Delivery.get(id=first.id)
        assert row.status == DeliveryStatus.PENDING
        assert pause <= row.run_after - before <= pause * 1.25 + SECOND
        assert first.id not in await line.due_for(endpoint.id, 5)
        assert second.id not in await line.due_for(endpoint.id, 5)
        waited += pause
        await Delivery.filter(id=first.id).update(run_after=datetime.now(UTC))
    assert timedelta(days=1) < waited < timedelta(days=1.2)
    await _sent(here, first)
    row = await Delivery.get(id=first.id)
    assert (row.status, row.attempts, row.response_status) == (DeliveryStatus.DEAD, len(delivering.PAUSES) + 1, 503)
    assert await DeliveryAttempt.filter(delivery_id=first.id).count() == row.attempts
    assert await line.due_for(endpoint.id, 5) == [second.id]


async def test_an_address_that_takes_nothing_for_a_day_is_switched_off(
    here: Core, anna: Owner, crm: Receiver, add: Add
) -> None:
    endpoint, _ = await add()
    crm.answers["/hook"] = 500
    first, second, third = await _put(endpoint, uuid4(), uuid4(), uuid4())
    await _sent(here, first)
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    await EndpointTrouble.filter(endpoint_id=endpoint.id).update(since=yesterday)
    crm.answers["/hook"] = 200
    await _sent(here, second)
    assert not await EndpointTrouble.filter(endpoint_id=endpoint.id).exists(), "it has taken something"
    crm.answers["/hook"] = 500
    await Delivery.filter(id=first.id).update(run_after=datetime.now(UTC))
    await _sent(here, first)
    assert (await WebhookEndpoint.get(id=endpoint.id)).active
    await EndpointTrouble.filter(endpoint_id=endpoint.id).update(since=yesterday)
    await _sent(here, third)
    stopped = await WebhookEndpoint.get(id=endpoint.id)
    assert not stopped.active
    assert (await EndpointTrouble.get(endpoint_id=endpoint.id)).stopped == FAILING
    assert await AuditEvent.filter(action=WEBHOOK_STOPPED, subject=str(endpoint.id)).count() == 1

    await change_endpoint(here, anna.actor, stopped, active=True)
    assert not await EndpointTrouble.filter(endpoint_id=endpoint.id).exists(), "it begins anew"
    assert set(await line.due_for(endpoint.id, 5)) == {first.id, third.id}, "at once, without their pauses"


# Secrets


async def test_after_a_rotation_both_secrets_sign_for_a_day(
    here: Core, anna: Owner, crm: Receiver, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, old = await add()
    new = await rotate_secret(here, anna.actor, endpoint)
    (delivery,) = await _put(endpoint, uuid4())
    await _sent(here, delivery)
    assert crm.told[-1].verified_with(old) == crm.told[-1].verified_with(new)

    monkeypatch.setattr(signing, "OVERLAP", timedelta())
    newest = await rotate_secret(here, anna.actor, endpoint)
    (delivery,) = await _put(endpoint, uuid4())
    await _sent(here, delivery)
    crm.told[-1].verified_with(newest)
    with pytest.raises(WebhookVerificationError):
        crm.told[-1].verified_with(new)
    crm.told[-1].verified_with(old)  # it has its day, whatever came after
    assert newest not in (await WebhookEndpoint.get(id=endpoint.id)).secrets, "sealed"


async def test_a_secret_that_cannot_be_read_any_more_is_said_and_mended(
    here: Core, anna: Owner, crm: Receiver, add: Add
) -> None:
    endpoint, _ = await add()
    await WebhookEndpoint.filter(id=endpoint.id).update(secrets=Keyring(b"another key").seal({"whsec_": ""}))
    (delivery,) = await _put(endpoint, uuid4())
    assert (await _sent(here, delivery)).error == "webhook-error-secret"
    secret = await rotate_secret(here, anna.actor, endpoint)
    (delivery,) = await _put(endpoint, uuid4())
    await _sent(here, delivery)
    crm.told[-1].verified_with(secret)


# Addresses


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://localhost/hook", WebhookAddressRefused),
        ("https://192.168.0.7/hook", WebhookAddressRefused),
        ("https://[::1]/hook", WebhookAddressRefused),
        ("https://user:secret@shop.example/hook", WebhookAddressRefused),
        ("https://shop.example:22/hook", WebhookAddressRefused),
        ("ftp://shop.example/hook", WebhookAddressRefused),
        ("good morning", WebhookAddressRefused),
        ("", WebhookAddressRefused),
        ("http://shop.example/hook", WebhookNotEncrypted),
    ],
)
async def test_addresses_that_are_not_public_and_encrypted_are_refused(
    core: Core, anna: Owner, rosa: Assistant, url: str, why: type[Exception]
) -> None:
    with pytest.raises(why):
        await add_endpoint(core, anna.actor, rosa, url)


# Again


async def test_one_delivery_is_sent_again_under_its_id(here: Core, crm: Receiver, add: Add) -> None:
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    await _sent(here, delivery)
    await Delivery.filter(id=delivery.id).update(status=DeliveryStatus.SENDING)
    with pytest.raises(StillInLine):
        await replay(delivery)
    await Delivery.filter(id=delivery.id).update(status=DeliveryStatus.DELIVERED)
    delivery = await Delivery.get(id=delivery.id)
    await asyncio.gather(replay(delivery), replay(delivery))
    assert await DeliveryTurn.filter(delivery_id=delivery.id).count() == 1
    await _sent(here, delivery)
    assert [one.id for one in crm.told] == [str(delivery.id)] * 2
    assert (await Delivery.get(id=delivery.id)).attempts == 2


async def test_a_span_is_sent_again_in_its_order(here: Core, crm: Receiver, add: Add, delivers: None) -> None:
    endpoint, _ = await add()
    lane = uuid4()
    deliveries = await _put(endpoint, lane, number=4)
    await _settled(*deliveries)
    begin = datetime.now(UTC) - timedelta(hours=2)
    for place, delivery in enumerate(deliveries):
        moment = begin + place * timedelta(minutes=10)
        status = DeliveryStatus.DEAD if place % 2 else DeliveryStatus.DELIVERED
        await Delivery.filter(id=delivery.id).update(created_at=moment, status=status)
    crm.told.clear()
    span = {"since": begin + timedelta(minutes=5), "until": begin + timedelta(minutes=25)}
    assert await replay_span(endpoint, **span) == (1, False)
    await _settled(deliveries[1])
    assert await replay_span(endpoint, **span, only_failed=False) == (2, False)
    await _settled(*deliveries[1:3])

    async def told() -> bool:
        return len(crm.told) == 3

    await until(told)
    assert [one.event["data"]["number"] for one in crm.told] == [1, 1, 2]


async def test_a_test_goes_the_way_of_all_others_and_is_tried_once(
    here: Core, anna: Owner, crm: Receiver, add: Add, delivers: None
) -> None:
    endpoint, secret = await add(events=("gap.recorded",))
    _, attempt = await send_test(here, endpoint)
    assert attempt
    assert (attempt.status, attempt.error) == (204, "")
    assert crm.told[-1].verified_with(secret)["type"] == "endpoint.test"

    await change_endpoint(here, anna.actor, endpoint, active=False)
    crm.answers["/hook"] = 500
    delivery, attempt = await send_test(here, endpoint)
    assert attempt
    assert (delivery.status, attempt.error) == (DeliveryStatus.DEAD, "webhook-error-status")
    assert not await EndpointTrouble.filter(endpoint_id=endpoint.id).exists(), "it says nothing about real ones"


async def test_old_deliveries_are_forgotten_with_their_tries(here: Core, add: Add) -> None:
    endpoint, _ = await add()
    old, young = await _put(endpoint, uuid4(), uuid4())
    await _sent(here, old)
    await Delivery.filter(id=old.id).update(created_at=datetime.now(UTC) - KEEP - SECOND)
    await forget_old_deliveries()
    assert [one.id for one in await Delivery.filter(endpoint_id=endpoint.id)] == [young.id]
    assert not await DeliveryAttempt.filter(delivery_id=old.id).exists()


async def test_with_its_endpoint_everything_goes(here: Core, anna: Owner, add: Add) -> None:
    endpoint, _ = await add()
    (delivery,) = await _put(endpoint, uuid4())
    await _sent(here, delivery)
    await _put(endpoint, uuid4())
    await delete_endpoint(anna.actor, endpoint)
    assert not await Delivery.filter(endpoint_id=endpoint.id).exists()
    assert not await DeliveryTurn.filter(endpoint_id=endpoint.id).exists()


def test_every_event_has_a_name_of_two_words() -> None:
    assert all(event.value.count(".") == 1 for event in Event)
    assert json.dumps([event.value for event in Event])
