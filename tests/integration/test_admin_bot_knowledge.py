"""What an owner reads while his documents come, are read, are stopped: never more than is so."""

from pathlib import Path

import pytest

from admin_bot.knowledge import title_of
from core.app import Core
from core.documents import documents_of
from core.models import Document, DocumentStatus, Gap, PassageRow, Site, SiteStatus
from core.texts import Texts
from core.waiting import tell_going_on, tell_waiting
from tests.integration.owners import assistant_of_person
from tests.telegram_server import Person
from tests.waiting import until

OLD = "The violet room costs 17 euros a night."
NEW = "The violet room costs 23 euros a night."


async def _file(folder: Path, content: str, name: str = "rooms.txt") -> Path:
    file = folder / name
    file.write_text(content)
    return file


async def _sent_and_read(olga: Person, folder: Path) -> Document:
    """Sent by her, and indexed as if a worker had been there."""
    await olga.sends_file(await _file(folder, OLD))
    await olga.reads("rooms.txt: received")
    [document] = await documents_of(await assistant_of_person(olga))
    await PassageRow.create(
        document_id=document.id, assistant_id=document.assistant_id, chunk_index=0, text=OLD, content_hash="x"
    )
    await Document.filter(id=document.id).update(status=DocumentStatus.INDEXED, passage_count=1)
    await olga.reads("rooms.txt: done, 1 passage remembered")
    return document


async def test_stopping_a_newer_version_is_not_told_as_its_success(olga: Person, tmp_path: Path) -> None:
    await _sent_and_read(olga, tmp_path)
    await olga.sends_file(await _file(tmp_path, NEW))
    told = await olga.reads("a newer version, received")
    await olga.presses("Stop reading")
    stopped = await olga.reads("reading of the newer version was stopped. The earlier one answers.")

    assert stopped.message_id == told.message_id
    assert not [text for text in stopped.history if "in place" in text]


async def test_a_newer_version_that_a_still_newer_one_took_over_is_not_told_as_stopped(
    olga: Person, tmp_path: Path
) -> None:
    document = await _sent_and_read(olga, tmp_path)
    await olga.sends_file(await _file(tmp_path, NEW))
    await olga.reads("a newer version, received")
    await olga.sends_file(await _file(tmp_path, NEW + " With breakfast."))

    async def both_are_told_of() -> bool:
        return len([one for one in olga.chat if "a newer version, received" in one.text]) == 2

    await until(both_are_told_of)
    await Document.filter(id=document.id).update(
        status=DocumentStatus.INDEXED, content_hash="of the newest", next_hash="", next_path="", version=2
    )
    await olga.reads("the newer version is in place")
    assert not [one for one in olga.chat if "was stopped" in one.text]


async def test_a_stopped_document_is_not_being_read_for_ever(olga: Person, tmp_path: Path) -> None:
    await olga.sends_file(await _file(tmp_path, OLD))
    await olga.presses("Stop reading")
    await olga.reads("stopped, nothing of it is used")
    await olga.says("/menu")
    menu = await olga.reads("Documents: none yet")

    assert "being read" not in menu.text
    assert "send me a file" in menu.text


async def test_a_document_that_is_read_anew_still_counts_because_it_still_answers(olga: Person, tmp_path: Path) -> None:
    document = await _sent_and_read(olga, tmp_path)
    await Document.filter(id=document.id).update(status=DocumentStatus.PROCESSING)
    await olga.says("/menu")
    menu = await olga.reads("Documents: 1, being read: 1")

    assert "type a question" in menu.text


async def test_the_menu_counts_a_site_as_a_site_and_not_as_its_pages(olga: Person) -> None:
    assistant = await assistant_of_person(olga)
    await Site.create(assistant=assistant, url="example.com", url_hash="a", status=SiteStatus.DONE)
    for number in range(3):
        page = await Document.create(
            assistant=assistant,
            kind="page",
            filename=f"example.com/{number}",
            content_hash=str(number),
            status=DocumentStatus.INDEXED,
        )
        await PassageRow.create(document=page, assistant=assistant, chunk_index=0, text=OLD, content_hash="x")
    await olga.says("/menu")
    menu = await olga.reads("Sites: 1")

    assert "Documents: " not in menu.text
    assert "Next step: type a question" in menu.text


async def test_a_question_asked_while_documents_are_still_read_waits_and_is_no_gap(
    olga: Person, tmp_path: Path
) -> None:
    await olga.sends_file(await _file(tmp_path, OLD))
    await olga.reads("rooms.txt: received")
    await olga.says("What does the violet room cost?")
    await olga.reads("I am still reading")

    assert not await Gap.filter(assistant_id=(await assistant_of_person(olga)).id).exists()


async def test_when_every_document_has_failed_there_is_nothing_to_try(olga: Person, tmp_path: Path) -> None:
    await olga.sends_file(await _file(tmp_path, OLD))
    await olga.reads("rooms.txt: received")
    await Document.filter(assistant_id=(await assistant_of_person(olga)).id).update(
        status=DocumentStatus.FAILED, error_code="error-document-broken"
    )
    await olga.says("What does the violet room cost?")
    await olga.reads("The assistant knows nothing yet")


async def test_two_files_without_a_name_are_two_documents(olga: Person, tmp_path: Path) -> None:
    for content in (OLD, NEW):
        file = await _file(tmp_path, content)
        olga.server.assets[content] = {"filename": "x", "data": file.read_bytes(), "size": len(content)}
        await olga.sends(document={"file_id": content, "file_unique_id": content, "file_size": len(content)})
        await olga.reads_new()
        await olga.reads("file without a name: received")
    await olga.says("/menu")
    await olga.reads("being read: 2")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\nDelivery\nWe deliver.", "Delivery"),
        ("\n\n*** Prices: ***\nTea", "Prices"),
        ("👋\n— Возврат —\nДве недели.", "Возврат"),
        ("***\n---", ""),
    ],
)
def test_a_decorative_first_line_is_not_the_title_of_a_text(text: str, title: str) -> None:
    assert title_of(text) == title


async def test_a_text_of_nothing_but_decoration_still_has_a_name(olga: Person) -> None:
    await olga.presses("Paste text")
    await olga.reads("Paste the text in one message")
    await olga.says("***\n---")
    await olga.reads("Text without a title: received")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "Ждёт вашего слова 1 текст, скрытый или похожий на приказ"),
        (3, "Ждут вашего слова 3 текста, скрытые или похожие на приказ"),
        (11, "Ждут вашего слова 11 текстов, скрытых или похожих на приказ"),
        (21, "Ждёт вашего слова 21 текст, скрытый или похожий на приказ"),
    ],
)
def test_russian_agrees_with_the_number_of_texts_that_wait(count: int, words: str) -> None:
    assert words in Texts().say("ru", "admin-quarantine-assistant", count=count, name="Чайная")


async def test_no_sentence_about_a_file_names_a_page_that_does_not_exist(core: Core) -> None:
    for locale in ("en", "ru"):
        assert "http" not in core.texts.say(locale, "admin-file-too-big", name="book.pdf")


async def test_a_document_that_waits_for_a_service_says_so_and_goes_on(olga: Person, tmp_path: Path) -> None:
    await olga.sends_file(await _file(tmp_path, OLD))
    await olga.reads("rooms.txt: received")
    [document] = await documents_of(await assistant_of_person(olga))
    await tell_waiting(document.id)
    await olga.reads("every minute")
    await olga.says("/menu")
    await olga.presses("📄 Documents")
    assert "every minute" in (await olga.reads("⏸ rooms.txt: ")).text
    await tell_going_on(document.id)
    await olga.reads("rooms.txt: received")


async def test_a_newer_version_that_cannot_be_read_is_told_in_one_sentence(olga: Person, tmp_path: Path) -> None:
    document = await _sent_and_read(olga, tmp_path)
    await olga.sends_file(await _file(tmp_path, NEW))
    await olga.reads("a newer version, received")
    await Document.filter(id=document.id).update(
        status=DocumentStatus.INDEXED, next_hash="", next_path="", error_code="error-document-broken"
    )
    told = await olga.reads("the earlier one still answers")
    assert "not read" not in told.text


async def test_a_document_is_looked_into_paused_and_used_again(olga: Person, tmp_path: Path) -> None:
    document = await _sent_and_read(olga, tmp_path)
    await olga.says("/menu")
    await olga.presses("Documents")
    await olga.presses("rooms.txt")
    card = await olga.reads("Since ")
    assert [one["text"] for one in card.buttons] == [
        "👀 What I read in it", "⏸ Pause", "🔄 Replace", "🗑 Delete", "📄 Documents", "‹ Menu",
    ]  # fmt: skip
    await olga.presses("What I read in it")
    await olga.reads(f"“rooms.txt”, as I read it (1 of 1)\n\n▫️\n{OLD}")
    await olga.presses("‹ rooms.txt")
    await olga.presses("Pause")
    paused = await olga.reads("⏸ rooms.txt: paused, not used for answers")
    assert paused.buttons[0]["text"] == "↩️ Undo"
    assert not await PassageRow.filter(document_id=document.id).exists()
    await olga.presses("Documents")
    await olga.reads("Documents of “Copper Kettle”")
    await olga.presses("rooms.txt")
    await olga.presses("Use it again")
    await olga.reads("rooms.txt: received")
    assert (await Document.get(id=document.id)).status == DocumentStatus.UPLOADED


async def test_a_file_of_another_name_takes_its_place(olga: Person, tmp_path: Path) -> None:
    document = await _sent_and_read(olga, tmp_path)
    await olga.says("/menu")
    await olga.presses("Documents")
    await olga.presses("rooms.txt")
    await olga.presses("Replace")
    await olga.reads("Send me the file that takes the place of “rooms.txt”.")
    await olga.says("here it comes")
    await olga.reads_new()
    await olga.sends_file(await _file(tmp_path, NEW, "rooms-2026.txt"))
    await olga.reads("rooms-2026.txt: a newer version, received")
    [now] = await documents_of(await assistant_of_person(olga))
    assert (now.id, now.filename) == (document.id, "rooms-2026.txt")


async def test_what_failed_is_tried_again_by_a_button(olga: Person, tmp_path: Path) -> None:
    await olga.sends_file(await _file(tmp_path, OLD))
    await olga.reads("rooms.txt: received")
    [document] = await documents_of(await assistant_of_person(olga))
    await Document.filter(id=document.id).update(status=DocumentStatus.FAILED, error_code="error-unexpected")
    await olga.says("/menu")
    await olga.presses("Documents")
    await olga.presses("rooms.txt")
    await olga.presses("Try again")

    async def waits() -> bool:
        return (await Document.get(id=document.id)).status == DocumentStatus.UPLOADED

    await until(waits)
