"""docs/webhooks.md is what is really sent: each example against the product, to the last field."""

import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.app import Core
from core.conversations import conversation_of, rate_answer, remember_answer, remember_question
from core.gaps import count_question
from core.handoff import call_person, end_long_waits
from core.messages import Citation, Incoming, Reply, Tier
from core.models import (
    AdapterStatus,
    Assistant,
    Contact,
    Conversation,
    Delivery,
    HandoffReason,
    LoraAdapter,
    Message,
    WebhookEndpoint,
)
from core.operators import close_conversation, reply_to_customer
from core.training import finish_training
from core.webhooks.endpoints import add_endpoint
from core.webhooks.events import Event, lead_data, payload_of
from core.webhooks.log import send_test
from tests.conftest import Owner, Teach
from tests.receiver import Receiver, receiver
from tests.subprocesses import ROOT, run_python

PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def _examples() -> dict[str, Any]:
    blocks = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)]
    return {block["type"]: _plain(block) for block in blocks}


def _plain(payload: Any) -> Any:
    """Without what differs each time."""
    return json.loads(MOMENT.sub("a moment", ID.sub("an id", json.dumps(payload))))


@pytest.fixture
async def crm() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
async def here(core: Core, crm: Receiver) -> AsyncIterator[Core]:
    yield replace(core, settings=core.settings.model_copy(update={"allowed_private_hosts": crm.host}))
    await WebhookEndpoint.all().delete()


@pytest.fixture
async def hook(here: Core, anna: Owner, rosa: Assistant, crm: Receiver) -> WebhookEndpoint:
    made, _ = await add_endpoint(here, anna.actor, rosa, crm.url())
    return made


async def _told(hook: WebhookEndpoint, event: str) -> list[dict[str, Any]]:
    """What was written down of this kind, oldest first."""
    rows = await Delivery.filter(endpoint_id=hook.id, event=event).order_by("created_at")
    return [row.payload for row in rows]


async def _conversation(rosa: Assistant) -> tuple[Conversation, Message]:
    """Vera's, with an answer that cites."""
    incoming = Incoming(rosa.id, "web", "vera", "How long does delivery take?", contact_name="Vera")
    conversation = await conversation_of(incoming)
    await remember_question(conversation, incoming, uuid4())
    quote = "Delivery takes two days."
    cited = (Citation(uuid4(), uuid4(), "Delivery.txt", quote),)
    answer_id = uuid4()
    await remember_answer(conversation, Reply(quote, Tier.QUOTED, conversation.id, answer_id, "", cited))
    return conversation, await Message.get(id=answer_id)


def test_every_event_has_an_example() -> None:
    assert set(_examples()) == {*(event.value for event in Event), "endpoint.test"}


async def test_conversations_people_questions_and_opinions_are_told_as_documented(
    here: Core, anna: Owner, rosa: Assistant, hook: WebhookEndpoint
) -> None:
    conversation, answer = await _conversation(rosa)
    await rate_answer(answer, -1, "Two days from when?")
    await count_question(rosa.id, "Do you repair kettles?")
    await count_question(rosa.id, "Do you repair kettles?")
    await call_person(conversation, HandoffReason.ASKED)
    await call_person(conversation, HandoffReason.ASKED)
    await reply_to_customer(anna.actor, conversation, "Hello, Anna here.")
    await close_conversation(here, anna.actor, conversation)

    documented = _examples()
    for event in ("conversation.started", "feedback.given", "gap.recorded", "handoff.requested", "handoff.closed"):
        (told,) = await _told(hook, event)
        assert _plain(told) == documented[event]
    messages = await _told(hook, "message.created")
    assert _plain(messages[1]) == documented["message.created"]
    authors = [told["data"]["message"]["author"] for told in messages]
    assert authors == ["customer", "assistant", "operator", "assistant"], "and the sentence with which it comes back"
    order = await Delivery.filter(endpoint_id=hook.id).order_by("turn__id").values_list("event", flat=True)
    assert order[-1] == "handoff.closed"


async def test_a_person_who_did_not_come_is_told_too(rosa: Assistant, hook: WebhookEndpoint) -> None:
    conversation, _ = await _conversation(rosa)
    await call_person(conversation, HandoffReason.ANGRY)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    await Conversation.filter(id=conversation.id).update(handed_over_at=long_ago)
    await end_long_waits()
    await end_long_waits()
    (told,) = await _told(hook, "handoff.closed")
    assert told["data"]["handoff"]["ended_by"] == "time"


async def test_documents_are_told_as_documented(
    rosa: Assistant, hook: WebhookEndpoint, teach: Teach, tmp_path: Path
) -> None:
    good, empty = tmp_path / "Delivery.txt", tmp_path / "Empty.html"
    good.write_text("Delivery takes two days.\n")
    empty.write_text("<html><body><p> </p></body></html>")
    await teach(rosa, good, empty)
    documented = _examples()
    for event in ("document.indexed", "document.failed"):
        (told,) = await _told(hook, event)
        assert _plain(told) == documented[event]


async def test_a_training_and_a_test_are_told_as_documented(
    here: Core, rosa: Assistant, hook: WebhookEndpoint, crm: Receiver
) -> None:
    adapter = await LoraAdapter.create(assistant=rosa, base_model_name="a model", status=AdapterStatus.EVALUATING)
    await finish_training(here, adapter, accepted=False)
    await finish_training(here, adapter, accepted=False)
    (told,) = await _told(hook, "adapter.completed")
    assert _plain(told) == _examples()["adapter.completed"]
    await send_test(here, hook)
    assert _plain(crm.told[-1].event) == _examples()["endpoint.test"]


async def test_a_lead_has_its_form_before_it_has_a_source(rosa: Assistant, hook: WebhookEndpoint) -> None:
    conversation, _ = await _conversation(rosa)
    contact = await Contact.get(id=conversation.contact_id)
    given = {"name": "Vera", "phone": "+1 555 0100", "comment": "Call me after six."}
    data = lead_data(conversation, contact, uuid4(), given, datetime.now(UTC))
    assert _plain(payload_of(Event.LEAD_CAPTURED, data)) == _examples()["lead.captured"]


def _code(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found.group(1)


async def test_what_the_page_says_verifies(
    here: Core, anna: Owner, rosa: Assistant, crm: Receiver, tmp_path: Path
) -> None:
    hook, secret = await add_endpoint(here, anna.actor, rosa, crm.url())
    await send_test(here, hook)
    told = crm.told[-1]
    given = json.dumps([secret, told.headers, told.body.decode()])
    checks = "import json, sys\nsecret, headers, body = json.loads(sys.argv[1])\n"
    asked = "print(is_genuine(secret, headers, body.encode()), is_genuine(secret, headers, body.encode() + b' '))"
    assert await run_python(f"{_code('python')}\n{checks}{asked}", given) == "True False\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node here")
async def test_what_the_page_says_verifies_in_javascript(
    here: Core, anna: Owner, rosa: Assistant, crm: Receiver, tmp_path: Path
) -> None:
    import asyncio

    hook, secret = await add_endpoint(here, anna.actor, rosa, crm.url())
    await send_test(here, hook)
    told = crm.told[-1]
    given = json.dumps([secret, told.headers, told.body.decode()])
    asked = (
        "const [secret, headers, body] = JSON.parse(process.argv[1]);"
        "const ask = (text) => isGenuine(secret, headers, Buffer.from(text));"
        "console.log(ask(body), ask(body + ' '))"
    )
    node = await asyncio.create_subprocess_exec("node", "-e", f"{_code('javascript')}\n{asked}", given, stdout=-1)
    out, _ = await node.communicate()
    assert out.decode() == "true false\n"
