"""The whole way of one customer, the same on every channel. Slack's two ways are in slack/test_customer_journey.py."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from core.app import Core
from core.channel_modes import change_mode
from core.models import Assistant
from tests.conftest import MakeAssistant, Owner
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.integration.customer_ways import InTelegram, OnThePage, Way, go_the_whole_way, lay_out
from tests.integration.site_readings import visited
from tests.subprocesses import free_port
from tests.telegram_server import TelegramServer
from tests.waiting import until
from tests.web_site import WebSite, web_site

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
PUBLIC = "https://kettle.example"


@pytest.fixture
async def site() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        lay_out(there)
        yield there


@pytest.fixture
async def kettle(core: Core, anna: Owner, site: WebSite, assistant: MakeAssistant) -> Assistant:
    made = await assistant(anna, public_page=True)
    await visited(core, site, made)
    return made


@pytest.fixture
async def ann(
    request: pytest.FixtureRequest,
    house: Core,
    telegram: TelegramServer,
    api: Any,
    anna: Owner,
    kettle: Assistant,
    connect: Connect,
    customer: MakeCustomer,
) -> AsyncIterator[Way]:
    if request.param == "web":
        yield OnThePage(api, kettle)
        return
    async with AsyncExitStack() as stack:
        if request.param == "webhook":
            from api.role import run

            port = free_port()
            telegram.queues.leads_to[PUBLIC] = f"http://127.0.0.1:{port}"
            values = {"public_url": PUBLIC, "port": port}
            house = replace(house, settings=house.settings.model_copy(update=values))
            await stack.enter_async_context(running(house, run(house)))
        from bots.registry import Registry

        await stack.enter_async_context(running(house, Registry(house, every_s=0.1).run()))
        channel = await connect(kettle)
        person = customer(channel)
        if request.param == "webhook":
            await change_mode(house.settings, anna.actor, channel, "webhook")

            async def stands() -> bool:
                return bool(telegram.queues.orders.get(person.token, {}).get("url"))

            await until(stands)
        yield InTelegram(person)


@pytest.mark.parametrize("ann", ["polling", "webhook", "web"], indirect=True)
async def test_a_customers_whole_way(core: Core, anna: Owner, kettle: Assistant, site: WebSite, ann: Way) -> None:
    await go_the_whole_way(core, anna, kettle, site, ann)
