"""The whole way of one customer, the same on every channel: he asks, asks further, follows a citation, rates, calls a
person, is answered, comes back to the assistant, and is erased."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from core.app import Core
from core.customers.erasing import erase_customer
from core.models import Assistant, Contact, Message
from core.operators import close_conversation, reply_to_customer, waiting_for_people
from tests.conftest import MakeAssistant, Owner
from tests.integration.conftest import Connect, MakeCustomer
from tests.integration.customer_ways import InTelegram, OnThePage, Way
from tests.integration.site_readings import visited
from tests.waiting import until
from tests.web_site import WebSite, web_site

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
Open = Callable[[], Awaitable[Way]]

PRICES = "A copper kettle of one litre costs 89 euros. A kettle with a wooden handle costs 95 euros."
REPAIR = "We repair kettles of every make within a week. Tin lining is included."


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        there.says("/", "The Copper Kettle is a small shop in the old town.", "/prices", "/repair")
        there.says("/prices", PRICES)
        there.says("/repair", REPAIR)
        yield there


@pytest.fixture
async def kettle(core: Core, anna: Owner, web: WebSite, assistant: MakeAssistant) -> Assistant:
    """Anna's, with a page of its own; it has read her site."""
    made = await assistant(anna, public_page=True)
    await visited(core, web, made)
    return made


@pytest.fixture
def ways(bots: None, api: Any, kettle: Assistant, connect: Connect, customer: MakeCustomer) -> dict[str, Open]:
    async def telegram() -> Way:
        return InTelegram(customer(await connect(kettle)))

    async def page() -> Way:
        return OnThePage(api, kettle)

    return {"telegram": telegram, "web": page}


@pytest.mark.parametrize("name", ["telegram", "web"])
async def test_a_customers_whole_way(
    core: Core, anna: Owner, kettle: Assistant, web: WebSite, ways: dict[str, Open], name: str
) -> None:
    ann = await ways[name]()

    await ann.says("How much is a copper kettle of one litre?")
    await ann.reads("89")
    assert any(link.startswith(f"{web.url}/prices") for link in ann.links()), "he can open what it says"

    await ann.says("And with a wooden handle?")
    await ann.reads("95")

    await ann.rates(-1)
    await until(lambda: rated(kettle, -1))

    await ann.says("Can I talk to a human?")
    await ann.reads("a person will answer you here")
    [conversation] = [one for one in await waiting_for_people(anna.actor.tenant_id) if one.assistant_id == kettle.id]
    await reply_to_customer(anna.actor, conversation, "Anna here: we have one left.")
    await ann.reads("Anna here: we have one left.")
    await ann.says("Keep it for me, please!")
    await until(lambda: Message.filter(conversation_id=conversation.id, text="Keep it for me, please!").exists())
    await close_conversation(core, anna.actor, conversation)
    await ann.reads("I am back")

    await ann.says("How long does a repair of a kettle take?")
    await ann.reads("week")
    assert len(ann.texts()) == 6, "nothing is said twice"

    contact = await Contact.get(assistant_id=kettle.id, key=await ann.contact())
    receipt = await erase_customer(core, anna.actor, kettle, contact)
    assert receipt.erased["messages"] >= 9
    assert not await Message.filter(conversation__assistant_id=kettle.id).exists()
    if name != "web":  # a visitor's token names a conversation that is gone
        await ann.says("How much is a copper kettle of one litre?")
        await ann.reads("89")


async def rated(kettle: Assistant, score: int) -> bool:
    answers = Message.filter(conversation__assistant_id=kettle.id, feedback_score=score)
    return await answers.count() == 1
