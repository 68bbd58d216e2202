"""How each customers' bot is, in plain words, and the one button that helps."""

from datetime import UTC, datetime, timedelta

import pytest

from bots.registry import Registry
from core.app import Core
from core.channel_care import pause
from core.channels import PERSON, TOGETHER, groups_of, report_state, token_of
from core.models import Channel, ChannelState, Contact, Conversation, Membership, Message, Role, Tenant, User
from core.profiles import remember_business
from core.tenancy import actor_of
from tests.integration.conftest import MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until

WORDS = {
    "en": {
        "language": "English",
        "channels": "Customers’ bot",
        "live": "answers your customers now",
        "refused": "Its token no longer works",
        "new": "Send a new token",
        "news": "Customers of “Copper Kettle” get no answers in Telegram at the moment",
        "mend": "🛠 Mend it",
        "how": "press “API Token”",
        "pause": "Switch off for a while",
        "paused": "switched off. Nobody answers there",
        "resume": "Switch on",
        "elsewhere": "Another program reads this bot’s messages",
        "again": "Try again now",
        "heard": "Last message of a customer: 3 hours ago",
        "never": "No customer has asked anything there yet",
    },
    "ru": {
        "language": "Русский",
        "channels": "Бот для клиентов",
        "live": "уже отвечает клиентам",
        "refused": "Его токен больше не действует",
        "new": "Прислать новый токен",
        "news": "Клиенты ассистента «Copper Kettle» сейчас не получают ответов в Telegram",
        "mend": "🛠 Исправить",
        "how": "нажмите «API Token»",
        "pause": "Выключить на время",
        "paused": "выключен. Клиентам там никто не отвечает",
        "resume": "Включить",
        "elsewhere": "Сообщения этого бота читает другая программа",
        "again": "Попробовать сейчас",
        "heard": "Последнее сообщение клиента: 3 часа назад",
        "never": "Клиенты там ещё ничего не спрашивали",
    },
}
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])


async def _with_bot(person: Person, language: str = "en") -> str:
    """An owner with a live bot; its token."""
    await started(person, WORDS[language]["language"], "Copper Kettle")
    token = person.server.new_bot()
    await person.says(token)
    await person.reads(WORDS[language]["live"])
    return token


async def _opens(person: Person, language: str = "en") -> None:
    await person.says("/menu")
    await person.presses(WORDS[language]["channels"])


async def _channel(token: str, state: ChannelState | None = None) -> Channel:
    async def there() -> Channel | None:
        wanted = {"state": state} if state else {}
        return await Channel.get_or_none(identity=token.partition(":")[0], **wanted)

    return await until(there, 15)


@LANGUAGES
async def test_a_revoked_token_is_told_and_its_successor_taken(
    language: str, admin_bot: None, bots: None, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    said, olga = WORDS[language], writes_to_admin_bot(language)
    token = await _with_bot(olga, language)
    name = telegram.names.pop(token)
    await Person(telegram, token).says("Hello")
    await _channel(token, ChannelState.FAILED)
    told = await olga.reads(said["news"])
    assert said["refused"] in told.text
    assert told.buttons[0]["text"] == said["mend"]
    await olga.says("/menu")
    await olga.reads(f"⚠️ @{name}")
    await olga.presses(said["channels"])
    await olga.reads(said["refused"])
    await olga.presses(said["new"])
    await olga.reads(said["how"])
    renewed = token[:-5] + "fresh"
    telegram.names[renewed] = name
    await olga.says(renewed)
    await olga.reads(said["live"])


@LANGUAGES
async def test_a_bot_is_switched_off_for_a_while_and_on_again(
    language: str,
    admin_bot: None,
    bots: None,
    house: Core,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    said, olga = WORDS[language], writes_to_admin_bot(language)
    token = await _with_bot(olga, language)
    await _opens(olga, language)
    await olga.presses(said["pause"])
    await olga.reads(said["paused"])

    async def deaf() -> bool:
        return not telegram.is_polled(token)

    await until(deaf, 10)
    ann = Person(telegram, token)
    await ann.says("/start")
    channel = await _channel(token, ChannelState.STOPPED)
    await report_state(channel, ChannelState.RUNNING)
    assert (await _channel(token)).state == ChannelState.STOPPED, "what was on its way says nothing any more"
    await olga.says("/menu")
    await olga.reads(f"⏸ @{telegram.names[token]}")
    assert ann.chat == []
    await olga.presses(said["channels"])
    await olga.presses(said["resume"])
    await olga.reads(said["live"])
    await ann.reads_new()
    assert token_of(house, await _channel(token)) == token


@LANGUAGES
async def test_another_program_on_the_bot_is_told_and_tried_again_at_once(
    language: str,
    admin_bot: None,
    house: Core,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    said, olga = WORDS[language], writes_to_admin_bot(language)
    async with running(house, Registry(house, every_s=0.1).run()):
        token = await _with_bot(olga, language)
        channel = await _channel(token)
        await report_state(channel, ChannelState.FAILED, "channel-read-elsewhere")
        await _opens(olga, language)
        shown = await olga.reads(said["never"])
        assert said["elsewhere"] in shown.text
        assert [one["text"] for one in shown.buttons][:2] == [
            "🔄 " + said["again"],
            "🔑 " + said["new"],
        ]
        before = channel.secrets
        await olga.presses(said["again"])

        async def sealed_anew() -> Channel | None:
            found = await _channel(token)
            return found if found.secrets != before else None

        assert token_of(house, await until(sealed_anew)) == token, "which is what the registry starts it for"
        await _channel(token, ChannelState.RUNNING)


@LANGUAGES
async def test_it_is_told_when_a_customer_last_wrote(
    language: str, admin_bot: None, bots: None, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    said, olga = WORDS[language], writes_to_admin_bot(language)
    token = await _with_bot(olga, language)
    await _opens(olga, language)
    await olga.reads(said["never"])
    rosa, channel = await assistant_of_person(olga), await _channel(token)
    contact = await Contact.create(assistant=rosa, channel=f"telegram:{channel.identity}", key="5", name="Ann")
    conversation = await Conversation.create(assistant=rosa, contact=contact)
    asked = await Message.create(conversation=conversation, author="customer", text="Are you open?")
    await Message.create(conversation=conversation, author="assistant", text="Yes.")
    await Message.filter(id=asked.id).update(created_at=datetime.now(UTC) - timedelta(hours=3, minutes=20))
    await _opens(olga, language)
    await olga.reads(said["heard"])


async def test_a_bot_that_stopped_is_told_once_and_not_when_it_runs_again(
    olga: Person, house: Core, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("is connected and starting")
    channel = await _channel(token)
    for _ in range(3):
        await report_state(channel, ChannelState.FAILED, "channel-read-elsewhere")
    await olga.reads("get no answers in Telegram")
    await report_state(channel, ChannelState.RUNNING)
    await report_state(channel, ChannelState.FAILED, "channel-read-elsewhere")
    await olga.says("/help")
    await olga.reads("What I can do")
    assert sum("get no answers in Telegram" in one.text for one in olga.chat) == 1
    await report_state(channel, ChannelState.FAILED, "error-wrong-bot-token")
    await report_state(channel, ChannelState.RUNNING)
    await olga.says("/menu")
    await olga.reads("“Copper Kettle”")
    assert not any("no longer works" in one.text for one in olga.chat)


async def test_a_bot_is_mended_in_whichever_business_it_stopped(
    olga: Person, house: Core, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("is connected and starting")
    user = await User.get(telegram_id=olga.id)
    other = await Tenant.create(name="Another business")
    await Membership.create(user=user, tenant=other, role=Role.OPERATOR)
    await remember_business(user.id, other.id)
    await report_state(await _channel(token), ChannelState.FAILED, "channel-read-elsewhere")
    await olga.reads("get no answers in Telegram")
    await olga.presses("🛠 Mend it")
    await olga.reads("No customer has asked anything there yet")
    await olga.presses("Try again now")
    assert (await _channel(token, ChannelState.STARTING)).error_code == ""


async def test_several_bots_are_a_list_and_each_has_its_card(
    olga: Person, bots: None, telegram: TelegramServer
) -> None:
    tokens = [telegram.new_bot() for _ in range(2)]
    for token in tokens:
        await olga.says(token)
        await olga.reads(f"@{telegram.names[token]} answers your customers now")
    channel = await _channel(tokens[0])
    await pause(await actor_of((await User.get(telegram_id=olga.id)).id), channel)
    await _opens(olga)
    shown = await olga.reads("Bots that answer for “Copper Kettle”")
    assert f"⏸ @{telegram.names[tokens[0]]}: switched off" in shown.text
    assert f"✅ @{telegram.names[tokens[1]]}: works" in shown.text
    await olga.presses(f"⚙️ @{telegram.names[tokens[0]]}")
    await olga.reads("No customer has asked anything there yet")
    await olga.presses("Switch on")
    await olga.reads(f"@{telegram.names[tokens[0]]} answers your customers now")


async def test_what_was_done_to_a_bot_is_among_what_was_done(
    olga: Person, bots: None, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("answers your customers now")
    await _opens(olga)
    await olga.presses("Switch off for a while")
    await olga.presses("Switch on")
    await olga.reads("answers your customers now")
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("What was done")
    done = await olga.reads("switched the bot")
    name = telegram.names[token]
    assert f"switched the bot @{name} off" in done.text
    assert f"switched the bot @{name} on" in done.text


async def test_nobody_reaches_the_bot_of_another_business(
    olga: Person, bots: None, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    from admin_bot.keyboards import Press

    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("answers your customers now")
    before = await _channel(token)
    clara = await started(writes_to_admin_bot(name="Clara"), name="Clara’s Cakes")
    for do in (
        "bot",
        "bot.groups",
        "bot.groups.together",
        "bot.pause",
        "bot.on",
        "bot.again",
        "bot.token",
        "bot.off",
        "bot.off.yes",
    ):
        await clara.presses_data(clara.chat[-1].message_id, Press(do=do, id=before.id).pack())
        await clara.reads("This button is out of date")
        await clara.says("/menu")
        await clara.reads_new()
    after = await _channel(token)
    assert (after.secrets, after.enabled) == (before.secrets, before.enabled)


@pytest.mark.parametrize("code", ["channel-unreachable", "channel-broken"])
async def test_what_mends_itself_says_so_and_can_be_hurried(
    code: str, olga: Person, house: Core, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("is connected and starting")
    await report_state(await _channel(token), ChannelState.FAILED, code)
    await _opens(olga)
    shown = await olga.reads("Bots that answer for")
    assert "nothing is needed from you" in shown.text
    assert shown.buttons[0]["text"] == "🔄 Try again now"


async def test_an_owner_says_how_the_bot_talks_in_groups_and_takes_it_back(
    olga: Person, bots: None, telegram: TelegramServer
) -> None:
    token = telegram.new_bot()
    await olga.says(token)
    await olga.reads("answers your customers now")
    await _opens(olga)
    await olga.presses("In groups")
    card = await olga.reads("everybody has a conversation of his own")
    assert "privacy mode" in card.text
    await olga.presses("One talk for all")
    await olga.reads("all who write there share one conversation")
    assert groups_of(await _channel(token)) == TOGETHER
    await olga.presses("Undo")

    async def undone() -> bool:
        return groups_of(await _channel(token)) == PERSON

    await until(undone)
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("What was done")
    await olga.reads("changed how the bot")
