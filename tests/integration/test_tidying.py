"""SQL and the index come to agree again, whatever stopped, crashed or was away; and nothing under way is hurt."""

import asyncio
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from core import jobs
from core.app import Core
from core.documents import cancel_reading, passages_of
from core.entries import Entry, question_entry_id
from core.farewell import delete_assistant, erase_assistant
from core.handoff import end_long_waits
from core.models import Assistant, BotState, Contact, Conversation, Document, Job, JobStatus, VerifiedAnswer
from core.receiving import new_upload, receive_file, receive_text
from core.retrieval import find_passages
from core.tidying import tidy, tidy_index, tidy_indexes
from core.verified import add_verified_answer, find_verified
from tests.conftest import MakeAssistant, MakeOwner
from tests.waiting import until
from workers.role import do_job

PRICES = "\n\n".join(f"# Room {n}\n\nRoom {n} costs {n + 20} euros a night and looks at the sea." for n in range(9))


async def _learn(core: Core, assistant: Assistant, text: str = PRICES) -> Document:
    document = await receive_text(core, assistant, "Prices", text)
    await do_job(core, (await Job.get(subject_id=document.id, status=JobStatus.QUEUED)).id)
    return await Document.get(id=document.id)


async def _stray(core: Core, assistant: Assistant) -> UUID:
    """What a killed reading leaves: a passage with its question, and no text."""
    key, vector = uuid4(), await core.embedder.embed_query("room")
    await core.vectors.index(
        assistant.id, [Entry(key, vector, "room"), Entry(question_entry_id(key), vector, "room", "question")]
    )
    return key


async def _held(core: Core, assistant: Assistant) -> set[UUID]:
    return {key for key, _ in await core.vectors.entries(assistant.id)}


async def test_vectors_without_a_text_go_and_all_others_stay(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    document = await _learn(core, rosa)
    answer = await add_verified_answer(core, rosa, "Do you repair kettles?", "Yes.")
    await _stray(core, rosa)
    await tidy_index(core, rosa.id)

    assert await _held(core, rosa) == {answer.id} | {row.id for row in await passages_of(document)}
    assert not await Job.filter(assistant_id=rosa.id, kind="index_anew").exists()


async def test_vectors_whose_text_is_still_to_come_stay(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await receive_text(core, rosa, "Prices", PRICES)
    to_come = await _stray(core, rosa)
    await tidy_index(core, rosa.id)

    assert to_come in await _held(core, rosa)


async def test_texts_without_a_vector_are_found_again(core: Core, assistant: MakeAssistant) -> None:
    """As after a crash between an answer's row and its vector, or a restored backup of one of the two."""
    rosa = await assistant()
    document = await _learn(core, rosa)
    lost = (await passages_of(document))[3]
    await core.vectors.forget(rosa.id, [lost.id])
    await VerifiedAnswer.create(assistant=rosa, question="Do you repair kettles?", answer="Yes.")
    assert await find_verified(core, rosa, "Do you repair kettles?") is None
    await tidy_index(core, rosa.id)
    await do_job(core, (await Job.get(assistant_id=rosa.id, kind="index_anew")).id)

    assert await find_verified(core, rosa, "Do you repair kettles?")
    assert lost.id in {passage.id for passage in await find_passages(core, rosa.id, "What does room 3 cost?")}


async def test_an_index_made_anew_under_a_deleted_assistant_goes_and_a_strangers_stays(
    core: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa, stranger = await assistant(anna), uuid4()
    await delete_assistant(core, anna.actor, rosa)
    await erase_assistant(core, rosa.id)
    for somebody in (rosa.id, stranger):
        await core.vectors.index(somebody, [Entry(uuid4(), await core.embedder.embed_query("room"), "room")])
    await tidy_indexes(core)

    assert not await core.vectors.has(rosa.id)
    assert await core.vectors.has(stranger), "a Milvus server may serve another installation, too"
    await core.vectors.drop(stranger)


async def test_a_stopped_reading_leaves_no_vectors(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()
    monkeypatch.setattr(jobs, "RENEW_S", 0.05)
    begun = asyncio.Event()
    really = type(core.vectors).flush

    async def wait(self: object, assistant_id: UUID, **values: str) -> None:
        await really(self, assistant_id, **values)  # type: ignore[arg-type]  # the same object
        begun.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(type(core.vectors), "flush", wait)
        document = await receive_text(core, rosa, "Prices", PRICES)
        working = core.background.start(do_job(core, (await Job.get(subject_id=document.id)).id), "worker")
        await begun.wait()
        assert await _held(core, rosa)
        await document.refresh_from_db()
        assert document.passage_count > 0
        await cancel_reading(core, document)

        async def ended() -> bool:
            return working.done()

        await until(ended, 20)
    assert await _held(core, rosa) == set()
    await document.refresh_from_db()
    assert document.passage_count == 0


async def _send_page(core: Core, assistant: Assistant, title: str, rooms: int) -> Document:
    arrived = new_upload(core)
    said = "".join(f"<h2>Room {n}</h2><p>Room {n} costs {n + 20} euros and looks at the sea.</p>" for n in range(rooms))
    arrived.write_text(f"<!doctype html><html><head><title>{title}</title></head><body>{said}</body></html>")
    return await receive_file(core, assistant, "prices.html", arrived)


async def test_a_stopped_newer_version_leaves_the_earlier_ones_title_and_counts(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()
    monkeypatch.setattr(jobs, "RENEW_S", 0.05)
    document = await _send_page(core, rosa, "Prices of this year", 4)
    await do_job(core, (await Job.get(subject_id=document.id)).id)
    await document.refresh_from_db()
    assert document.title == "Prices of this year"
    begun = asyncio.Event()

    async def wait(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr("core.indexing.index_texts", wait)
        newer = await _send_page(core, rosa, "Prices of next year", 9)
        assert newer.id == document.id
        job = await Job.get(subject_id=document.id, status=JobStatus.QUEUED)
        working = core.background.start(do_job(core, job.id), "worker")
        await begun.wait()
        await newer.refresh_from_db()
        assert newer.passage_count > document.passage_count, "of so many the owner sees how many are done"
        await cancel_reading(core, newer)

        async def ended() -> bool:
            return working.done()

        await until(ended, 20)
    await newer.refresh_from_db()
    assert (newer.title, newer.passage_count) == (document.title, document.passage_count)


async def test_what_cannot_be_tidied_holds_up_nothing_else(core: Core, assistant: MakeAssistant) -> None:
    """The first step fails at a row that nobody could have written through the product; the third is done all the
    same."""
    rosa = await assistant()
    await Assistant.filter(id=rosa.id).update(answer_policy={"threshold": "broken"})
    contact = await Contact.create(assistant=rosa, channel="api", key="vera")
    await Conversation.create(assistant=rosa, contact=contact, state="person")
    with pytest.raises(ValidationError):
        await end_long_waits()
    old = await BotState.create(key=f"asker:{uuid4()}", state="offered:x", data={"contact": "", "gap": ""})
    await tidy(core)
    assert not await BotState.filter(id=old.id).exists()
    await Conversation.filter(assistant_id=rosa.id).delete()
    await Assistant.filter(id=rosa.id).update(answer_policy={})
