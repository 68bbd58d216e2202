"""A customer waits for a person: his owner learns it in Telegram and answers him from there, whatever is restarted."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from admin_bot.notices import REMIND_AFTER, REMIND_AGAIN_AFTER
from admin_bot.role import run
from core.accounts import user_of_telegram
from core.app import Core
from core.assistants import change_assistant
from core.dialog import answer_message
from core.messages import Incoming, Reply, Tier
from core.models import Author, BotState, Conversation, ConversationState, Membership, Message, Role
from core.operators import close_conversation, take_conversation
from core.tenancy import Actor, actor_of
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
WISH = "Can I talk to a human?"


async def _customer_says(house: Core, olga: Person, text: str) -> Reply:
    assistant = await assistant_of_person(olga)
    return await answer_message(house, Incoming(assistant.id, "web", "vera", text, contact_name="Vera"))


async def _conversation(olga: Person) -> Conversation:
    assistant = await assistant_of_person(olga)
    return await Conversation.get(assistant_id=assistant.id, contact__channel="web")


def _notices(person: Person, words: str = "is waiting for a person") -> int:
    return len([shown for shown in person.chat if words in shown.text])


async def _actor(olga: Person) -> Actor:
    return await actor_of((await user_of_telegram(olga.id, "", "en")).id)


async def test_an_owner_is_told_answers_from_his_chat_and_gives_the_conversation_back(
    olga: Person, house: Core
) -> None:
    await _customer_says(house, olga, "Do you repair motorcycle engines?")
    await _customer_says(house, olga, WISH)
    notice = await olga.reads("Vera is waiting for a person (“Copper Kettle”, your page)")
    assert "Why: asked for a person." in notice.text
    assert "👤 Do you repair motorcycle engines?" in notice.text
    assert [button["text"] for button in notice.buttons] == ["✍️ Answer", "✔️ Close"]

    await olga.presses("Answer")
    await olga.reads("You are talking to Vera")
    await olga.says("Hello Vera, this is Olga.")

    async def written() -> bool:
        return await Message.filter(author=Author.OPERATOR, text="Hello Vera, this is Olga.").exists()

    await until(written)
    assert (await _customer_says(house, olga, "Do you mend kettles?")).tier == Tier.PERSON
    await olga.reads("💬 Vera: Do you mend kettles?")
    await olga.presses("Close")
    await olga.reads("Closed: the assistant answers Vera again")
    assert (await _conversation(olga)).state == ConversationState.ASSISTANT
    assert _notices(olga) == 0, "the notice became the conversation"
    await olga.says("Where is the shop?")
    await olga.reads_new()
    assert await Message.filter(conversation=await _conversation(olga), text="Where is the shop?").count() == 0


async def test_nothing_is_told_twice_after_a_restart_and_two_reminders_come_once_each(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    def admin_bot() -> running:
        return running(house, run(house, progress_every_s=0.05, pace=QUICK))

    async with admin_bot():
        olga = await started(writes_to_admin_bot())
        await _customer_says(house, olga, WISH)
        await olga.reads("Vera is waiting for a person")
    long_ago = datetime.now(UTC) - REMIND_AFTER - timedelta(seconds=1)
    assert await BotState.filter(key__startswith="people:", key__endswith=f":{olga.id}").update(created_at=long_ago)
    async with admin_bot():
        await olga.reads("Vera is still waiting for a person")
    assert REMIND_AGAIN_AFTER > REMIND_AFTER
    long_ago = datetime.now(UTC) - REMIND_AGAIN_AFTER - timedelta(seconds=1)
    assert await BotState.filter(key__startswith="people:", key__endswith=f":{olga.id}").update(created_at=long_ago)
    async with admin_bot():

        async def again() -> bool:
            return _notices(olga, "is still waiting") == 2

        await until(again)
    async with admin_bot():
        await olga.says("/menu")
        await olga.presses("Waiting for a person: 1")
        await olga.reads("These customers are waiting")
    assert _notices(olga) == 1
    assert _notices(olga, "is still waiting") == 2


async def test_nobody_is_reminded_while_the_business_is_closed(olga: Person, house: Core) -> None:
    now, actor, assistant = datetime.now(UTC), await _actor(olga), await assistant_of_person(olga)
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    hours = {"time_zone": "UTC", "exceptions": {tomorrow: ["9:30-18:00"]}}
    await change_assistant(actor, assistant, answer_policy={"working_hours": hours})
    await _customer_says(house, olga, WISH)
    await olga.reads("Vera is waiting for a person")
    long_ago = now - REMIND_AFTER - timedelta(hours=3)
    assert await BotState.filter(key__startswith="people:", key__endswith=f":{olga.id}").update(created_at=long_ago)
    await _customer_says(house, olga, "Where is the shop?")
    await asyncio.sleep(0.5)
    assert _notices(olga, "is still waiting") == 0
    await change_assistant(actor, assistant, answer_policy={"working_hours": None})
    await olga.reads("Vera is still waiting for a person")


async def test_the_menu_leads_to_those_who_wait(olga: Person, house: Core) -> None:
    await _customer_says(house, olga, "Верните деньги!!!")
    await olga.reads("Why: is upset.")
    await olga.says("/menu")
    await olga.presses("Waiting for a person: 1")
    await olga.reads("1. Vera (“Copper Kettle”, your page): is upset")
    await olga.presses("1: close")
    await olga.reads("Vera is still waiting for a person. If you close it")
    assert (await _conversation(olga)).state == ConversationState.WAITING, "not by one tap"
    await olga.presses("Close unanswered")
    await olga.reads("Closed")
    await Conversation.filter(id=(await _conversation(olga)).id).update(
        taken_at=None, closed_at=None, handed_over_at=datetime.now(UTC) - timedelta(days=2)
    )
    conversation = await _conversation(olga)
    assert conversation.state == ConversationState.ASSISTANT


async def test_when_a_colleague_takes_it_the_buttons_go(olga: Person, house: Core) -> None:
    await _customer_says(house, olga, WISH)
    await olga.reads("Vera is waiting")
    other = await user_of_telegram(olga.id + 1_000_000, "Colleague", "en")
    actor = await _actor(olga)
    await take_conversation(Actor(other.id, actor.tenant_id, Role.OPERATOR), await _conversation(olga))
    shown = await olga.reads("A colleague is answering")
    assert shown.buttons == []


async def test_who_answers_learns_that_it_was_closed_elsewhere_and_his_texts_stay_his(
    olga: Person, house: Core
) -> None:
    await _customer_says(house, olga, WISH)
    await olga.presses("Answer")
    await olga.reads("You are talking to Vera")
    await close_conversation(house, await _actor(olga), await _conversation(olga))
    await olga.reads("The conversation with Vera has ended")
    await olga.says("Are you still there, Vera?")
    await olga.reads("your texts no longer go there")
    assert not await Message.filter(author=Author.OPERATOR, text="Are you still there, Vera?").exists()


async def test_a_picture_for_a_customer_of_a_page_is_not_learnt_from(olga: Person, house: Core) -> None:
    await _customer_says(house, olga, WISH)
    await olga.presses("Answer")
    await olga.reads("You are talking to Vera")
    await olga.sends(photo=[{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}])
    await olga.reads("this customer does not write in Telegram, and only words reach them")
    await olga.presses("Leave")
    await olga.reads("You no longer write to Vera")
    assert (await _conversation(olga)).state == ConversationState.PERSON


async def test_an_owner_who_has_closed_his_chat_keeps_no_colleague_from_knowing(
    olga: Person, house: Core, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    boris = writes_to_admin_bot()
    await boris.says("/start")
    await boris.reads("Which language")
    user = await user_of_telegram(boris.id, "Boris", "en")
    actor = await _actor(olga)
    await Membership.create(user_id=user.id, tenant_id=actor.tenant_id, role=Role.OPERATOR)
    telegram.faults.append(
        Fault("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=olga.id, times=5)
    )
    await _customer_says(house, olga, WISH)
    await boris.reads("Vera is waiting for a person")
