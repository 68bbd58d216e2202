"""An owner and his customers' bot: connected by a token, seen to be well, disconnected; and the admin bot's token."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from admin_bot.role import run
from core.app import Core
from core.models import Channel
from tests.integration.conftest import MakePerson, running
from tests.integration.owners import started
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until


async def test_a_wrong_token_is_a_plain_sentence_and_may_be_sent_again(olga: Person, telegram: TelegramServer) -> None:
    await olga.says("/menu")
    await olga.presses("Customers’ bot")
    await olga.presses("Connect a Telegram bot")
    await olga.reads("3. Copy his whole message")
    await olga.says("where do I find it?")
    await olga.reads("I see no token here")
    await olga.says("123456789:" + "A" * 35)
    await olga.reads("Telegram does not know this token")
    await olga.says(telegram.new_bot())
    await olga.reads("is connected and starting")


async def test_a_token_pasted_out_of_the_blue_is_understood(olga: Person, bots: None, telegram: TelegramServer) -> None:
    await olga.says(f"Use this token to access the HTTP API:\n{telegram.new_bot()}\n")
    await olga.reads("answers your customers now")


@pytest.mark.parametrize(
    ("buttons", "asked"),
    [
        (["Ready answers", "Add an answer"], "What do customers ask?"),
        (["Tone and greeting", "Greeting"], "Type the greeting"),
        (["Assistants", "New assistant"], "What shall the new assistant be called?"),
    ],
)
async def test_a_token_is_never_taken_for_the_answer_to_something_else(
    olga: Person, telegram: TelegramServer, buttons: list[str], asked: str
) -> None:
    await olga.says("/menu")
    for label in buttons:
        await olga.presses(label)
    await olga.reads(asked)
    token = telegram.new_bot()
    await olga.says(f"At 12:30 I got this: {token}")
    await olga.reads("is connected and starting")
    assert not any(token in one.text for one in olga.chat)


async def test_a_token_is_not_searched_for(olga: Person, telegram: TelegramServer) -> None:
    await olga.says("/search")
    await olga.reads("Write a question as a customer would")
    await olga.says(telegram.new_bot())
    await olga.reads("is connected and starting")


async def test_a_token_that_cannot_be_deleted_is_told(olga: Person, telegram: TelegramServer) -> None:
    telegram.all_undeletable = True
    await olga.says(telegram.new_bot())
    await olga.reads("Please delete it yourself")
    await olga.reads("is connected and starting")


async def test_a_bot_is_listed_with_its_health_and_disconnected(
    olga: Person, bots: None, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("answers your customers now")
    name = telegram.names[token]
    await olga.says("/menu")
    await olga.reads(f"Customers’ bot: @{name}")
    await olga.presses("Customers’ bot")
    await olga.reads(f"✅ @{name}: works")
    await olga.presses(f"Disconnect @{name}")
    await olga.reads("The bot itself stays yours")
    await olga.presses("Yes, disconnect")
    await olga.reads("its token is erased")
    assert not await Channel.filter(name=name).exists()


async def test_a_bot_of_another_owner_cannot_be_taken(
    olga: Person, writes_to_admin_bot: MakePerson, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("is connected and starting")
    ivan = await started(writes_to_admin_bot("ru"), "Русский", "Чайная")
    await ivan.says(token)
    await ivan.reads("уже подключён к другому ассистенту")


async def test_a_wrong_admin_token_is_one_line_in_the_log_and_nothing_more(
    house: Core, caplog: pytest.LogCaptureFixture
) -> None:
    for token in ("700000:" + "C" * 35, "nonsense"):
        caplog.clear()
        settings = house.settings.model_copy(update={"admin_bot_token": SecretStr(token)})
        async with running(house, run(replace(house, settings=settings))):

            async def told() -> bool:
                return any("ADMIN_BOT_TOKEN" in record.getMessage() for record in caplog.records)

            await until(told, 10)
        [line] = [record.getMessage() for record in caplog.records if record.name.startswith("admin_bot")]
        assert token not in line
