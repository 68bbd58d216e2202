"""A document's next version takes over in one step, and reading can be stopped: what answered before still answers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from core import receiving
from core.app import Core
from core.document_state import describe_failure, seconds_left
from core.documents import cancel_reading, documents_of, passages_of
from core.indexing import index_document
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus
from core.receiving import new_upload, receive_file, receive_page, receive_text
from core.retrieval import find_passages
from tests.conftest import MakeAssistant
from tests.waiting import until
from workers.role import do_job

OLD = "The violet room costs 17 euros a night.\n\nBreakfast is served from seven to ten in the winter garden."
NEW = "The violet room costs 23 euros a night.\n\nBreakfast is served from seven to ten in the winter garden."
PRICE = "What does the violet room cost?"
_BOOK = 600  # pages: a fast machine reads them for many seconds, so that some moment lies in the middle


async def _send(core: Core, assistant: Assistant, name: str, content: str | bytes) -> Document:
    arrived = new_upload(core)
    arrived.write_bytes(content.encode() if isinstance(content, str) else content)
    return await receive_file(core, assistant, name, arrived)


async def _read(core: Core, document: Document) -> Document:
    """As a worker would: do the document's jobs."""
    for job in await Job.filter(subject_id=document.id, status=JobStatus.QUEUED):
        await do_job(core, job.id)
    return await Document.get(id=document.id)


async def _answer(core: Core, assistant: Assistant) -> str:
    return " ".join(passage.text for passage in await find_passages(core, assistant.id, PRICE))


def _pdf(path: Path, pages: int) -> Path:
    canvas = Canvas(str(path))
    for page in range(pages):
        for line in range(30):
            canvas.drawString(
                60, 780 - 20 * line, f"Kettle {page}-{line} costs {page + line} euros and is made of copper."
            )
        canvas.showPage()
    canvas.save()
    return path


async def test_a_file_of_the_same_name_takes_over_in_one_step(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    first = await _read(core, await _send(core, rosa, "rooms.txt", OLD))
    before = {row.text: row.id for row in await passages_of(first)}
    second = await _send(core, rosa, "rooms.txt", NEW)

    assert second.id == first.id
    assert second.status == DocumentStatus.UPLOADED
    assert "17 euros" in await _answer(core, rosa), "until the new version is ready the old one answers"

    second = await _read(core, second)
    answer = await _answer(core, rosa)
    assert "23 euros" in answer
    assert "17 euros" not in answer
    assert (second.status, second.version, second.next_hash) == (DocumentStatus.INDEXED, 2, "")
    assert (core.settings.uploads_folder / second.file_path).read_text() == NEW
    assert not (core.settings.uploads_folder / first.file_path).exists()
    vector = await core.embedder.embed_query(PRICE)
    hits = {hit.id for hit in await core.vectors.search(rosa.id, vector, "violet", 50)}
    assert hits == {row.id for row in await passages_of(second)}, "no vector of the old version is left"
    assert len(await documents_of(rosa)) == 1
    assert before


async def test_what_a_new_version_leaves_as_it_was_is_not_embedded_again(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()
    chapter = "\n\n".join(
        f"# Room {n}\n\nRoom number {n} has {n + 2} windows and a view of the sea." * 3 for n in range(12)
    )
    first = await _read(core, await _send(core, rosa, "rooms.md", chapter))
    before = {row.id for row in await passages_of(first)}
    embedded: list[str] = []
    really = type(core.embedder).embed_passages

    async def listen(self: object, texts: list[str]) -> object:
        embedded.extend(texts)
        return await really(self, texts)  # type: ignore[arg-type]  # the same object

    with monkeypatch.context() as patch:
        patch.setattr(type(core.embedder), "embed_passages", listen)
        second = await _read(
            core, await _send(core, rosa, "rooms.md", chapter.replace("has 9 windows", "has 90 windows"))
        )
    after = {row.id for row in await passages_of(second)}

    assert 0 < len(embedded) < len(after) / 2
    assert len(after & before) == len(after) - len(embedded)
    assert any("90 windows" in text for text in embedded)


async def test_a_new_version_that_cannot_be_read_leaves_the_old_one_answering(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await _read(core, await _send(core, rosa, "rooms.pdf", OLD))
    broken = await _read(core, await _send(core, rosa, "rooms.pdf", b"%PDF-1.7 and then nothing a reader knows %%EOF"))

    assert broken.status == DocumentStatus.INDEXED
    assert "17 euros" in await _answer(core, rosa)
    for locale in ("en", "ru"):
        assert len(describe_failure(core, broken, locale)) > len(core.texts.say(locale, broken.error_code))
    assert len(list((core.settings.uploads_folder / str(rosa.id)).iterdir())) == 1

    mended = await _read(core, await _send(core, rosa, "rooms.pdf", NEW))
    assert "23 euros" in await _answer(core, rosa)
    assert describe_failure(core, mended, "en") == ""


async def test_the_owner_reads_which_pages_are_missing_and_why(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    document = await _read(core, await _send(core, rosa, "rooms.txt", OLD))
    document.picture_pages, document.unread_pages = [2], [3, 4]
    for locale in ("en", "ru"):
        said = describe_failure(core, document, locale)
        assert core.texts.say(locale, "error-document-partly-scanned", pages="2") in said
        assert core.texts.say(locale, "document-unread-pages", pages="3–4") in said


async def test_the_last_of_two_new_versions_wins_and_the_old_content_takes_the_newer_back(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await _read(core, await _send(core, rosa, "rooms.txt", OLD))
    await _send(core, rosa, "rooms.txt", NEW.replace("23", "99"))
    document = await _read(core, await _send(core, rosa, "rooms.txt", NEW))
    assert "23 euros" in await _answer(core, rosa)
    assert document.version == 2

    await _send(core, rosa, "rooms.txt", OLD)
    document = await _read(core, await _send(core, rosa, "rooms.txt", NEW))
    assert "23 euros" in await _answer(core, rosa)
    assert (document.status, document.next_hash) == (DocumentStatus.INDEXED, "")
    assert not await Job.filter(subject_id=document.id).exclude(status=JobStatus.DONE).exists()


async def test_two_names_with_the_same_new_content_end_as_one_and_say_so(core: Core, assistant: MakeAssistant) -> None:
    """Both were sent at the same moment, so neither saw the other's content."""
    rosa = await assistant()
    await _read(core, await _send(core, rosa, "a.txt", OLD))
    other = await _send(core, rosa, "a.txt", NEW)
    await Document.filter(id=other.id).update(next_hash="", next_path="")
    await _read(core, await _send(core, rosa, "b.txt", NEW))
    again = core.settings.uploads_folder / other.next_path
    again.write_text(NEW)
    await Document.filter(id=other.id).update(
        next_hash=other.next_hash, next_path=other.next_path, status=DocumentStatus.UPLOADED
    )
    other = await _read(core, other)

    assert other.error_code == "error-document-twice"
    assert other.status == DocumentStatus.INDEXED


async def test_texts_that_begin_alike_are_two_texts_unless_their_title_was_given(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await receive_text(core, rosa, "Good day", "Good day\n\nParking is free.", replaces=False)
    await receive_text(core, rosa, "Good day", "Good day\n\nDogs are welcome.", replaces=False)
    assert len(await documents_of(rosa)) == 2

    await receive_text(core, rosa, "Prices", "A night costs 20 euros.")
    await receive_text(core, rosa, "Prices", "A night costs 21 euros.")
    assert len(await documents_of(rosa)) == 3


async def test_a_stopped_document_is_never_shown_and_may_be_sent_again(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    document = await _send(core, rosa, "rooms.txt", OLD)

    assert await cancel_reading(core, document)
    assert document.status == DocumentStatus.CANCELLED
    document = await _read(core, document)
    assert await find_passages(core, rosa.id, PRICE) == []
    assert not await cancel_reading(core, document)

    again = await _read(core, await _send(core, rosa, "rooms.txt", OLD))
    assert (again.id, again.status) == (document.id, DocumentStatus.INDEXED)
    assert "17 euros" in await _answer(core, rosa)


async def test_stopping_a_new_version_keeps_the_old_one(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _read(core, await _send(core, rosa, "rooms.txt", OLD))
    document = await _send(core, rosa, "rooms.txt", NEW)

    assert await cancel_reading(core, document)
    document = await _read(core, document)
    assert (document.status, document.version) == (DocumentStatus.INDEXED, 1)
    assert "17 euros" in await _answer(core, rosa)
    assert len(list((core.settings.uploads_folder / str(rosa.id)).iterdir())) == 1


async def test_a_long_reading_tells_its_pages_and_stops_within_seconds(
    core: Core, assistant: MakeAssistant, tmp_path: Path
) -> None:
    rosa = await assistant()
    document = await _send(core, rosa, "book.pdf", _pdf(tmp_path / "book.pdf", _BOOK).read_bytes())
    job = await Job.get(subject_id=document.id)
    working = core.background.start(do_job(core, job.id), "worker")

    async def pages_are_told() -> bool:
        await document.refresh_from_db()
        return document.pages_done < document.page_count == _BOOK and (seconds_left(document) or 0) > 0

    await until(pages_are_told, 60)
    assert await cancel_reading(core, document)
    async with asyncio.timeout(20):
        await asyncio.wait({working})

    await document.refresh_from_db()
    assert document.status == DocumentStatus.CANCELLED
    assert await passages_of(document) == []


async def test_a_book_waits_in_a_lane_of_its_own(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    book = await _send(core, rosa, "book.txt", "A sentence of a long book.\n" * 20_000)
    leaf = await _send(core, rosa, "leaf.txt", OLD)

    assert (await Job.get(subject_id=book.id)).kind == "index_large_document"
    assert (await Job.get(subject_id=leaf.id)).kind == "index_document"


async def test_a_stopped_newer_version_is_told_by_the_content_that_stayed(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    first = await _read(core, await _send(core, rosa, "rooms.txt", OLD))
    sent = await _send(core, rosa, "rooms.txt", NEW)
    assert sent.next_hash

    await cancel_reading(core, sent)
    assert (sent.status, sent.content_hash, sent.next_hash) == (DocumentStatus.INDEXED, first.content_hash, "")


async def test_a_version_sent_while_another_takes_over_follows_that_one(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker publishes the second version between the sender's look at the document and his writing it down."""
    rosa = await assistant()
    await _read(core, await _send(core, rosa, "rooms.txt", OLD))
    second = await _send(core, rosa, "rooms.txt", NEW)
    lay = receiving.lay

    async def too_late(document: Document, *about: Any) -> bool:
        published = {"file_path": second.next_path, "content_hash": second.next_hash, "status": DocumentStatus.INDEXED}
        await Document.filter(id=second.id, version=1).update(**published, version=2, next_path="", next_hash="")
        return await lay(document, *about)

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "lay", too_late)
        third = await _send(core, rosa, "rooms.txt", NEW.replace("23", "99"))

    assert (third.version, third.file_path, third.content_hash) == (2, second.next_path, second.next_hash)
    assert (core.settings.uploads_folder / third.file_path).exists()
    assert "99 euros" in (core.settings.uploads_folder / third.next_path).read_text()
    third = await _read(core, third)
    assert third.version == 3
    assert "99 euros" in await _answer(core, rosa)


@pytest.mark.parametrize("ending", [DocumentStatus.FAILED, DocumentStatus.CANCELLED, DocumentStatus.UPLOADED])
async def test_a_file_that_follows_one_that_never_answered_is_no_newer_version(
    core: Core, assistant: MakeAssistant, ending: DocumentStatus
) -> None:
    rosa = await assistant()
    first = await _send(core, rosa, "rooms.txt", OLD)
    await Document.filter(id=first.id).update(status=ending)

    second = await _send(core, rosa, "rooms.txt", NEW)
    assert (second.id, second.status, second.version) == (first.id, DocumentStatus.UPLOADED, 1)
    assert (second.next_path, second.next_hash) == ("", "")
    assert (core.settings.uploads_folder / second.file_path).read_text() == NEW
    assert not (core.settings.uploads_folder / first.file_path).exists()
    assert await Job.filter(subject_id=first.id).count() == 1

    second = await _read(core, second)
    assert (second.status, second.version) == (DocumentStatus.INDEXED, 1)
    assert "23 euros" in await _answer(core, rosa)


async def test_versions_sent_all_at_once_end_as_one_of_them_and_leave_no_file_behind(
    core: Core, assistant: MakeAssistant, worker: None
) -> None:
    rosa = await assistant()
    document = await _send(core, rosa, "rooms.txt", OLD)
    for _ in range(3):
        seen = await Document.get(id=document.id)
        versions = [OLD.replace("17", str(n)) for n in range(30, 36)]
        await asyncio.gather(
            *(_send(core, rosa, "rooms.txt", text) for text in versions), *(cancel_reading(core, seen) for _ in "ab")
        )
    await _send(core, rosa, "rooms.txt", NEW)

    async def read() -> bool:
        await document.refresh_from_db()
        return document.status == DocumentStatus.INDEXED and not document.next_hash

    await until(read)
    assert len(await documents_of(rosa)) == 1
    assert "23 euros" in await _answer(core, rosa)

    async def only_that_file() -> bool:
        return [file.name for file in (core.settings.uploads_folder / str(rosa.id)).iterdir()] == [
            document.content_hash
        ]

    await until(only_that_file)


async def test_a_page_that_says_again_what_it_said_takes_its_newer_version_back(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()

    async def arrives(text: str) -> Document:
        arrived = new_upload(core)
        arrived.write_text(text)
        return await receive_page(core, rosa, "https://example.com/", "Rooms", arrived, text[-5:])

    page = await arrives(f"{OLD} early")
    await index_document(core, page.id)
    newer = await arrives(f"{NEW} newer")
    assert (newer.id, newer.next_hash) == (page.id, "newer")

    again = await arrives(f"{OLD} early")
    assert (again.id, again.content_hash, again.next_hash, again.next_path) == (page.id, "early", "", "")
    assert not (core.settings.uploads_folder / newer.next_path).exists()
    await index_document(core, page.id)
    assert "17 euros" in await _answer(core, rosa)


async def test_pages_that_say_the_same_at_the_same_moment_are_one_document(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()

    async def arrives(number: int) -> Document:
        arrived = new_upload(core)
        arrived.write_text(OLD)
        return await receive_page(core, rosa, f"https://example.com/{number}", "Rooms", arrived, "the same")

    pages = await asyncio.gather(*(arrives(number) for number in range(6)))
    assert len({page.id for page in pages}) == 1
    assert len(await documents_of(rosa)) == 1
