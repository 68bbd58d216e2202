"""An answer may be spoken where a transcriber is configured: it is shown, and saved when its owner says so."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from admin_bot.role import run
from core.app import Core
from core.gaps import record_gap
from core.models import BotState, VerifiedAnswer
from tests.contracts.transcription_server import TranscriptionServer, transcription_server
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person

OGG = b"OggS" + b"\x00" * 60


@pytest.fixture
async def server() -> AsyncIterator[TranscriptionServer]:
    async with transcription_server() as serving:
        yield serving


def _admin_bot(house: Core, server: TranscriptionServer | None) -> running:
    url = server.url if server else ""
    hearing = replace(house, settings=house.settings.model_copy(update={"transcriber_url": url}))
    return running(hearing, run(hearing, progress_every_s=0.1, pace=QUICK))


async def _is_asked(person: Person, house: Core, menu: str, press: str, question: str, asked: str) -> None:
    await record_gap(house, (await assistant_of_person(person)).id, question)
    await person.says("/menu")
    await person.presses(menu)
    await person.presses(press)
    await person.reads(asked)


async def _speaks(person: Person, **more: int) -> None:
    person.server.assets["voice-1"] = {"filename": "voice.oga", "data": OGG, "size": len(OGG)}
    await person.sends(voice={"file_id": "voice-1", "file_unique_id": "v", "duration": 3, "file_size": len(OGG)} | more)


@pytest.mark.parametrize(
    ("language", "menu", "press", "question", "asked", "said", "heard", "save", "saved"),
    [
        ("English", "Unanswered questions", "1: answer", "Where do I park?", "Question: Where do I park?",
         "In our own yard.", "I heard:\n\nIn our own yard.", "Save it", "Remembered"),
        ("Русский", "Вопросы без ответа", "1: ответить", "Где парковка?", "Вопрос: Где парковка?",
         "Парковка за домом.", "Я услышал:\n\nПарковка за домом.", "Сохранить", "Запомнил"),
    ],
)  # fmt: skip
async def test_a_spoken_answer_is_shown_and_saved_even_after_a_restart(
    house: Core,
    writes_to_admin_bot: MakePerson,
    server: TranscriptionServer,
    language: str,
    menu: str,
    press: str,
    question: str,
    asked: str,
    said: str,
    heard: str,
    save: str,
    saved: str,
) -> None:
    server.heard = "Hm."
    async with _admin_bot(house, server):
        olga = await started(writes_to_admin_bot(), language)
        await _is_asked(olga, house, menu, press, question, asked)
        await _speaks(olga)
        await olga.reads("Hm.")
        server.heard = said
        await _speaks(olga)
        await olga.reads(heard)
        mine = VerifiedAnswer.filter(assistant_id=(await assistant_of_person(olga)).id)
        assert not await mine.exists(), "not before he says so"
    async with _admin_bot(house, server):
        await olga.presses(save)
        await olga.reads(saved)
    assert (
        await VerifiedAnswer.get(assistant_id=(await assistant_of_person(olga)).id, question=question)
    ).answer == said
    assert [one["sound"] for one in server.requests] == [OGG, OGG]
    assert server.requests[0]["filename"] == "answer.ogg"
    assert not [
        file for file in house.settings.uploads_folder.rglob("*") if file.is_file() and OGG in file.read_bytes()
    ]


async def test_what_was_misheard_can_be_typed_and_its_old_button_saves_nothing(
    house: Core, writes_to_admin_bot: MakePerson, server: TranscriptionServer
) -> None:
    server.heard = "In our own yarn."
    async with _admin_bot(house, server):
        olga = await started(writes_to_admin_bot())
        await _is_asked(olga, house, "Unanswered", "1: answer", "Where may I park?", "Question: Where may I park?")
        await _speaks(olga)
        await olga.reads("In our own yarn.")
        await olga.says("In our own yard.")
        await olga.reads("Remembered")
        await olga.presses("Save it")
        await olga.reads("This button is out of date")
    assert [one.answer for one in await VerifiedAnswer.filter(question="Where may I park?")] == ["In our own yard."]


async def test_what_cannot_be_heard_is_asked_for_in_text(
    house: Core, writes_to_admin_bot: MakePerson, server: TranscriptionServer
) -> None:
    async with _admin_bot(house, server):
        olga = await started(writes_to_admin_bot())
        await _is_asked(olga, house, "Unanswered", "1: answer", "Where can I park?", "Question: Where can I park?")
        await _speaks(olga)
        await olga.reads("I heard no words")
        await _speaks(olga, duration=3600)
        await olga.reads("at most 10 minutes and 20 MB")
        server.refusals = [401]
        await _speaks(olga)
        await olga.reads("I could not listen to your voice message just now")
        await olga.sends(voice={"file_id": "unknown", "file_unique_id": "v", "duration": 3})
        await olga.reads("did not hand your voice message over")
        assert (await BotState.get(key__startswith="talk:", key__endswith=f":{olga.id}")).state == "Teaching:answer"
    async with _admin_bot(house, None):
        await _speaks(olga)
        await olga.reads("I cannot listen to voice messages here yet")
        await olga.says("In our own yard.")
        await olga.reads("Remembered")
