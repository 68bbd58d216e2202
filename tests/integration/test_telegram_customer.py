"""A customer writes to a business's bot: he gets one answer, with its source, whatever happens on the way."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.app import Core
from core.bursts import PAUSE
from core.conversations import conversation_of, remember_question
from core.dialog import answer_message
from core.inbox import accept_event, keep_progress, unfinished_events
from core.messages import Incoming, Piece
from core.models import Assistant, Channel, Contact, Conversation, Message, ProcessedEvent
from core.telegram.formatting import Rich
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, Teach
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

HOURS = "What time do you close on Saturday?"


def _named(files: list[Path], name: str) -> Path:
    return next(file for file in files if file.name == name)


async def _contact_messages(assistant: Assistant) -> int:
    contact = await Contact.get(assistant_id=assistant.id)
    return await Message.filter(conversation__contact_id=contact.id).count()


@pytest.fixture
async def ann(bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer) -> Person:
    """A customer of a shop that knows where it is."""
    rosa = await assistant()
    await add_verified_answer(house, rosa, "Where is the shop?", "At 12 Mill Lane.")
    return customer(await connect(rosa))


async def test_a_customer_gets_an_answer_that_names_its_document(
    bots: None,
    assistant: MakeAssistant,
    teach: Teach,
    shop_documents: list[Path],
    connect: Connect,
    customer: MakeCustomer,
) -> None:
    rosa = await assistant()
    await teach(rosa, _named(shop_documents, "faq.txt"), _named(shop_documents, "delivery-and-returns.pdf"))
    ann = customer(await connect(rosa))
    await ann.says(HOURS)
    answer = await ann.reads("Sources\n• COPPER KETTLE: QUESTIONS AND ANSWERS")
    assert any(entity["type"] == "bold" for entity in answer.entities)
    await ann.says("How much does delivery to the United Kingdom cost?")
    await ann.reads(", p. 1")
    assert ann.server.calls_of("sendChatAction", ann.id), "he saw that an answer is on its way"


async def test_a_russian_customer_is_answered_in_russian(
    bots: None,
    assistant: MakeAssistant,
    teach: Teach,
    shop_documents: list[Path],
    connect: Connect,
    customer: MakeCustomer,
) -> None:
    rosa = await assistant()
    await teach(rosa, _named(shop_documents, "voprosy-i-otvety.txt"))
    ann = customer(await connect(rosa), "ru")
    await ann.says("До скольки вы работаете в субботу?")
    assert "Источники\n• " in (await ann.reads("17:00")).text
    await ann.says("Какая погода на Марсе завтра?")
    assert "придумывать не буду" in (await ann.reads_new()).text


async def test_start_shows_the_owners_greeting(
    bots: None, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    rosa = await assistant(greeting="Welcome to the Copper Kettle!")
    ann = customer(await connect(rosa))
    await ann.says("/start")
    await ann.reads("Welcome to the Copper Kettle!")


async def test_a_voice_message_gets_a_kind_sentence_and_an_album_gets_one(
    bots: None, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    ann = customer(await connect(await assistant()), "ru")
    await ann.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 2})
    await ann.reads("только текст")
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]
    for _ in range(3):
        await ann.sends(photo=photo, media_group_id="album")
    await ann.says("/start")
    await ann.reads("Здравствуйте")
    assert len([one for one in ann.chat if "только текст" in one.text]) == 2


async def test_a_group_is_answered_only_when_it_calls(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    rosa = await assistant()
    await add_verified_answer(house, rosa, "Where is the shop?", "At 12 Mill Lane.")
    channel = await connect(rosa)
    ann = customer(channel)
    group = {"id": -100, "type": "supergroup", "title": "Friends"}
    await ann.sends(text="Where is the shop?", chat=group)
    await ann.sends(text=f"@{channel.name}, where is the shop?", chat=group)

    async def answered() -> bool:
        return any(one.chat_id == -100 for one in ann.server.shown)

    await until(answered)
    [answer] = [one for one in ann.server.shown if one.chat_id == -100]
    assert answer.text == "At 12 Mill Lane."


async def test_a_failing_typing_sign_does_not_lose_the_answer(ann: Person, telegram: TelegramServer) -> None:
    telegram.faults.append(Fault("sendChatAction", 500, "Internal Server Error", times=100))
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")


async def test_a_refusal_with_a_time_is_obeyed_to_the_second(ann: Person, telegram: TelegramServer) -> None:
    telegram.faults.append(Fault("sendMessage", 429, "Too Many Requests: retry after 2", {"retry_after": 2}))
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")
    refused, taken = telegram.calls_of("sendMessage", ann.id)
    assert refused.refused == 429
    assert 2.0 <= taken.at - refused.at < 3.0


async def test_formatting_that_telegram_refuses_is_left_out(
    bots: None,
    assistant: MakeAssistant,
    teach: Teach,
    shop_documents: list[Path],
    connect: Connect,
    customer: MakeCustomer,
) -> None:
    rosa = await assistant()
    await teach(rosa, _named(shop_documents, "faq.txt"))
    ann = customer(await connect(rosa))
    ann.server.faults.append(Fault("sendMessage", 400, "Bad Request: can't parse entities: byte offset 7"))
    await ann.says(HOURS)
    assert (await ann.reads("Sources")).entities == []


async def test_a_server_error_is_tried_again(ann: Person, telegram: TelegramServer) -> None:
    telegram.faults.append(Fault("sendMessage", 502, "Bad Gateway"))
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")


async def test_somebody_who_blocked_the_bot_does_not_hold_up_the_others(
    bots: None,
    house: Core,
    assistant: MakeAssistant,
    connect: Connect,
    customer: MakeCustomer,
    telegram: TelegramServer,
) -> None:
    rosa = await assistant()
    await add_verified_answer(house, rosa, "Where is the shop?", "At 12 Mill Lane.")
    channel = await connect(rosa)
    ann, bob = customer(channel), customer(channel)
    telegram.faults.append(Fault("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=ann.id))
    await ann.says("Where is the shop?")
    await bob.says("Where is the shop?")
    await bob.reads("At 12 Mill Lane.")
    await _settled(channel.id)
    assert len(telegram.calls_of("sendMessage", ann.id)) == 1
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")


async def test_an_update_that_comes_twice_is_answered_once(
    house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer, telegram: TelegramServer
) -> None:
    from bots.registry import Registry

    rosa = await assistant(greeting="Welcome!")
    await add_verified_answer(house, rosa, "Where is the shop?", "At 12 Mill Lane.")
    channel = await connect(rosa)
    ann = customer(channel)
    update_id = await ann.says("/start")
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.reads("Welcome!")
        await _settled(channel.id)
    telegram.deliver_again(ann.token, _update(ann, update_id, "/start"))
    await ann.says("Where is the shop?")
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.reads("At 12 Mill Lane.")
        await _settled(channel.id)
    assert [one.text for one in ann.chat] == ["Welcome!", "At 12 Mill Lane."]


async def test_a_long_answer_comes_in_parts_that_fit(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    rosa = await assistant()
    words = "\n\n".join(f"Rule {n}: " + "tea is stored dry and dark. " * 20 for n in range(14))
    await add_verified_answer(house, rosa, "What are the rules of storing tea?", words)
    ann = customer(await connect(rosa))
    await ann.says("What are the rules of storing tea?")
    await ann.reads("Rule 13")
    assert len(ann.chat) > 1
    assert all(len(one.text.encode("utf-16-le")) // 2 <= 4096 for one in ann.chat)
    assert "\n\n".join(one.text for one in ann.chat).split() == words.split()


async def test_a_restart_answers_what_was_left_and_repeats_nothing(
    house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    """As after `kill -9`: one message accepted and untouched, another with one of its two parts sent."""
    from bots.registry import Registry

    rosa = await assistant()
    await add_verified_answer(house, rosa, "Where is the shop?", "At 12 Mill Lane.")
    channel = await connect(rosa)
    ann, bob = customer(channel), customer(channel)
    source = f"telegram:{channel.id}"
    await accept_event(source, "1", _update(ann, 1, "Where is the shop?"))
    half = await accept_event(source, "2", _update(bob, 2, "What?"))
    assert half
    parts = [Rich("The first part.").record(), Rich("The second part.").record()]
    await keep_progress(half, {"parts": parts, "sent": 1})
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.reads("At 12 Mill Lane.")
        await bob.reads("The second part.")
        await _settled(channel.id)
    assert [one.text for one in bob.chat] == ["The second part."]
    assert await _contact_messages(rosa) == 2


async def test_what_breaks_behind_the_answer_is_a_plain_sentence_to_the_customer(
    bots: None,
    assistant: MakeAssistant,
    teach: Teach,
    shop_documents: list[Path],
    connect: Connect,
    customer: MakeCustomer,
) -> None:
    rosa = await assistant()
    await teach(rosa, _named(shop_documents, "voprosy-i-otvety.txt"))
    ann = customer(await connect(rosa))
    await Assistant.filter(id=rosa.id).update(answer_policy={"threshold": "broken"})
    await ann.says("До скольки вы работаете в субботу?")
    said = await ann.reads_new()
    assert said.text == "Извините, сейчас ответить не получается. Напишите, пожалуйста, ещё раз через пару минут."


async def test_a_burst_of_messages_gets_one_answer_and_every_message_is_kept(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    rosa = await assistant()
    await add_verified_answer(house, rosa, "Hello, where is the shop?", "At 12 Mill Lane.")
    channel = await connect(rosa)
    ann = customer(channel)
    await ann.says("Hello,")
    await ann.says("where is the shop?")
    await ann.reads("At 12 Mill Lane.")
    await _settled(channel.id)
    assert [one.text for one in ann.chat] == ["At 12 Mill Lane."]
    turns = await Message.filter(conversation__assistant_id=rosa.id).order_by("created_at")
    assert [turn.text for turn in turns] == ["Hello,", "where is the shop?", "At 12 Mill Lane."]


async def test_a_greeting_with_nothing_behind_it_is_greeted_and_he_sees_at_once_that_somebody_is_there(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    rosa = await assistant(greeting="Welcome!")
    ann = customer(await connect(rosa))
    await ann.says("Hello")
    await ann.reads("Welcome!")
    [typing, *_], [greeted] = (ann.server.calls_of(call, ann.id) for call in ("sendChatAction", "sendMessage"))
    assert greeted.at - typing.at > 1.0


async def test_commands_and_pictures_join_no_burst(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    rosa = await assistant(greeting="Welcome!")
    await add_verified_answer(house, rosa, "Where is the shop?", "At 12 Mill Lane.")
    channel = await connect(rosa)
    ann = customer(channel)
    await ann.says("Where is the shop?")
    await ann.says("/start")
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}]
    await ann.sends(photo=photo, caption="Where is the shop?")
    await _settled(channel.id, 3)
    assert [one.text for one in ann.chat] == ["At 12 Mill Lane.", "Welcome!", "At 12 Mill Lane."]


@pytest.mark.parametrize(
    "killed",
    ["before the answer", "over the first message", "after the answer was stored", "after it was written down"],
)
async def test_a_restart_finds_the_same_burst_and_answers_it_once(
    house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer, killed: str
) -> None:
    """As after `kill -9`: two messages that are one question, and a third one that came later."""
    from bots.registry import Registry

    rosa = await assistant()
    await add_verified_answer(house, rosa, "Hello, where is the shop?", "At 12 Mill Lane.")
    await add_verified_answer(house, rosa, "What are your prices?", "Low.")
    channel = await connect(rosa)
    ann = customer(channel)
    texts = ("Hello,", "where is the shop?", "What are your prices?")
    events = [
        await accept_event(f"telegram:{channel.id}", str(number), _update(ann, number, text))
        for number, text in enumerate(texts, 1)
    ]
    first, second, third = (event for event in events if event)
    await ProcessedEvent.filter(id=third.id).update(created_at=second.created_at + 2 * PAUSE)
    if killed == "over the first message":
        await _begin_as(channel, rosa, ann, first, texts[0])
    if killed == "after the answer was stored":
        await _ask_as(channel, house, ann, (first, second), texts)
    if killed == "after it was written down":
        parts = [Rich("At 12 Mill Lane.").record(), Rich("Ring twice.").record()]
        await keep_progress(first, {"parts": parts, "sent": 1, "joined": [str(second.id)]})
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.reads("Low.")
        await _settled(channel.id)
    expected = "Ring twice." if killed == "after it was written down" else "At 12 Mill Lane."
    assert [one.text for one in ann.chat] == [expected, "Low."]
    turns = await Message.filter(conversation__assistant_id=rosa.id).count()
    assert turns == (2 if killed == "after it was written down" else 5)


async def _begin_as(channel: Channel, rosa: Assistant, ann: Person, event: ProcessedEvent, text: str) -> None:
    """What the bot leaves behind that was killed while it answered this message: stored, and its turn still running."""
    incoming = Incoming(rosa.id, f"telegram:{channel.identity}", str(ann.id), text, question_id=event.id)
    conversation = await conversation_of(incoming)
    await remember_question(conversation, incoming, event.id)
    until_then = datetime.now(UTC) + timedelta(hours=1)
    await Conversation.filter(id=conversation.id).update(turn_of=event.id, turn_until=until_then)


async def _ask_as(
    channel: Channel, house: Core, ann: Person, events: tuple[ProcessedEvent, ...], texts: tuple[str, ...]
) -> None:
    """What the bot does before it writes the answer down as composed."""
    pieces = tuple(Piece(event.id, text) for event, text in zip(events, texts, strict=False))
    key, text = str(ann.id), " ".join(piece.text for piece in pieces)
    assistant_id, name = channel.assistant_id, f"telegram:{channel.identity}"
    await answer_message(house, Incoming(assistant_id, name, key, text, question_id=pieces[-1].id, pieces=pieces))


def _update(person: Person, number: int, text: str) -> dict[str, object]:
    message = {
        "message_id": number,
        "date": 1,
        "chat": {"id": person.id, "type": "private"},
        "from": {"id": person.id, "is_bot": False, "first_name": "Ann"},
        "text": text,
    }
    return {"update_id": number, "message": message}


async def _settled(channel_id: object, accepted: int = 0) -> None:
    """Everything this bot has accepted is done, and that is at least so much."""
    source = f"telegram:{channel_id}"

    async def none_left() -> bool:
        enough = await ProcessedEvent.filter(source=source).count() >= accepted
        return enough and not await unfinished_events(source)

    await until(none_left)


@pytest.mark.parametrize("text", [r"what is \u0000?", "a\u0000b", r"\ud83d", r"\\u0000 and \x00"])
async def test_no_text_stops_a_bot(ann: Person, text: str) -> None:
    await ann.says(text)
    await ann.reads_new()
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")
