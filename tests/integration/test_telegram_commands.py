"""A customer's own commands: silence, being erased with a receipt, and whence he came by a link."""

import json
from typing import Any

import pytest

from core.app import Core
from core.contact_notes import notes_of
from core.customers.by_himself import BY_CUSTOMER, asks_to_be_erased
from core.customers.erasing import ERASED, erase_customer
from core.inbox import accept_event, keep_progress, unfinished_events
from core.models import Assistant, AuditEvent, BotState, Channel, Contact, Conversation, Message, ProcessedEvent
from tests.conftest import Owner
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

WHERE = "Where is the shop?"
THERE = "At 12 Mill Lane."


@pytest.fixture
async def channel(rosa: Assistant, connect: Connect) -> Channel:
    return await connect(rosa)


@pytest.fixture
def ann(bots: None, channel: Channel, customer: MakeCustomer) -> Person:
    return customer(channel)


async def _contact(rosa: Assistant, person: Person) -> Contact | None:
    return await Contact.get_or_none(assistant_id=rosa.id, key=str(person.id))


async def _settled(channel: Channel, accepted: int) -> None:
    source = f"telegram:{channel.id}"

    async def none_left() -> bool:
        enough = await ProcessedEvent.filter(source=source).count() >= accepted
        return enough and not await unfinished_events(source)

    await until(none_left)


async def test_stop_makes_the_assistant_silent_until_start(rosa: Assistant, channel: Channel, ann: Person) -> None:
    await ann.says("/stop")
    await ann.reads("All right, I am silent now")
    await ann.says(WHERE)
    await ann.sends(photo=[{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}])
    await ann.says("/help")
    await _settled(channel, 4)
    assert len(ann.chat) == 1, "nothing is said to him, not even to a picture or another command"
    contact = await _contact(rosa, ann)
    assert contact
    assert (await notes_of([contact]))[contact.id].silent
    kept = await Message.filter(conversation__contact_id=contact.id).order_by("created_at")
    assert [one.text for one in kept] == [WHERE, "[photo]"], "people find what he wrote"
    await ann.says("/start")
    await ann.reads("Ask me anything")
    await ann.says(WHERE)
    await ann.reads(THERE)


async def test_a_silent_customer_sees_no_sign_of_typing(channel: Channel, ann: Person) -> None:
    await ann.says("/stop")
    await ann.reads("All right, I am silent now")
    await ann.says(WHERE)
    await _settled(channel, 2)
    assert not ann.server.calls_of("sendChatAction", ann.id)


@pytest.mark.parametrize("words", ["/erase", "Delete my data, please!"])
async def test_a_customer_erases_himself_and_gets_a_receipt(
    rosa: Assistant, channel: Channel, ann: Person, words: str
) -> None:
    await ann.says(WHERE)
    await ann.reads(THERE)
    await ann.says(words)
    await ann.reads("conversations (1), messages (2)")
    await ann.presses("Yes, delete everything")
    done = await ann.reads("nothing is kept about you any more")
    [event] = await AuditEvent.filter(tenant_id=rosa.tenant_id, action=ERASED)
    assert event.subject in done.text
    assert event.details["sha256"] in done.text
    assert done.buttons == []
    assert event.actor == BY_CUSTOMER
    assert str(ann.id) not in str(event.details)
    assert await _contact(rosa, ann) is None
    assert await Message.filter(conversation__assistant_id=rosa.id).count() == 0
    await ann.says(WHERE)
    await until_answered(ann)
    assert await Conversation.filter(assistant_id=rosa.id).count() == 1, "he is a new customer"


async def until_answered(person: Person) -> None:
    async def there() -> bool:
        return person.chat[-1].text == THERE

    await until(there)


async def test_a_customer_may_think_better_of_it(rosa: Assistant, ann: Person) -> None:
    await ann.says(WHERE)
    await ann.reads(THERE)
    await ann.says("/erase")
    await ann.presses("No, keep")
    await ann.reads("everything stays as it is")
    assert await _contact(rosa, ann)


async def test_who_has_said_nothing_has_nothing_erased(ann: Person) -> None:
    await ann.says("/erase")
    assert (await ann.reads_new()).text == "Nothing is kept about you here."


async def test_in_a_group_only_who_asked_may_press_and_only_he_is_erased(
    rosa: Assistant, channel: Channel, customer: MakeCustomer, ann: Person
) -> None:
    group = {"id": -100, "type": "supergroup", "title": "Friends"}
    bob = customer(channel)
    for one in (ann, bob):
        await one.sends(text=f"@{channel.name} {WHERE}", chat=group)
    await _settled(channel, 2)
    await ann.sends(text=f"/erase@{channel.name}", chat=group)

    async def card() -> Any:
        return next((one for one in ann.server.shown if one.chat_id == -100 and one.buttons), None)

    shown = await until(card)
    data = shown.buttons[0]["callback_data"]
    await _presses_in_group(bob, group, shown.message_id, data)
    await _settled(channel, 4)
    assert ann.server.calls_of("answerCallbackQuery")[-1].fields["text"].startswith("Only whoever asked")
    assert await Contact.filter(assistant_id=rosa.id).count() == 2
    await _presses_in_group(ann, group, shown.message_id, data)
    await _settled(channel, 5)
    assert [one.key for one in await Contact.filter(assistant_id=rosa.id)] == [f"-100:{bob.id}"]


async def _presses_in_group(person: Person, group: dict[str, Any], message_id: int, data: str) -> None:
    message = {"message_id": message_id, "date": 1, "chat": group, "text": "…"}
    query = {"id": str(person.id), "from": person._user, "chat_instance": "1", "data": data, "message": message}
    await person.server.enqueue_update({"callback_query": query}, token=person.token)


@pytest.mark.parametrize("erased_before", [False, True])
async def test_a_restart_over_the_erasing_still_shows_the_receipt(
    house: Core, rosa: Assistant, channel: Channel, customer: MakeCustomer, erased_before: bool
) -> None:
    """As after `kill -9`: his press was accepted, and he was erased or not yet."""
    from bots.registry import Registry
    from core.customers.by_himself import erase_himself

    ann = customer(channel)
    contact = await Contact.create(assistant_id=rosa.id, channel=f"telegram:{channel.identity}", key=str(ann.id))
    message = {"message_id": 1, "date": 1, "chat": {"id": ann.id, "type": "private"}, "text": "…"}
    query = {"id": "1", "from": ann._user, "chat_instance": "1", "data": f"erase:yes:{ann.id}", "message": message}
    press = await accept_event(f"telegram:{channel.id}", "1", {"update_id": 1, "callback_query": query})
    assert press
    await keep_progress(press, {"erase": [str(contact.id)]})
    if erased_before:
        await erase_himself(house, rosa, [contact.id], press.id)
    async with running(house, Registry(house, every_s=0.1).run()):
        done = await ann.reads("nothing is kept about you any more")
        await _settled(channel, 1)
    [event] = await AuditEvent.filter(tenant_id=rosa.tenant_id, action=ERASED)
    assert event.subject in done.text


async def test_a_link_says_whence_a_customer_came(rosa: Assistant, ann: Person) -> None:
    await ann.says("/start shop-window_2<script>")
    await ann.reads("Ask me anything")
    contact = await _contact(rosa, ann)
    assert contact
    assert (await notes_of([contact]))[contact.id].source == "shop-window_2script"


async def test_what_is_noted_of_a_customer_goes_with_him(
    house: Core, anna: Owner, rosa: Assistant, channel: Channel, ann: Person
) -> None:
    await ann.says("/start window")
    await ann.reads("Ask me anything")
    await ann.says("/stop")
    await ann.reads("I am silent now")
    contact = await _contact(rosa, ann)
    assert contact
    await erase_customer(house, anna.actor, rosa, contact)
    assert not await BotState.filter(key__in=[f"source:{contact.id}", f"silent:{contact.channel}:{ann.id}"]).exists()
    await ann.says(WHERE)
    await ann.reads(THERE)


async def test_the_list_of_commands_is_set_once_and_again_when_it_changes(
    house: Core, rosa: Assistant, channel: Channel, telegram: TelegramServer
) -> None:
    from bots.registry import Registry

    key = f"commands:{channel.id}"

    async def is_set() -> bool:
        return await BotState.filter(key=key).exists()

    async def starts() -> None:
        before = len(telegram.calls_of("getUpdates"))
        async with running(house, Registry(house, every_s=0.1).run()):
            await until(is_set)

            async def polled() -> bool:
                return len(telegram.calls_of("getUpdates")) > before + 1

            await until(polled)

    await starts()
    calls = telegram.calls_of("setMyCommands")
    assert {(one.fields.get("language_code"), "all_group" in one.fields["scope"]) for one in calls} == {
        (language, group) for language in (None, "ru", "en") for group in (False, True)
    }
    russian = next(one for one in calls if one.fields.get("language_code") == "ru")
    assert "Удалить мои данные" in {one["description"] for one in json.loads(russian.fields["commands"])}
    await starts()
    assert len(telegram.calls_of("setMyCommands")) == 6
    await BotState.filter(key=key).update(state="another list")

    async def set_anew() -> bool:
        return len(telegram.calls_of("setMyCommands")) == 12

    async with running(house, Registry(house, every_s=0.1).run()):
        await until(set_anew)


async def test_a_list_that_is_not_taken_stops_nothing(
    house: Core, channel: Channel, telegram: TelegramServer, customer: MakeCustomer
) -> None:
    from bots.registry import Registry

    telegram.faults.append(Fault("setMyCommands", 429, "Too Many Requests: retry after 3", {"retry_after": 3}))
    ann = customer(channel)
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.says(WHERE)
        await ann.reads(THERE)
    assert not await BotState.filter(key=f"commands:{channel.id}").exists(), "the next start tries again"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("delete my data", True),
        ("Please erase all my data.", True),
        ("Удалите мои данные!", True),
        ("Пожалуйста, сотрите все мои сообщения", True),
        ("How do I delete my data from your shop?", False),
        ("Удалите мои данные из рассылки и скажите цену", False),
        ("Where are my data stored?", False),
    ],
)
def test_only_a_plain_wish_to_be_erased_is_taken_for_one(text: str, asks: bool) -> None:
    assert asks_to_be_erased(text) is asks
