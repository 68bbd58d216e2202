"""A customers' bot in one tap: Telegram makes it, tells of it twice, and its owner does nothing more."""

from typing import Any

import pytest

from admin_bot.role import run
from core.accounts import user_of_telegram
from core.app import Core
from core.channels import disconnect, token_of
from core.models import BotState, Channel, ChannelState
from core.tenancy import actor_of
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

SAID = {
    "en": {
        "language": "English",
        "channels": "Customers’ bot",
        "connect": "Connect a Telegram bot",
        "offer": "Telegram makes it in one tap",
        "tap": "The button is down here",
        "button": "🤖 Create my bot",
        "made": "Telegram has made your bot @",
        "live": "answers your customers now",
        "no token": "does not hand me its token right now",
        "again": "Try again now",
        "have": "I have a token",
        "by token": "All right, with a token then",
    },
    "ru": {
        "language": "Русский",
        "channels": "Бот для клиентов",
        "connect": "Подключить бота",
        "offer": "Telegram создаст его в одно касание",
        "tap": "Кнопка здесь, внизу",
        "button": "🤖 Создать моего бота",
        "made": "Telegram создал вашего бота @",
        "live": "уже отвечает клиентам",
        "no token": "Telegram сейчас не отдаёт его токен",
        "again": "Попробовать сейчас",
        "have": "У меня есть токен",
        "by token": "Хорошо, тогда по токену",
    },
}


@pytest.fixture
def manager(house: Core, telegram: TelegramServer) -> str:
    """The admin bot may make bots."""
    assert house.settings.admin_bot_token
    token = house.settings.admin_bot_token.get_secret_value()
    telegram.managers.add(token)
    return token


async def _asks(person: Person, said: dict[str, str] = SAID["en"]) -> dict[str, Any]:
    """He asks for a bot; the button that appears below."""
    await person.says("/menu")
    await person.presses(said["channels"])
    await person.presses(said["connect"])
    await person.reads(said["offer"])
    await person.reads(said["tap"])
    [button] = person.below
    return button


async def _taps(person: Person) -> tuple[dict[str, Any], str]:
    """He confirms what the button proposes; the bot, as Telegram tells of it, and its token."""
    return person.server.made_by(person.token)


async def _channel(bot: dict[str, Any]) -> Channel:
    async def there() -> Channel | None:
        return await Channel.get_or_none(identity=str(bot["id"]))

    return await until(there, 15)


def _times(person: Person, part: str) -> int:
    return sum(part in one.text or any(part in old for old in one.history) for one in person.chat)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_bot_is_made_in_one_tap_and_goes_live(
    language: str,
    manager: str,
    admin_bot: None,
    bots: None,
    house: Core,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    said = SAID[language]
    olga = await started(writes_to_admin_bot(language), said["language"], "Медный чайник №1")
    button = await _asks(olga, said)
    assert button["text"] == said["button"]
    wish = button["request_managed_bot"]
    assert wish["suggested_name"] == "Медный чайник №1"
    assert wish["suggested_username"].startswith("mednyy_chaynik_no1_")
    bot, token = await _taps(olga)
    await olga.hears_of_bot(bot)
    await olga.sends(managed_bot_created={"bot": bot})
    await olga.reads(said["made"] + bot["username"])
    await olga.reads(said["live"])
    channel = await _channel(bot)
    assert token_of(house, channel) == token
    assert channel.assistant_id == (await assistant_of_person(olga)).id
    assert olga.below == [], "the button has gone"
    assert _times(olga, said["live"]) == 1, "both tidings were of one bot"
    assert not any(token in one.text for one in olga.chat)


async def test_tidings_that_come_again_say_nothing_and_change_nothing(
    manager: str, olga: Person, bots: None, telegram: TelegramServer
) -> None:
    await _asks(olga)
    bot, _ = await _taps(olga)
    for _ in range(2):
        await olga.sends(managed_bot_created={"bot": bot})
    await olga.reads("answers your customers now")
    before = await _channel(bot)
    shown = len(olga.chat)
    for _ in range(2):
        await olga.hears_of_bot(bot)
        await olga.sends(managed_bot_created={"bot": bot})
    await olga.says("/help")
    await olga.reads("What I can do")
    assert len(olga.chat) == shown + 1
    after = await _channel(bot)
    assert (after.id, after.secrets) == (before.id, before.secrets)


@pytest.mark.parametrize("tells", ["update", "message"])
async def test_a_restart_forgets_neither_that_a_bot_was_asked_for_nor_for_whom(
    tells: str, manager: str, house: Core, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        olga = await started(writes_to_admin_bot())
        kettle = await assistant_of_person(olga)
        await _asks(olga)
        await olga.says("/menu")
        await olga.presses("Assistants")
        await olga.presses("New assistant")
        await olga.reads("What shall the new assistant be called?")
        await olga.says("Second shop")
        await olga.reads("Second shop")
    bot, _ = await _taps(olga)
    await (olga.hears_of_bot(bot) if tells == "update" else olga.sends(managed_bot_created={"bot": bot}))
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await olga.reads("is connected and starting")
        assert (await _channel(bot)).assistant_id == kettle.id, "he asked for it when he worked with the first"


async def test_a_restart_in_the_middle_says_what_was_not_said_yet(
    manager: str, house: Core, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    """The product dies after the bot was connected and before its owner was told."""
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        olga = await started(writes_to_admin_bot())
        await _asks(olga)
        bot, _ = await _taps(olga)
        await olga.sends(managed_bot_created={"bot": bot})
        await olga.reads("is connected and starting")
    key = f"talk:{manager.partition(':')[0]}:{olga.id}:{olga.id}"
    row = await BotState.get(key=key)
    kettle = await assistant_of_person(olga)
    making = {"assistant": str(kettle.id), "bot": bot["id"], "username": bot["username"]}
    await BotState.filter(key=key).update(data={**row.data, "making_bot": making})
    telegram.shown.clear()
    await olga.hears_of_bot(bot)
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await olga.reads("is connected and starting")
    assert await Channel.filter(identity=str(bot["id"])).count() == 1


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_token_that_telegram_does_not_give_is_told_and_fetched_again(
    language: str,
    manager: str,
    admin_bot: None,
    bots: None,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    said = SAID[language]
    olga = await started(writes_to_admin_bot(language), said["language"], "Чайная")
    await _asks(olga, said)
    bot, _ = await _taps(olga)
    telegram.faults.append(Fault("getManagedBotToken", 400, "Bad Request: USER_BOT_INVALID"))
    await olga.sends(managed_bot_created={"bot": bot})
    shown = await olga.reads(said["no token"])
    assert "/mybots" in shown.text
    assert not await Channel.filter(identity=str(bot["id"])).exists()
    await olga.presses(said["again"])
    await olga.reads(said["live"])


async def test_a_hiccup_of_telegram_is_not_seen(
    manager: str, olga: Person, bots: None, telegram: TelegramServer
) -> None:
    await _asks(olga)
    bot, _ = await _taps(olga)
    telegram.faults.append(Fault("getManagedBotToken", 502, "Bad Gateway", times=2))
    await olga.sends(managed_bot_created={"bot": bot})
    await olga.reads("answers your customers now")
    assert _times(olga, "does not hand me") == 0


async def test_after_a_refusal_the_token_may_be_brought_by_hand(
    manager: str, olga: Person, bots: None, telegram: TelegramServer
) -> None:
    await _asks(olga)
    bot, token = await _taps(olga)
    telegram.faults.append(Fault("getManagedBotToken", 400, "Bad Request: USER_BOT_INVALID"))
    await olga.sends(managed_bot_created={"bot": bot})
    await olga.reads("does not hand me its token right now")
    await olga.says(f"Here is the token for bot Fixture @{bot['username']}:\n\n{token}")
    await olga.reads("answers your customers now")
    assert (await _channel(bot)).settings == {"managed": True}, "its later tokens come by themselves"


async def test_a_bot_goes_on_with_a_new_token_and_a_new_owner(
    manager: str,
    olga: Person,
    bots: None,
    house: Core,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    await _asks(olga)
    bot, _ = await _taps(olga)
    await olga.hears_of_bot(bot)
    await olga.reads("answers your customers now")
    shown = len(olga.chat)
    renewed = telegram.renew_token(bot["id"])
    stranger = writes_to_admin_bot(name="Stranger")
    await stranger.hears_of_bot(bot)

    async def goes_on() -> bool:
        channel = await _channel(bot)
        return token_of(house, channel) == renewed and channel.state == ChannelState.RUNNING

    await until(goes_on, 15)

    async def served() -> bool:
        return telegram.is_polled(renewed)

    await until(served, 10)
    assert len(olga.chat) == shown
    assert stranger.chat == [], "whoever owns the bot now has not written to us"


async def test_a_new_token_that_did_not_come_is_fetched_by_the_button(
    manager: str, olga: Person, bots: None, telegram: TelegramServer
) -> None:
    await _asks(olga)
    bot, old = await _taps(olga)
    await olga.hears_of_bot(bot)
    await olga.reads("answers your customers now")
    telegram.faults.append(Fault("getManagedBotToken", 400, "Bad Request: USER_BOT_INVALID"))
    telegram.renew_token(bot["id"])
    await olga.hears_of_bot(bot)
    await Person(telegram, old).says("Are you there?")  # a question that is open goes on, the next is refused

    async def failed() -> Channel | None:
        return await Channel.get_or_none(identity=str(bot["id"]), state=ChannelState.FAILED)

    await until(failed, 15)
    await olga.says("/menu")
    await olga.presses("Customers’ bot")
    await olga.reads("Its token no longer works")
    await olga.presses("Send a new token")
    await olga.reads("answers your customers now")


async def test_tidings_of_a_bot_that_is_nobodys_are_left_alone(
    manager: str, olga: Person, house: Core, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    """A bot that was disconnected gets a new token, and somebody who never wrote to us owns one."""
    await _asks(olga)
    bot, _ = await _taps(olga)
    await olga.hears_of_bot(bot)
    await olga.reads("is connected and starting")
    channel = await _channel(bot)
    rosa = await assistant_of_person(olga)
    user = await user_of_telegram(olga.id, "", "en")
    await disconnect(await actor_of(user.id), channel)
    telegram.renew_token(bot["id"])
    await olga.hears_of_bot(bot)
    stranger = writes_to_admin_bot(name="Stranger")
    await stranger.hears_of_bot(bot)
    await olga.says("/help")
    await olga.reads("What I can do")
    assert not await Channel.filter(assistant_id=rosa.id).exists()
    assert stranger.chat == []


async def test_two_owners_get_each_his_own_bot(
    manager: str, olga: Person, writes_to_admin_bot: MakePerson, telegram: TelegramServer
) -> None:
    ivan = await started(writes_to_admin_bot(name="Ivan"), name="Tea room")
    await _asks(olga)
    await _asks(ivan)
    hers, his = (await _taps(olga))[0], (await _taps(ivan))[0]
    await ivan.hears_of_bot(his)
    await olga.hears_of_bot(hers)
    for bot, person in ((hers, olga), (his, ivan)):
        await person.reads(f"@{bot['username']} is connected and starting")
        assert (await _channel(bot)).assistant_id == (await assistant_of_person(person)).id


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_whoever_has_a_token_goes_that_way_and_the_button_goes(
    language: str, manager: str, admin_bot: None, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    said = SAID[language]
    olga = await started(writes_to_admin_bot(language), said["language"], "Чайная")
    await _asks(olga, said)
    await olga.presses(said["have"])
    await olga.reads(said["by token"])
    await olga.reads("/newbot")
    assert olga.below == []
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads(f"@{telegram.names[token]}")


async def test_whoever_changes_his_mind_gets_his_keyboard_back(manager: str, olga: Person) -> None:
    await _asks(olga)
    await olga.presses("Cancel")
    await olga.reads("Cancelled, nothing was changed")
    assert olga.below == []


async def test_where_no_bots_may_be_made_nothing_of_it_is_asked_or_offered(
    olga: Person, telegram: TelegramServer
) -> None:
    await olga.says("/menu")
    await olga.presses("Customers’ bot")
    await olga.presses("Connect a Telegram bot")
    await olga.reads("/newbot")
    assert olga.below == []
    asked = [call.fields["allowed_updates"] for call in telegram.calls_of("getUpdates") if call.token == olga.token]
    assert not any("managed_bot" in kinds for kinds in asked)


async def test_an_admin_bot_that_may_make_bots_listens_for_them_from_the_start(
    manager: str, olga: Person, telegram: TelegramServer
) -> None:
    asked = [call.fields["allowed_updates"] for call in telegram.calls_of("getUpdates") if call.token == manager]
    assert asked
    assert all("managed_bot" in kinds for kinds in asked)
