"""Receiving and forgetting documents: what an owner hears at once, and what is gone at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from core import documents, receiving
from core.app import Core
from core.documents import documents_of, forget_document, passages_of
from core.errors import DocumentEmpty, DocumentRejected, DocumentTooLarge, DocumentTypeUnknown, NotFound, Unavailable
from core.models import Assistant, Document, DocumentStatus, Job, PassageRow
from core.receiving import new_upload, receive_file, receive_pairs, receive_text
from core.retrieval import find_passages
from core.tenancy import document_of
from tests.conftest import MakeAssistant, Teach
from tests.waiting import until

TEXT = "The violet room opens at nine. Guests of the violet room pay 17 euros for breakfast."


async def _send(core: Core, assistant: Assistant, name: str, content: bytes) -> Document:
    arrived = new_upload(core)
    arrived.write_bytes(content)
    try:
        return await receive_file(core, assistant, name, arrived)
    finally:
        assert not arrived.exists(), "what arrived must be moved or removed"


def _stored(core: Core, assistant: Assistant) -> list[Path]:
    folder = core.settings.uploads_folder / str(assistant.id)
    return list(folder.iterdir()) if folder.exists() else []


async def test_a_received_file_is_kept_recorded_and_queued(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    document = await _send(core, rosa, "Rooms and prices.txt", TEXT.encode())

    assert (document.status, document.filename, document.title) == (
        DocumentStatus.UPLOADED, "Rooms and prices.txt", "Rooms and prices",
    )  # fmt: skip
    assert (core.settings.uploads_folder / document.file_path).read_text() == TEXT
    assert document.size_bytes == len(TEXT)
    assert await Job.filter(subject_id=document.id, kind="index_document").count() == 1


async def test_the_same_content_twice_is_one_document_whatever_its_name(core: Core, assistant: MakeAssistant) -> None:
    rosa, sister = await assistant(), await assistant()
    first = await _send(core, rosa, "a.txt", TEXT.encode())
    again = await _send(core, rosa, "b.txt", TEXT.encode())
    others = await _send(core, sister, "a.txt", TEXT.encode())

    assert again.id == first.id
    assert others.id != first.id
    assert await Job.filter(subject_id=first.id).count() == 1
    assert len(_stored(core, rosa)) == 1


async def test_the_same_file_many_times_at_once_is_one_document(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    documents = await asyncio.gather(*(_send(core, rosa, f"{n}.txt", TEXT.encode()) for n in range(6)))

    assert len({document.id for document in documents}) == 1
    assert len(await documents_of(rosa)) == 1
    assert await Job.filter(assistant_id=rosa.id).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("empty.txt", b"", DocumentEmpty),
        ("empty.pdf", b"", DocumentEmpty),
        ("blank.txt", b" \n\t\n", DocumentEmpty),
        ("large.txt", b"word " * 500_000, DocumentTooLarge),
        ("report.pdf", b"MZ\x90\x00\x03\x00\x00\x00" + bytes(range(256)) * 20, DocumentTypeUnknown),
        ("photo.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, DocumentTypeUnknown),
    ],
)
async def test_what_cannot_be_read_is_refused_at_once_and_leaves_nothing_behind(
    core: Core, assistant: MakeAssistant, name: str, content: bytes, error: type[DocumentRejected]
) -> None:
    rosa = await assistant()

    with pytest.raises(error) as refused:
        await _send(core, rosa, name, content)
    for locale in ("en", "ru"):
        assert core.texts.explain(locale, refused.value)
    assert await documents_of(rosa) == []
    assert _stored(core, rosa) == []


async def test_a_pasted_text_is_a_document(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    named = await receive_text(core, rosa, "Breakfast", TEXT)
    nameless = await receive_text(core, rosa, "", "Quiet hours begin at ten in the evening, all week long.")

    assert (named.kind, named.filename) == ("text", "Breakfast.txt")
    assert nameless.filename.startswith("Quiet hours begin")
    with pytest.raises(DocumentEmpty):
        await receive_text(core, rosa, "Nothing", "   ")


async def test_a_forgotten_document_is_gone_from_everywhere(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    rosa = await assistant()
    (tmp_path / "rooms.txt").write_text(TEXT)
    (document,) = await teach(rosa, tmp_path / "rooms.txt")
    assert document.status == DocumentStatus.INDEXED
    passages = [row.id for row in await passages_of(document)]
    assert await find_passages(core, rosa.id, "When does the violet room open?")

    await forget_document(core, document)

    assert await find_passages(core, rosa.id, "When does the violet room open?") == []
    assert not await PassageRow.filter(id__in=passages).exists()
    assert _stored(core, rosa) == []
    with pytest.raises(NotFound):
        await document_of(rosa, document.id)
    vector = await core.embedder.embed_query("violet room")
    assert await core.vectors.search(rosa.id, vector, "violet room", 5) == []


async def test_a_forgotten_document_does_not_answer_even_while_its_vectors_are_still_there(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Milvus is away at the moment of deletion: the owner's wish holds all the same."""
    rosa = await assistant()
    (tmp_path / "rooms.txt").write_text(TEXT)
    (document,) = await teach(rosa, tmp_path / "rooms.txt")

    async def away(*_: object) -> None:
        raise Unavailable(part="Milvus")

    with monkeypatch.context() as patch:
        patch.setattr(type(core.vectors), "forget", away)
        await forget_document(core, document)

    vector = await core.embedder.embed_query("violet room")
    assert await core.vectors.search(rosa.id, vector, "violet room", 5) != []
    assert await find_passages(core, rosa.id, "When does the violet room open?") == []


async def test_a_document_deleted_while_it_is_being_indexed_stays_deleted(
    core: Core, assistant: MakeAssistant, worker: None, tmp_path: Path
) -> None:
    rosa = await assistant()
    long = "\n\n".join(f"Paragraph {n} about the violet room number {n} and its guests." * 4 for n in range(500))
    document = await receive_text(core, rosa, "Long", long)

    async def being_indexed() -> bool:
        row = await Document.get(id=document.id)
        return row.status == DocumentStatus.PROCESSING and row.passages_done > 0

    await until(being_indexed)
    await forget_document(core, document)

    async def settled() -> bool:
        return not await Job.filter(subject_id=document.id, status__in=("queued", "running")).exists()

    await until(settled)
    assert not await PassageRow.filter(assistant_id=rosa.id).exists()
    assert await find_passages(core, rosa.id, "violet room") == []


async def test_a_failed_document_gets_another_try_when_it_is_sent_again(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    rosa = await assistant()
    file = tmp_path / "broken.pdf"
    file.write_bytes(b"%PDF-1.7\n" + b"garbage " * 100)
    (document,) = await teach(rosa, file)
    assert document.status == DocumentStatus.FAILED
    assert document.error_code.startswith("error-document-")

    again = await _send(core, rosa, "broken.pdf", file.read_bytes())
    assert again.id == document.id
    assert again.status == DocumentStatus.UPLOADED
    assert await Job.filter(subject_id=document.id).count() == 2


async def test_another_try_that_a_crash_cut_short_can_be_asked_for_again(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()
    document = await _send(core, rosa, "rooms.txt", TEXT.encode())
    await Document.filter(id=document.id).update(status=DocumentStatus.FAILED)
    await Job.filter(subject_id=document.id).delete()

    async def crash(*_about: object, **_more: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "add_reading_job", crash)
        with pytest.raises(ConnectionResetError):
            await _send(core, rosa, "rooms.txt", TEXT.encode())
    again = await _send(core, rosa, "rooms.txt", TEXT.encode())

    assert again.status == DocumentStatus.UPLOADED
    assert await Job.filter(subject_id=document.id).count() == 1


async def test_a_deleted_file_leaves_the_disk_though_whoever_deleted_it_hung_up(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()
    document = await _send(core, rosa, "rooms.txt", TEXT.encode())
    remove, begun, go_on = documents.remove_files, asyncio.Event(), asyncio.Event()

    async def slowly(*about: Any) -> None:
        begun.set()
        await go_on.wait()
        await remove(*about)

    with monkeypatch.context() as patch:
        patch.setattr(documents, "remove_files", slowly)
        request = core.background.start(forget_document(core, document), "an owner")
        async with asyncio.timeout(10):
            await begun.wait()
        request.cancel()
        await asyncio.wait({request})
        assert request.cancelled()
        assert len(_stored(core, rosa)) == 1
        go_on.set()

        async def gone() -> bool:
            return _stored(core, rosa) == []

        await until(gone)


@pytest.mark.parametrize("unfit", ["\x00", "\ud83d"])
async def test_a_text_that_no_database_takes_is_taken_without_what_cannot_be_stored(
    core: Core, assistant: MakeAssistant, unfit: str
) -> None:
    rosa = await assistant()
    document = await receive_text(core, rosa, f"Rooms{unfit}", f"{TEXT} {unfit}")
    pairs = await receive_pairs(core, rosa, f"Pairs{unfit}", [(f"When?{unfit}", "At nine.")])

    assert (document.filename, document.title) == ("Rooms\ufffd.txt", "Rooms\ufffd")
    assert (core.settings.uploads_folder / document.file_path).read_text("utf-8") == f"{TEXT} \ufffd"
    assert pairs.filename == "Pairs\ufffd.csv"
    assert list((core.settings.uploads_folder / "arriving").iterdir()) == []
