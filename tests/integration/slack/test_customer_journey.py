"""The whole way of one customer (../customer_ways.py) in Slack, over HTTP and over Socket Mode."""

import pytest

from core.app import Core
from core.assistants import change_assistant
from core.models import Assistant
from tests.conftest import MakeAssistant, Owner
from tests.integration.customer_ways import InSlack, go_the_whole_way, lay_out
from tests.integration.site_readings import visited
from tests.integration.slack.conftest import ConnectSlack, Served
from tests.slack_server import SlackWorkspace, buttons_of
from tests.web_site import web_site

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_a_customers_whole_way(
    house: Core,
    anna: Owner,
    assistant: MakeAssistant,
    workspace: SlackWorkspace,
    connect_slack: ConnectSlack,
    served: Served,
    mode: str,
) -> None:
    async with web_site() as site:
        lay_out(site)
        kettle = await assistant(anna)
        await visited(house, site, kettle)
        async with served(await connect_slack(kettle, mode)):
            await go_the_whole_way(house, anna, kettle, site, InSlack(await workspace.person()))


async def test_an_owner_may_not_want_to_ask_whether_it_helped(
    house: Core,
    anna: Owner,
    rosa: Assistant,
    workspace: SlackWorkspace,
    connect_slack: ConnectSlack,
    served: Served,
) -> None:
    await change_assistant(anna.actor, rosa, answer_policy={"feedback_buttons": False})
    async with served(await connect_slack(rosa)):
        ann = await workspace.person()
        await ann.says("Where is the shop?")
        assert buttons_of(await ann.reads("At 12 Mill Lane.")) == ["call_person"]
