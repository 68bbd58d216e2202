"""What people write reaches the customer where he wrote: in Telegram, on a page, through a program."""

from typing import Any
from uuid import uuid4

import pytest

from bots.registry import Registry
from core.api_keys import issue_api_key
from core.app import Core
from core.assistants import change_assistant
from core.errors import CustomerUnreachable
from core.messages import Incoming
from core.models import Assistant, Attachment, Author, Conversation, ConversationState, Message
from core.operators import NOT_TAKEN, UNREACHABLE, close_conversation, reply_to_customer, take_conversation
from core.own_words import note_own_words
from tests.conftest import Owner
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.telegram_server import Fault, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
WISH = "Can I talk to a human?"
URL = "/api/v1/assistants/{}/conversations"


async def _only_conversation(rosa: Assistant) -> Conversation:
    return await Conversation.get(assistant_id=rosa.id).select_related("contact")


async def _settled(message: Message) -> Message:
    """Delivered, or known to be undeliverable."""

    async def over() -> Message | None:
        row = await Message.get(id=message.id)
        return row if row.delivered_at or row.reason == UNREACHABLE else None

    row = await until(over)
    assert isinstance(row, Message)
    return row


async def test_a_telegram_customer_reads_a_person_and_then_the_assistant_again(
    bots: None, core: Core, anna: Owner, rosa: Assistant, connect: Connect, customer: MakeCustomer
) -> None:
    ann = customer(await connect(rosa))
    await ann.says(WISH)
    await ann.reads("a person will answer you here")
    conversation = await _only_conversation(rosa)
    for text in ("First.", "Second.", "*Third* and [no](markdown)."):
        written = await reply_to_customer(anna.actor, conversation, text)
    assert (await _settled(written)).delivered_at
    await ann.says("Where is the shop?")
    await reply_to_customer(anna.actor, conversation, "Fourth.")
    await ann.reads("Fourth.")
    await close_conversation(core, anna.actor, conversation)
    await ann.reads("I am back")
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")

    texts = [shown.text for shown in ann.chat]
    first = "👤 One of our team writes:\nFirst."
    assert texts[1:5] == [first, "Second.", "*Third* and [no](markdown).", "Fourth."]
    assert len(texts) == 7, "the assistant was silent while a person talked, and nothing was said twice"


async def test_what_a_customer_sends_to_a_person_is_not_lost_even_where_its_file_is(
    bots: None, core: Core, anna: Owner, rosa: Assistant, connect: Connect, customer: MakeCustomer
) -> None:
    ann = customer(await connect(rosa))
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 1}
    await ann.sends(voice=voice)
    await ann.reads("I can only read text so far")
    await ann.says(WISH)
    await ann.reads("a person will answer you here")
    conversation = await _only_conversation(rosa)
    await take_conversation(anna.actor, conversation)
    await ann.sends(voice=voice)
    await ann.reads("This file did not arrive here")
    await ann.sends_thing("photo", b"one", caption="It came like this", media_group_id="77")
    await ann.sends_thing("photo", b"two", media_group_id="77")
    await ann.says("Do you see?")

    async def all_there() -> bool:
        return await Message.filter(conversation_id=conversation.id, text="Do you see?").exists()

    await until(all_there)
    said = Message.filter(conversation_id=conversation.id, author=Author.CUSTOMER).order_by("created_at")
    assert [row.text for row in await said][1:] == [
        "[voice message]",
        "[photo] It came like this",
        "[photo]",
        "Do you see?",
    ]
    assert [shown.text for shown in ann.chat].count(
        "I can only read text so far. Please write your question in words."
    ) == 1
    assert [row.size for row in await Attachment.filter(assistant_id=rosa.id).order_by("created_at")] == [3, 3]


async def test_what_was_written_while_the_bots_were_down_is_delivered_once_they_are_back(
    house: Core, anna: Owner, rosa: Assistant, connect: Connect, customer: MakeCustomer
) -> None:
    ann = customer(await connect(rosa))
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.says(WISH)
        await ann.reads("a person will answer you here")
    conversation = await _only_conversation(rosa)
    written = [await reply_to_customer(anna.actor, conversation, text) for text in ("One.", "Two.")]
    for _ in range(2):
        async with running(house, Registry(house, every_s=0.1).run()):
            await _settled(written[1])
    assert [shown.text for shown in ann.chat][1:] == ["👤 One of our team writes:\nOne.", "Two."]


async def test_who_has_blocked_the_bot_holds_up_nobody_and_his_operator_is_told(
    bots: None, anna: Owner, rosa: Assistant, telegram: TelegramServer, connect: Connect, customer: MakeCustomer
) -> None:
    channel = await connect(rosa)
    ann, ben = customer(channel), customer(channel)
    for person in (ann, ben):
        await person.says(WISH)
        await person.reads("a person will answer you here")
    telegram.faults.append(Fault("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=ann.id))
    blocked = await Conversation.get(contact__key=str(ann.id), assistant_id=rosa.id)
    other = await Conversation.get(contact__key=str(ben.id), assistant_id=rosa.id)
    lost = await reply_to_customer(anna.actor, blocked, "Are you there?")
    await reply_to_customer(anna.actor, other, "Hello Ben.")
    await ben.reads("Hello Ben.")
    row = await _settled(lost)
    assert (row.reason, row.delivered_at) == (UNREACHABLE, None)
    with pytest.raises(CustomerUnreachable):
        await reply_to_customer(anna.actor, blocked, "Hello?")
    await ann.says("I am here again")

    async def heard() -> bool:
        return await Message.filter(conversation_id=blocked.id, text="I am here again").exists()

    await until(heard)
    await reply_to_customer(anna.actor, blocked, "Good.")
    await ann.reads("Good.")


async def test_rest_lists_who_waits_and_lets_people_answer(api: Any, anna: Owner, rosa: Assistant) -> None:
    _, key = await issue_api_key(rosa, anna.user.id, "shop", ["chat"])
    bearer = {"Authorization": f"Bearer {key}"}
    asked = await (await api.post("/api/v1/chat", headers=bearer, json={"message": WISH, "contact": "ann"})).get_json()
    assert asked["tier"] == "handed_over"
    listing = URL.format(rosa.id)
    waiting = (await (await api.get(f"{listing}?state=waiting", headers=anna.headers)).get_json())["conversations"]
    assert [(one["handoff_reason"], one["lapsed"]) for one in waiting] == [("asked", False)]
    one = f"{listing}/{waiting[0]['id']}"

    taken = await (await api.post(f"{one}/take", headers=anna.headers)).get_json()
    assert (taken["state"], taken["taken_by"]) == ("person", str(anna.user.id))
    written = await api.post(f"{one}/reply", headers=anna.headers, json={"text": "Hello, Anna here."})
    assert written.status_code == 201
    silent = await api.post("/api/v1/chat", headers=bearer, json={"message": "Hi Anna", "contact": "ann"})
    assert ((await silent.get_json())["answer"], (await silent.get_json())["tier"]) == ("", "person")

    reading = f"/api/v1/conversations/{waiting[0]['id']}/messages"
    said = await (await api.get(f"{reading}?after={asked['message_id']}", headers=bearer)).get_json()
    assert said["state"] == "person"
    assert [(turn["author"], turn["text"]) for turn in said["messages"]] == [
        ("operator", "Hello, Anna here."),
        ("customer", "Hi Anna"),
    ]
    later = await (await api.get(f"{reading}?after={said['messages'][-1]['id']}", headers=bearer)).get_json()
    assert later["messages"] == []
    turns = (await (await api.get(f"{one}/messages", headers=anna.headers)).get_json())["messages"]
    assert [turn["delivered_at"] is not None for turn in turns if turn["author"] == "operator"] == [True]

    closed = await (await api.post(f"{one}/close", headers=anna.headers)).get_json()
    assert (closed["state"], closed["taken_by"]) == ("assistant", None)
    back = await (await api.get(f"{reading}?after={said['messages'][-1]['id']}", headers=bearer)).get_json()
    assert ["I am back" in turn["text"] for turn in back["messages"]] == [True]
    handed = await (await api.post(f"{one}/hand-over", headers=anna.headers)).get_json()
    assert (handed["state"], handed["handoff_reason"]) == ("waiting", "owner")


async def test_a_second_operator_gets_409_and_empty_replies_are_refused(
    api: Any, anna: Owner, rosa: Assistant, core: Core
) -> None:
    _, key = await issue_api_key(rosa, anna.user.id, "shop", ["chat"])
    await api.post("/api/v1/chat", headers={"Authorization": f"Bearer {key}"}, json={"message": WISH, "contact": "ann"})
    conversation = await _only_conversation(rosa)
    one = f"{URL.format(rosa.id)}/{conversation.id}"
    await take_conversation(anna.actor, conversation)
    await Conversation.filter(id=conversation.id).update(taken_by=rosa.id)  # somebody whose account is gone
    refused = await api.post(f"{one}/take", headers=anna.headers)
    assert (refused.status_code, (await refused.get_json())["code"]) == (409, "error-conversation-taken")
    for text in ("", "   ", "\u200b"):
        assert (await api.post(f"{one}/reply", headers=anna.headers, json={"text": text})).status_code == 422


async def test_visitors_read_their_own_conversation_alone(api: Any, anna: Owner, rosa: Assistant) -> None:
    await change_assistant(anna.actor, rosa, public_page=True)

    async def visitor() -> dict[str, str]:
        welcome = await (await api.post(f"/api/v1/assistants/{rosa.id}/visitors")).get_json()
        return {"Authorization": f"Bearer {welcome['token']}"}

    vera, oleg = await visitor(), await visitor()
    asked = await (await api.post("/api/v1/chat", headers=vera, json={"message": WISH})).get_json()
    reading = f"/api/v1/conversations/{asked['conversation_id']}/messages"
    await reply_to_customer(anna.actor, await _only_conversation(rosa), "Hello, Vera.")

    said = await (await api.get(f"{reading}?after={asked['message_id']}", headers=vera)).get_json()
    assert [turn["text"] for turn in said["messages"]] == ["Hello, Vera."]
    assert (await api.get(reading, headers=oleg)).status_code == 404
    assert (await api.get(f"{reading}?after={rosa.id}", headers=vera)).status_code == 404
    assert (await api.get(f"{reading}?after=nonsense", headers=vera)).status_code == 422


async def test_openais_protocol_says_that_a_person_answers(api: Any, anna: Owner, rosa: Assistant) -> None:
    _, key = await issue_api_key(rosa, anna.user.id, "shop", ["chat"])
    bearer = {"Authorization": f"Bearer {key}"}

    async def asks(text: str) -> dict[str, Any]:
        order = {"model": "assistant", "user": "ann", "messages": [{"role": "user", "content": text}]}
        answer = await (await api.post("/v1/chat/completions", headers=bearer, json=order)).get_json()
        message: dict[str, Any] = answer["choices"][0]["message"]
        return message

    assert (await asks(WISH))["tier"] == "handed_over"
    await take_conversation(anna.actor, await _only_conversation(rosa))
    message = await asks("Where is the shop?")
    assert message["tier"] == "person"
    assert message["content"].startswith("A person is answering you")
    order = {"model": "assistant", "user": "ann", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    streamed = await api.post("/v1/chat/completions", headers=bearer, json=order)
    assert "A person is answering you" in (await streamed.get_data()).decode()
    stored = await Message.get(id=message["message_id"])
    assert (stored.author, stored.text) == (Author.ASSISTANT, "")


async def test_working_hours_are_checked_with_a_sentence(api: Any, anna: Owner, rosa: Assistant) -> None:
    async def sets(hours: dict[str, Any]) -> tuple[int, str]:
        body = {"answer_policy": {"working_hours": hours}}
        response = await api.patch(f"/api/v1/assistants/{rosa.id}", headers=anna.headers, json=body)
        return response.status_code, (await response.get_json()).get("detail", "")

    good = {"time_zone": "Europe/Moscow", "week": {"monday": ["9:00-18:00"]}, "exceptions": {"2027-01-01": []}}
    assert await sets(good) == (200, "")
    assert (await Assistant.get(id=rosa.id)).answer_policy["working_hours"] == good
    for wrong, sentence in (
        ({"time_zone": "Moscow"}, "time zone"),
        ({"time_zone": "UTC", "week": {"monday": ["9-18"]}}, "9:00-18:00"),
        ({"time_zone": "UTC", "exceptions": {"2027-02-30": []}}, "2027-01-31"),
        ({"time_zone": "UTC", "week": {"funday": []}}, "monday"),
    ):
        status, detail = await sets(wrong)
        assert status == 422
        assert sentence in detail


async def test_where_somebody_wrote_past_the_product_a_person_may_go_on_in_it(
    core: Core, anna: Owner, rosa: Assistant
) -> None:
    said = Incoming(rosa.id, "telegram:1", "business:link:5", "I am on my way.", "Ann", question_id=uuid4())
    await note_own_words(said)
    conversation = await _only_conversation(rosa)
    assert (conversation.state, conversation.taken_by) == (ConversationState.PERSON, None)
    await take_conversation(anna.actor, conversation)
    assert conversation.taken_by == anna.user.id


async def test_a_place_that_is_gone_holds_up_nobody_and_whoever_wrote_there_learns_it(
    bots: None,
    telegram: TelegramServer,
    anna: Owner,
    rosa: Assistant,
    connect: Connect,
    customer: MakeCustomer,
) -> None:
    channel = await connect(rosa)
    ann, bob = customer(channel), customer(channel)
    for person in (ann, bob):
        await person.says(WISH)
        await person.reads("a person will answer you here")
    theirs = await Conversation.filter(assistant_id=rosa.id).order_by("created_at").select_related("contact")
    by_key = {one.contact.key: one for one in theirs}
    telegram.faults.append(Fault("sendMessage", 400, "Bad Request: message thread not found", chat_id=ann.id, times=50))
    lost = await reply_to_customer(anna.actor, by_key[str(ann.id)], "Are you there?")
    await reply_to_customer(anna.actor, by_key[str(bob.id)], "Good day, Bob.")
    await bob.reads("Good day, Bob.")

    async def noted() -> bool:
        return (await Message.get(id=lost.id)).reason == NOT_TAKEN

    await until(noted)
    assert len([call for call in telegram.calls_of("sendMessage", ann.id) if call.refused]) == 1
