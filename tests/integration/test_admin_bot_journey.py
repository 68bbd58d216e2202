"""An owner who skips the one question: from hello to a bot that answers his customers, by talking only."""

from pathlib import Path

import pytest

from core.app import Core
from core.models import Channel, Document, DocumentStatus
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import FIRST_NAME, assistant_of_person, named, started
from tests.telegram_server import Person, TelegramServer

JOURNEYS = {
    "en": {
        "language": "English",
        "name": "Copper Kettle",
        "created": "is ready to learn",
        "file": "delivery-and-returns.pdf",
        "remembered": "remembered",
        "question": "How many days do I have to return a teapot?",
        "sources": "Sources",
        "origin": "🔎",
        "connect": "Connect a Telegram bot",
        "steps": "@BotFather",
        "live": "answers your customers now",
        "menu": "Everything works",
    },
    "ru": {
        "language": "Русский",
        "name": "Медный чайник",
        "created": "готов учиться",
        "file": "dostavka-i-vozvrat.pdf",
        "remembered": "запомнил",
        "question": "Сколько дней есть на возврат товара?",
        "sources": "Источники",
        "origin": "🔎",
        "connect": "Подключить бота",
        "steps": "@BotFather",
        "live": "уже отвечает клиентам",
        "menu": "Всё работает",
    },
}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_an_owner_gets_from_hello_to_a_live_bot_by_talking(
    language: str,
    admin_bot: None,
    bots: None,
    worker: None,
    telegram: TelegramServer,
    shop_documents: list[Path],
    writes_to_admin_bot: MakePerson,
) -> None:
    said = JOURNEYS[language]
    olga = writes_to_admin_bot(language)
    await olga.says("/start")
    await olga.reads("Which language")
    await olga.presses(said["language"])
    await olga.presses("⏭")
    await olga.reads(FIRST_NAME[said["language"]])
    await olga.says(said["name"])
    await olga.reads(said["created"])
    await olga.sends_file(named(shop_documents, said["file"]))
    told = await olga.reads(said["remembered"], 60)
    assert told.history, "one message told the whole story by being edited"
    assert told.buttons[0]["text"].endswith(said["connect"])
    await olga.says(said["question"])
    await olga.reads(said["sources"], 40)
    await olga.reads(said["origin"])
    await olga.presses(said["connect"])
    await olga.reads(said["steps"])
    token = telegram.new_bot()
    sent = await olga.says(f"Done! Use this token to access the HTTP API:\n{token}\nKeep it safe.")
    assert sent
    await olga.reads(said["live"], 15)
    assert len(telegram.calls_of("deleteMessage", olga.id)) == 1, "the token left the chat"
    assert not any(token in one.text for one in olga.chat)
    channel = await Channel.get(assistant_id=(await assistant_of_person(olga)).id)
    assert token not in channel.secrets
    customer = Person(telegram, token, language)
    await customer.says(said["question"])
    await customer.reads(said["sources"], 40)
    await olga.says("/menu")
    await olga.reads(said["menu"])
    pressed = telegram.calls_of("answerCallbackQuery")
    assert len(pressed) == 3, "every button was answered"


async def test_progress_is_told_from_receiving_to_ready(
    admin_bot: None,
    worker: None,
    shop_documents: list[Path],
    writes_to_admin_bot: MakePerson,
) -> None:
    olga = await started(writes_to_admin_bot())
    await olga.sends_file(named(shop_documents, "delivery-and-returns.pdf"))
    await olga.sends_file(named(shop_documents, "faq.txt"))
    first = await olga.reads("delivery-and-returns.pdf: done", 60)
    second = await olga.reads("faq.txt: done", 60)
    assert first.message_id != second.message_id
    assert first.history[0].endswith("receiving…")
    assistant = await assistant_of_person(olga)
    assert await Document.filter(assistant_id=assistant.id, status=DocumentStatus.INDEXED).count() == 2


async def test_a_restart_in_the_middle_forgets_nothing(
    house: Core,
    shop_documents: list[Path],
    writes_to_admin_bot: MakePerson,
    telegram: TelegramServer,
) -> None:
    """The bot stops while a file waits to be read and a question is open; both go on after the restart."""
    from admin_bot.role import run as admin_role
    from workers.role import run as worker_role

    olga = writes_to_admin_bot()
    async with running(house, admin_role(house, progress_every_s=0.1, pace=QUICK)):
        await started(olga)
        await olga.sends_file(named(shop_documents, "faq.txt"))
        await olga.reads("received")
        await olga.says("/menu")
        await olga.presses("Tone and greeting")
        await olga.presses("Contact")
        await olga.reads("Whom shall a customer turn to")
    async with (
        running(house, admin_role(house, progress_every_s=0.1, pace=QUICK)),
        running(house, worker_role(house)),
    ):
        await olga.says("@olga")
        await olga.reads("After: @olga")
        await olga.reads("faq.txt: done", 60)
