"""An owner looks at what his assistant learns from, strikes out, and adds his own chats, by talking."""

import json
from pathlib import Path

from core.app import Core
from core.learning.data_set import gather
from core.leftovers import ARRIVING
from core.models import OwnPair
from core.verified import add_verified_answer
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person


def _chat(tmp_path: Path, answers: int = 30) -> Path:
    said = []
    for number in range(answers):
        at = 1_700_000_000 + 86_400 * number
        asked, answered = (
            f"What does kettle model {number} cost?",
            f"Model {number} costs {number + 40} euros, dear guest.",
        )
        for part, (who, text) in enumerate((("Ann", asked), ("Olga", answered))):
            one = {"id": 2 * number + part, "type": "message", "date_unixtime": str(at + 60 * part)}
            said.append({**one, "from": who, "from_id": f"user{who}", "text": text})
    file = tmp_path / "result.json"
    file.write_text(json.dumps({"name": "Ann", "type": "personal_chat", "messages": said}), "utf-8")
    return file


async def test_an_owner_sees_what_is_learnt_and_strikes_out(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    for thing in ("kettles", "cups"):
        await add_verified_answer(house, assistant, f"Do you mend {thing}?", f"We mend {thing} gladly, dear guest.")
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.presses("Examples: 2")
    shown = await olga.reads("What “Copper Kettle” learns from: 2 examples")
    assert "• Ready answers: 2" in shown.text
    assert "For a training, 18 more are needed" in shown.text
    await olga.presses("Ready answers: 2")
    await olga.reads("Ready answers, 1 of 2\n\n👤 Do you mend kettles?\n\n💬 We mend kettles gladly, dear guest.")
    await olga.presses("Strike out")
    await olga.reads("Struck out: the assistant does not learn this")
    assert (await gather(house, assistant)).taught == 1
    await olga.presses("👀 Examples")
    await olga.reads("Left out: struck out by you 1")
    await olga.presses("Ready answers: 2")
    await olga.presses("Take back in")
    await olga.presses("›")
    await olga.reads("Ready answers, 2 of 2\n\n👤 Do you mend cups?")
    assert (await gather(house, assistant)).taught == 2


async def test_an_owner_adds_his_own_chat_and_takes_it_back(olga: Person, house: Core, tmp_path: Path) -> None:
    assistant = await assistant_of_person(olga)
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.presses("Examples: 0")
    await olga.presses("Add my own chats")
    await olga.reads("Export chat history")
    await olga.sends_file(_chat(tmp_path))
    await olga.reads("Who of these are you?")
    await olga.presses("Olga: 30")
    shown = await olga.reads("✅ 30 examples were added.")
    assert "• From your chats: 30" in shown.text
    assert "more are needed" not in shown.text
    assert await OwnPair.filter(assistant_id=assistant.id).count() == 30
    await olga.presses("Forget my chats: 30")
    await olga.reads("Forget everything that you sent")
    await olga.presses("Forget my chats: 30")
    await olga.reads("Examples forgotten: 30")
    assert await OwnPair.filter(assistant_id=assistant.id).count() == 0


async def test_a_chat_whose_owner_does_not_say_who_he_is_does_not_stay(
    olga: Person, house: Core, tmp_path: Path
) -> None:
    arriving = house.settings.uploads_folder / ARRIVING
    before = set(arriving.iterdir()) if arriving.exists() else set()
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.presses("Examples: 0")
    for _ in range(2):
        await olga.presses("Add my own chats")
        await olga.reads("Export chat history")
        await olga.sends_file(_chat(tmp_path, 3))
        await olga.reads("Who of these are you?")
        assert len(set(arriving.iterdir()) - before) == 1
        await olga.presses("Cancel")
        await olga.reads("What “Copper Kettle” learns from")
    assert set(arriving.iterdir()) - before == set()


async def test_a_file_that_teaches_nothing_is_told_and_asked_for_again(olga: Person, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Just a letter to a friend.\nWith two lines.\n")
    (tmp_path / "pairs.csv").write_text('question,answer\nAre you open?,"We are, dear guest."\nClosed?,\n')
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.presses("Examples")
    await olga.presses("Add my own chats")
    await olga.sends_file(tmp_path / "letter.txt")
    await olga.reads("This is neither a chat nor a table of questions and answers")
    await olga.sends_file(tmp_path / "pairs.csv")
    await olga.reads("1 example was added. Not taken: 1")
    await olga.sends_file(tmp_path / "letter.txt")
    await olga.reads("letter.txt")


async def test_it_is_all_said_in_russian(admin_bot: None, writes_to_admin_bot: MakePerson, tmp_path: Path) -> None:
    ivan = await started(writes_to_admin_bot("ru"), "Русский", "Чайная")
    await ivan.says("/menu")
    await ivan.presses("Обучение")
    await ivan.presses("Примеры: 0")
    await ivan.reads("На чём учится «Чайная»: 0 примеров вашей речи")
    await ivan.presses("Добавить свою переписку")
    await ivan.reads("Экспорт истории чата")
    await ivan.sends_file(_chat(tmp_path, 3))
    await ivan.reads("Кто здесь вы?")
    await ivan.presses("Olga: 3")
    await ivan.reads("Добавлено 3 примера.")
