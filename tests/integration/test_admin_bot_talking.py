"""An owner in a conversation with a customer does other things meanwhile: nothing he types reaches the wrong person."""

import asyncio

import pytest

from core.app import Core
from core.dialog import answer_message
from core.messages import Incoming, Tier
from core.models import Author, Conversation, ConversationState, Message
from tests.integration.owners import assistant_of_person
from tests.telegram_server import Person
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
WISH = "Can I talk to a human?"
NO_DOCUMENTS = "there is nothing to try"
"""What the assistant of these tests says to its owner's question."""
PHOTO = [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]


async def _says(house: Core, olga: Person, name: str, text: str) -> None:
    assistant = await assistant_of_person(olga)
    await answer_message(house, Incoming(assistant.id, "web", name.lower(), text, contact_name=name))


async def _conversation(olga: Person, name: str) -> Conversation:
    assistant = await assistant_of_person(olga)
    return await Conversation.get(assistant_id=assistant.id, contact__channel="web", contact__name=name)


async def _written_to(olga: Person, name: str) -> list[str]:
    conversation = await _conversation(olga, name)
    rows = Message.filter(conversation_id=conversation.id, author=Author.OPERATOR).order_by("created_at")
    return [row.text for row in await rows]


async def _gets(olga: Person, name: str, *texts: str) -> None:
    async def there() -> bool:
        return await _written_to(olga, name) == list(texts)

    await until(there)


async def _is_answered(house: Core, olga: Person, name: str) -> None:
    """From the notice of this customer, whoever else waits."""
    await _says(house, olga, name, WISH)
    notice = await olga.reads(f"{name} is waiting for a person")
    await olga.presses_data(notice.message_id, notice.buttons[0]["callback_data"])
    await olga.reads(f"You are talking to {name}")


async def test_after_the_menu_a_text_goes_nowhere_before_he_has_said_to_whom(olga: Person, house: Core) -> None:
    await _is_answered(house, olga, "Vera")
    await olga.says("/menu")
    await olga.reads("“Copper Kettle”\n")
    await olga.says("Your kettle is ready, come at five.")
    await olga.reads("Who is this for? You are in a conversation with Vera")
    assert await _written_to(olga, "Vera") == []
    await olga.presses("To the customer: Vera")
    await olga.reads("Sent to Vera. Whatever you write now goes there again")
    await _gets(olga, "Vera", "Your kettle is ready, come at five.")
    await olga.says("Bring the receipt.")
    await _gets(olga, "Vera", "Your kettle is ready, come at five.", "Bring the receipt.")

    await olga.says("/menu")
    await olga.says("Where is the shop?")
    await olga.presses("It is a question to the assistant")
    await olga.reads(NO_DOCUMENTS)
    assert len(await _written_to(olga, "Vera")) == 2


async def test_a_picture_after_the_menu_is_not_learnt_from_either(olga: Person, house: Core) -> None:
    await _is_answered(house, olga, "Vera")
    await olga.says("/menu")
    await olga.reads("“Copper Kettle”\n")
    await olga.sends(photo=PHOTO)
    await olga.reads("This has gone nowhere yet. Press “✍️ Go on writing” to write to Vera")


async def test_once_the_conversation_is_over_what_he_types_is_a_question(olga: Person, house: Core) -> None:
    await _is_answered(house, olga, "Vera")
    await olga.says("/menu")
    await olga.presses("My conversations: 1")
    await olga.reads("You are talking to these customers:\n1. Vera")
    await olga.presses("1: close")
    await olga.reads("Closed: the assistant answers Vera again")
    await olga.says("Where is the shop?")
    await olga.reads(NO_DOCUMENTS)


async def test_a_reply_goes_to_the_customer_who_is_replied_to(olga: Person, house: Core) -> None:
    await _is_answered(house, olga, "Vera")
    await _is_answered(house, olga, "Nina")
    await _says(house, olga, "Vera", "Is my kettle ready?")
    asked = await olga.reads("💬 Vera: Is my kettle ready?")
    assert [button["text"] for button in asked.buttons] == ["✍️ Answer", "✔️ Close"]
    replied = {"message_id": asked.message_id, "date": 1, "chat": {"id": olga.id, "type": "private"}, "text": "…"}
    await olga.sends(text="It is.", reply_to_message=replied)
    await olga.reads("Sent to Vera.")
    await _gets(olga, "Vera", "It is.")
    await olga.says("Good morning, Nina.")
    await _gets(olga, "Nina", "Good morning, Nina.")
    assert await _written_to(olga, "Vera") == ["It is."]
    await olga.sends(photo=PHOTO, reply_to_message=replied)
    await olga.reads("only words reach them there")


async def test_a_reply_to_a_notice_answers_who_waits(olga: Person, house: Core) -> None:
    await _says(house, olga, "Vera", WISH)
    notice = await olga.reads("Vera is waiting for a person")
    replied = {"message_id": notice.message_id, "date": 1, "chat": {"id": olga.id, "type": "private"}, "text": "…"}
    await olga.sends(text="I am here.", reply_to_message=replied)
    await olga.reads("Sent to Vera.")
    await _gets(olga, "Vera", "I am here.")
    assert (await _conversation(olga, "Vera")).state == ConversationState.PERSON
    await _says(house, olga, "Vera", "Thank you!")
    await olga.reads("💬 Vera: Thank you!")
    await asyncio.sleep(0)
    assert not await Message.filter(conversation=await _conversation(olga, "Vera"), tier=Tier.GROUNDED).exists()


async def test_under_each_message_of_the_customer_he_can_close_and_the_words_stay(olga: Person, house: Core) -> None:
    await _is_answered(house, olga, "Vera")
    await _says(house, olga, "Vera", "That is all, thank you.")
    said = await olga.reads("💬 Vera: That is all, thank you.")
    assert [button["text"] for button in said.buttons] == ["✔️ Close"]
    await olga.presses_data(said.message_id, said.buttons[0]["callback_data"])
    await olga.reads("Closed: the assistant answers Vera again")
    assert (await olga.reads("That is all, thank you.")).message_id == said.message_id
