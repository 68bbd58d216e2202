"""What customers do beside writing once: edits, albums, chats of somebody's own account, and every kind of message."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.enums import ContentType

from core.app import Core
from core.inbox import accept_event, keep_progress, unfinished_events
from core.models import (
    Assistant,
    Author,
    BotState,
    Channel,
    Contact,
    Conversation,
    ConversationState,
    Message,
    ProcessedEvent,
)
from core.operators import reply_to_customer, take_conversation
from core.telegram.formatting import Rich
from core.verified import add_verified_answer
from tests.conftest import Owner
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until

WHERE, THERE = "Where is the shop?", "At 12 Mill Lane."
PRICE, LOW = "What are your prices?", "Low."
PHOTO = {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]}


@pytest.fixture
async def channel(house: Core, rosa: Assistant, connect: Connect) -> Channel:
    await add_verified_answer(house, rosa, PRICE, LOW)
    return await connect(rosa)


@pytest.fixture
def ann(bots: None, channel: Channel, customer: MakeCustomer) -> Person:
    return customer(channel)


async def _settled(channel: Channel, accepted: int) -> None:
    source = f"telegram:{channel.id}"

    async def none_left() -> bool:
        enough = await ProcessedEvent.filter(source=source).count() >= accepted
        return enough and not await unfinished_events(source)

    await until(none_left, 30)


def _said(person: Person) -> list[str]:
    return [one.text for one in person.chat]


async def test_an_edited_question_is_answered_anew_in_the_same_place(channel: Channel, ann: Person) -> None:
    await ann.sends(text=WHERE, message_id=50)
    await ann.reads(THERE)
    await ann.edits(PRICE, 50)
    await ann.reads(LOW)
    await ann.edits(WHERE, 50)
    await _settled(channel, 3)
    assert _said(ann) == [THERE]
    assert ann.chat[0].history == [THERE, LOW]


@pytest.mark.parametrize("case", ["another came after it", "another message", "the same words", "long ago"])
async def test_every_other_edit_is_passed_over(channel: Channel, ann: Person, case: str, monkeypatch: Any) -> None:
    from bots.telegram import hearing

    if case == "long ago":
        monkeypatch.setattr(hearing, "EDITED_WITHIN", timedelta(0))
    await ann.sends(text=WHERE, message_id=50)
    await ann.reads(THERE)
    if case == "another came after it":
        await ann.sends(text="/help", message_id=51)
        await ann.reads("Ask me anything")
    before = _said(ann)
    await ann.edits(WHERE if case == "the same words" else PRICE, 49 if case == "another message" else 50)
    await _settled(channel, 3 if case == "another came after it" else 2)
    assert _said(ann) == before


async def test_an_edit_of_one_of_several_messages_is_read_with_the_others(
    house: Core, rosa: Assistant, channel: Channel, ann: Person
) -> None:
    await add_verified_answer(house, rosa, "Hello, where is the shop?", "Here.")
    await ann.sends(text="Hallo,", message_id=50)
    await ann.sends(text="where is the shop?", message_id=51)
    await _settled(channel, 2)
    await ann.edits("Hello,", 50)
    await ann.reads("Here.")
    assert len(ann.chat) == 1


async def test_an_edit_takes_the_place_of_a_longer_answer(
    house: Core, rosa: Assistant, channel: Channel, ann: Person
) -> None:
    words = "\n\n".join(f"Rule {n}: " + "tea is stored dry and dark. " * 20 for n in range(14))
    await add_verified_answer(house, rosa, "What are the rules of storing tea?", words)
    await ann.sends(text="What are the rules of storing tea?", message_id=50)
    await ann.reads("Rule 13")
    await _settled(channel, 1)
    await ann.edits(WHERE, 50)
    await ann.reads(THERE)
    await _settled(channel, 2)
    assert _said(ann) == [THERE]


async def test_a_restart_over_an_edit_shows_it_once(
    house: Core, channel: Channel, customer: MakeCustomer, telegram: TelegramServer
) -> None:
    from bots.registry import Registry

    ann = customer(channel)
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.says(WHERE)
        shown = await ann.reads(THERE)
        await _settled(channel, 1)
    message = {"message_id": 50, "date": 1, "edit_date": 2, "chat": {"id": ann.id, "type": "private"}}
    edit = {"update_id": 900, "edited_message": {**message, "from": ann._user, "text": PRICE}}
    event = await accept_event(f"telegram:{channel.id}", "900", edit)
    assert event
    parts = [Rich(LOW).record(), Rich("Very low.").record()]
    await keep_progress(event, {"parts": parts, "sent": 0, "joined": [], "below": None, "over": [shown.message_id]})
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.reads("Very low.")
        await _settled(channel, 2)
    assert _said(ann) == [LOW, "Very low."]


@pytest.mark.parametrize("caption_at", [0, 1, 2])
async def test_an_album_with_a_question_is_answered_once(
    rosa: Assistant, channel: Channel, ann: Person, caption_at: int
) -> None:
    for number in range(3):
        await ann.sends(**PHOTO, media_group_id="a", **({"caption": WHERE} if number == caption_at else {}))
    await _settled(channel, 3)
    assert _said(ann) == [THERE]


async def test_an_album_without_words_gets_one_kind_sentence_and_all_of_it_goes_to_a_person(
    house: Core, anna: Owner, rosa: Assistant, channel: Channel, ann: Person
) -> None:
    for number in range(3):
        await ann.sends_thing("photo", b"%d" % number, media_group_id="a")
    await _settled(channel, 3)
    assert len(ann.chat) == 1
    assert "only read text" in ann.chat[0].text
    await ann.says(WHERE)
    await ann.reads(THERE)
    conversation = await Conversation.get(assistant_id=rosa.id)
    await take_conversation(anna.actor, conversation)
    await reply_to_customer(anna.actor, conversation, "Show me.")
    for number in range(3):
        await ann.sends_thing("photo", b"%d" % number, media_group_id="b")
    await _settled(channel, 7)
    turns = await Message.filter(conversation_id=conversation.id, author=Author.CUSTOMER, text="[photo]").count()
    assert turns == 3


# Chats of somebody's own account.

LINK = "BAACAgIAAx0"


def _connection(owner: int, *, may_reply: bool = True, is_enabled: bool = True) -> dict[str, Any]:
    return {
        "id": LINK,
        "user": {"id": owner, "is_bot": False, "first_name": "Anna"},
        "user_chat_id": owner,
        "date": int(time.time()),
        "is_enabled": is_enabled,
        "rights": {"can_reply": True} if may_reply else {},
    }


async def _connects(ann: Person, **how: bool) -> None:
    """And the bot has heard of it: nobody writes at that very moment."""
    await ann.server.enqueue_update({"business_connection": _connection(999, **how)}, token=ann.token)

    async def noted() -> bool:
        row = await BotState.get_or_none(key__endswith=f":{LINK}", key__startswith="business:")
        return row is not None and row.data["may_answer"] == all(how.values())

    await until(noted)


@pytest.fixture(autouse=True)
async def no_connection_is_left(core: Core) -> AsyncIterator[None]:
    """All tests share one database, and all connections here are called the same."""
    yield
    await BotState.filter(key__startswith="business:").delete()


async def _writes_there(ann: Person, text: str = "", by_owner: bool = False, **more: Any) -> None:
    writer = {"id": 999, "is_bot": False, "first_name": "Anna"} if by_owner else ann._user
    message = {
        "message_id": int(time.time() * 1000) % 1_000_000,
        "date": int(time.time()),
        "chat": {"id": ann.id, "type": "private", "first_name": "Ann"},
        "from": writer,
        "business_connection_id": LINK,
        **({"text": text} if text else {}),
        **more,
    }
    await ann.server.enqueue_update({"business_message": message}, token=ann.token)


async def test_in_a_chat_of_somebodys_account_it_answers_in_his_name(
    rosa: Assistant, channel: Channel, ann: Person
) -> None:
    await _connects(ann)
    await _writes_there(ann, WHERE)
    await ann.reads(THERE)
    [sent] = ann.server.calls_of("sendMessage", ann.id)
    assert sent.fields["business_connection_id"] == LINK
    [typing, *_] = ann.server.calls_of("sendChatAction", ann.id)
    assert typing.fields["business_connection_id"] == LINK
    assert (await Contact.get(assistant_id=rosa.id)).key == f"business:{LINK}:{ann.id}"


@pytest.mark.parametrize("how", [{"may_reply": False}, {"is_enabled": False}])
async def test_where_a_connection_does_not_allow_it_nothing_is_said(
    rosa: Assistant, channel: Channel, ann: Person, how: dict[str, bool]
) -> None:
    await _connects(ann)
    await _connects(ann, **how)
    await _writes_there(ann, WHERE)
    await _settled(channel, 3)
    assert _said(ann) == []
    assert not await Contact.exists(assistant_id=rosa.id)


async def test_a_connection_that_is_not_known_is_asked_for(channel: Channel, ann: Person) -> None:
    ann.server.connections[LINK] = _connection(999)
    await _writes_there(ann, WHERE)
    await ann.reads(THERE)
    await _writes_there(ann, PRICE)
    await ann.reads(LOW)
    assert len(ann.server.calls_of("getBusinessConnection")) == 1


async def test_a_message_over_a_connection_that_nobody_has_is_passed_over(channel: Channel, ann: Person) -> None:
    await _writes_there(ann, WHERE)
    await _settled(channel, 1)
    assert _said(ann) == []


async def test_what_the_owner_writes_there_himself_silences_the_assistant_for_the_quiet_time(
    rosa: Assistant, channel: Channel, ann: Person
) -> None:
    await _connects(ann)
    await _writes_there(ann, WHERE)
    await ann.reads(THERE)
    await _writes_there(ann, "I am here myself.", by_owner=True)
    await _writes_there(ann, by_owner=True, **PHOTO)
    await _writes_there(ann, PRICE)
    await _settled(channel, 5)
    assert _said(ann) == [THERE]
    conversation = await Conversation.get(assistant_id=rosa.id)
    assert conversation.state == ConversationState.PERSON
    own = await Message.filter(conversation_id=conversation.id, author=Author.OPERATOR).order_by("created_at")
    assert [one.text for one in own] == ["I am here myself.", "[photo]"]
    long_ago = datetime.now(UTC) - timedelta(days=3)
    await Message.filter(conversation_id=conversation.id).update(created_at=long_ago)
    await Conversation.filter(id=conversation.id).update(taken_at=long_ago)
    await _writes_there(ann, PRICE)
    await ann.reads(LOW)


async def test_what_the_bot_itself_wrote_there_is_no_persons(channel: Channel, ann: Person) -> None:
    await _connects(ann)
    bot = {"id": int(channel.identity), "is_bot": True, "first_name": "B"}
    await _writes_there(ann, THERE, by_owner=True, sender_business_bot=bot)
    await _writes_there(ann, WHERE)
    await ann.reads(THERE)


async def test_a_persons_words_go_over_the_connection(
    anna: Owner, rosa: Assistant, channel: Channel, ann: Person
) -> None:
    await _connects(ann)
    await _writes_there(ann, WHERE)
    await ann.reads(THERE)
    await reply_to_customer(anna.actor, await Conversation.get(assistant_id=rosa.id), "I am Anna.")
    await ann.reads("I am Anna.")
    assert ann.server.calls_of("sendMessage", ann.id)[-1].fields["business_connection_id"] == LINK


# Every kind of message that there is.

FILE = {"file_id": "f", "file_unique_id": "f", "file_size": 5}
BODY = {"id": 5, "is_bot": False, "first_name": "Bob"}
SIZE = {**FILE, "width": 2, "height": 2}
STICKER = {**SIZE, "type": "regular", "is_animated": False, "is_video": False}
KIND: dict[str, dict[str, Any]] = {
    "animation": {"animation": {**SIZE, "duration": 1}},
    "audio": {"audio": {**FILE, "duration": 1}},
    "document": {"document": FILE},
    "photo": {"photo": [SIZE]},
    "sticker": {"sticker": STICKER},
    "story": {"story": {"chat": {"id": 5, "type": "private"}, "id": 1}},
    "video": {"video": {**SIZE, "duration": 1}},
    "video_note": {"video_note": {**FILE, "length": 2, "duration": 1}},
    "voice": {"voice": {**FILE, "duration": 1}},
    "paid_media": {"paid_media": {"star_count": 1, "paid_media": []}},
    "checklist": {"checklist": {"title": "To do", "tasks": [{"id": 1, "text": "Tea"}]}},
    "contact": {"contact": {"phone_number": "+1", "first_name": "Bob"}},
    "dice": {"dice": {"emoji": "\U0001f3b2", "value": 3}},
    "game": {"game": {"title": "Chess", "description": "x", "photo": [SIZE]}},
    "poll": {
        "poll": {
            "id": "1", "question": "Tea?", "options": [], "total_voter_count": 0, "is_closed": False,
            "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
            "allows_revoting": False, "members_only": False,
        }
    },
    "venue": {"venue": {"location": {"latitude": 1.0, "longitude": 2.0}, "title": "A", "address": "B"}},
    "location": {"location": {"latitude": 1.0, "longitude": 2.0}},
}  # fmt: skip
"""What he sends himself, and gets an answer to."""
SERVICE: dict[str, Any] = {
    "new_chat_members": [BODY],
    "left_chat_member": BODY,
    "new_chat_title": "T",
    "new_chat_photo": [SIZE],
    "delete_chat_photo": True,
    "group_chat_created": True,
    "supergroup_chat_created": True,
    "channel_chat_created": True,
    "message_auto_delete_timer_changed": {"message_auto_delete_time": 5},
    "pinned_message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "x"},
    "invoice": {"title": "T", "description": "D", "start_parameter": "s", "currency": "EUR", "total_amount": 1},
    "successful_payment": {
        "currency": "EUR", "total_amount": 1, "invoice_payload": "x", "telegram_payment_charge_id": "1",
        "provider_payment_charge_id": "1",
    },
    "refunded_payment": {
        "currency": "XTR", "total_amount": 1, "invoice_payload": "x", "telegram_payment_charge_id": "1"
    },
    "users_shared": {"request_id": 1, "users": [{"user_id": 5}]},
    "chat_shared": {"request_id": 1, "chat_id": 5},
    "connected_website": "shop.example",
    "write_access_allowed": {},
    "passport_data": {"data": [], "credentials": {"data": "x", "hash": "x", "secret": "x"}},
    "proximity_alert_triggered": {"traveler": BODY, "watcher": BODY, "distance": 1},
    "boost_added": {"boost_count": 1},
    "chat_background_set": {"type": {"type": "chat_theme", "theme_name": "x"}},
    "forum_topic_created": {"name": "T", "icon_color": 1},
    "forum_topic_edited": {"name": "T"},
    "forum_topic_closed": {},
    "forum_topic_reopened": {},
    "general_forum_topic_hidden": {},
    "general_forum_topic_unhidden": {},
    "giveaway_created": {},
    "giveaway": {"chats": [], "winners_selection_date": 1, "winner_count": 1},
    "giveaway_completed": {"winner_count": 1},
    "video_chat_scheduled": {"start_date": 1},
    "video_chat_started": {},
    "video_chat_ended": {"duration": 1},
    "video_chat_participants_invited": {"users": [BODY]},
    "web_app_data": {"data": "x", "button_text": "x"},
    "something_that_nobody_knows_yet": {"new": [1, {"a": None}]},
}  # fmt: skip
"""What Telegram says of the chat, or programs of it: nothing is said to that."""


@pytest.mark.parametrize("where", ["private", "group"])
async def test_every_kind_of_message_is_answered_kindly_or_not_at_all_and_holds_up_nothing(
    bots: None, channel: Channel, customer: MakeCustomer, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Each from somebody else, so that nobody waits for Telegram's limits."""
    senders = {kind: customer(channel) for kind in [*KIND, *SERVICE]}
    for kind, person in senders.items():
        chat = {} if where == "private" else {"chat": {"id": -person.id, "type": "supergroup", "title": "Friends"}}
        await person.sends(**(KIND.get(kind) or {kind: SERVICE[kind]}), **chat)
    await _settled(channel, len(senders))
    answered = {kind for kind, person in senders.items() if any("only read text" in one for one in _said(person))}
    assert answered == (set(KIND) if where == "private" else set())
    shown = {one.chat_id for person in senders.values() for one in person.server.shown}
    assert shown == ({senders[kind].id for kind in KIND} if where == "private" else set())
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [], "not even a caught one"


async def test_every_kind_that_aiogram_knows_is_tried_or_named_here() -> None:
    named = {*KIND, *SERVICE, "text", "any", "unknown", "migrate_to_chat_id", "migrate_from_chat_id"}
    alike = {
        "live_photo", "chat_owner_left", "chat_owner_changed", "gift", "unique_gift", "gift_upgrade_sent",
        "checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed", "giveaway_winners",
        "managed_bot_created", "paid_message_price_changed", "poll_option_added", "poll_option_deleted",
        "suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
        "suggested_post_refunded", "rich_message", "community_chat_added", "community_chat_removed",
        "community_chat_joined", "user_shared",
    }  # fmt: skip
    assert {kind.value for kind in ContentType} - named - alike == set(), "try it above"


@pytest.mark.parametrize(
    "origin",
    [
        {"type": "user", "date": 1, "sender_user": BODY},
        {"type": "hidden_user", "date": 1, "sender_user_name": "Bob"},
        {"type": "chat", "date": 1, "sender_chat": {"id": -1, "type": "group", "title": "G"}},
        {"type": "channel", "date": 1, "chat": {"id": -2, "type": "channel", "title": "C"}, "message_id": 3},
    ],
    ids=lambda origin: origin["type"],
)
async def test_a_forwarded_question_is_a_question(channel: Channel, ann: Person, origin: dict[str, Any]) -> None:
    await ann.sends(text=WHERE, forward_origin=origin)
    await ann.reads(THERE)


async def test_a_poisonous_update_holds_up_nobody(channel: Channel, ann: Person) -> None:
    await ann.server.enqueue_update({"message": {"message_id": "no number", "chat": 5, "text": ["x"]}}, token=ann.token)
    await ann.server.enqueue_update({"edited_message": {"chat": {"id": ann.id}}}, token=ann.token)
    await ann.server.enqueue_update({"business_connection": {"id": None}}, token=ann.token)
    await ann.says(WHERE)
    await ann.reads(THERE)
