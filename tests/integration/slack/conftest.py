"""A Slack workspace beside the Core, connected over HTTP or Socket Mode; the product's own web server hears it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from tests.integration.conftest import running
from tests.slack_server import APP_TOKEN, BOT_TOKEN, NO_NODE, SIGNING_SECRET, SlackWorkspace, has_node, slack_workspace
from tests.subprocesses import free_port
from tests.telegram_server import TelegramServer
from tests.waiting import until

if TYPE_CHECKING:
    from core.app import Core
    from core.models import Assistant, Channel

ConnectSlack = Callable[..., Awaitable["Channel"]]
Served = Callable[["Channel"], AbstractAsyncContextManager[None]]


@pytest.fixture(scope="session")
async def one_workspace() -> AsyncIterator[SlackWorkspace]:
    if not has_node():
        pytest.skip(NO_NODE)
    async with slack_workspace() as workspace:
        yield workspace


@pytest.fixture
async def workspace(one_workspace: SlackWorkspace) -> AsyncIterator[SlackWorkspace]:
    """Nothing is ordered of it yet, and nobody hears it."""
    await one_workspace.order(reset=True)
    yield one_workspace
    await one_workspace.order(reset=True)


@pytest.fixture
async def house(core: "Core", telegram: TelegramServer, workspace: SlackWorkspace) -> AsyncIterator["Core"]:
    """The Core, pointed at this test's Slack and Telegram. Its channels are forgotten afterwards."""
    from core.models import Channel

    values = {
        "telegram_api_url": telegram.url,
        "admin_bot_token": SecretStr(telegram.new_bot()),
        "slack_api_url": workspace.url,
        "port": free_port(),
    }
    yield replace(core, settings=core.settings.model_copy(update=values))
    await Channel.all().delete()


@pytest.fixture
def connect_slack(house: "Core") -> ConnectSlack:
    """Connects the workspace to an assistant, as its owner would."""
    from core.models import Membership
    from core.slack import connecting
    from core.tenancy import actor_of

    async def make(assistant: "Assistant", mode: str = "http") -> "Channel":
        membership = await Membership.get(tenant_id=assistant.tenant_id)
        tokens = {"app_token": APP_TOKEN} if mode == "socket" else {"signing_secret": SIGNING_SECRET}
        return await connecting.connect_slack(
            house, await actor_of(membership.user_id), assistant, bot_token=BOT_TOKEN, **tokens
        )

    return make


@pytest.fixture
def served(house: "Core", workspace: SlackWorkspace) -> Served:
    """While the block runs, the channel is heard and answered; then it is stopped as a process stops it."""
    from api.role import run
    from bots.registry import Registry
    from core.models import Channel, ChannelState

    @asynccontextmanager
    async def serve(channel: "Channel") -> AsyncIterator[None]:
        async def works() -> bool:
            return (await Channel.get(id=channel.id)).state == ChannelState.RUNNING

        async with AsyncExitStack() as stack:
            if channel.settings["mode"] == "http":
                await stack.enter_async_context(running(house, run(house)))
            await workspace.order(mode=channel.settings["mode"], hook=f"http://127.0.0.1:{house.settings.port}")
            stack.push_async_callback(workspace.order, mode="off")
            await stack.enter_async_context(running(house, Registry(house, every_s=0.1).run()))
            await until(works)
            yield

    return serve
