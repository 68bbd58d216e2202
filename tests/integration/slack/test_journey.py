"""The same way over HTTP and over Socket Mode: ask, follow up, see the source, rate, be handed over, and come back."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.app import Core
from core.models import Conversation, ConversationState, Message
from core.operators import close_conversation, reply_to_customer
from core.tenancy import actor_of
from tests.conftest import MakeAssistant, MakeOwner, Teach
from tests.integration.slack.conftest import ConnectSlack, Served
from tests.slack_server import SlackPerson, SlackWorkspace, buttons_of
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_a_customer_asks_rates_gets_a_person_and_comes_back(
    mode: str,
    house: Core,
    owner: MakeOwner,
    assistant: MakeAssistant,
    teach: Teach,
    shop_documents: list[Path],
    workspace: SlackWorkspace,
    connect_slack: ConnectSlack,
    served: Served,
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    await teach(rosa, next(file for file in shop_documents if file.name == "faq.txt"))
    ann = await workspace.person()
    async with served(await connect_slack(rosa, mode)):
        await ann.says("What time do you close on Saturday?")
        answer = await ann.reads("*Sources*\n• COPPER KETTLE: QUESTIONS AND ANSWERS")
        assert "17:00" in answer["text"]
        assert buttons_of(answer) == ["helped", "not_helped", "call_person"]

        await ann.says("And on Sunday?")
        assert "Sunday" in (await ann.reads("Sunday"))["text"]

        assert await ann.presses(answer, "helped") == 200
        await _rated(rosa.id, 1)
        answer = await _without_button(ann, answer["ts"], "helped")
        assert answer["blocks"][-1]["elements"][0]["text"] == "Thank you: that helps us answer better."

        assert await ann.presses(answer, "call_person") == 200
        await ann.reads("a person will answer you here")
        conversation = await Conversation.get(assistant_id=rosa.id).select_related("contact", "assistant")
        assert (conversation.state, conversation.contact.name) == (ConversationState.WAITING, "Ann")

        actor = await actor_of(anna.user.id)
        await reply_to_customer(actor, conversation, "Good day, *this* is Anna <3")
        said = await ann.reads("is Anna")
        assert said["text"] == "👤 One of our team writes:\nGood day, *this* is Anna &lt;3"
        before = len(await ann.answers())
        await ann.says("Do you mend kettles?")
        await _stored(rosa.id, "Do you mend kettles?")
        await close_conversation(house, actor, conversation)
        await ann.reads("My colleague has finished here")
        assert len(await ann.answers()) == before + 1, "the assistant is silent while a person talks"

        await ann.says("What time do you close on Saturday?")

        async def answered_again() -> bool:
            return sum("17:00" in text for text in await ann.texts()) == 2

        await until(answered_again)


async def _rated(assistant_id: UUID, score: int) -> None:
    async def so() -> bool:
        return await Message.filter(conversation__assistant_id=assistant_id, feedback_score=score).exists()

    await until(so)


async def _stored(assistant_id: UUID, text: str) -> None:
    async def so() -> bool:
        return await Message.filter(conversation__assistant_id=assistant_id, text=text).exists()

    await until(so)


async def _without_button(ann: SlackPerson, ts: str, action: str) -> dict[str, Any]:
    async def so() -> dict[str, Any] | None:
        now = next(one for one in await ann.answers() if one["ts"] == ts)
        return now if action not in buttons_of(now) else None

    return await until(so)
