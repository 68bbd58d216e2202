"""A customer writes to a business's bot: he gets one answer, with its source, whatever happens on the way."""

from pathlib import Path

import pytest

from core.app import Core
from core.inbox import accept_event, keep_progress, unfinished_events
from core.models import Assistant, Contact, Message
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


def _update(person: Person, number: int, text: str) -> dict[str, object]:
    message = {
        "message_id": number,
        "date": 1,
        "chat": {"id": person.id, "type": "private"},
        "from": {"id": person.id, "is_bot": False, "first_name": "Ann"},
        "text": text,
    }
    return {"update_id": number, "message": message}


async def _settled(channel_id: object) -> None:
    """Everything this bot has accepted is done."""

    async def none_left() -> bool:
        return not await unfinished_events(f"telegram:{channel_id}")

    await until(none_left)
