"""The workspace of `emulate` is connected in a browser, as its owner does it: Slack's page, a person, and back."""

import html
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from api.app import create_app
from core.app import Core
from core.models import Assistant, Channel
from core.slack.client import slack_client
from core.slack.installing import install_link
from tests.conftest import Owner
from tests.slack_server import APP, SIGNING_SECRET, TEAM, SlackWorkspace


@pytest.fixture
async def installation(house: Core) -> Core:
    """It has the workspace's app as its own."""
    values = {
        "slack_client_id": "1.2",
        "slack_client_secret": SecretStr("cs"),
        "slack_signing_secret": SecretStr(SIGNING_SECRET),
        "public_url": "http://127.0.0.1",
    }
    return replace(house, settings=house.settings.model_copy(update=values))


async def _allows(workspace: SlackWorkspace, authorize: str) -> str:
    """Somebody of the workspace allows the app on Slack's own page; where his browser is sent."""
    async with workspace.session.get(authorize) as shown:
        page = await shown.text()
        assert shown.status == 200, page
    form = {name: html.unescape(value) for name, value in re.findall(r'name="([a-z_]+)" value="([^"]*)"', page)}
    address = f"{workspace.address}/oauth/v2/authorize/callback"
    async with workspace.session.post(address, data=form, allow_redirects=False) as answer:
        return str(answer.headers["Location"])


async def test_a_workspace_of_emulate_is_connected_by_a_link_and_its_token_works(
    installation: Core, workspace: SlackWorkspace, anna: Owner, rosa: Assistant
) -> None:
    browser: Any = create_app(installation, rate_limits=False).test_client()

    async def opens(address: str) -> Any:
        parts = urlsplit(address)
        return await browser.get(f"{parts.path}?{parts.query}")

    away = await opens(install_link(installation, anna.actor, rosa).url)
    back = await _allows(workspace, away.headers["Location"])
    assert back.startswith("http://127.0.0.1/slack/callback?code=")
    page = await opens(back)

    assert page.status_code == 200, await page.get_data(as_text=True)
    channel = await Channel.get(kind="slack")
    assert channel.identity == f"{APP}:{TEAM}"
    assert channel.settings["own_app"] is False
    assert (await (await slack_client(installation, channel)).auth_test())["app_id"] == APP
    assert (await opens(back)).status_code == 409
