"""An owner takes back what he did: by the button under it, from the list, in his own words, after a restart."""

from pathlib import Path

import pytest

from admin_bot.role import run
from core.app import Core
from core.changes import last_change_of
from core.documents import documents_of
from core.gaps import count_question
from core.models import Assistant, Change, Channel, Document, DocumentStatus, Gap, GapStatus, VerifiedAnswer
from core.policy import policy_of
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, named, started
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("learnt", "nobody_is_left_waiting", "worker")


def _labels(shown: object) -> list[str]:
    return [button["text"] for button in shown.buttons]  # type: ignore[attr-defined]


async def test_a_greeting_is_taken_back_and_done_again(olga: Person) -> None:
    for words in ("greeting: Ahoy there!", "greeting: Good day to you."):
        await olga.says(words)
        await olga.reads("Shall I save it?")
        await olga.presses("Save")
        await olga.reads(f"Greeting: {words.partition(': ')[2]}")
    await olga.presses("Undo")
    undone = await olga.reads("↩️ Undone: changed: greeting. It is as it was before.")
    assert _labels(undone) == ["↪️ Do it again after all", "🎨 Tone and greeting", "‹ Menu"]
    rosa = await assistant_of_person(olga)
    assert rosa.greeting == "Ahoy there!"
    await olga.presses("Do it again")
    redone = await olga.reads("Done again: it is as you had changed it.")
    assert _labels(redone)[0] == "↩️ Undo"
    assert (await Assistant.get(id=rosa.id)).greeting == "Good day to you."


async def test_a_deleted_file_comes_back_and_is_watched_while_it_is_read(
    olga: Person, shop_documents: list[Path]
) -> None:
    file = named(shop_documents, "faq.txt")
    await olga.sends_file(file)
    ready = await olga.reads("faq.txt: done")
    assert "↩️ Undo" in _labels(ready)
    rosa = await assistant_of_person(olga)
    (document,) = await documents_of(rosa)
    await olga.says("delete the file")
    await olga.presses("faq.txt")
    await olga.presses("🗑 Delete")
    await olga.presses("Yes, delete")
    gone = await olga.reads("no longer")
    assert "↩️ Undo" in _labels(gone)
    assert await documents_of(rosa) == []
    await olga.presses("Undo")
    await olga.reads("Undone: deleted “faq.txt”")

    async def known() -> bool:
        return await Document.filter(id=document.id, status=DocumentStatus.INDEXED).exists()

    await until(known, 60)
    await olga.reads("faq.txt: done")


async def test_an_old_button_after_a_later_change_changes_nothing(olga: Person) -> None:
    for words in ("greeting: Ahoy there!", "greeting: Good day to you."):
        await olga.says(words)
        await olga.presses("Save")
        await olga.reads(f"Greeting: {words.partition(': ')[2]}")
    rosa = await assistant_of_person(olga)
    first = await Change.filter(subject_id=rosa.id).order_by("created_at").first()
    assert first
    await olga.says("/menu")
    await olga.presses("Undo something")
    listed = await olga.reads("What can be undone, newest first")
    assert _labels(listed)[:2] == ["Changed: greeting", "Changed: greeting"]
    await olga.presses_data(listed.message_id, listed.buttons[1]["callback_data"])
    card = await olga.reads("What was done: changed: greeting")
    assert "Since: Ahoy there!" in card.text
    await olga.presses("Undo")
    refused = await olga.reads("I could not undo this")
    assert "It was changed once more afterwards. Undo the later change first." in refused.text
    assert (await Assistant.get(id=rosa.id)).greeting == "Good day to you."


async def test_what_he_says_in_his_own_words_after_a_restart(house: Core, writes_to_admin_bot: MakePerson) -> None:
    olga = writes_to_admin_bot("ru", name="Ольга")
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await started(olga, "Русский", "Медный чайник")
        await olga.says("тон: как у пирата")
        await olga.presses("Сохранить")
        await olga.reads("Сохранено.")
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await olga.says("верни как было")
        card = await olga.reads("Что сделано: изменено: тон")
        assert "Было: не задано" in card.text
        assert "Стало: как у пирата" in card.text
        undo = card.buttons[0]["callback_data"]
        await olga.presses("Отменить")
        await olga.reads("↩️ Отменено: изменено: тон. Всё снова как было.")
        rosa = await assistant_of_person(olga)
        assert rosa.persona == ""
        await olga.presses_data(card.message_id, undo)
        await olga.reads("Всё и так уже как было: изменено: тон.")


async def test_each_kind_of_change_has_its_button(olga: Person, house: Core, telegram: TelegramServer) -> None:
    rosa = await assistant_of_person(olga)
    await olga.says("add a ready answer")
    await olga.says("Do you repair kettles?")
    await olga.says("Yes, on Fridays.")
    await olga.reads("Remembered.")
    await olga.presses("Undo")
    await olga.reads("Undone: ready answer to “Do you repair kettles?” added")
    assert not await VerifiedAnswer.filter(assistant_id=rosa.id).exists()

    await count_question(rosa.id, "Do you sell samovars?")
    await olga.says("/menu")
    await olga.presses("Unanswered questions")
    await olga.presses("✖️ 1")
    await olga.presses("Undo")
    await olga.reads("Undone: set the question “Do you sell samovars?” aside")
    assert (await Gap.get(assistant_id=rosa.id)).status == GapStatus.OPEN

    await olga.says("/menu")
    await olga.presses("Tone and greeting")
    await olga.presses("Answers: medium")
    await olga.presses("Save")
    await olga.presses("Undo")
    await olga.reads("Undone: changed: length of answers")
    assert policy_of(await Assistant.get(id=rosa.id)).length == "medium"

    await olga.says("public page")
    await olga.presses("Open the page")
    await olga.presses("Undo")
    await olga.reads("Undone: changed: public page")
    assert not (await Assistant.get(id=rosa.id)).public_page

    channel = await Channel.create(assistant=rosa, kind="telegram", identity=telegram.new_bot(), name="shop_bot")
    await olga.says("disconnect the bot")
    await olga.presses("Yes, disconnect")
    await olga.presses("Undo")
    await olga.reads("Undone: disconnected the bot @shop_bot")
    assert await Channel.filter(id=channel.id).exists()
    await Channel.filter(id=channel.id).delete()


async def test_erased_for_good(olga: Person) -> None:
    await olga.says("greeting: Ahoy there!")
    await olga.presses("Save")
    await olga.reads("Saved.")
    await olga.says("undo what I just did")
    await olga.reads("What was done: changed: greeting")
    await olga.presses("Erase it for good")
    await olga.reads("Erased for good")
    rosa = await assistant_of_person(olga)
    assert await last_change_of(rosa.id) is None
    await olga.says("undo")
    await olga.reads("There is nothing to undo at present.")
    assert rosa.greeting == "Ahoy there!"


async def test_an_operator_takes_nothing_back(olga: Person, house: Core, writes_to_admin_bot: MakePerson) -> None:
    await olga.says("greeting: Ahoy there!")
    await olga.presses("Save")
    await olga.reads("Saved.")
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("Invite")
    await olga.presses("operator")
    link = await olga.reads("?start=join_")
    boris = writes_to_admin_bot(name="Boris")
    await boris.says("/start " + link.text.split("?start=")[1].split()[0])
    await boris.reads("operator")
    await boris.says("undo the last change")
    assert "Please ask: Ann" in (await boris.reads_new()).text
    assert (await assistant_of_person(olga)).greeting == "Ahoy there!"
