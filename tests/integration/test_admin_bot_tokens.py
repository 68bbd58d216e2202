"""A bot connected by its token: how that is explained, in which forms it comes, and what leaves the chat."""

from typing import Any

import pytest

from admin_bot.pictures import picture
from core.app import Core
from core.models import Channel, Membership, Role, User
from core.team import invite
from core.tenancy import actor_of
from tests.integration.conftest import MakePerson
from tests.integration.owners import started
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

WORDS = {
    "en": ("English", "Customers’ bot", "Connect a Telegram bot", "/newbot", "Show it in pictures"),
    "ru": ("Русский", "Бот для клиентов", "Подключить бота", "/newbot", "Показать на картинках"),
}


async def _asks(person: Person, language: str = "en") -> None:
    _, channels, connect, steps, _ = WORDS[language]
    await person.says("/menu")
    await person.presses(channels)
    await person.presses(connect)
    await person.reads(steps)


def _deleted(telegram: TelegramServer, person: Person) -> int:
    return len(telegram.calls_of("deleteMessage", person.id))


async def _gone(telegram: TelegramServer, person: Person, before: int = 0) -> None:
    async def so() -> bool:
        return _deleted(telegram, person) > before

    await until(so, 10)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_three_pictures_show_the_way_once_and_again_when_asked(
    language: str, admin_bot: None, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    olga = await started(writes_to_admin_bot(language), WORDS[language][0], "Чайная")
    await _asks(olga, language)
    drawn = [picture(language, step).read_bytes() for step in (1, 2, 3)]
    assert telegram.albums == [(olga.id, drawn)]
    await _asks(olga, language)
    assert len(telegram.albums) == 1, "he has them already"
    await olga.presses(WORDS[language][4])
    await olga.reads_new()
    assert telegram.albums == [(olga.id, drawn)] * 2
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads(f"@{telegram.names[token]}")


@pytest.mark.parametrize("status", [400, 500])
async def test_pictures_that_do_not_come_hold_nobody_up(status: int, olga: Person, telegram: TelegramServer) -> None:
    telegram.faults.append(Fault("sendMediaGroup", status, "Refused by a test"))
    await _asks(olga)
    assert telegram.albums == []
    await olga.says(telegram.new_bot())
    await olga.reads("is connected and starting")


def _fathers_words(token: str) -> str:
    return (
        "Done! Congratulations on your new bot. You will find it at t.me/kettle_bot.\n\n"
        f"Use this token to access the HTTP API:\n{token}\nKeep your token secure and store it safely, "
        "it can be used by anyone to control your bot. See https://core.telegram.org/bots/api"
    )


@pytest.mark.parametrize("form", ["forwarded", "under a picture", "glued to other words"])
async def test_a_token_is_found_wherever_it_stands_and_leaves_the_chat(
    form: str, olga: Person, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    father = {"id": 93372553, "is_bot": True, "first_name": "BotFather", "username": "BotFather"}
    sent: dict[str, Any] = {
        "forwarded": {
            "text": _fathers_words(token),
            "forward_origin": {"type": "user", "date": 1, "sender_user": father},
        },
        "under a picture": {
            "photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}],
            "caption": f"here: {token}",
        },
        "glued to other words": {"text": f"вот токен:{token}, спасибо"},
    }[form]
    await olga.sends(**sent)
    await olga.reads("is connected and starting")
    assert _deleted(telegram, olga) == 1


async def test_a_token_that_was_written_into_an_older_message_is_taken_and_leaves_the_chat(
    olga: Person, telegram: TelegramServer
) -> None:
    await olga.says("/menu")
    await olga.reads("“Copper Kettle”")
    token = telegram.new_bot()
    await olga.edits(f"My bot: {token}")
    await olga.reads("is connected and starting")
    assert _deleted(telegram, olga) == 1


async def test_other_corrections_of_messages_are_nobodys_business(olga: Person, telegram: TelegramServer) -> None:
    shown = len(olga.chat)
    await olga.edits("How much is delivery?")
    await olga.says("/help")
    await olga.reads("What I can do")
    assert len(olga.chat) == shown + 1


async def test_nonsense_and_half_a_token_are_no_token(olga: Person, telegram: TelegramServer) -> None:
    await _asks(olga)
    for words in ("where is it?", "I can do it at 12:30", "123456789:AAE"):
        await olga.says(words)
        assert "I see no token here" in (await olga.reads_new()).text, words
    assert _deleted(telegram, olga) == 0


@pytest.mark.parametrize(
    ("language", "said"), [("en", "the bot that you are writing to right now"), ("ru", "которому вы сейчас пишете")]
)
async def test_the_admin_bots_own_token_is_no_customers_bot(
    language: str,
    said: str,
    admin_bot: None,
    house: Core,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    olga = await started(writes_to_admin_bot(language), WORDS[language][0], "Чайная")
    await olga.says(olga.token)
    await olga.reads(said)
    assert _deleted(telegram, olga) == 1
    assert not await Channel.exists()


async def test_a_bot_of_ones_own_other_assistant_is_named(olga: Person, telegram: TelegramServer) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("is connected and starting")
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("New assistant")
    await olga.reads("What shall the new assistant be called?")
    await olga.says("Second shop")
    await olga.reads("Second shop")
    await olga.says(token)
    await olga.reads("already answers for your assistant “Copper Kettle”")


async def test_a_token_leaves_the_chat_of_somebody_who_may_not_connect_it(
    olga: Person, writes_to_admin_bot: MakePerson, telegram: TelegramServer
) -> None:
    owner = await actor_of((await User.get(telegram_id=olga.id)).id)
    _, link = await invite(owner, Role.OPERATOR)
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(f"/start join_{link}")
    await boris.reads("Welcome to the team")
    assert await Membership.filter(user__telegram_id=boris.id).exists()
    await boris.says(telegram.new_bot())
    await boris.reads("Only an owner can do this")
    assert _deleted(telegram, boris) == 1
    assert not await Channel.exists()
