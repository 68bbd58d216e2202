"""A business links a group with topics: who may, what is said when something is missing, and how it ends."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from core.accounts import user_of_telegram
from core.app import Core
from core.dialog import answer_message
from core.messages import Incoming
from core.models import BotState, PeopleGroup, Role
from core.team import invite
from core.tenancy import actor_of
from tests.colleagues import Colleague, reads_in, topic_called
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_groups import Group
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
WISH = "Can I talk to a human?"


async def start_of_link(olga: Person, button: str = "Add me to the group") -> str:
    """The words that Telegram sends for who has pressed the button of the page."""

    async def there() -> str | None:
        for shown in reversed(olga.chat):
            for one in shown.buttons:
                if button in one["text"]:
                    return str(one["url"])
        return None

    url = await until(there)
    found = re.fullmatch(r"https://t\.me/(\w+)\?startgroup=([\w-]{1,64})&admin=manage_topics", url)
    assert found, url
    return f"/start@{found[1]} {found[2]}"


async def open_page(olga: Person) -> str:
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("Group for calls")
    await olga.reads("A group for customers’ calls")
    return await start_of_link(olga)


async def linked(olga: Person, telegram: TelegramServer, group: Group | None = None) -> Colleague:
    """Olga in the group of her business."""
    group = group or Group()
    telegram.groups[group.chat_id] = group
    here = Colleague(olga, group)
    words = await open_page(olga)
    await here.changes_bot(group.status, may_manage=group.may_manage)
    await here.says(words)
    return here


async def _is_linked(group: Group, missing: str = "") -> bool:
    return await PeopleGroup.filter(chat_id=group.chat_id, missing=missing).exists()


async def customer_calls(house: Core, olga: Person, name: str = "Vera", text: str = WISH) -> None:
    assistant = await assistant_of_person(olga)
    await answer_message(house, Incoming(assistant.id, "web", name.lower(), text, contact_name=name))


async def test_a_group_is_linked_by_the_button_and_works(olga: Person, house: Core, telegram: TelegramServer) -> None:
    here = await linked(olga, telegram)
    await reads_in(olga, here.group, None, "Customers of “Ann” who want a person will appear here")
    await reads_in(olga, here.group, None, "Everything works")
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("Group for calls")
    await olga.reads("Customers’ calls come to the group “Calls”")
    await customer_calls(house, olga)
    await topic_called(here.group, "Vera · Copper Kettle")
    assert not [one for one in olga.chat if "is waiting" in one.text], "not in private, too"


async def test_what_is_missing_is_said_with_the_one_thing_to_do(olga: Person, telegram: TelegramServer) -> None:
    here = await linked(olga, telegram, Group(has_topics=False, status="member"))
    said = await reads_in(olga, here.group, None, "switch on “Topics”")
    assert [button["text"] for button in said.buttons] == ["🔄 Check again"]
    here.group.has_topics = True
    await here.presses("Check again")
    await reads_in(olga, here.group, None, "make me an administrator")
    await here.changes_bot("administrator", may_manage=False)
    await here.changes_bot("administrator")
    await reads_in(olga, here.group, None, "Everything works")
    await here.changes_bot("member")

    async def broken() -> bool:
        return await _is_linked(here.group, "right")

    await until(broken)


async def test_topics_that_are_switched_on_are_seen_without_being_told(olga: Person, telegram: TelegramServer) -> None:
    here = await linked(olga, telegram, Group(has_topics=False))
    await reads_in(olga, here.group, None, "switch on “Topics”")
    here.group.has_topics = True
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    await PeopleGroup.filter(chat_id=here.group.chat_id).update(checked_at=long_ago)
    await reads_in(olga, here.group, None, "Everything works")


async def test_a_stranger_an_operator_and_a_used_or_old_button_link_nothing(
    olga: Person, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    group = Group()
    telegram.groups[group.chat_id] = group
    words = await open_page(olga)
    clara = await started(writes_to_admin_bot(name="Clara"), name="Clara’s Cakes")
    await Colleague(clara, group).says(words)
    await reads_in(clara, group, None, "has been used or is older")
    await Colleague(writes_to_admin_bot(name="Nobody"), group).says(words)
    _, token = await invite(await actor_of((await user_of_telegram(olga.id, "", "en")).id), Role.OPERATOR)
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(f"/start join_{token}")
    await boris.reads("Welcome to the team")
    await Colleague(boris, group).says(words)
    await boris.says("/menu")
    await boris.presses("Team")
    await boris.reads("Boris")
    assert "Group for calls" not in str(boris.chat[-1].buttons), "an operator links nothing"
    assert not await PeopleGroup.filter(chat_id=group.chat_id).exists()

    await BotState.filter(key__startswith="group-link:").update(
        data={"tenant": str((await assistant_of_person(olga)).tenant_id), "until": "2026-01-01T00:00:00+00:00"}
    )
    await Colleague(olga, group).says(words)

    async def said_three_times() -> bool:
        texts = [one.text for one in telegram.shown if one.chat_id == group.chat_id]
        return len([text for text in texts if "older than an hour" in text]) >= 2

    await until(said_three_times)
    assert not await PeopleGroup.filter(chat_id=group.chat_id).exists()


async def test_one_group_serves_one_business(
    olga: Person, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    here = await linked(olga, telegram)
    await reads_in(olga, here.group, None, "Everything works")
    clara = await started(writes_to_admin_bot(name="Clara"), name="Clara’s Cakes")
    await Colleague(clara, here.group).says(await open_page(clara))
    await reads_in(clara, here.group, None, "Another business answers its customers in this group")
    again = await start_of_link(olga)
    await here.says(again)
    await reads_in(olga, here.group, None, "has been used")


async def test_a_bot_added_without_the_button_says_how_to_link(olga: Person, telegram: TelegramServer) -> None:
    group = Group(status="left")
    telegram.groups[group.chat_id] = group
    await Colleague(olga, group).changes_bot("member")
    await reads_in(olga, group, None, "the owner opens a private chat with me")


@pytest.mark.parametrize("tells", [True, False])
async def test_a_group_that_becomes_a_supergroup_stays_linked(
    olga: Person, house: Core, telegram: TelegramServer, tells: bool
) -> None:
    here = await linked(olga, telegram, Group(has_topics=False, chat_id=-4_000_001 - tells))
    await reads_in(olga, here.group, None, "switch on “Topics”")
    here.group.has_topics = True
    old = here.group.chat_id
    await here.turns_into_supergroup(tells=tells)
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    await PeopleGroup.filter(chat_id=old).update(checked_at=long_ago)
    await reads_in(olga, here.group, None, "Everything works")
    await customer_calls(house, olga)
    await topic_called(here.group, "Vera")


async def test_a_bot_that_is_put_out_tells_its_owner_and_calls_come_in_private_again(
    olga: Person, house: Core, telegram: TelegramServer
) -> None:
    here = await linked(olga, telegram)
    await reads_in(olga, here.group, None, "Everything works")
    await customer_calls(house, olga)
    await topic_called(here.group, "Vera")
    await here.changes_bot("kicked")
    news = await olga.reads("I am no longer in the group “Calls”")
    assert news.buttons[0]["text"] == "💬 Link a group again"
    await olga.reads("Vera is waiting for a person")


async def test_a_bot_put_out_while_nobody_listened_is_noticed(
    olga: Person, house: Core, telegram: TelegramServer
) -> None:
    here = await linked(olga, telegram)
    await reads_in(olga, here.group, None, "Everything works")
    here.group.status = "kicked"
    await customer_calls(house, olga)
    await olga.reads("I am no longer in the group “Calls”")
    await olga.reads("Vera is waiting for a person")


async def test_unlinking_by_button(olga: Person, house: Core, telegram: TelegramServer) -> None:
    here = await linked(olga, telegram)
    await reads_in(olga, here.group, None, "Everything works")
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("Group for calls")
    await olga.presses("Unlink the group")
    await olga.presses("Yes, unlink")
    await olga.reads("The group is no longer linked")
    await reads_in(olga, here.group, None, "This group is no longer linked")
    await customer_calls(house, olga)
    await olga.reads("Vera is waiting for a person")
