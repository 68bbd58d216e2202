"""A paused document is kept and not used, at once; used again it is read anew; what failed gets another try."""

from typing import Any

import pytest

from core.app import Core
from core.changes import last_change_of
from core.documents import forget_document
from core.errors import Conflict
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PassageRow
from core.pausing import pause_document, resume_document, retry_document
from core.receiving import new_upload, receive_file
from core.retrieval import find_passages
from core.undoing import undo
from tests.conftest import Owner
from workers.role import do_job

OLD = "The violet room costs 17 euros a night."
NEW = "The violet room costs 23 euros a night."


async def _send(core: Core, assistant: Assistant, text: str, **how: Any) -> Document:
    arrived = new_upload(core)
    arrived.write_text(text)
    return await receive_file(core, assistant, how.pop("name", "rooms.txt"), arrived, **how)


async def _read(core: Core, document: Document) -> Document:
    for job in await Job.filter(subject_id=document.id, status=JobStatus.QUEUED):
        await do_job(core, job.id)
    return await Document.get(id=document.id)


async def _found(core: Core, assistant: Assistant) -> str:
    return " ".join(one.text for one in await find_passages(core, assistant.id, "What does the violet room cost?"))


async def test_paused_at_once_and_used_again(core: Core, anna: Owner, rosa: Assistant) -> None:
    document = await _read(core, await _send(core, rosa, OLD))
    await pause_document(core, document, anna.actor)
    assert (document.status, document.passage_count) == (DocumentStatus.PAUSED, 0)
    assert await _found(core, rosa) == ""
    assert "passage" not in {kind for _, kind in await core.vectors.entries(rosa.id)}
    await pause_document(core, document, anna.actor)

    assert await resume_document(core, document, anna.actor)
    assert not await resume_document(core, document, anna.actor)
    assert (await _read(core, document)).status == DocumentStatus.INDEXED
    assert "17 euros" in await _found(core, rosa)


async def test_undone_and_done_again(core: Core, anna: Owner, rosa: Assistant) -> None:
    document = await _read(core, await _send(core, rosa, OLD))
    await pause_document(core, document, anna.actor)
    for status in (DocumentStatus.INDEXED, DocumentStatus.PAUSED):
        change = await last_change_of(document.id)
        assert change
        await undo(core, anna.actor, change)
        assert (await _read(core, document)).status == status


async def test_a_reading_that_is_under_way_is_stopped_for_good(core: Core, rosa: Assistant) -> None:
    document = await _send(core, rosa, OLD)
    (job,) = await Job.filter(subject_id=document.id)
    await pause_document(core, document)
    await do_job(core, job.id)
    assert (await Document.get(id=document.id)).status == DocumentStatus.PAUSED
    assert not await PassageRow.filter(document_id=document.id).exists()


async def test_of_two_versions_the_newer_is_what_will_be_read(core: Core, rosa: Assistant) -> None:
    document = await _read(core, await _send(core, rosa, OLD))
    old = core.settings.uploads_folder / document.file_path
    document = await _send(core, rosa, NEW)
    await pause_document(core, document)
    assert not old.exists()
    await resume_document(core, document)
    await _read(core, document)
    assert "23 euros" in await _found(core, rosa)


async def test_the_same_file_sent_again_is_used_again(core: Core, rosa: Assistant) -> None:
    document = await _read(core, await _send(core, rosa, OLD))
    await pause_document(core, document)
    again = await _send(core, rosa, OLD)
    assert again.id == document.id
    assert (await _read(core, again)).status == DocumentStatus.INDEXED


async def test_a_paused_document_that_was_deleted_comes_back_paused(core: Core, anna: Owner, rosa: Assistant) -> None:
    document = await _read(core, await _send(core, rosa, OLD))
    await pause_document(core, document)
    await forget_document(core, document, anna.actor)
    change = await last_change_of(document.id)
    assert change
    await undo(core, anna.actor, change)
    assert (await _read(core, document)).status == DocumentStatus.PAUSED


async def test_what_failed_is_read_once_more(core: Core, rosa: Assistant) -> None:
    document = await _send(core, rosa, OLD)
    assert not await retry_document(core, document)
    await Document.filter(id=document.id).update(status=DocumentStatus.FAILED, error_code="error-unexpected")
    await Job.filter(subject_id=document.id).delete()
    document = await Document.get(id=document.id)
    assert await retry_document(core, document)
    document = await _read(core, document)
    assert (document.status, document.error_code) == (DocumentStatus.INDEXED, "")


async def test_a_page_is_read_with_its_site(core: Core, rosa: Assistant) -> None:
    page = await Document.create(assistant=rosa, kind="page", filename="example.com", content_hash="x")
    with pytest.raises(Conflict):
        await pause_document(core, page)


async def test_a_file_takes_the_place_of_another_by_choice_and_goes_back(
    core: Core, anna: Owner, rosa: Assistant
) -> None:
    document = await _read(core, await _send(core, rosa, OLD, name="prices-2025.txt"))
    newer = await _send(core, rosa, NEW, name="prices-2026.txt", instead_of=document, by=anna.actor)
    assert newer.id == document.id
    assert "17 euros" in await _found(core, rosa), "answers until the new one is read"
    newer = await _read(core, newer)
    assert (newer.filename, newer.version) == ("prices-2026.txt", 2)
    assert "23 euros" in await _found(core, rosa)
    change = await last_change_of(document.id)
    assert change
    await undo(core, anna.actor, change)
    back = await _read(core, newer)
    assert back.filename == "prices-2025.txt"
    assert "17 euros" in await _found(core, rosa)


async def test_over_rest(core: Core, anna: Owner, rosa: Assistant, api: Any) -> None:
    document = await _read(core, await _send(core, rosa, OLD))
    address = f"/api/v1/assistants/{rosa.id}/documents/{document.id}"
    paused = await api.post(f"{address}/pause", headers=anna.headers)
    assert (paused.status_code, (await paused.get_json())["status"]) == (200, "paused")
    used = await api.post(f"{address}/resume", headers=anna.headers)
    assert (await used.get_json())["status"] == "uploaded"
