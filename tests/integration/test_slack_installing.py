"""A workspace is connected in a browser, by a link that works once, for whoever asked, in his language."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from quart.typing import TestClientProtocol as Client

from api.app import create_app
from core.accounts import choose_locale
from core.app import Core
from core.errors import Unavailable
from core.keyring import hash_token
from core.models import Assistant, AuditEvent, Channel, ChannelState, Membership, Role
from core.news import BOT_STOPPED
from core.slack.client import secrets_of, slack_client
from core.slack.connecting import connect_slack
from core.slack.errors import WrongSlackToken
from core.slack.gone import slack_gone
from core.slack.installing import came_of, install_link
from tests.conftest import MakeAssistant, MakeOwner, Owner
from tests.slack_accounts import App, SlackAccounts, slack_accounts


@pytest.fixture
async def slack() -> AsyncIterator[SlackAccounts]:
    async with slack_accounts() as server:
        yield server


@pytest.fixture
def app(slack: SlackAccounts) -> App:
    """The installation's own."""
    return slack.new_app()


@pytest.fixture
async def house(core: Core, slack: SlackAccounts, app: App) -> AsyncIterator[Core]:
    values = {
        "slack_api_url": slack.url,
        "slack_client_id": app.client_id,
        "slack_client_secret": SecretStr(app.client_secret),
        "slack_signing_secret": SecretStr(app.signing_secret),
        "public_url": "https://assistant.example",
    }
    yield replace(core, settings=core.settings.model_copy(update=values))
    await Channel.all().delete()


@pytest.fixture
def browser(house: Core) -> Client:
    return create_app(house, rate_limits=False).test_client()


async def _begins(browser: Client, link: str) -> str:
    """He opens the link; Slack's page to which he is sent."""
    answer = await browser.get(_path(link))
    assert answer.status_code == 302, await answer.get_data(as_text=True)
    return answer.headers["Location"]


async def _reads(browser: Client, address: str, language: str = "en") -> tuple[int, str]:
    answer = await browser.get(_path(address), headers={"Accept-Language": language})
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, await answer.get_data(as_text=True)


def _path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


async def test_a_workspace_is_connected_by_a_link(
    house: Core, slack: SlackAccounts, app: App, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    link = install_link(house, anna.actor, rosa)
    assert await came_of(link.wish_id) is None

    authorize = await _begins(browser, link.url)
    asked = parse_qs(urlsplit(authorize).query)
    assert authorize.startswith(slack.url.removesuffix("api/") + "oauth/v2/authorize?")
    assert asked["client_id"] == [app.client_id]
    assert asked["redirect_uri"] == ["https://assistant.example/slack/callback"]
    assert "chat:write" in asked["scope"][0].split(",")
    status, page = await _reads(browser, slack.consent(authorize, "Otters", "T1"))

    assert status == 200
    assert "“Rosa” is connected to the workspace “Otters”" in page
    assert f"https://slack.com/app_redirect?app={app.id}&amp;team=T1" in page
    [channel] = await Channel.all()
    assert (channel.identity, channel.assistant_id) == (f"{app.id}:T1", rosa.id)
    assert (channel.settings["mode"], channel.settings["own_app"]) == ("http", False)
    assert secrets_of(house, channel)["signing_secret"] == ""
    made = await came_of(link.wish_id)
    assert made
    assert made.id == channel.id


async def test_many_workspaces_use_the_same_app(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    for team in ("Otters", "Foxes"):
        authorize = await _begins(browser, install_link(house, anna.actor, rosa).url)
        assert (await _reads(browser, slack.consent(authorize, team)))[0] == 200
    assert {channel.name for channel in await Channel.all()} == {"Otters", "Foxes"}


async def test_a_link_works_once(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    link = install_link(house, anna.actor, rosa).url
    authorize = await _begins(browser, link)
    first, second = slack.consent(authorize, "Otters"), slack.consent(authorize, "Foxes")
    assert (await _reads(browser, first))[0] == 200
    await browser.get(_path(link))
    status, page = await _reads(browser, second)
    assert status == 409
    assert "by this link already" in page
    assert await Channel.all().count() == 1


async def test_two_answers_of_slack_at_once_connect_one_workspace(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    authorize = await _begins(browser, install_link(house, anna.actor, rosa).url)
    answers = await asyncio.gather(
        *(_reads(browser, slack.consent(authorize, team)) for team in ("Otters", "Foxes", "Bears"))
    )
    assert sorted(status for status, _ in answers) == [200, 409, 409]
    assert await Channel.all().count() == 1


async def test_an_old_link_is_told_in_its_owners_language(
    house: Core, browser: Client, anna: Owner, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    await choose_locale(anna.user, "ru")
    link = install_link(house, anna.actor, rosa).url
    later = time.time() + 3700
    monkeypatch.setattr("core.slack.installing.time.time", lambda: later)
    status, page = await _reads(browser, link)
    assert status == 404
    assert "Ссылка действовала час" in page
    assert 'lang="ru"' in page


@pytest.mark.parametrize(("language", "said"), [("en", "This link is not valid"), ("ru", "Эта ссылка не действует")])
async def test_a_link_that_nobody_made_is_refused(browser: Client, language: str, said: str) -> None:
    for address in ("/slack/install?state=nonsense", "/slack/install?", "/slack/callback?code=1&state=nonsense"):
        status, page = await _reads(browser, address, language)
        assert status == 404
        assert said in page
    status, page = await _reads(browser, "/slack/callback?error=access_denied&state=nonsense", language)
    assert said in page


async def test_an_access_token_is_no_link(browser: Client, anna: Owner) -> None:
    token = anna.headers["Authorization"].removeprefix("Bearer ")
    assert (await _reads(browser, f"/slack/install?state={token}"))[0] == 404


async def test_another_browser_connects_nothing(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    authorize = await _begins(browser, install_link(house, anna.actor, rosa).url)
    stranger = create_app(house, rate_limits=False).test_client()
    back = slack.consent(authorize, "Otters")
    status, page = await _reads(stranger, back)
    assert status == 403
    assert "in another browser" in page
    assert not await Channel.exists()
    assert (await _reads(browser, back))[0] == 200


async def test_who_is_no_owner_any_more_connects_nothing(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    link = install_link(house, anna.actor, rosa).url
    back = slack.consent(await _begins(browser, link), "Otters")
    await Membership.filter(user_id=anna.user.id).update(role=Role.OPERATOR)
    for address in (link, back):
        status, page = await _reads(browser, address)
        assert status == 404
        assert "This link is not valid" in page
    assert not await Channel.exists()


async def test_a_link_of_an_assistant_that_is_gone_is_not_valid(
    house: Core, browser: Client, anna: Owner, assistant: MakeAssistant
) -> None:
    gone = await assistant(anna, "Gone")
    link = install_link(house, anna.actor, gone).url
    await gone.delete()
    assert (await _reads(browser, link))[0] == 404


async def test_pressing_cancel_at_slack_is_no_error_and_the_link_still_works(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    await choose_locale(anna.user, "ru")
    link = install_link(house, anna.actor, rosa).url
    authorize = await _begins(browser, link)
    state = parse_qs(urlsplit(authorize).query)["state"][0]
    status, page = await _reads(browser, f"/slack/callback?error=access_denied&state={state}")
    assert status == 403
    assert "Slack не получил разрешения" in page
    assert _path(link) in page
    assert (await _reads(browser, slack.consent(await _begins(browser, link), "Otters")))[0] == 200


async def test_a_code_that_slack_does_not_know_changes_nothing(
    house: Core, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    authorize = await _begins(browser, install_link(house, anna.actor, rosa).url)
    state = parse_qs(urlsplit(authorize).query)["state"][0]
    status, page = await _reads(browser, f"/slack/callback?code=stale&state={state}")
    assert status == 502
    assert "invalid_code" in page
    assert not await Channel.exists()


async def test_a_slack_that_is_down_can_be_tried_again_with_the_same_link(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    link = install_link(house, anna.actor, rosa).url
    back = slack.consent(await _begins(browser, link), "Otters")
    slack.down = True
    status, page = await _reads(browser, back)
    assert status == 503
    assert _path(link) in page
    slack.down = False
    assert (await _reads(browser, slack.consent(await _begins(browser, link), "Otters")))[0] == 200


async def test_another_tenants_workspace_is_not_taken(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant,
    owner: MakeOwner, assistant: MakeAssistant,
) -> None:  # fmt: skip
    back = slack.consent(await _begins(browser, install_link(house, anna.actor, rosa).url), "Otters", "T1")
    await _reads(browser, back)
    boris = await owner()
    link = install_link(house, boris.actor, await assistant(boris, "His")).url
    status, page = await _reads(browser, slack.consent(await _begins(browser, link), "Otters", "T1"))
    assert status == 409
    assert "Another assistant already answers" in page
    assert (await Channel.get()).assistant_id == rosa.id


async def test_a_name_is_never_markup(
    house: Core, slack: SlackAccounts, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    authorize = await _begins(browser, install_link(house, anna.actor, rosa).url)
    _, page = await _reads(browser, slack.consent(authorize, "<script>alert(1)</script>"))
    assert "<script>alert" not in page


async def test_a_link_through_rest_is_for_owners_and_only_where_there_is_an_app(
    core: Core, house: Core, browser: Client, anna: Owner, rosa: Assistant
) -> None:
    address = f"/api/v1/assistants/{rosa.id}/channels/slack-link"
    answer = await browser.post(address, headers=anna.headers)
    assert answer.status_code == 201
    link = await answer.get_json()
    assert link["url"].startswith("https://assistant.example/slack/install?state=")
    await _begins(browser, link["url"])
    without = await create_app(core, rate_limits=False).test_client().post(address, headers=anna.headers)
    assert without.status_code == 404
    assert "no Slack app of its own" in (await without.get_json())["detail"]


@pytest.fixture
async def ending(house: Core, slack: SlackAccounts, app: App, browser: Client, anna: Owner, rosa: Assistant) -> Channel:
    """A workspace whose token ends, and has an hour left."""
    app.rotates = True
    authorize = await _begins(browser, install_link(house, anna.actor, rosa).url)
    await _reads(browser, slack.consent(authorize, "Otters"))
    channel = await Channel.get()
    assert int(secrets_of(house, channel)["expires_at"]) > time.time() + 40_000
    await _ends_in(house, channel, 3600)
    return channel


async def _ends_in(house: Core, channel: Channel, seconds: int) -> None:
    secrets = secrets_of(house, channel) | {"expires_at": str(int(time.time()) + seconds)}
    channel.secrets = house.keyring.seal(secrets)
    await channel.save(update_fields=["secrets"])


async def test_a_token_that_ends_is_renewed_before(house: Core, slack: SlackAccounts, ending: Channel) -> None:
    before = secrets_of(house, ending)
    client = await slack_client(house, ending)
    after = secrets_of(house, await Channel.get())
    assert client.token == after["bot_token"] != before["bot_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert int(after["expires_at"]) > time.time() + 40_000
    assert after["signing_secret"] == before["signing_secret"]
    asked = slack.calls["oauth.v2.access"]
    await slack_client(house, ending)
    assert slack.calls["oauth.v2.access"] == asked


async def test_whoever_comes_first_renews_it_for_all(house: Core, slack: SlackAccounts, ending: Channel) -> None:
    """As two processes do: each with a row of its own."""
    asked = slack.calls["oauth.v2.access"]
    rows = [await Channel.get() for _ in range(4)]
    clients = await asyncio.gather(*(slack_client(house, row) for row in rows))
    late = await slack_client(house, ending)
    assert slack.calls["oauth.v2.access"] == asked + 1
    assert len({client.token for client in (*clients, late)}) == 1


async def test_while_slack_is_down_the_old_token_goes_on_until_it_ends(
    house: Core, slack: SlackAccounts, ending: Channel
) -> None:
    old = secrets_of(house, ending)["bot_token"]
    slack.down = True
    assert (await slack_client(house, ending)).token == old
    await _ends_in(house, ending, -1)
    with pytest.raises(Unavailable):
        await slack_client(house, ending)
    slack.down = False
    assert (await slack_client(house, ending)).token != old


async def test_a_token_that_nothing_renews_is_news_for_its_owner(
    house: Core, slack: SlackAccounts, ending: Channel
) -> None:
    slack.refresh.clear()
    await _ends_in(house, ending, -1)
    slack.tokens[secrets_of(house, ending)["bot_token"]].error = "token_expired"
    with pytest.raises(WrongSlackToken):
        await slack_client(house, ending)
    assert (await Channel.get()).error_code == "slack-revoked"
    assert await AuditEvent.filter(action=BOT_STOPPED, subject=str(ending.id)).count() == 1


@pytest.mark.parametrize(
    ("code", "error", "reported"),
    [
        ("app_uninstalled", "account_inactive", "slack-uninstalled"),
        ("tokens_revoked", "token_revoked", "slack-revoked"),
        ("invalid_auth", "invalid_auth", "slack-revoked"),
        ("account_inactive", "account_inactive", "slack-revoked"),
    ],
)
async def test_an_app_that_was_put_out_is_news_for_its_owner_once(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant, code: str, error: str, reported: str
) -> None:
    app = slack.new_app()
    token = slack.install(app, "Otters")
    channel = await connect_slack(house, anna.actor, rosa, bot_token=token, signing_secret=app.signing_secret)
    assert not await slack_gone(house, channel, code)  # about somebody else's token, or an earlier one
    assert (await Channel.get()).state == ChannelState.STARTING
    slack.tokens[token].error = error
    assert await slack_gone(house, channel, code)
    assert await slack_gone(house, channel, code)
    seen = await Channel.get()
    assert (seen.state, seen.error_code) == (ChannelState.FAILED, reported)
    assert await AuditEvent.filter(action=BOT_STOPPED, subject=str(channel.id)).count() == 1
    assert hash_token(token) not in seen.secrets
