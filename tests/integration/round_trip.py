"""The least a database must carry: an account, an assistant, a document's rows, a job. `python round_trip.py DSN`.

A program of its own, because one process of Tortoise should know one kind of database.
"""

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from uuid import uuid4

from core.accounts import log_in, person_of_telegram, refresh, register
from core.background import Background
from core.conversations import answer_id, remember_answer
from core.database import open_database
from core.errors import ConversationTaken, EmailTaken, Unauthenticated
from core.gaps import count_question
from core.handoff import failed_before
from core.inbox import accept_event, unfinished_ids
from core.jobs import add_job, claim_job, end_job, sweep_jobs
from core.keyring import Keyring
from core.leases import Leases, Patience
from core.messages import Incoming, Reply, Tier
from core.models import (
    Assistant,
    ChannelLease,
    Contact,
    Conversation,
    Document,
    DocumentStatus,
    Gap,
    JobStatus,
    LeaseHolder,
    LoraAdapter,
    Membership,
    Message,
    PassageEdit,
    PassageRow,
    Role,
    Tenant,
)
from core.operators import take_conversation
from core.passage_edits import edits_of, hide_passage
from core.passages import CORRECTION, only_used, read_next, read_passages
from core.queue.inline import InlineQueue
from core.statements import Statement, as_id, read_model
from core.team import accept_invitation, invite, leave
from core.tenancy import Actor, actor_of, actor_with_assistant, assistants_everywhere, passage_of
from core.tracing import mark_of, passage_marked
from core.turn_taking import own_turn
from tests.waiting import until


async def walk(dsn: str) -> None:
    async with open_database(dsn):
        await _accounts()
        assistant = await _knowledge(await actor_of((await register("owner@example.com", "a good password")).id))
        await _work(assistant)
        await _talk(assistant)
        await _team(assistant)
        await _leases()
        await Tenant.filter(id=assistant.tenant_id).delete()
        for model in (Assistant, Document, PassageRow, Contact, Conversation, Message, Gap, LoraAdapter):
            assert not await model.exists(), f"{model.__name__} outlived its tenant"


async def _accounts() -> None:
    keyring = Keyring.open(Path(mkdtemp()))
    await register("a@example.com", "a good password")
    try:
        await register("A@example.com", "a good password")
    except EmailTaken:
        sys.stdout.write("an e-mail is one account\n")
    tokens = await log_in(keyring, "a@example.com", "a good password")
    await refresh(keyring, tokens.refresh_token)
    try:
        await refresh(keyring, tokens.refresh_token)
    except Unauthenticated:
        sys.stdout.write("a used refresh token is refused\n")


async def _knowledge(actor: Actor) -> Assistant:
    assistant = await Assistant.create(tenant_id=actor.tenant_id, name="Роза", generation={"max_tokens": 5})
    adapter = await LoraAdapter.create(assistant=assistant, training_logs=[{"step": 1}])
    assistant.live_adapter = adapter
    await assistant.save()
    document = await Document.create(assistant=assistant, filename="цены.pdf", content_hash="0" * 64)
    await PassageRow.bulk_create(
        [
            PassageRow(
                document_id=document.id, assistant_id=assistant.id, chunk_index=at, text=f"№ {at}", content_hash="x"
            )
            for at in range(300)
        ],
        batch_size=200,
    )
    await Document.filter(id=document.id).update(status=DocumentStatus.INDEXED, error_facts={"pages": 3})
    assert await PassageRow.filter(document__status=DocumentStatus.INDEXED, text__contains="№").count() == 300
    await adapter.delete()
    await assistant.refresh_from_db()
    assert assistant.live_adapter_id is None
    assert assistant.generation == {"max_tokens": 5}
    await _read_by_hand(assistant, document)
    await _put_aside(assistant, document)
    sys.stdout.write("knowledge is kept\n")
    return assistant


async def _read_by_hand(assistant: Assistant, document: Document) -> None:
    """What a statement reads is what the ORM reads: ids, times, JSON, lists of ids."""
    read = Statement(
        "SELECT a.*, p.id, p.text, p.created_at FROM passages p JOIN assistants a ON a.id = p.assistant_id "
        "WHERE a.id = :assistant AND p.id IN :ids AND p.created_at <= :until ORDER BY p.chunk_index",
        a=Assistant,
    )
    passages = await PassageRow.filter(document_id=document.id, chunk_index__lt=3).order_by("chunk_index")
    asked = {"assistant": assistant.id, "until": passages[-1].created_at}
    rows = await read.rows(**asked, ids=[passage.id for passage in passages])
    assert [(as_id(row["id"]), row["text"], row["created_at"]) for row in rows] == [
        (passage.id, passage.text, passage.created_at) for passage in passages
    ]
    assert dict(read_model(Assistant, "a", rows[0])) == dict(await Assistant.get(id=assistant.id))
    assert await read.first(**asked, ids=[]) is None


async def _put_aside(assistant: Assistant, document: Document) -> None:
    """What its owner has hidden is not read; a correction is, as long as the text that it corrects is there."""
    first, second, third = await PassageRow.filter(document_id=document.id, chunk_index__lt=3).order_by("chunk_index")
    await PassageRow.filter(id=second.id).update(content_hash="of the second")
    own = await Document.create(assistant=assistant, kind=CORRECTION, filename="Correction", content_hash="c")
    words = await PassageRow.create(
        document=own, assistant=assistant, chunk_index=0, text="So it is.", content_hash="w"
    )
    ids = [first.id, second.id, words.id]
    assert {one.id for one in await read_passages(assistant.id, ids)} == {first.id, second.id}
    before = await read_passages(assistant.id, [first.id])
    hidden = await hide_passage(await passage_of(assistant, second.id), None)
    assert [one.id for one in await read_passages(assistant.id, ids)] == [first.id]
    assert await read_next(assistant.id, before[0]) is None
    assert await (await only_used(PassageRow.filter(id__in=ids), assistant.id)).count() == 2
    await PassageEdit.filter(id=hidden.id).update(wording="So it is.", correction_id=own.id)
    assert {one.id for one in await read_passages(assistant.id, ids)} == {first.id, words.id}
    await PassageRow.filter(id=second.id).update(content_hash="of another text")
    assert {one.id for one in await read_passages(assistant.id, ids)} == {first.id, second.id}
    assert [one.applies for one in await edits_of(assistant)] == [False]
    assert await passage_marked(assistant, mark_of(third.id)) == third
    await own.delete()
    assert not await PassageEdit.exists(), "what corrects goes with its words"


async def _work(assistant: Assistant) -> None:
    job = await add_job(InlineQueue(), "index_document", assistant.id, uuid4())
    claims = await asyncio.gather(*(claim_job(job.id) for _ in range(8)))
    taken = [claim for claim in claims if claim]
    assert len(taken) == 1, f"{len(taken)} workers hold one job"
    await end_job(taken[0], JobStatus.DONE)
    assert await sweep_jobs(InlineQueue()) == 0
    events = await asyncio.gather(*(accept_event("telegram:1", "7", {"text": "привет"}) for _ in range(8)))
    [accepted] = [event for event in events if event]
    await accept_event("telegram:2", "7", {})
    assert await unfinished_ids("telegram:1") == {str(accepted.id)}
    assert sum(event is not None for event in events) == 1
    sys.stdout.write("a job is claimed once, an event accepted once\n")


async def _talk(assistant: Assistant) -> None:
    contact = await Contact.create(assistant=assistant, channel="api", key="1")
    conversation = await Conversation.create(assistant=assistant, contact=contact)
    await Message.create(conversation=conversation, author="customer", text="Где заказ?", timings={"total_s": 0.5})
    for question in ("Where is it?", "where is it"):
        await count_question(assistant.id, question)
    gap = await Gap.get(assistant_id=assistant.id)
    assert gap.asked == 2
    sys.stdout.write("a question without an answer is counted\n")
    await _turns(assistant)


async def _team(assistant: Assistant) -> None:
    """Two open one link at once, and two owners leave at once."""
    owner = await actor_of((await Membership.get(tenant_id=assistant.tenant_id)).user_id)
    _, token = await invite(owner, Role.OWNER)
    people = [await person_of_telegram(number, "en") for number in range(1, 5)]
    outcomes = await asyncio.gather(*(accept_invitation(one, token) for one in people), return_exceptions=True)
    [joined] = [one for one in outcomes if isinstance(one, Membership)]
    colleague, _ = await actor_with_assistant(joined.user_id, assistant.id)
    assert [one.id for one in await assistants_everywhere(joined.user_id)] == [assistant.id]
    contact = await Contact.create(assistant=assistant, channel="api", key="2")
    conversation = await Conversation.create(assistant=assistant, contact=contact)
    for actor in (owner, colleague):
        with suppress(ConversationTaken):
            await take_conversation(actor, conversation)
    left = await asyncio.gather(leave(owner), leave(colleague), return_exceptions=True)
    assert sorted(type(one).__name__ for one in left) == ["LastOwner", "NoneType"], left
    assert [one.role for one in await Membership.filter(tenant_id=assistant.tenant_id)] == [Role.OWNER]
    sys.stdout.write("one link lets one in, and one owner stays\n")


async def _leases() -> None:
    """Each channel has one holder, and none of a holder that stands still."""
    background, names = Background(), {f"channel {number}" for number in range(6)}
    folder = Path(mkdtemp(prefix="leases-"))
    quick = Patience(beat=0.1, stop=1.0, take=2.0)
    three = [Leases(background, folder / str(number), "bots", quick) for number in range(3)]
    async with three[0], three[1]:
        for _ in range(3):
            shares = await asyncio.gather(*(one.share(names) for one in three[:2]))
            await asyncio.gather(*(one.give_back() for one in three[:2]))
        assert set.union(*shares) == names
        assert not set.intersection(*shares)
    async with three[2]:
        assert await three[2].share(names) == names, "those that ended gave theirs back"
    dead = await LeaseHolder.create(role="bots")
    await ChannelLease.create(name="channel 0", holder=dead)
    async with three[0]:

        async def all_taken() -> bool:
            return await three[0].share(names) == names

        await until(all_taken, 20, 0.1)
    assert not await LeaseHolder.filter(id=dead.id).exists()
    await background.close()
    sys.stdout.write("a channel has one holder, a dead one none\n")


async def _turns(assistant: Assistant) -> None:
    """One that was answered, one whose process died half a second before it would have been given up, and the next."""
    for text in ("first", "second"):
        async with own_turn(Incoming(assistant.id, "api", "1", text)) as (conversation, asked):
            await remember_answer(conversation, Reply(text, Tier.QUOTED, conversation.id, answer_id(asked.id)))
    died = datetime.now(UTC) + timedelta(seconds=0.5)
    await Conversation.filter(id=conversation.id).update(turn_of=uuid4(), turn_until=died)
    async with own_turn(Incoming(assistant.id, "api", "1", "third")) as (again, asked):
        assert again.id == conversation.id
        assert datetime.now(UTC) >= died
        assert not await failed_before(again, asked, "nothing found")
        await Message.filter(conversation_id=again.id, tier=Tier.QUOTED).update(tier=Tier.REFUSED)
        assert await failed_before(again, asked, "nothing found")
        again.handed_over_at = asked.created_at
        assert not await failed_before(again, asked, "nothing found")
    sys.stdout.write("a dead process's turn is taken over\n")


if __name__ == "__main__":
    asyncio.run(walk(sys.argv[1]))
