"""A Slack workspace answers for one assistant: checked with Slack, sealed, never taken from another."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client

from api.app import create_app
from core.app import Core
from core.changes import last_change_of
from core.channel_care import try_again
from core.errors import BotTaken, ProductError, Unavailable
from core.models import Assistant, Channel, ChannelState
from core.slack.client import secrets_of, slack_client
from core.slack.connecting import connect_slack
from core.slack.errors import SlackOfYours, SlackTaken, WrongSlackToken
from core.undoing import undo
from tests.conftest import MakeAssistant, MakeOwner, Owner
from tests.slack_accounts import SlackAccounts, slack_accounts


@pytest.fixture
async def slack() -> AsyncIterator[SlackAccounts]:
    async with slack_accounts() as server:
        yield server


@pytest.fixture
async def house(core: Core, slack: SlackAccounts) -> AsyncIterator[Core]:
    yield replace(core, settings=core.settings.model_copy(update={"slack_api_url": slack.url}))
    await Channel.all().delete()


@pytest.fixture
def client(house: Core) -> Client:
    return create_app(house, rate_limits=False).test_client()


async def _refusal(house: Core, anna: Owner, rosa: Assistant, **tokens: str) -> ProductError:
    with pytest.raises(ProductError) as refused:
        await connect_slack(house, anna.actor, rosa, **tokens)
    assert not await Channel.exists()
    return refused.value


async def test_a_workspace_is_connected_with_what_slack_says_of_it(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant
) -> None:
    app = slack.new_app()
    token = slack.install(app, "Otters", "T0OTTERS")

    channel = await connect_slack(house, anna.actor, rosa, bot_token=f" {token}\n", signing_secret=app.signing_secret)

    stored = await Channel.get(id=channel.id)
    assert (stored.kind, stored.identity, stored.name) == ("slack", f"{app.id}:T0OTTERS", "Otters")
    assert stored.settings == {
        "mode": "http", "app_id": app.id, "team_id": "T0OTTERS", "team": "Otters", "bot_user_id": f"U{app.id}",
        "bot_id": f"B{app.id}", "own_app": True,
    }  # fmt: skip
    assert token not in stored.secrets
    assert app.signing_secret not in stored.secrets
    assert secrets_of(house, stored)["signing_secret"] == app.signing_secret
    assert (await (await slack_client(house, stored)).auth_test())["team"] == "Otters"


async def test_an_app_token_makes_it_socket_mode(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant
) -> None:
    app = slack.new_app()
    slack.says_app = False  # older answers of auth.test name no app: bots.info does
    tokens = {"bot_token": slack.install(app, "Otters"), "app_token": slack.open_sockets(app)}

    channel = await connect_slack(house, anna.actor, rosa, **tokens)

    assert channel.settings["mode"] == "socket"
    assert channel.settings["app_id"] == app.id


async def test_what_cannot_work_is_refused_with_its_own_sentence(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant
) -> None:
    app, other = slack.new_app(), slack.new_app()
    good = slack.install(app, "Otters")
    secret = {"signing_secret": app.signing_secret}
    cases: list[tuple[dict[str, str], str]] = [
        ({"bot_token": good}, "error-slack-secret-missing"),
        ({"bot_token": "xoxp-1-2-3", **secret}, "error-slack-user-token"),
        ({"bot_token": "xoxs-1-2-3", **secret}, "error-slack-other-token"),
        ({"bot_token": "xoxb-1-2-3", **secret}, "error-wrong-slack-token"),
        ({"bot_token": good, "signing_secret": "nonsense"}, "error-wrong-slack-secret"),
        ({"bot_token": good, "app_token": "nonsense"}, "error-wrong-slack-app-token"),
        ({"bot_token": good, "app_token": app.app_token()}, "error-wrong-slack-app-token"),
        ({"bot_token": good, "app_token": slack.open_sockets(other)}, "error-slack-apps-differ"),
        ({"bot_token": slack.install(app, "Firm", enterprise=True), **secret}, "error-slack-whole-company"),
        ({"bot_token": slack.install(app, "Few", scopes="chat:write"), **secret}, "error-slack-scopes-missing"),
        *(
            ({"bot_token": slack.install(app, "Gone", error=error), **secret}, "error-wrong-slack-token")
            for error in ("token_revoked", "account_inactive", "invalid_auth")
        ),
    ]
    for tokens, code in cases:
        assert (await _refusal(house, anna, rosa, **tokens)).code == code, tokens


async def test_a_slack_that_is_down_is_not_the_owners_fault(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant
) -> None:
    app = slack.new_app()
    token = slack.install(app, "Otters")
    slack.down = True
    refusal = await _refusal(house, anna, rosa, bot_token=token, signing_secret=app.signing_secret)
    assert isinstance(refusal, Unavailable)


async def test_the_same_workspace_again_replaces_the_tokens(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant
) -> None:
    app = slack.new_app()
    first = await connect_slack(
        house, anna.actor, rosa, bot_token=slack.install(app, "Otters", "T1"), signing_secret=app.signing_secret
    )
    await Channel.filter(id=first.id).update(state=ChannelState.FAILED, error_code="slack-revoked", enabled=False)
    newer = slack.install(app, "Otters & Sons", "T1")

    again = await connect_slack(house, anna.actor, rosa, bot_token=newer, signing_secret=app.signing_secret)

    [stored] = await Channel.all()
    assert stored.id == first.id == again.id
    assert (stored.name, stored.state, stored.enabled, stored.error_code) == ("Otters & Sons", "starting", True, "")
    assert secrets_of(house, stored)["bot_token"] == newer


async def test_a_workspace_of_another_assistant_is_not_taken(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    app = slack.new_app()
    tokens = {"bot_token": slack.install(app, "Otters", "T1"), "signing_secret": app.signing_secret}
    await connect_slack(house, anna.actor, rosa, **tokens)
    with pytest.raises(SlackOfYours) as mine:
        await connect_slack(house, anna.actor, await assistant(anna, "Second"), **tokens)
    assert mine.value.facts == {"team": "Otters", "assistant": "Rosa"}
    boris = await owner()
    with pytest.raises(SlackTaken) as taken:
        await connect_slack(house, boris.actor, await assistant(boris), **tokens)
    assert taken.value.facts == {"team": "Otters"}
    assert isinstance(taken.value, BotTaken)


async def test_another_app_in_the_same_workspace_is_another_channel(
    house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant, assistant: MakeAssistant
) -> None:
    for one in (rosa, await assistant(anna, "Second")):
        app = slack.new_app()
        token = slack.install(app, "Otters", "T1")
        await connect_slack(house, anna.actor, one, bot_token=token, signing_secret=app.signing_secret)
    assert await Channel.all().count() == 2


async def test_disconnecting_and_connecting_can_be_undone(
    house: Core, slack: SlackAccounts, client: Client, anna: Owner, rosa: Assistant
) -> None:
    app = slack.new_app()
    channel = await connect_slack(
        house, anna.actor, rosa, bot_token=slack.install(app, "Otters"), signing_secret=app.signing_secret
    )
    address = f"/api/v1/assistants/{rosa.id}/channels/{channel.id}"
    assert (await client.delete(address, headers=anna.headers)).status_code == 204
    change = await last_change_of(channel.id)
    assert change
    await undo(house, anna.actor, change)
    back = await Channel.get(id=channel.id)
    assert (back.secrets, back.settings) == (channel.secrets, channel.settings)
    change = await last_change_of(channel.id)
    assert change
    await undo(house, anna.actor, change)
    assert not await Channel.exists()


async def test_trying_again_keeps_every_secret(house: Core, slack: SlackAccounts, anna: Owner, rosa: Assistant) -> None:
    app = slack.new_app()
    channel = await connect_slack(
        house, anna.actor, rosa, bot_token=slack.install(app, "Otters"), signing_secret=app.signing_secret
    )
    before = secrets_of(house, channel)
    await try_again(house, channel)
    assert secrets_of(house, await Channel.get(id=channel.id)) == before


async def test_a_workspace_is_connected_through_rest_and_no_secret_is_shown(
    slack: SlackAccounts, client: Client, anna: Owner, rosa: Assistant
) -> None:
    app = slack.new_app()
    token = slack.install(app, "Otters")
    address = f"/api/v1/assistants/{rosa.id}/channels"
    body: dict[str, Any] = {"kind": "slack", "bot_token": token, "signing_secret": app.signing_secret}

    made = await client.post(address, json=body, headers=anna.headers)
    listed = await client.get(address, headers=anna.headers)

    assert made.status_code == 201
    assert (await made.get_json())["name"] == "Otters"
    for answer in (made, listed):
        text = await answer.get_data(as_text=True)
        assert token not in text
        assert app.signing_secret not in text


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"kind": "slack"}, "bot_token", "bot_token"),
        ({"kind": "telegram"}, "token", "token"),
        ({"kind": "slack", "bot_token": "xoxp-1-2-3", "signing_secret": "0" * 32}, "bot_token", "xoxb-"),
        ({"kind": "slack", "bot_token": "xoxb-1-2-3"}, "signing_secret", "Signing Secret"),
    ],
)
async def test_rest_says_what_is_missing_or_wrong(
    client: Client, anna: Owner, rosa: Assistant, body: dict[str, str], field: str, said: str
) -> None:
    answer = await client.post(f"/api/v1/assistants/{rosa.id}/channels", json=body, headers=anna.headers)
    problem = await answer.get_json()
    assert answer.status_code == 422
    assert problem["field"] == field
    assert said in problem["detail"]


async def test_a_token_that_ends_within_hours_is_refused_with_what_to_switch_off(
    house: Core, anna: Owner, rosa: Assistant
) -> None:
    refusal = await _refusal(house, anna, rosa, bot_token="xoxe.xoxb-1-2-3", signing_secret="a" * 32)
    assert refusal.code == "error-slack-rotates"
    assert isinstance(refusal, WrongSlackToken)
