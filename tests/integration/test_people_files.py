"""Files between customers and people: each way, in topics and in private chats, as what they were sent, each once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bots.registry import Registry
from core.accounts import user_of_telegram
from core.app import Core
from core.attachments import KEEP, new_place, tidy_attachments
from core.models import Attachment, Author, Conversation, ConversationState, Message, Undelivered
from core.operators import NOT_TAKEN, take_conversation
from core.tenancy import actor_of
from tests.colleagues import Colleague, reads_in, topic_called
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.integration.owners import assistant_of_person
from tests.integration.test_people_group import linked
from tests.telegram_groups import Sent
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
WISH = "Can I talk to a human?"
PICTURE = b"\xff\xd8 a picture"


@pytest.fixture
async def vera(olga: Person, bots: None, connect: Connect, customer: MakeCustomer) -> Person:
    """A customer in Telegram of Olga's business, who waits for a person."""
    vera = customer(await connect(await assistant_of_person(olga)))
    await vera.says(WISH)
    await vera.reads("a person will answer you here")
    return vera


@pytest.fixture
async def here(olga: Person, telegram: TelegramServer) -> Colleague:
    colleague = await linked(olga, telegram)
    await reads_in(olga, colleague.group, None, "Everything works")
    return colleague


async def _conversation(olga: Person) -> Conversation:
    assistant = await assistant_of_person(olga)
    return await Conversation.get(assistant_id=assistant.id).select_related("contact", "assistant")


async def _file(telegram: TelegramServer, is_it: Callable[[Sent], bool]) -> Sent:
    async def there() -> Sent | None:
        return next((sent for sent in telegram.files if is_it(sent)), None)

    try:
        return await until(there, 20)
    except AssertionError:
        raise AssertionError([(one.chat_id, one.kind, one.caption) for one in telegram.files]) from None


async def test_whatever_kind_of_file_an_operator_sends_in_a_topic_reaches_the_customer(
    olga: Person, here: Colleague, vera: Person, telegram: TelegramServer
) -> None:
    topic = await topic_called(here.group, "Ann · Copper Kettle")
    await here.sends_thing(topic, "photo", PICTURE, caption="Like this?")
    await here.sends_thing(topic, "document", b"a price list", file_name="prices.pdf", mime_type="application/pdf")
    for kind in ("voice", "video", "video_note", "audio", "sticker"):
        await here.sends_thing(topic, kind, kind.encode())
    await here.sends(topic, location={"latitude": 55.75, "longitude": 37.62})
    await here.says("That is all.", topic)
    await vera.reads("That is all.")
    got = [sent for sent in telegram.files if sent.chat_id == vera.id]
    assert {sent.token for sent in got} == {vera.token}
    assert [(sent.kind, sent.data) for sent in got] == [
        ("photo", PICTURE),
        ("document", b"a price list"),
        *((kind, kind.encode()) for kind in ("voice", "video", "video_note", "audio", "sticker")),
        ("location", b""),
    ], "in their order, each as what it is"
    assert got[0].caption == "👤 One of our team writes:\nLike this?"
    assert (got[1].name, got[1].caption) == ("prices.pdf", "")
    assert got[-1].fields == {"latitude": 55.75, "longitude": 37.62}
    said = Message.filter(conversation_id=(await _conversation(olga)).id, author=Author.OPERATOR)
    texts = [row.text for row in await said.order_by("created_at")]
    assert texts[:2] == ["[photo] Like this?", "[file]"]


async def test_a_long_caption_follows_by_itself_and_a_photo_that_is_not_taken_goes_as_a_file(
    here: Colleague, vera: Person, telegram: TelegramServer
) -> None:
    topic = await topic_called(here.group, "Ann")
    await here.sends_thing(topic, "photo", PICTURE, caption="y" * 2000)
    await _file(telegram, lambda sent: sent.chat_id == vera.id and sent.caption == "")
    await vera.reads("y" * 2000)
    telegram.faults.append(Fault("sendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS", chat_id=vera.id))
    await here.sends_thing(topic, "photo", PICTURE, caption="Again")
    sent = await _file(telegram, lambda sent: sent.kind == "document")
    assert (sent.data, sent.caption) == (PICTURE, "Again")


async def test_a_file_that_telegram_does_not_hand_over_or_take_is_said(
    olga: Person, here: Colleague, vera: Person, telegram: TelegramServer
) -> None:
    topic = await topic_called(here.group, "Ann")
    await here.sends_thing(topic, "document", b"big", size=21_000_000)
    await reads_in(olga, here.group, topic, "Telegram hands bots 20 MB at most")
    telegram.faults.append(Fault("getFile", 400, "Bad Request: wrong file_id"))
    await here.sends_thing(topic, "document", b"lost")
    await reads_in(olga, here.group, topic, "Telegram did not hand the file over")
    await here.sends(topic, poll={"id": "1", "question": "?", "options": [], "total_voter_count": 0})
    await here.sends(topic, dice={"emoji": "🎲", "value": 1})
    await reads_in(olga, here.group, topic, "This cannot be sent to a customer")
    assert not await Attachment.all().filter(assistant_id=(await assistant_of_person(olga)).id).exists()
    for method in ("sendVoice", "sendDocument"):
        telegram.faults.append(Fault(method, 400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", chat_id=vera.id))
    await here.sends_thing(topic, "voice", b"voice")
    await reads_in(olga, here.group, topic, "Ann did not get your file")
    assert await Message.filter(conversation_id=(await _conversation(olga)).id, reason=NOT_TAKEN).count() == 1
    await here.says("In words, then.", topic)
    await vera.reads("In words, then.")


async def test_a_customers_files_come_to_the_topic_while_he_waits_and_while_a_person_talks(
    olga: Person, here: Colleague, vera: Person, telegram: TelegramServer
) -> None:
    topic = await topic_called(here.group, "Ann")
    await vera.sends_thing("photo", PICTURE, caption="It came like this")
    await vera.reads("Thank you, a person will see this")
    sent = await _file(telegram, lambda sent: sent.chat_id == here.group.chat_id)
    assert (sent.kind, sent.data, sent.thread_id) == ("photo", PICTURE, topic.thread_id)
    assert (sent.token, sent.caption) == (olga.token, "👤 [photo] It came like this")
    await here.says("I see.", topic)
    await vera.reads("I see.")
    shown = len(vera.chat)
    await vera.sends_thing("voice", b"my voice")
    await vera.sends(location={"latitude": 1.5, "longitude": 2.5})
    await vera.sends(contact={"phone_number": "+7900", "first_name": "Vera", "last_name": "P."})
    voice = await _file(telegram, lambda sent: sent.kind == "voice")
    assert (voice.data, voice.chat_id) == (b"my voice", here.group.chat_id)
    await _file(telegram, lambda sent: sent.kind == "location" and sent.thread_id is not None)
    await reads_in(olga, here.group, topic, "👤 [contact] Vera P. +7900")
    assert len(vera.chat) == shown, "the assistant is silent"
    await vera.sends_thing("video", b"long", size=21_000_000)
    await vera.reads("too large to be passed on: 20 MB at most")
    await vera.sends(dice={"emoji": "🎲", "value": 1})
    await vera.reads("Please put it into words")


async def test_a_customer_who_talks_to_the_assistant_is_asked_for_words(
    olga: Person, bots: None, connect: Connect, customer: MakeCustomer
) -> None:
    vera = customer(await connect(await assistant_of_person(olga)))
    await vera.sends_thing("photo", PICTURE)
    await vera.reads("I can only read text so far")
    assert not await Attachment.filter(assistant_id=(await assistant_of_person(olga)).id).exists()


async def test_the_owner_alone_sends_and_gets_files_in_his_private_chat(
    olga: Person, vera: Person, telegram: TelegramServer
) -> None:
    await olga.presses("Answer")
    await olga.reads("You are talking to Ann")
    await olga.sends_thing("photo", PICTURE, caption="Your kettle")
    sent = await _file(telegram, lambda sent: sent.chat_id == vera.id)
    assert (sent.data, sent.caption) == (PICTURE, "👤 One of our team writes:\nYour kettle")
    await vera.sends_thing("document", b"a receipt", file_name="receipt.txt", mime_type="text/plain")
    back = await _file(telegram, lambda sent: sent.chat_id == olga.id)
    assert (back.kind, back.data, back.name) == ("document", b"a receipt", "receipt.txt")
    assert back.caption == "💬 Ann: [file]"
    shown = next(one for one in reversed(olga.chat) if one.text == back.caption)
    replied = {"message_id": shown.message_id, "date": 1, "chat": {"id": olga.id, "type": "private"}, "text": "…"}
    await olga.sends_thing("voice", b"thanks", reply_to_message=replied)
    await _file(telegram, lambda sent: sent.chat_id == vera.id and sent.kind == "voice")
    await olga.sends(dice={"emoji": "🎲", "value": 1})
    await olga.reads("This cannot be sent to a customer")


async def test_a_file_written_while_the_customers_bot_was_down_is_sent_once_it_is_back(
    olga: Person, here: Colleague, house: Core, telegram: TelegramServer, connect: Connect, customer: MakeCustomer
) -> None:
    vera = customer(await connect(await assistant_of_person(olga)))
    async with running(house, Registry(house, every_s=0.1).run()):
        await vera.says(WISH)
        await vera.reads("a person will answer you here")
    topic = await topic_called(here.group, "Ann")
    await here.sends_thing(topic, "photo", PICTURE)

    async def stored() -> bool:
        return await Undelivered.filter(channel__startswith="telegram:").exists()

    await until(stored)
    for _ in range(2):
        async with running(house, Registry(house, every_s=0.1).run()):
            await _file(telegram, lambda sent: sent.chat_id == vera.id)
            await asyncio.sleep(0.5)
    assert len([sent for sent in telegram.files if sent.chat_id == vera.id]) == 1


async def test_files_are_kept_until_they_are_delivered_and_a_week_longer(
    olga: Person, house: Core, vera: Person
) -> None:
    conversation = await _conversation(olga)
    actor = await actor_of((await user_of_telegram(olga.id, "", "en")).id)
    await take_conversation(actor, conversation)
    folder = house.settings.attachments_folder
    await vera.sends_thing("photo", PICTURE)

    async def kept() -> Attachment | None:
        return await Attachment.get_or_none(assistant_id=conversation.assistant_id)

    row = await until(kept)
    assert row
    await asyncio.to_thread(new_place(house.settings).write_bytes, b"arriving")
    await tidy_attachments(house.settings)
    assert (folder / row.path).read_bytes() == PICTURE
    await Attachment.filter(id=row.id).update(created_at=datetime.now(UTC) - KEEP - timedelta(hours=1))
    await Undelivered.create(message_id=row.turn_id, channel="telegram:0")
    await tidy_attachments(house.settings)
    assert (folder / row.path).exists(), "its customer still waits for it"
    await Undelivered.filter(message_id=row.turn_id).delete()
    await tidy_attachments(house.settings)
    assert not (folder / row.path).exists()
    assert (await Attachment.get(id=row.id)).path == ""
    assert (await _conversation(olga)).state == ConversationState.PERSON
