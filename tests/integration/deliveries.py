"""What must be true of webhooks on either database: written with their change, in order, one holder each.

A program of its own, because one process of Tortoise should know one kind of database: `python deliveries.py DSN`.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

from core.accounts import register
from core.conversations import rate_answer
from core.database import open_database
from core.gaps import count_question
from core.keyring import Keyring
from core.messages import Incoming
from core.models import (
    Assistant,
    Author,
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    DeliveryTurn,
    EndpointTrouble,
    Message,
    Tenant,
    WebhookEndpoint,
)
from core.settings import Settings
from core.tenancy import Actor, actor_of
from core.turn_taking import own_turn
from core.webhooks.delivering import note
from core.webhooks.endpoints import add_endpoint, change_endpoint, rotate_secret
from core.webhooks.line import claim, due_for, waiting_endpoints
from core.webhooks.log import replay_span
from core.webhooks.outbox import outbox
from core.webhooks.sending import Outcome

TAKEN, FAILED = Outcome(200, "ok", "", 5), Outcome(500, "", "webhook-error-status", 5)


async def walk(dsn: str) -> None:
    core: Any = SimpleNamespace(settings=Settings(_env_file=None), keyring=Keyring.open(Path(mkdtemp())))
    async with open_database(dsn):
        actor = await actor_of((await register("owner@example.com", "a good password")).id)
        assistant = await Assistant.create(tenant_id=actor.tenant_id, name="Rosa")
        endpoint, _ = await add_endpoint(core, actor, assistant, "https://shop.example/hook")
        await _told(assistant, endpoint)
        await _deleted_meanwhile(core, actor, assistant)
        await _in_order(endpoint)
        await _again(core, actor, endpoint)
        await Tenant.filter(id=assistant.tenant_id).delete()
        for model in (WebhookEndpoint, Delivery, DeliveryTurn, DeliveryAttempt, EndpointTrouble):
            assert not await model.exists(), f"{model.__name__} outlived its tenant"


async def _told(assistant: Assistant, endpoint: WebhookEndpoint) -> None:
    async with own_turn(Incoming(assistant.id, "web", "vera", "Hello?")) as (conversation, asked):
        answer = await Message.create(conversation=conversation, author=Author.ASSISTANT, text="Yes?")
    await rate_answer(answer, 1, "")
    # Asked by two at once: one founds the question, the other counts, though a transaction is in the way.
    await asyncio.gather(*(count_question(assistant.id, "Why?") for _ in range(5)))
    told = await Delivery.filter(endpoint_id=endpoint.id).order_by("turn__id")
    assert [one.event for one in told] == [
        "conversation.started", "message.created", "feedback.given", "gap.recorded",
    ], [one.event for one in told]  # fmt: skip
    assert told[1].payload["data"]["message"]["id"] == str(asked.id)
    sys.stdout.write("what happened is told once\n")


async def _deleted_meanwhile(core: Any, actor: Actor, assistant: Assistant) -> None:
    gone, _ = await add_endpoint(core, actor, assistant, "https://gone.example/hook")
    async with outbox(assistant.id) as out:
        await WebhookEndpoint.filter(id=gone.id).delete()
        message = await Message.filter(author=Author.CUSTOMER).select_related("conversation").first()
        assert message
        await out.message_created(message.conversation, message)
    assert await Delivery.filter(event="message.created").count() == 2
    sys.stdout.write("an endpoint deleted meanwhile costs nothing\n")


async def _in_order(endpoint: WebhookEndpoint) -> None:
    assert await waiting_endpoints() == [endpoint.id]
    due = await due_for(endpoint.id, 10)
    lanes = await DeliveryTurn.filter(endpoint_id=endpoint.id).values_list("lane", flat=True)
    assert len(due) == len(set(lanes)) == 2, "one of the conversation, one of the question"
    claims = [one for one in await asyncio.gather(*(claim(due[0]) for _ in range(10))) if one]
    assert len(claims) == 1
    await note(claims[0], FAILED)
    assert len(await due_for(endpoint.id, 10)) == 1, "the rest of the conversation waits for the first"
    await Delivery.filter(id=due[0]).update(run_after=datetime.now(UTC))
    order = []
    while due := await due_for(endpoint.id, 10):
        for delivery_id in due:
            held = await claim(delivery_id)
            assert held
            order.append(held.delivery.event)
            await note(held, TAKEN)
    in_lane = [event for event in order if event != "gap.recorded"]
    assert in_lane == ["conversation.started", "message.created", "feedback.given", "message.created"], in_lane
    assert not await EndpointTrouble.exists()
    assert await DeliveryAttempt.all().count() == 6
    sys.stdout.write("one lane is in order, and one holds each\n")


async def _again(core: Any, actor: Actor, endpoint: WebhookEndpoint) -> None:
    assert await replay_span(endpoint, only_failed=False) == (5, False)
    assert await replay_span(endpoint, only_failed=False) == (0, False)
    assert await Delivery.filter(status=DeliveryStatus.PENDING).count() == await DeliveryTurn.all().count() == 5
    await change_endpoint(core, actor, endpoint, active=False)
    assert await waiting_endpoints() == []
    await change_endpoint(core, actor, endpoint, active=True)
    assert await waiting_endpoints() == [endpoint.id]
    before = endpoint.secrets
    await asyncio.gather(*(rotate_secret(core, actor, endpoint) for _ in range(3)))
    known = core.keyring.unseal((await WebhookEndpoint.get(id=endpoint.id)).secrets)
    assert len(known) == 4, "no rotation is lost"
    assert next(iter(core.keyring.unseal(before))) in known
    sys.stdout.write("all are sent again, and secrets overlap\n")


if __name__ == "__main__":
    asyncio.run(walk(sys.argv[1]))
