"""A customers' bot in groups: who is answered, whose conversation it is, and what stays when a group moves."""

from typing import Any

import pytest

from core.app import Core
from core.channel_care import set_groups
from core.channels import GROUPS, PERSON, TOGETHER, groups_of
from core.contact_notes import is_silent
from core.inbox import unfinished_events
from core.models import Assistant, Channel, Contact, Conversation, Message, ProcessedEvent
from core.verified import add_verified_answer
from tests.conftest import Owner
from tests.integration.conftest import Connect, MakeCustomer
from tests.telegram_server import Person, Shown, TelegramServer
from tests.waiting import until

WHERE = "Where is the shop?"
THERE = "At 12 Mill Lane."
FRIENDS = {"id": -100, "type": "supergroup", "title": "Friends"}


@pytest.fixture
async def channel(rosa: Assistant, connect: Connect) -> Channel:
    return await connect(rosa)


@pytest.fixture
async def together(anna: Owner, channel: Channel) -> Channel:
    await set_groups(anna.actor, channel, TOGETHER)
    return await Channel.get(id=channel.id)


@pytest.fixture
def ann(bots: None, channel: Channel, customer: MakeCustomer) -> Person:
    return customer(channel)


async def _settled(channel: Channel, accepted: int) -> None:
    source = f"telegram:{channel.id}"

    async def none_left() -> bool:
        enough = await ProcessedEvent.filter(source=source).count() >= accepted
        return enough and not await unfinished_events(source)

    await until(none_left)


def _shown(server: TelegramServer, chat_id: int = -100) -> list[Shown]:
    return [one for one in server.shown if one.chat_id == chat_id]


async def _keys(assistant: Assistant) -> list[str]:
    return sorted([one.key for one in await Contact.filter(assistant_id=assistant.id)])


@pytest.mark.parametrize(
    ("text", "more", "answered"),
    [
        (WHERE, {}, False),
        ("@{bot} " + WHERE, {}, True),
        (WHERE + " @{bot}", {}, True),
        ("/ask@{bot} " + WHERE, {}, True),
        ("/ask " + WHERE, {}, True),
        ("/ask@another_bot " + WHERE, {}, False),
        ("/start", {}, False),
        ("/stop", {}, False),
        ("@another_bot " + WHERE, {}, False),
        (WHERE, {"reply_to": "the bot"}, True),
        (WHERE, {"reply_to": "somebody"}, False),
        (WHERE, {"reply_to": "a topic of the bot"}, False),
        ("/ask@another_bot " + WHERE, {"reply_to": "the bot"}, False),
        ("@{bot} " + WHERE, {"is_automatic_forward": True}, False),
    ],
)
async def test_a_group_is_answered_when_it_calls_and_never_else(
    channel: Channel, ann: Person, text: str, more: dict[str, Any], answered: bool
) -> None:
    content: dict[str, Any] = {name: value for name, value in more.items() if name != "reply_to"}
    if reply_to := more.get("reply_to"):
        writer = {"id": 1 if reply_to == "somebody" else int(channel.identity), "is_bot": True, "first_name": "B"}
        opens = {"forum_topic_created": {"name": "T", "icon_color": 1}} if "topic" in reply_to else {"text": "Hello"}
        content["reply_to_message"] = {"message_id": 5, "date": 1, "chat": FRIENDS, "from": writer, **opens}
    await ann.sends(text=text.replace("{bot}", channel.name), chat=FRIENDS, **content)
    await _settled(channel, 1)
    assert [one.text for one in _shown(ann.server)] == ([THERE] if answered else [])


async def test_an_answer_in_a_group_stands_under_its_question_and_in_its_topic(channel: Channel, ann: Person) -> None:
    ann.server.groups[-100] = group = _forum()
    await ann.sends(
        text=f"@{channel.name} {WHERE}", chat=group.chat, message_id=77, message_thread_id=7, is_topic_message=True
    )
    await _settled(channel, 1)
    [answer] = _shown(ann.server)
    assert answer.thread_id == 7
    [call] = ann.server.calls_of("sendMessage", -100)
    assert '"message_id": 77' in call.fields["reply_parameters"]


def _forum() -> Any:
    from tests.telegram_groups import Group, Topic

    return Group(title="Friends", chat_id=-100, topics={number: Topic(number, "T", 1) for number in (7, 8)})


async def test_everybody_in_a_group_has_a_conversation_of_his_own(
    rosa: Assistant, channel: Channel, customer: MakeCustomer, ann: Person
) -> None:
    bob = customer(channel)
    for one in (ann, bob, ann):
        await one.sends(text=f"@{channel.name} {WHERE}", chat=FRIENDS)
    await _settled(channel, 3)
    assert await _keys(rosa) == sorted([f"-100:{ann.id}", f"-100:{bob.id}"])
    assert await Conversation.filter(assistant_id=rosa.id).count() == 2


async def test_people_of_a_group_share_a_conversation_where_its_owner_wants_that(
    rosa: Assistant, together: Channel, customer: MakeCustomer, ann: Person
) -> None:
    bob = customer(together)
    for one in (ann, bob):
        await one.sends(text=f"@{together.name} {WHERE}", chat=FRIENDS)
    ann.server.groups[-101] = forum = _forum()
    forum.chat_id = -101
    for thread in (7, 8):
        await ann.sends(
            text=f"@{together.name} {WHERE}", chat=forum.chat, message_thread_id=thread, is_topic_message=True
        )
    await ann.says(WHERE)
    await _settled(together, 5)
    assert await _keys(rosa) == sorted(["-100", "-101:t7", "-101:t8", str(ann.id)])
    assert (await Contact.get(assistant_id=rosa.id, key="-100")).name == "Friends"
    await ann.sends(text=f"/erase@{together.name}", chat=FRIENDS)
    await _settled(together, 6)
    assert "everybody shares one conversation" in _shown(ann.server)[-1].text


async def test_silence_in_a_group_is_for_who_asked_alone(channel: Channel, customer: MakeCustomer, ann: Person) -> None:
    bob = customer(channel)
    await ann.sends(text=f"/stop@{channel.name}", chat=FRIENDS)
    await ann.sends(text=f"@{channel.name} {WHERE}", chat=FRIENDS)
    await bob.sends(text=f"@{channel.name} {WHERE}", chat=FRIENDS)
    await _settled(channel, 3)
    assert [one.text for one in _shown(ann.server)] == [
        "All right, I am silent now. When you want me back, write /start.",
        THERE,
    ]
    await ann.says(WHERE)
    await ann.reads(THERE)


async def test_a_group_that_becomes_a_supergroup_goes_on(
    rosa: Assistant, channel: Channel, customer: MakeCustomer, ann: Person
) -> None:
    old, new = {"id": -5, "type": "group", "title": "Friends"}, {**FRIENDS, "id": -1005}
    bob = customer(channel)
    await ann.sends(text=f"@{channel.name} {WHERE}", chat=old)
    await bob.sends(text=f"@{channel.name} {WHERE}", chat=old)
    await bob.sends(text=f"/stop@{channel.name}", chat=old)
    await _settled(channel, 3)
    await ann.sends(text=f"@{channel.name} {WHERE}", chat=new)  # before the news of it
    await _settled(channel, 4)
    await ann.sends(migrate_to_chat_id=-1005, chat=old)
    await ann.sends(migrate_from_chat_id=-5, chat=new)
    await _settled(channel, 6)
    assert await _keys(rosa) == sorted([f"-1005:{ann.id}", f"-1005:{bob.id}"])
    both = await Conversation.filter(contact__key=f"-1005:{ann.id}", assistant_id=rosa.id)
    assert len(both) == 2, "what was said before and after"
    assert await is_silent(f"telegram:{channel.identity}", f"-1005:{bob.id}")
    assert len(_shown(ann.server, -1005)) == 1, "the news of it is not answered"


async def test_who_writes_in_the_name_of_a_group_or_channel_is_answered(
    rosa: Assistant, channel: Channel, ann: Person
) -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    by_channel = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
    news = {"id": -200, "type": "channel", "title": "News"}
    asked = f"@{channel.name} {WHERE}"
    await ann.sends(text=asked, chat=FRIENDS, **{"from": anonymous}, sender_chat=FRIENDS)
    await ann.sends(text=asked, chat=FRIENDS, **{"from": by_channel}, sender_chat=news)
    await ann.sends(text=asked, chat=FRIENDS, **{"from": by_channel})  # any other bot
    await ann.sends(text=f"/erase@{channel.name}", chat=FRIENDS, **{"from": anonymous}, sender_chat=FRIENDS)
    await _settled(channel, 4)
    assert [one.text for one in _shown(ann.server)][:2] == [THERE, THERE]
    assert "write to me as yourself" in _shown(ann.server)[-1].text
    names = {one.name for one in await Contact.filter(assistant_id=rosa.id)}
    assert names == {"Friends", "News"}


async def test_a_comment_to_a_channels_post_is_answered_in_its_thread(channel: Channel, ann: Person) -> None:
    telegram = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
    news = {"id": -200, "type": "channel", "title": "News"}
    post = {
        "message_id": 40, "date": 1, "chat": FRIENDS, "from": telegram, "sender_chat": news,
        "is_automatic_forward": True, "text": f"New tea! Ask @{channel.name}",
    }  # fmt: skip
    await ann.sends(**post)
    await ann.sends(
        text=f"@{channel.name} {WHERE}", chat=FRIENDS, message_id=41, message_thread_id=40, reply_to_message=post
    )
    await _settled(channel, 2)
    [answer] = ann.server.calls_of("sendMessage", -100)
    assert '"message_id": 41' in answer.fields["reply_parameters"]
    assert "message_thread_id" not in answer.fields, "a thread of comments is no topic"


async def test_what_a_person_writes_to_a_topic_goes_there(
    house: Core, anna: Owner, rosa: Assistant, together: Channel, ann: Person
) -> None:
    from core.operators import reply_to_customer

    ann.server.groups[-100] = group = _forum()
    await ann.sends(text=f"@{together.name} {WHERE}", chat=group.chat, message_thread_id=8, is_topic_message=True)
    await _settled(together, 1)
    conversation = await Conversation.get(assistant_id=rosa.id)
    await reply_to_customer(anna.actor, conversation, "I am Anna.")

    async def there() -> bool:
        return any("I am Anna." in one.text and one.thread_id == 8 for one in _shown(ann.server))

    await until(there)


async def test_the_setting_is_changed_and_taken_back(house: Core, anna: Owner, together: Channel) -> None:
    from core.changes import last_change_of
    from core.undoing import undo

    assert together.settings[GROUPS] == TOGETHER
    change = await last_change_of(together.id)
    assert change
    await undo(house, anna.actor, change)
    assert groups_of(await Channel.get(id=together.id)) == PERSON


async def test_both_ways_know_what_was_asked_before(
    house: Core, rosa: Assistant, channel: Channel, ann: Person
) -> None:
    """The text of a group's message is stored without the bot's name."""
    await add_verified_answer(house, rosa, "When do you open?", "At nine.")
    await ann.sends(text=f"/ask@{channel.name}   When do you open?", chat=FRIENDS)
    await _settled(channel, 1)
    turns = await Message.filter(conversation__assistant_id=rosa.id).order_by("created_at")
    assert [one.text for one in turns] == ["When do you open?", "At nine."]


async def test_programs_say_how_a_bot_talks_in_groups(api: Any, anna: Owner, rosa: Assistant, channel: Channel) -> None:
    at = f"/api/v1/assistants/{rosa.id}/channels/{channel.id}"
    answer = await api.patch(at, headers=anna.headers, json={"groups": "together"})
    assert (answer.status_code, (await answer.get_json())["groups"]) == (200, "together")
    assert groups_of(await Channel.get(id=channel.id)) == TOGETHER
    refused = await api.patch(at, headers=anna.headers, json={"groups": "nobody"})
    assert refused.status_code == 422
    assert groups_of(await Channel.get(id=channel.id)) == TOGETHER
