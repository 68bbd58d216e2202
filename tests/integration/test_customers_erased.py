"""One customer: all of him in a file, and after erasing nowhere any more: not in SQL, not in vectors, not in files."""

import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as parquet
import pytest
from tortoise.connection import get_connection
from tortoise.models import Model

from core import models
from core.app import Core
from core.askers import offer_to_tell, wait_for_answer
from core.attachments import Kind, Thing, keep, new_place
from core.conversations import rate_answer
from core.customers.erasing import erase_customer, preview, receipts_of
from core.customers.export import contact_of, contacts_of, everything_about, write_everything
from core.dialog import answer_message
from core.errors import NotFound, Refused
from core.gaps import dismiss_gap, question_key, wordings_of_gap
from core.inbox import accept_event
from core.messages import Incoming
from core.models import (
    Assistant,
    AuditEvent,
    BotState,
    Contact,
    Conversation,
    Gap,
    LoraAdapter,
    Message,
    NearMiss,
    ProcessedEvent,
    Role,
    ShopperQuestion,
    WebhookEndpoint,
)
from core.once import do_once
from core.operators import reply_to_customer, take_conversation
from core.tenancy import Actor
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner, Owner
from tests.integration.archives import exported

MARKS = ("zorblitz", "quillfether", "мурзоплёв", "vexmoar")
"""Words that nobody else says."""
HE = "telegram:7"


@pytest.fixture
async def anna(owner: MakeOwner) -> Owner:
    return await owner()


@pytest.fixture
async def rosa(core: Core, anna: Owner, assistant: MakeAssistant) -> Assistant:
    made = await assistant(anna)
    await add_verified_answer(core, made, "How much is the blue kettle?", "12 euros.")
    return made


async def _says(core: Core, rosa: Assistant, text: str, key: str = "77", **more: Any) -> Any:
    return await answer_message(
        core, Incoming(rosa.id, HE, key, text, "Mr Vexmoar" if key == "77" else "Ms Smith", **more)
    )


async def _lived(core: Core, anna: Owner, rosa: Assistant) -> Contact:
    """He has written on every path, and somebody else has asked some of the same."""
    await WebhookEndpoint.create(assistant=rosa, url="https://crm.example/hook", events=["*"])
    await _says(core, rosa, "Do you sell the Zorblitz carpet?")
    await _says(core, rosa, "And what does the Zorblitz carpet cost?")
    await _says(core, rosa, "Есть ли у вас мурзоплёв для чайника?")
    await _says(core, rosa, "How much is the Quillfether kettle?")  # nearly the ready answer
    asked = uuid4()
    reply = await _says(core, rosa, "Is the Quillfether lamp waterproof?", question_id=asked)
    await rate_answer(await Message.get(id=reply.message_id), -1, "zorblitz! I hate it")
    contact = await Contact.get(assistant_id=rosa.id, key="77")
    conversation = await Conversation.get(contact_id=contact.id)
    place = new_place(core.settings)
    place.write_bytes(b"a picture of the zorblitz carpet")
    await keep(rosa.id, asked, Thing(Kind.PHOTO, "zorblitz.jpg", "image/jpeg", "My zorblitz"), place)
    first = await Message.filter(conversation_id=conversation.id).order_by("created_at").first()
    assert first
    await ShopperQuestion.create(
        assistant=rosa, message=first, source="customer", question=first.text, question_key=question_key(first.text)
    )
    gaps = await Gap.filter(assistant_id=rosa.id)
    gap = next(one for one in gaps if "Is the Quillfether lamp waterproof?" in wordings_of_gap(one))
    await offer_to_tell(conversation, HE, uuid4(), gap.id, "Is the Quillfether lamp waterproof?")
    await wait_for_answer(rosa.id, HE, "77", asked)
    await dismiss_gap(gap, anna.actor)  # its name stands among the changes
    await take_conversation(anna.actor, conversation)
    await reply_to_customer(anna.actor, conversation, "Dear Mr Quillfether, no.")
    await Conversation.filter(id=conversation.id).update(summary="zorblitz carpet")
    data = {"conversation": str(conversation.id), "text": "Quillfether waits", "chat": 1}
    await BotState.create(key=f"people:1:{conversation.id}:x", data=data)
    here = f"talk:1:{anna.user.telegram_id}:{anna.user.telegram_id}"
    await BotState.filter(key=here).delete()
    await BotState.create(key=here, data={"asked": "Do you sell the Zorblitz carpet?", "assistant": "x"})
    channel = await models.Channel.create(assistant_id=rosa.id, kind="telegram", identity=f"7-{rosa.id}"[:60])
    await Contact.filter(id=contact.id).update(channel=f"telegram:{channel.identity}")
    update = {"message": {"text": "zorblitz again", "from": {"id": 77}, "chat": {"id": 77}}}
    await accept_event(f"telegram:{channel.id}", "1", update)

    async def work(_id: Any) -> dict[str, Any]:
        return {"answer": "zorblitz", "conversation_id": str(conversation.id)}

    await do_once("web:77", str(uuid4()), {"message": "x"}, work)
    report = {"samples": [{"question": "Do you sell the Zorblitz carpet?", "now": "a", "new": "b"}], "judged": 1}
    lineage = {"sources": {"operator": 3}}
    await LoraAdapter.create(
        assistant_id=rosa.id, status="completed", metrics={"report": report, "lineage": lineage}, base_model_name="x"
    )
    return await Contact.get(id=contact.id)


async def _stands_in_sql() -> set[str]:
    """Tables that hold a mark in any column."""
    found = set()
    tables = [one for one in vars(models).values() if isinstance(one, type) and issubclass(one, Model)]
    for model in tables:
        _, rows = await get_connection("default").execute_query(f"SELECT * FROM {model._meta.db_table}")
        if any(mark in f"{value}".lower() for row in rows for value in tuple(row) for mark in MARKS):
            found.add(str(model._meta.db_table))
    return found


def _stands_in_files(folder: Path) -> set[str]:
    """Files that hold a mark: their bytes, the names in archives, the columns of vectors."""
    found = set()
    for file in (one for one in folder.rglob("*") if one.is_file()):
        raw = file.read_bytes().lower()
        said = [raw, raw.decode("utf-8", "ignore").lower().encode()]
        if file.suffix == ".parquet":
            said.append(str(parquet.read_table(file, partitioning=None).to_pydict()).lower().encode())
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as opened:
                said += [opened.read(name).lower() for name in opened.namelist()]
        marks = [mark.encode() for mark in (*MARKS, "zorblit", "quillfeth", "мурзопл", "Мурзопл")]
        if any(mark in one for one in said for mark in marks):
            found.add(str(file.relative_to(folder)))
    return found


async def test_all_of_a_customer_is_in_his_file(core: Core, anna: Owner, rosa: Assistant) -> None:
    contact = await _lived(core, anna, rosa)
    found = await everything_about(contact)
    place = await write_everything(core, contact, "ru")
    with zipfile.ZipFile(place) as opened:
        text, same = opened.read("customer.txt").decode(), json.loads(opened.read("customer.json"))
        picture = opened.read("files/001-zorblitz.jpg")
    place.unlink()

    assert same == found
    assert picture == b"a picture of the zorblitz carpet"
    assert "Всё, что хранится о клиенте Mr Vexmoar" in text
    for said in ("Zorblitz carpet", "мурзоплёв", "Dear Mr Quillfether", "👎 zorblitz! I hate it"):
        assert said in text
    assert "Do you sell the Zorblitz carpet?" in found["unanswered_questions"]
    assert [one.id for one in await contacts_of(rosa, "vexm")] == [contact.id]
    await erase_customer(core, anna.actor, rosa, contact)  # all tests share one database


async def test_an_erased_customer_is_nowhere(core: Core, anna: Owner, rosa: Assistant, worker: None) -> None:
    contact = await _lived(core, anna, rosa)
    await exported(core, anna.actor, rosa)
    await _says(core, rosa, "Do you sell bicycles?", key="somebody else")
    bicycles = await Gap.get(assistant_id=rosa.id, question="Do you sell bicycles?")
    held = {"contacts", "messages", "gaps", "bot_states", "processed_events", "lora_adapters", "deliveries"}
    assert await _stands_in_sql() >= held | {"attachments", "shopper_questions"}
    assert _stands_in_files(core.settings.data_dir)
    foreseen = await preview(contact)
    receipt = await erase_customer(core, anna.actor, rosa, contact)

    assert await _stands_in_sql() == set()
    assert _stands_in_files(core.settings.data_dir) == set()
    assert foreseen.erased["messages"] == receipt.erased["messages"] > 8
    assert receipt.erased["customers"] == 1
    assert receipt.kept["trainings"] == 1, "what a training has read cannot be taken out of it, and is told"
    assert len(receipt.hash) == 64
    event = (await receipts_of(anna.actor.tenant_id))[0]
    assert event.subject == str(receipt.id)
    assert event.details["sha256"] == receipt.hash
    assert await Gap.filter(id=bicycles.id).exists(), "other people's questions stay"
    again = await answer_message(core, Incoming(rosa.id, "api", "x", "How much is the blue kettle?"))
    assert again.text == "12 euros.", "and the index still answers"


async def test_what_others_asked_too_stays_without_his_share(core: Core, anna: Owner, rosa: Assistant) -> None:
    for key in ("77", "other"):
        await _says(core, rosa, "Do you sell bicycles?", key=key)
        await _says(core, rosa, "How much is the green kettle?", key=key)
    gap = await Gap.get(assistant_id=rosa.id, question="Do you sell bicycles?")
    near = await NearMiss.get_or_none(assistant_id=rosa.id)
    assert gap.asked == 2
    contact = await Contact.get(assistant_id=rosa.id, key="77")
    await erase_customer(core, anna.actor, rosa, contact)

    await gap.refresh_from_db()
    assert gap.asked == 1
    if near:
        await near.refresh_from_db()
        assert near.asked == 1
    assert await Contact.filter(assistant_id=rosa.id).count() == 1


async def test_the_same_words_in_another_business_are_somebody_elses(
    core: Core, anna: Owner, rosa: Assistant, owner: MakeOwner
) -> None:
    question, stranger = "Do you sell bicycles for children?", (await owner()).user.telegram_id
    states = [f"talk:1:{one}:{one}" for one in (anna.user.telegram_id, stranger)]
    for key in states:
        await BotState.create(key=key, data={"asked": question, "assistant": "x"})
    await _says(core, rosa, question)
    await erase_customer(core, anna.actor, rosa, await Contact.get(assistant_id=rosa.id, key="77"))
    left = [(await BotState.get(key=key)).data for key in states]
    await BotState.filter(key__in=states).delete()
    assert left == [{"assistant": "x"}, {"asked": question, "assistant": "x"}]


async def test_only_an_owner_erases_and_nobody_a_strangers_customer(
    core: Core, anna: Owner, rosa: Assistant, assistant: MakeAssistant, owner: MakeOwner
) -> None:
    await _says(core, rosa, "Hello?")
    contact = await Contact.get(assistant_id=rosa.id, key="77")
    with pytest.raises(NotFound):
        await contact_of(await assistant(await owner()), contact.id)
    manager = Actor(anna.user.id, anna.actor.tenant_id, Role.MANAGER)
    with pytest.raises(Refused):
        await erase_customer(core, manager, rosa, contact)
    assert await Contact.filter(id=contact.id).exists()
    assert not await AuditEvent.filter(tenant_id=anna.actor.tenant_id, action="erase customer").exists()


async def test_a_receipt_holds_no_word_of_the_customer(core: Core, anna: Owner, rosa: Assistant) -> None:
    contact = await _lived(core, anna, rosa)
    receipt = await erase_customer(core, anna.actor, rosa, contact)
    told = json.dumps(receipt.as_json()).lower()
    assert not any(mark in told for mark in MARKS)
    assert str(contact.id) not in told
    assert not await ProcessedEvent.filter(source="web:77").exists()
