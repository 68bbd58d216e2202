"""A Slack customer and people: what is written to him, files both ways, and a topic in a Telegram group."""

import asyncio
from uuid import uuid4

import pytest

from core.app import Core
from core.attachments import Kind as FileKind
from core.attachments import Thing, new_place, send_file_to_customer
from core.models import Assistant, Attachment, Author, Conversation, ConversationState, Message
from core.operators import UNREACHABLE, reply_to_customer
from core.verified import add_verified_answer
from tests.colleagues import Colleague, reads_in, topic_called
from tests.conftest import Owner
from tests.integration.owners import assistant_of_person
from tests.integration.slack.conftest import ConnectSlack, Served
from tests.integration.test_people_group import linked
from tests.slack_server import SlackPerson, SlackWorkspace
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
WISH = "Can I talk to a human?"
PICTURE = b"\xff\xd8 a picture"


async def _conversation(assistant: Assistant, state: ConversationState = ConversationState.WAITING) -> Conversation:
    async def there() -> Conversation | None:
        rows = Conversation.filter(assistant_id=assistant.id, state=state)
        return await rows.first().select_related("contact", "assistant")

    return await until(there)


async def test_an_operator_answers_in_the_thread_and_in_the_direct_conversation(
    house: Core, anna: Owner, rosa: Assistant, connect_slack: ConnectSlack, served: Served, workspace: SlackWorkspace
) -> None:
    ann, bob = await workspace.person("ann"), await workspace.person("bob")
    async with served(await connect_slack(rosa)):
        place = await workspace.channel(ann)
        asked = await ann.calls_bot(WISH, place)
        await ann.reads("a person will answer you here", place, asked)
        await reply_to_customer(anna.actor, await _conversation(rosa), "In the thread.")
        await ann.reads("👤 One of our team writes:\nIn the thread.", place, asked)
        await bob.says(WISH)
        await bob.reads("a person will answer you here")
        direct = await _conversation(rosa)
        for text in ("First.", "Second.", "Third."):
            await reply_to_customer(anna.actor, direct, text)
        await bob.reads("Third.")
    assert [text.rpartition("\n")[2] for text in await bob.texts()][1:] == ["First.", "Second.", "Third."]
    assert not await Message.filter(author=Author.OPERATOR, conversation_id=direct.id, delivered_at=None).exists()


async def test_what_reaches_nobody_is_seen_by_who_wrote_it(
    house: Core, anna: Owner, rosa: Assistant, connect_slack: ConnectSlack, served: Served, workspace: SlackWorkspace
) -> None:
    ann = await workspace.person()
    async with served(await connect_slack(rosa)):
        await ann.says(WISH)
        await ann.reads("a person will answer you here")
        await workspace.fault("chat.postMessage", "user_disabled", times=9)
        sent = await reply_to_customer(anna.actor, await _conversation(rosa), "Hello?")

        async def lost() -> bool:
            return (await Message.get(id=sent.id)).reason == UNREACHABLE

        await until(lost)


async def _sent(workspace: SlackWorkspace, person: SlackPerson, name: str) -> tuple[bytes, str]:
    """A file as the customer finds it, with what is written above it."""

    async def there() -> tuple[bytes, str] | None:
        for message in await person.answers():
            for file in message.get("files") or ():
                if file["name"] == name:
                    headers = {"Authorization": f"Bearer {person.token}"}
                    async with workspace.session.get(file["url_private_download"], headers=headers) as answer:
                        return await answer.read(), message["text"]
        return None

    return await until(there)


async def test_files_go_both_ways(
    house: Core, anna: Owner, rosa: Assistant, connect_slack: ConnectSlack, served: Served, workspace: SlackWorkspace
) -> None:
    ann = await workspace.person()
    async with served(await connect_slack(rosa)):
        await ann.sends_file("early.png", PICTURE)
        await ann.reads("I can only read text so far")
        await ann.says(WISH)
        await ann.reads("a person will answer you here")
        await ann.sends_file("broken.png", PICTURE, "It looks like this")
        await ann.reads("a person will see this")
        conversation = await _conversation(rosa)
        [turn] = await Message.filter(conversation_id=conversation.id, text__contains="It looks like this")
        kept = await Attachment.get(turn_id=turn.id)
        place = house.settings.attachments_folder / kept.path
        assert (kept.kind, kept.name, await asyncio.to_thread(place.read_bytes)) == ("photo", "broken.png", PICTURE)

        arrived = new_place(house.settings)
        await asyncio.to_thread(arrived.write_bytes, b"a price list")
        thing = Thing(FileKind.DOCUMENT, "prices.pdf", "application/pdf", "Here <it> is")
        await send_file_to_customer(house, anna.actor, conversation, thing, arrived, uuid4())
        data, above = await _sent(workspace, ann, "prices.pdf")
        assert (data, above) == (b"a price list", "👤 One of our team writes:\nHere &lt;it&gt; is")

        before = len(await ann.answers())
        await ann.sends_file("second.txt", b"text")

        async def stored() -> bool:
            return await Attachment.filter(assistant_id=rosa.id, name="second.txt").exists()

        await until(stored)
        assert len(await ann.answers()) == before, "a person talks, so the assistant is silent"


async def test_a_token_is_sent_to_slacks_own_addresses_alone(
    house: Core, anna: Owner, rosa: Assistant, connect_slack: ConnectSlack, served: Served, workspace: SlackWorkspace
) -> None:
    ann = await workspace.person()
    async with served(await connect_slack(rosa)):
        await ann.says(WISH)
        await ann.reads("a person will answer you here")
        file = {"id": "F1", "name": "x.pdf", "mimetype": "application/pdf", "size": 5}
        file["url_private_download"] = f"http://localhost:{workspace.address.rpartition(':')[2]}/files-pri/F1/x.pdf"
        event = {"type": "message", "subtype": "file_share", "channel": ann.direct, "channel_type": "im"}
        event |= {"user": ann.id, "text": "", "ts": "2000000000.1", "files": [file]}
        head = {"type": "event_callback", "api_app_id": "A0000001", "team_id": "T000000001", "event_id": "EvFile"}
        assert await workspace.send("events_api", {**head, "event": event}) == 200
        await ann.reads("This file did not arrive here")


async def test_a_call_from_slack_is_answered_in_the_groups_topic(
    olga: Person,
    house: Core,
    telegram: TelegramServer,
    connect_slack: ConnectSlack,
    served: Served,
    workspace: SlackWorkspace,
) -> None:
    here: Colleague = await linked(olga, telegram)
    await reads_in(olga, here.group, None, "Everything works")
    shop = await assistant_of_person(olga)
    await add_verified_answer(house, shop, "Where is the shop?", "At 12 Mill Lane.")
    vera = await workspace.person("vera")
    async with served(await connect_slack(shop)):
        await vera.says("Позовите человека")
        await vera.reads("человек")
        topic = await topic_called(here.group, "Vera · Copper Kettle")
        await reads_in(olga, here.group, topic, "Vera is waiting for a person (“Copper Kettle”, Slack)")
        await here.says("Здравствуйте, это *Ольга*.", topic)
        said = await vera.reads("это *Ольга*.")
        assert said["text"].startswith("👤")
        await vera.says("Чайник сломался")
        await reads_in(olga, here.group, topic, "👤 Чайник сломался")
        await vera.sends_file("kettle.jpg", PICTURE)

        async def arrived() -> bool:
            return any(one.data == PICTURE and one.kind == "photo" for one in telegram.files)

        await until(arrived)
        await here.sends_thing(topic, "document", b"a bill", file_name="bill.pdf", mime_type="application/pdf")
        assert (await _sent(workspace, vera, "bill.pdf"))[0] == b"a bill"
        await here.presses("Close", topic)
        await _conversation(shop, ConversationState.ASSISTANT)
        await vera.says("Where is the shop?")
        await vera.reads("At 12 Mill Lane.")
