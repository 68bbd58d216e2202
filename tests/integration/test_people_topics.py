"""A customer who wants a person gets a topic in his business's group; what is written there goes to him, and back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from admin_bot.role import run
from core.accounts import user_of_telegram
from core.api_keys import issue_api_key
from core.app import Core
from core.assistants import change_assistant
from core.dialog import answer_message
from core.messages import Incoming, Reply
from core.models import Author, Conversation, ConversationState, Message, PeopleTopic, Role
from core.operators import close_conversation, reply_to_customer
from core.people_topics import REMIND_AFTER
from core.team import invite
from core.tenancy import Actor, actor_of
from core.verified import add_verified_answer
from tests.colleagues import Colleague, read_in, reads_in, topic_called
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.integration.test_people_group import linked
from tests.telegram_groups import Topic
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
WISH = "Can I talk to a human?"


@pytest.fixture
async def here(olga: Person, telegram: TelegramServer) -> Colleague:
    """Olga in her business's group, which works."""
    colleague = await linked(olga, telegram)
    await reads_in(olga, colleague.group, None, "Everything works")
    return colleague


async def says(house: Core, olga: Person, text: str, name: str = "Vera") -> Reply:
    assistant = await assistant_of_person(olga)
    return await answer_message(house, Incoming(assistant.id, "web", name.lower(), text, contact_name=name))


async def conversation_with(olga: Person, name: str = "Vera") -> Conversation:
    assistant = await assistant_of_person(olga)
    return await Conversation.get(assistant_id=assistant.id, contact__name=name)


async def written_to(olga: Person, name: str = "Vera") -> list[str]:
    conversation = await conversation_with(olga, name)
    rows = Message.filter(conversation_id=conversation.id, author=Author.OPERATOR).order_by("created_at")
    return [row.text for row in await rows]


async def gets(olga: Person, *texts: str, name: str = "Vera") -> None:
    async def there() -> bool:
        return await written_to(olga, name) == list(texts)

    await until(there)


async def state_is(olga: Person, state: ConversationState) -> None:
    async def so() -> bool:
        return (await conversation_with(olga)).state == state

    await until(so)


async def actor(person: Person) -> Actor:
    return await actor_of((await user_of_telegram(person.id, "", "en")).id)


async def joined(olga: Person, boris: Person, role: Role = Role.OPERATOR) -> Person:
    _, token = await invite(await actor(olga), role)
    await boris.says(f"/start join_{token}")
    await boris.reads("Welcome to the team")
    return boris


def texts_in(here: Colleague, topic: Topic) -> list[str]:
    return [one.text for one in read_in(here.server, here.token, here.group, topic)]


async def test_a_customer_gets_a_topic_with_reason_history_and_buttons(
    olga: Person, house: Core, here: Colleague
) -> None:
    await add_verified_answer(house, await assistant_of_person(olga), "Where is the shop?", "At 12 Mill Lane.")
    await says(house, olga, "Where is the shop?")
    await says(house, olga, "x" * 3900)
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera · Copper Kettle")
    head = await reads_in(olga, here.group, topic, WISH)
    assert [button["text"] for button in head.buttons] == ["✍️ Answer", "✔️ Close"]
    together = "\n\n".join(texts_in(here, topic))
    assert "🙋 Vera is waiting for a person (“Copper Kettle”, your page).\nWhy: asked for a person." in together
    assert "👤 Where is the shop?\n\n🤖 At 12 Mill Lane." in together
    assert together.count("x" * 100) >= 38, "nothing is cut off: it goes in several messages"
    await says(house, olga, "Where is the shop?")
    await reads_in(olga, here.group, topic, "👤 Where is the shop?\n\n🤖 At 12 Mill Lane.")


async def test_whatever_is_written_in_the_topic_goes_to_the_customer_until_it_is_closed(
    olga: Person, house: Core, here: Colleague
) -> None:
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    await reads_in(olga, here.group, topic, "waiting for a person")
    await here.says("// Does anybody know her?", topic)
    await here.says("Hello Vera, this is Olga.", topic)
    await gets(olga, "Hello Vera, this is Olga.")
    taken = await reads_in(olga, here.group, topic, "Ann talks to Vera now, and the assistant is silent")
    assert [button["text"] for button in taken.buttons] == ["✔️ Close", "‹ Let others answer"]
    await says(house, olga, "Do you mend kettles?")
    await reads_in(olga, here.group, topic, "👤 Do you mend kettles?")
    await here.says("We do.", topic)
    await here.says("Not for the customer", None)
    await gets(olga, "Hello Vera, this is Olga.", "We do.")
    assert not [text for text in texts_in(here, topic) if "We do." in text], "nothing is echoed where it stands"
    await here.presses("Close", topic)
    await reads_in(olga, here.group, topic, "Closed: the assistant answers Vera again")

    async def closed() -> bool:
        return topic.is_closed

    await until(closed)
    assert (await conversation_with(olga)).state == ConversationState.ASSISTANT
    goodbye = Message.filter(conversation_id=(await conversation_with(olga)).id, reason="closed")
    assert await goodbye.count() == 1
    await says(house, olga, "Where is the shop?")
    await says(house, olga, WISH)

    async def reopened() -> bool:
        return not topic.is_closed

    await until(reopened)
    await reads_in(olga, here.group, topic, "👤 Where is the shop?")
    assert len(here.group.topics) == 1, "a customer has one topic"
    assert len([text for text in texts_in(here, topic) if "Do you mend kettles?" in text]) == 1


async def test_not_closed_by_one_tap_while_nobody_has_answered(olga: Person, house: Core, here: Colleague) -> None:
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    await here.presses("Close", topic)
    await reads_in(olga, here.group, topic, "Vera is still waiting for a person. If you close it")
    assert (await conversation_with(olga)).state == ConversationState.WAITING
    await here.presses("Close unanswered", topic)
    await state_is(olga, ConversationState.ASSISTANT)


async def test_of_two_colleagues_one_talks_and_the_other_is_told_once(
    olga: Person, house: Core, here: Colleague, writes_to_admin_bot: MakePerson
) -> None:
    boris = Colleague(await joined(olga, writes_to_admin_bot(name="Boris")), here.group)
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    await boris.presses("Answer", topic)
    await reads_in(olga, here.group, topic, "Boris talks to Vera now")
    await here.says("Hello!", topic)
    said = await reads_in(olga, here.group, topic, "Not sent: Boris is talking to this customer. You can take over")
    await here.says("Hello again!", topic)
    await boris.says("Boris here.", topic)
    await gets(olga, "Boris here.")
    assert len([text for text in texts_in(here, topic) if "Not sent" in text]) == 1
    await here.presses_data(said.message_id, said.buttons[0]["callback_data"], topic)
    await reads_in(olga, here.group, topic, "Ann talks to Vera now")
    await here.says("Olga here.", topic)
    await gets(olga, "Boris here.", "Olga here.")
    await boris.says("And me?", topic)
    refused = await reads_in(olga, here.group, topic, "Not sent: Ann is talking to this customer. If you should")
    assert refused.buttons == [], "an operator does not take over"
    await boris.presses_data(said.message_id, said.buttons[0]["callback_data"], topic)

    async def alerted() -> bool:
        alerts = [str(call.fields.get("text")) for call in here.server.calls_of("answerCallbackQuery")]
        return any("not allowed" in alert or "role" in alert or "may" in alert for alert in alerts)

    await until(alerted)
    assert (await conversation_with(olga)).taken_by == (await actor(olga)).user_id
    await here.presses("Let others answer", topic)
    await state_is(olga, ConversationState.WAITING)
    await boris.presses("Answer", topic)
    await reads_in(olga, here.group, topic, "Boris talks to Vera now")


async def test_a_strangers_words_never_go_to_the_customer_and_he_is_told_once(
    olga: Person, house: Core, here: Colleague, writes_to_admin_bot: MakePerson
) -> None:
    clara = await started(writes_to_admin_bot(name="Clara"), name="Clara’s Cakes")
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    head = await reads_in(olga, here.group, topic, "waiting for a person")
    for stranger in (clara, writes_to_admin_bot(name="Nobody")):
        guest = Colleague(stranger, here.group)
        await guest.says("Give me your money!", topic)
        await guest.sends_thing(topic, "photo", b"a picture")
        await reads_in(olga, here.group, topic, f"{stranger._user['first_name']}, what you write here does not reach")
        await guest.presses_data(head.message_id, head.buttons[0]["callback_data"], topic)
    await here.sends(topic, text="Hidden", sender_chat=here.group.chat)
    await reads_in(olga, here.group, topic, "Switch off “Remain anonymous”")

    async def alerted() -> bool:
        alerts = [str(call.fields.get("text")) for call in here.server.calls_of("answerCallbackQuery")]
        return len([alert for alert in alerts if "is for the team of" in alert]) == 2

    await until(alerted)
    await here.says("Hello Vera.", topic)
    await gets(olga, "Hello Vera.")
    assert len([text for text in texts_in(here, topic) if "does not reach customers" in text]) == 2


async def test_an_edited_message_stays_as_it_was_sent(olga: Person, house: Core, here: Colleague) -> None:
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    number = await here.says("It costs 10.", topic)
    await gets(olga, "It costs 10.")
    await here.edits(number, "It costs 100.", topic)
    await reads_in(olga, here.group, topic, "The customer has the first version")
    assert await written_to(olga) == ["It costs 10."]


async def test_a_deleted_topic_is_made_anew_with_all_that_was_said(olga: Person, house: Core, here: Colleague) -> None:
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    await here.says("Hello Vera.", topic)
    await gets(olga, "Hello Vera.")
    await reads_in(olga, here.group, topic, "talks to Vera now")
    del here.group.topics[topic.thread_id]
    await says(house, olga, "Are you there?")
    again = await topic_called(here.group, "Vera")
    assert again.thread_id != topic.thread_id
    await reads_in(olga, here.group, again, "✍️ Hello Vera.\n\n👤 Are you there?")
    await reads_in(olga, here.group, again, "Ann talks to Vera now")
    await here.says("Yes!", again)
    await gets(olga, "Hello Vera.", "Yes!")


async def test_who_writes_in_a_closed_topic_talks_to_the_customers_latest_conversation(
    olga: Person, house: Core, here: Colleague
) -> None:
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    await here.says("Hello Vera.", topic)
    await gets(olga, "Hello Vera.")
    await here.presses("Close", topic)
    await reads_in(olga, here.group, topic, "Closed: the assistant")

    async def closed() -> bool:
        return topic.is_closed

    await until(closed)
    before = await conversation_with(olga)
    later = await Conversation.create(assistant_id=before.assistant_id, contact_id=before.contact_id)
    await Message.create(conversation_id=later.id, author=Author.CUSTOMER, text="I am back.")
    await here.says("One more thing, Vera.", topic)

    async def written() -> bool:
        return await Message.filter(conversation_id=later.id, text="One more thing, Vera.").exists()

    await until(written)
    await reads_in(olga, here.group, topic, "👤 I am back.")
    assert topic.was_reopened == 1
    assert (await Conversation.get(id=later.id)).state == ConversationState.PERSON
    assert (await Conversation.get(id=before.id)).state == ConversationState.ASSISTANT


async def test_what_telegram_took_before_a_crash_is_told_again_rather_than_lost(
    olga: Person, house: Core, here: Colleague, telegram: TelegramServer
) -> None:
    """The answer to a call may be lost: Telegram has it, and the bot does not know."""
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    await reads_in(olga, here.group, topic, "waiting for a person")
    await PeopleTopic.filter(conversation_id=(await conversation_with(olga)).id).update(status="")

    async def twice() -> bool:
        return len([text for text in texts_in(here, topic) if "is waiting for a person" in text]) == 2

    await until(twice)
    assert len([text for text in texts_in(here, topic) if WISH in text]) == 1, (
        "turns that stand there do not come again"
    )


async def test_nothing_is_lost_or_told_twice_over_restarts(
    house: Core, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    def admin_bot() -> running:
        return running(house, run(house, progress_every_s=0.05, pace=QUICK))

    async with admin_bot():
        olga = await started(writes_to_admin_bot())
        here = await linked(olga, telegram)
        await reads_in(olga, here.group, None, "Everything works")
        await says(house, olga, WISH)
        topic = await topic_called(here.group, "Vera")
        await reads_in(olga, here.group, topic, "waiting for a person")
    await here.says("Hello Vera.", topic)
    await says(house, olga, "I am here.")
    await reply_to_customer(await actor(olga), await conversation_with(olga), "From the office.")
    for _ in range(2):
        async with admin_bot():
            await reads_in(olga, here.group, topic, "Ann talks to Vera now")
            await gets(olga, "From the office.", "Hello Vera.")
            await reads_in(olga, here.group, topic, "✍️ From the office.")
    async with admin_bot():
        await close_conversation(house, await actor(olga), await conversation_with(olga))
        await reads_in(olga, here.group, topic, "Closed: the assistant")
    said = texts_in(here, topic)
    for part in ("is waiting for a person", "👤 I am here.", "From the office.", "talks to Vera now", "Closed:"):
        assert len([text for text in said if part in text]) == 1, (part, said)
    assert len(here.group.topics) == 1


async def test_reminders_come_twice_in_working_hours_and_each_once(olga: Person, house: Core, here: Colleague) -> None:
    await says(house, olga, WISH)
    topic = await topic_called(here.group, "Vera")
    await reads_in(olga, here.group, topic, "is waiting for a person")

    async def told_ago(ago: timedelta) -> None:
        await PeopleTopic.filter(conversation_id=(await conversation_with(olga)).id).update(
            told_at=datetime.now(UTC) - ago
        )

    def reminders() -> int:
        return len([text for text in texts_in(here, topic) if "is still waiting" in text])

    async def marker(text: str) -> None:
        await says(house, olga, text)
        await reads_in(olga, here.group, topic, text)

    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    hours = {"time_zone": "UTC", "exceptions": {tomorrow: ["9:30-18:00"]}}
    assistant = await assistant_of_person(olga)
    await change_assistant(await actor(olga), assistant, answer_policy={"working_hours": hours})
    await told_ago(REMIND_AFTER[1] * 3)
    await marker("Is anybody there?")
    assert reminders() == 0, "closed"
    await change_assistant(await actor(olga), assistant, answer_policy={"working_hours": None})
    await reads_in(olga, here.group, topic, "is still waiting")
    await told_ago(REMIND_AFTER[0] * 2)
    await marker("Hello?")
    await told_ago(REMIND_AFTER[1] * 3)

    async def both() -> bool:
        return reminders() == 2

    await until(both)
    await marker("Well?")
    assert reminders() == 2


async def test_a_customer_of_a_program_is_answered_in_a_topic(
    olga: Person, here: Colleague, api: Any, house: Core
) -> None:
    assistant = await assistant_of_person(olga)
    _, key = await issue_api_key(assistant, (await actor(olga)).user_id, "shop", ["chat"])
    bearer = {"Authorization": f"Bearer {key}"}
    card = {"id": "42", "name": "Crm Customer"}
    asked = await (await api.post("/api/v1/chat", headers=bearer, json={"message": WISH, "contact": card})).get_json()
    topic = await topic_called(here.group, "Crm Customer · Copper Kettle")
    await reads_in(olga, here.group, topic, "a program of yours")
    await here.says("Hello from the topic.", topic)
    reading = f"/api/v1/conversations/{asked['conversation_id']}/messages?after={asked['message_id']}"

    async def fetched() -> list[str]:
        said = await (await api.get(reading, headers=bearer)).get_json()
        return [turn["text"] for turn in said["messages"] if turn["author"] == "operator"]

    assert await until(fetched) == ["Hello from the topic."]
    await here.sends_thing(topic, "photo", b"a picture")
    await reads_in(olga, here.group, topic, "only words reach them there")
    await api.post("/api/v1/chat", headers=bearer, json={"message": "Thank you!", "contact": card})
    await reads_in(olga, here.group, topic, "👤 Thank you!")


async def test_topics_switched_off_later_send_calls_to_private_chats_until_they_are_back(
    olga: Person, house: Core, here: Colleague
) -> None:
    here.group.has_topics = False
    await says(house, olga, WISH)
    await reads_in(olga, here.group, None, "switch on “Topics”")
    await olga.reads("Vera is waiting for a person")
    here.group.has_topics = True
    await here.presses("Check again")
    await topic_called(here.group, "Vera")


async def test_one_topic_held_up_holds_up_no_other(
    olga: Person, house: Core, here: Colleague, telegram: TelegramServer
) -> None:
    telegram.faults.append(Fault("createForumTopic", 500, "Internal Server Error", chat_id=here.group.chat_id, times=1))
    await says(house, olga, WISH, "Vera")
    await says(house, olga, WISH, "Nina")
    await topic_called(here.group, "Nina")
    await topic_called(here.group, "Vera")


async def test_in_russian(
    admin_bot: None, house: Core, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    olga = await started(writes_to_admin_bot(language="ru"), "Русский", "Медный чайник")
    await olga.says("/menu")
    await olga.presses("Команда")
    await olga.presses("Группа для обращений")
    await olga.reads("В её настройках включите «Темы»")
    from tests.integration.test_people_group import start_of_link
    from tests.telegram_groups import Group

    group = Group()
    telegram.groups[group.chat_id] = group
    here = Colleague(olga, group)
    await here.says(await start_of_link(olga, "Добавить меня в группу"))
    await reads_in(olga, group, None, "Всё работает. У каждого клиента будет своя тема.")
    await says(house, olga, "Позовите человека", "Вера")
    topic = await topic_called(group, "Вера · Медный чайник")
    await reads_in(olga, group, topic, "Почему: просит человека.")
    await here.says("Здравствуйте!", topic)
    await gets(olga, "Здравствуйте!", name="Вера")
    await reads_in(olga, group, topic, "Теперь отвечает Ann, ассистент молчит. Клиент: Вера.")
    await here.presses("Закрыть", topic)
    await reads_in(olga, group, topic, "Разговор закрыт: ассистент снова отвечает сам. Клиент: Вера.")
