"""An owner without technical skill connects his Slack: by a link, or by an app of his own; sees how it is; mends it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import SecretStr

from admin_bot.role import run
from api.app import create_app
from core.app import Core
from core.channels import report_state
from core.models import BotState, Channel, ChannelState, Membership, Role, Tenant, User
from core.profiles import remember_business
from core.slack.client import secrets_of
from core.slack.gone import slack_gone
from tests.integration.conftest import NO_MONDAY, QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.slack_accounts import App, SlackAccounts, slack_accounts
from tests.telegram_server import Person, Shown, TelegramServer
from tests.waiting import until

WORDS = {
    "en": {
        "language": "English",
        "channels": "Customers’ bot",
        "connect": "Connect Slack",
        "link": "will answer in your Slack",
        "go": "Go to Slack",
        "page": "is connected to the workspace “Otters”",
        "waiting": "Slack “Otters” is connected and starting",
        "live": "Slack “Otters” answers now",
        "steps": "It takes about five minutes",
        "make": "Create the app at Slack",
        "need secret": "Got it. Now the “Signing Secret”",
        "need app": "Got it. Now an app-level token",
        "need bot": "Got it. Now the “Bot User OAuth Token”",
        "works": "✅ Slack “Otters”: works",
        "pause": "Switch off for a while",
        "paused": "⏸ Slack “Otters”: switched off",
        "resume": "Switch on",
        "off": "Disconnect Slack “Otters”",
        "sure": "The app itself stays in Slack",
        "yes": "Yes, disconnect",
        "done": "Slack “Otters” is disconnected",
        "undo": "↩️",
        "undone": "Undone: disconnected Slack “Otters”",
        "news": "Customers of “Copper Kettle” get no answers in Slack at the moment",
        "gone": "The app was removed from this workspace",
        "mend": "🛠 Mend it",
        "again": "Connect Slack again",
        "once more": "needs its bot token once more",
    },
    "ru": {
        "language": "Русский",
        "channels": "Бот для клиентов",
        "connect": "Подключить Slack",
        "link": "будет отвечать в вашем Slack",
        "go": "Перейти в Slack",
        "page": "подключён к рабочему пространству «Otters»",
        "waiting": "Slack «Otters» подключён, запускается",
        "live": "Slack «Otters» уже отвечает",
        "steps": "Это займёт минут пять",
        "make": "Создать приложение в Slack",
        "need secret": "Есть. Теперь «Signing Secret»",
        "need app": "Есть. Теперь токен приложения",
        "need bot": "Есть. Теперь «Bot User OAuth Token»",
        "works": "✅ Slack «Otters»: работает",
        "pause": "Выключить на время",
        "paused": "⏸ Slack «Otters»: выключен",
        "resume": "Включить",
        "off": "Отключить Slack «Otters»",
        "sure": "Само приложение останется в Slack",
        "yes": "Да, отключить",
        "done": "Slack «Otters» отключён",
        "undo": "↩️",
        "undone": "отключён Slack «Otters»",
        "news": "Клиенты ассистента «Copper Kettle» сейчас не получают ответов в Slack",
        "gone": "Приложение удалили из рабочего пространства",
        "mend": "🛠 Исправить",
        "again": "Подключить Slack заново",
        "once more": "нужен новый токен бота",
    },
}
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
BY_LINK = pytest.mark.parametrize("installation", ["has an app"], indirect=True)
WITH_HTTPS = pytest.mark.parametrize("installation", ["has an address"], indirect=True)


@pytest.fixture
async def slack() -> AsyncIterator[SlackAccounts]:
    async with slack_accounts() as server:
        yield server


@pytest.fixture
def app(slack: SlackAccounts) -> App:
    return slack.new_app()


@pytest.fixture
def installation(request: pytest.FixtureRequest) -> str:
    """What it has; nothing: no address that Slack could reach, and no app."""
    return str(getattr(request, "param", ""))


@pytest.fixture
async def house(
    core: Core, telegram: TelegramServer, slack: SlackAccounts, app: App, installation: str
) -> AsyncIterator[Core]:
    values: dict[str, object] = {"telegram_api_url": telegram.url, "admin_bot_token": SecretStr(telegram.new_bot())}
    values |= {"slack_api_url": slack.url}
    values |= {"public_url": "https://assistant.example"} if installation else {}
    if installation == "has an app":
        values |= {"slack_client_id": app.client_id, "slack_client_secret": SecretStr(app.client_secret)}
        values |= {"slack_signing_secret": SecretStr(app.signing_secret)}
    yield replace(core, settings=core.settings.model_copy(update=values))
    await Channel.all().delete()


async def _opens_slack(person: Person, language: str) -> None:
    words = WORDS[language]
    await started(person, words["language"])
    await person.says("/menu")
    await person.presses(words["channels"])
    await person.presses(words["connect"])


def _url_of(shown: Shown, label: str) -> str:
    return next(str(one["url"]) for one in shown.buttons if label in one["text"])


async def _is_deleted(telegram: TelegramServer, messages: int = 1) -> None:
    """So many of his messages have left the chat."""

    async def gone() -> bool:
        deleting = [call for call in telegram.calls if call.method == "deleteMessage" and not call.refused]
        return len([call for call in deleting if int(call.fields["message_id"]) > 100_000]) == messages

    await until(gone, 15)


async def _channel(**wanted: object) -> Channel:
    async def there() -> Channel | None:
        return await Channel.get_or_none(kind="slack", **wanted)

    return await until(there, 15)


async def _consents(house: Core, slack: SlackAccounts, link: str, team: str = "Otters") -> tuple[int, str]:
    """In his browser: the link, Slack, and back; what he reads there."""
    browser = create_app(house, rate_limits=False).test_client()
    parts = urlsplit(link)
    away = await browser.get(f"{parts.path}?{parts.query}")
    back = urlsplit(slack.consent(away.headers["Location"], team, f"T0{team.upper()}"))
    answer = await browser.get(f"{back.path}?{back.query}")
    return answer.status_code, await answer.get_data(as_text=True)


@LANGUAGES
@BY_LINK
async def test_an_owner_connects_his_workspace_by_a_link(
    house: Core, slack: SlackAccounts, admin_bot: None, writes_to_admin_bot: MakePerson, language: str
) -> None:
    words = WORDS[language]
    olga = writes_to_admin_bot(language)
    await _opens_slack(olga, language)
    link = _url_of(await olga.reads(words["link"]), words["go"])
    status, page = await _consents(house, slack, link)
    assert status == 200
    assert words["page"] in page
    await olga.reads(words["waiting"])
    channel = await _channel()
    assert channel.assistant_id == (await assistant_of_person(olga)).id
    await report_state(channel, ChannelState.RUNNING)
    live = await olga.reads(words["live"])
    assert any(str(one.get("url", "")).startswith("https://slack.com/app_redirect?app=") for one in live.buttons)
    assert not [one for one in olga.chat if words["go"] in str(one.buttons)], "the link's message is gone"


@BY_LINK
async def test_each_tap_gives_a_new_link_and_a_restart_goes_on_waiting(
    house: Core, slack: SlackAccounts, writes_to_admin_bot: MakePerson
) -> None:
    olga = writes_to_admin_bot()
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK, clock=lambda: NO_MONDAY)):
        await _opens_slack(olga, "en")
        first = _url_of(await olga.reads("will answer in your Slack"), "Go to Slack")
        await olga.says("/menu")
        await olga.presses("Customers’ bot")
        await olga.presses("Connect Slack")

        async def second() -> bool:
            return len([one for one in olga.chat if "Go to Slack" in str(one.buttons)]) == 2

        await until(second)
    links = {_url_of(one, "Go to Slack") for one in olga.chat if "Go to Slack" in str(one.buttons)}
    assert len(links) == 2
    assert (await _consents(house, slack, first))[0] == 200
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK, clock=lambda: NO_MONDAY)):
        await olga.reads("Slack “Otters” is connected and starting")
        await report_state(await _channel(), ChannelState.RUNNING)
        await olga.reads("Slack “Otters” answers now")


@BY_LINK
async def test_a_link_that_nobody_used_says_that_it_has_ended(house: Core, writes_to_admin_bot: MakePerson) -> None:
    olga = writes_to_admin_bot()
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK, clock=lambda: NO_MONDAY)):
        await _opens_slack(olga, "en")
        await olga.reads("will answer in your Slack")
    await BotState.filter(state="slack").update(created_at=datetime.now(UTC) - timedelta(minutes=61))
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK, clock=lambda: NO_MONDAY)):
        await olga.reads("The link for Slack has ended")
        await olga.presses("New link")
        await olga.reads("will answer in your Slack")


@LANGUAGES
async def test_an_own_app_is_connected_in_three_steps(
    house: Core, slack: SlackAccounts, app: App, admin_bot: None, writes_to_admin_bot: MakePerson,
    telegram: TelegramServer, language: str,
) -> None:  # fmt: skip
    words = WORDS[language]
    olga = writes_to_admin_bot(language)
    await _opens_slack(olga, language)
    steps = await olga.reads(words["steps"])
    assert "xapp-" in steps.text
    link = _url_of(steps, words["make"])
    assert link.startswith("https://api.slack.com/apps?new_app=1&manifest_json=")
    assert '"socket_mode_enabled":true' in unquote(link)
    [file] = telegram.files
    assert b"app_mentions:read" in file.data
    token, app_token = slack.install(app, "Otters"), slack.open_sockets(app)
    await olga.says(f"here it is: {token}")
    await olga.reads(words["need app"])
    await olga.says(app_token)
    await olga.reads(words["waiting"])
    channel = await _channel()
    assert channel.settings["mode"] == "socket"
    await report_state(channel, ChannelState.RUNNING)
    await olga.reads(words["live"])
    await _is_deleted(telegram, 2)
    assert not any(secret in one.text for one in olga.chat for secret in (token, app_token))
    assert not [row for row in await BotState.all() if token in str(row.data) or app_token in str(row.data)]


@LANGUAGES
@WITH_HTTPS
async def test_tokens_come_in_any_order_and_survive_a_restart(
    house: Core, slack: SlackAccounts, app: App, writes_to_admin_bot: MakePerson, telegram: TelegramServer,
    language: str,
) -> None:  # fmt: skip
    words = WORDS[language]
    olga = writes_to_admin_bot(language)
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK, clock=lambda: NO_MONDAY)):
        await _opens_slack(olga, language)
        steps = await olga.reads(words["steps"])
        assert '"request_url":"https://assistant.example/slack/events"' in unquote(_url_of(steps, words["make"]))
        await olga.says(f"Signing Secret\n{app.signing_secret}")
        await olga.reads(words["need bot"])
    await _is_deleted(telegram)
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK, clock=lambda: NO_MONDAY)):
        token = slack.install(app, "Otters")
        await olga.says(f"{token}")
        await olga.reads(words["waiting"])
    channel = await _channel()
    assert channel.settings["mode"] == "http"
    assert secrets_of(house, channel)["signing_secret"] == app.signing_secret


@WITH_HTTPS
async def test_both_in_one_message_are_enough(house: Core, slack: SlackAccounts, app: App, olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Customers’ bot")
    await olga.presses("Connect Slack")
    await olga.reads("It takes about five minutes")
    await olga.says(f"token {slack.install(app, 'Otters')}\nsecret {app.signing_secret}")
    await olga.reads("Slack “Otters” is connected and starting")


@WITH_HTTPS
async def test_each_wrong_token_has_its_kind_sentence_and_the_right_one_is_still_taken(
    house: Core, slack: SlackAccounts, app: App, olga: Person
) -> None:
    await olga.says("/menu")
    await olga.presses("Customers’ bot")
    await olga.presses("Connect Slack")
    await olga.reads("It takes about five minutes")
    for sent, said in (
        ("where is it?", "I see no token here"),
        ("xoxp-1234-5678-abcdef", "This is the token of a person"),
        ("xoxs-1234-5678-abcdef", "This is not the token I need"),
        (app.signing_secret, "Now the “Bot User OAuth Token”"),
        ("xoxb-1234-5678-nobodys", "Slack does not accept this bot token"),
        (slack.install(app, "Gone", error="token_revoked"), "Slack does not accept this bot token"),
        (slack.install(app, "Few", scopes="chat:write"), "it lacks: im:history, users:read"),
    ):
        await olga.says(sent)
        shown = await olga.reads_new()
        assert said in shown.text, sent
    assert not await Channel.exists()
    slack.down = True
    token = slack.install(app, "Otters")
    await olga.says(token)
    await olga.reads("A service we need does not answer now")
    slack.down = False
    await olga.says(token)
    await olga.reads("Slack “Otters” is connected and starting")
    assert not any("xox" in one.text and "-1234" in one.text for one in olga.chat)


async def test_a_token_pasted_out_of_the_blue_is_understood(
    house: Core, slack: SlackAccounts, app: App, olga: Person, telegram: TelegramServer
) -> None:
    await olga.says(slack.install(app, "Otters"))
    await olga.reads("Now an app-level token")
    await _is_deleted(telegram)
    await olga.presses("Cancel")
    await olga.reads("No bot is connected yet")


@pytest.mark.parametrize("wish", ["connect slack", "подключи слак"])
async def test_words_lead_there(learnt: None, house: Core, olga: Person, wish: str) -> None:
    await olga.says(wish)
    await olga.reads("It takes about five minutes")


async def test_a_workspace_of_another_owner_is_not_taken(
    house: Core, slack: SlackAccounts, app: App, olga: Person, writes_to_admin_bot: MakePerson
) -> None:
    tokens = f"{slack.install(app, 'Otters')} {slack.open_sockets(app)}"
    await olga.says(tokens)
    await olga.reads("Slack “Otters” is connected and starting")
    ivan = await started(writes_to_admin_bot("ru"), "Русский", "Чайная")
    await ivan.says(tokens)
    await ivan.reads("уже отвечает другой ассистент")
    assert await Channel.filter(kind="slack").count() == 1


async def test_an_operators_token_leaves_the_chat_and_connects_nothing(
    house: Core, slack: SlackAccounts, app: App, olga: Person, writes_to_admin_bot: MakePerson,
    telegram: TelegramServer,
) -> None:  # fmt: skip
    boris = await started(writes_to_admin_bot(), name="Other")
    assistant = await assistant_of_person(olga)
    colleague = await User.get(telegram_id=boris.id)
    await Membership.create(user=colleague, tenant=await Tenant.get(id=assistant.tenant_id), role=Role.OPERATOR)
    await remember_business(colleague.id, assistant.tenant_id)
    await boris.says(f"{slack.install(app, 'Otters')} {slack.open_sockets(app)}")
    await boris.reads("Only an owner can do this")
    await _is_deleted(telegram)
    assert not await Channel.exists()


@LANGUAGES
async def test_a_workspace_is_switched_off_and_on_disconnected_and_brought_back(
    house: Core, slack: SlackAccounts, app: App, admin_bot: None, writes_to_admin_bot: MakePerson, language: str
) -> None:
    words = WORDS[language]
    olga = await started(writes_to_admin_bot(language), words["language"])
    await olga.says(f"{slack.install(app, 'Otters')} {slack.open_sockets(app)}")
    await olga.reads(words["waiting"])
    channel = await _channel()
    await report_state(channel, ChannelState.RUNNING)
    await olga.reads(words["live"])
    await olga.says("/menu")
    await olga.presses(words["channels"])
    await olga.reads(words["works"])
    await olga.presses(words["pause"])
    await olga.reads(words["paused"])
    await olga.presses(words["resume"])
    await _channel(enabled=True)
    await report_state(channel, ChannelState.RUNNING)
    await olga.says("/menu")
    await olga.presses(words["channels"])
    await olga.presses(words["off"])
    await olga.reads(words["sure"])
    await olga.presses(words["yes"])
    await olga.reads(words["done"])
    await olga.presses(words["undo"])
    await olga.reads(words["undone"])
    assert (await _channel()).secrets == channel.secrets


@LANGUAGES
async def test_an_app_that_was_put_out_is_told_and_mended_with_its_new_token_alone(
    house: Core, slack: SlackAccounts, app: App, admin_bot: None, writes_to_admin_bot: MakePerson, language: str
) -> None:
    words = WORDS[language]
    olga = await started(writes_to_admin_bot(language), words["language"])
    token = slack.install(app, "Otters", "T1")
    await olga.says(f"{token} {slack.open_sockets(app)}")
    await olga.reads(words["waiting"])
    channel = await _channel()
    slack.tokens[token].error = "account_inactive"
    await slack_gone(house, channel, "app_uninstalled")
    news = await olga.reads(words["news"])
    assert words["gone"] in news.text
    await olga.presses(words["mend"])
    await olga.presses(words["again"])
    await olga.reads(words["once more"])
    newer = slack.install(app, "Otters", "T1")
    await olga.says(newer)

    async def renewed() -> bool:
        return secrets_of(house, await Channel.get(id=channel.id))["bot_token"] == newer

    await until(renewed, 15)
    assert secrets_of(house, await Channel.get())["app_token"]


async def test_another_apps_token_does_not_borrow_the_old_apps_secrets(
    house: Core, slack: SlackAccounts, app: App, olga: Person
) -> None:
    await olga.says(f"{slack.install(app, 'Otters')} {slack.open_sockets(app)}")
    await olga.reads("is connected and starting")
    channel = await _channel()
    await report_state(channel, ChannelState.FAILED, "slack-revoked")
    await olga.reads("Slack no longer accepts its token")
    await olga.presses("🛠 Mend it")
    await olga.presses("Connect Slack again")
    await olga.reads("needs its bot token once more")
    await olga.says(slack.install(slack.new_app(), "Foxes"))
    await olga.reads("Now an app-level token")
    assert await Channel.all().count() == 1


@BY_LINK
async def test_a_workspace_connected_by_a_link_is_mended_by_a_link(
    house: Core, slack: SlackAccounts, admin_bot: None, writes_to_admin_bot: MakePerson
) -> None:
    olga = writes_to_admin_bot()
    await _opens_slack(olga, "en")
    await _consents(house, slack, _url_of(await olga.reads("will answer in your Slack"), "Go to Slack"))
    channel = await _channel()
    await report_state(channel, ChannelState.FAILED, "slack-uninstalled")
    await olga.reads("get no answers in Slack at the moment")
    await olga.presses("🛠 Mend it")
    await olga.presses("Connect Slack again")

    async def link() -> str | None:
        fresh = [one for one in olga.chat if "Go to Slack" in str(one.buttons)]
        return _url_of(fresh[-1], "Go to Slack") if fresh else None

    await _consents(house, slack, await until(link, 15))
    await _channel(state=ChannelState.STARTING)
