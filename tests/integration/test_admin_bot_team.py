"""An owner invites a colleague by a link, who joins, answers a customer, is refused kindly, and leaves again."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from admin_bot.keyboards import Press
from admin_bot.role import run
from core.accounts import person_of_telegram
from core.app import Core
from core.audit import record_change
from core.dialog import answer_message
from core.messages import Incoming
from core.models import (
    Assistant,
    Author,
    BotState,
    Conversation,
    ConversationState,
    Invitation,
    Membership,
    Message,
    Role,
    Tenant,
    User,
)
from core.team import accept_invitation, invite
from core.tenancy import actor_of
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
LINK = re.compile(r"https://t\.me/(\w+)\?start=(\w+[\w-]*)")
WISH = {"en": "Can I talk to a human?", "ru": "Позовите человека"}


async def _user(person: Person) -> User:
    return await User.get(telegram_id=person.id)


async def _invites(owner: Person, role: str = "operator", team: str = "Team", add: str = "Invite") -> str:
    """The words with which a colleague comes in: what Telegram sends for the link."""
    await owner.says("/menu")
    await owner.presses(team)
    await owner.presses(add)
    await owner.presses(role)
    shown = await owner.reads("?start=join_")
    found = LINK.search(shown.text)
    assert found, shown.text
    return f"/start {found.group(2)}"


async def _customer_says(house: Core, assistant: Assistant, text: str) -> None:
    await answer_message(house, Incoming(assistant.id, "web", "vera", text, contact_name="Vera"))


async def test_an_operator_joins_answers_is_refused_and_is_removed(
    olga: Person, house: Core, writes_to_admin_bot: MakePerson
) -> None:
    businesses = await Tenant.all().count()
    start = await _invites(olga)
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(start)
    menu = await boris.reads("You are an operator: when a customer wants a person")
    assert "“Copper Kettle”" in menu.text
    assert [one["text"] for one in menu.buttons] == [
        "📄 Documents", "💬 Try it", "✍️ Ready answers", "🔀 Assistants", "👥 Team",
        "📊 Numbers", "🌐 Русский", "Help",
    ]  # fmt: skip
    await olga.reads("Boris has joined the team as operator")
    assert await Tenant.all().count() == businesses, "he owns nothing of his own"

    assistant = await assistant_of_person(olga)
    await _customer_says(house, assistant, WISH["en"])
    await boris.reads("Vera is waiting for a person")
    await boris.presses("Answer")
    await boris.reads("You are talking to Vera")
    await boris.says("Hello Vera, this is Boris.")

    async def written() -> bool:
        return await Message.filter(author=Author.OPERATOR, text="Hello Vera, this is Boris.").exists()

    await until(written)
    await boris.says("/menu")
    shown = await boris.reads_new()
    await boris.presses_data(shown.message_id, Press(do="assistant.delete", id=assistant.id).pack())
    refused = await boris.reads("Only an owner can do this, so nothing has been changed.")
    assert "Please ask: Ann." in refused.text
    assert await Assistant.filter(id=assistant.id).exists()

    await olga.says("/menu")
    await olga.presses("Team")
    await olga.reads("• Boris — operator")
    await olga.presses("Boris")
    await olga.presses("Remove")
    await olga.reads("Remove Boris (operator) from the team?")
    assert (await _user(boris)).id in await Membership.all().values_list("user_id", flat=True), "not by one tap"
    await olga.presses("Yes, remove")
    await olga.reads("Boris is no longer in the team")
    conversation = await Conversation.get(assistant_id=assistant.id, contact__channel="web")
    assert conversation.state == ConversationState.WAITING
    await boris.says("Vera, are you still there?")
    stranger = await boris.reads("You are not in any team here right now")
    assert [one["text"] for one in stranger.buttons] == ["🚀 Make an assistant of my own"]
    assert not await Message.filter(text="Vera, are you still there?").exists()


async def test_the_same_in_russian(admin_bot: None, house: Core, writes_to_admin_bot: MakePerson) -> None:
    olga = await started(writes_to_admin_bot("ru", "Ольга"), "Русский", "Чайная лавка")
    start = await _invites(olga, "оператор", "Команда", "Пригласить")
    assert "перешлите его коллеге" in (await olga.reads("Приглашение готово (оператор)")).text
    boris = writes_to_admin_bot("ru", "Борис")
    await boris.says(start)
    await boris.reads("Добро пожаловать в команду")
    assistant = await assistant_of_person(olga)
    await _customer_says(house, assistant, WISH["ru"])
    await boris.presses("Ответить")
    await boris.reads("На связи Vera")
    await boris.says("Здравствуйте, это Борис.")

    async def written() -> bool:
        return await Message.filter(author=Author.OPERATOR, text="Здравствуйте, это Борис.").exists()

    await until(written)
    newest = boris.chat[-1]
    await boris.presses_data(newest.message_id, Press(do="team.invite").pack())
    refused = await boris.reads("Это может сделать только владелец, поэтому ничего не изменилось.")
    assert "Попросите: Ольга." in refused.text
    await olga.says("/menu")
    await olga.presses("Команда")
    await olga.presses("Что сделано")
    done = (await olga.reads("Что сделано за последнее время")).text.splitlines()[2:]
    assert [line.partition(" — ")[2] for line in done] == [
        "Борис: начат разговор с клиентом",
        "Борис: теперь в команде",
        "Ольга: сделано приглашение (оператор)",
        "Ольга: новый ассистент «Чайная лавка»",
    ]


async def test_a_link_that_no_longer_works_makes_nobody_an_owner(olga: Person, writes_to_admin_bot: MakePerson) -> None:
    businesses = await Tenant.all().count()
    used = await _invites(olga)
    boris, clara = writes_to_admin_bot(name="Boris"), writes_to_admin_bot(name="Clara")
    await boris.says(used)
    await boris.reads("Welcome to the team")
    await clara.says(used)
    told = await clara.reads("This invitation no longer works")
    assert [one["text"] for one in told.buttons] == ["🚀 Make an assistant of my own"]
    old = await _invites(olga, "manager")
    await Invitation.filter(accepted_at=None).update(expires_at=datetime.now(UTC) - timedelta(minutes=1))
    await clara.says(old)
    assert "This invitation no longer works" in (await clara.reads_new()).text
    withdrawn = await _invites(olga, "owner")
    await olga.presses("Withdraw it")
    await olga.reads("Withdrawn: nobody can join by that link any more.")
    await clara.says(withdrawn)
    assert "This invitation no longer works" in (await clara.reads_new()).text
    await clara.says("/start")
    assert "You are not in any team here right now" in (await clara.reads_new()).text
    assert await Tenant.all().count() == businesses
    assert not await Membership.filter(user_id=(await _user(clara)).id).exists()
    await clara.presses("Make an assistant of my own")
    await clara.reads("Which language")
    assert (await actor_of((await _user(clara)).id)).role == Role.OWNER
    assert await Tenant.all().count() == businesses + 1


async def test_a_link_survives_a_restart_and_works_once(house: Core, writes_to_admin_bot: MakePerson) -> None:
    def admin_bot() -> running:
        return running(house, run(house, progress_every_s=0.05, pace=QUICK))

    async with admin_bot():
        olga = await started(writes_to_admin_bot())
        start = await _invites(olga)
    boris = writes_to_admin_bot(name="Boris")
    user = await person_of_telegram(boris.id, "en")
    # Killed after he had joined and before he was told: Telegram delivers his /start again.
    await accept_invitation(user, start.removeprefix("/start join_"))
    async with admin_bot():
        await boris.says(start)
        await boris.reads("You are an operator: when a customer wants a person")
        await olga.presses("Withdraw it")
        await olga.reads("Somebody has already joined by this link")
    assert await Membership.filter(user_id=user.id).count() == 1


async def test_somebody_with_a_business_of_his_own_chooses_where_he_works(
    olga: Person, house: Core, writes_to_admin_bot: MakePerson
) -> None:
    boris = await started(writes_to_admin_bot(name="Boris"), name="Boris’s Bikes")
    own = await assistant_of_person(boris)
    await boris.says(await _invites(olga))
    joined = await boris.reads("For now you go on working where you were")
    assert "Copper Kettle" in [one["text"] for one in joined.buttons]
    await boris.says("/menu")
    await boris.reads_new()
    assert boris.chat[-1].text.startswith("“Boris’s Bikes”")
    await boris.presses("Copper Kettle")
    menu = await boris.reads("Now working with “Copper Kettle”")
    assert not [one for one in menu.buttons if "Training" in one["text"]], "an operator's menu"
    assert (await actor_of((await _user(boris)).id)).role == Role.OPERATOR
    await boris.presses("Assistants")
    listed = await boris.reads("Whichever you choose")
    assert "● Copper Kettle · Ann" in [one["text"] for one in listed.buttons]
    assert not [one for one in listed.buttons if "elete" in one["text"]]
    await boris.presses("Boris’s Bikes · Boris")
    await boris.reads("Now working with “Boris’s Bikes”")
    assert (await actor_of((await _user(boris)).id)).tenant_id == own.tenant_id

    await _customer_says(house, await assistant_of_person(olga), WISH["en"])
    await boris.reads("Vera is waiting for a person (“Copper Kettle”")
    await boris.presses("Answer")
    await boris.reads("You are talking to Vera")
    await boris.says("Hello from the other shop.")

    async def written() -> bool:
        return await Message.filter(author=Author.OPERATOR, text="Hello from the other shop.").exists()

    await until(written)


async def test_a_removed_colleague_is_reminded_of_no_customer(
    olga: Person, house: Core, writes_to_admin_bot: MakePerson
) -> None:
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(await _invites(olga))
    await boris.reads("Welcome to the team")
    assistant = await assistant_of_person(olga)
    await _customer_says(house, assistant, WISH["en"])
    await boris.reads("Vera is waiting for a person")
    await olga.reads("Vera is waiting for a person")
    await Membership.filter(user_id=(await _user(boris)).id).delete()
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    await BotState.filter(key__startswith="people:").update(created_at=long_ago)
    await olga.reads("Vera is still waiting for a person")
    await boris.reads("Nobody is waited for here any more")
    assert not [one for one in boris.chat if "still waiting" in one.text]


async def test_the_last_owner_cannot_leave_and_an_operator_can(olga: Person, writes_to_admin_bot: MakePerson) -> None:
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(await _invites(olga))
    await boris.reads("Welcome to the team")
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("Leave the team")
    await olga.presses("Yes, leave")
    await olga.reads("This is the only owner")
    assert (await actor_of((await _user(olga)).id)).role == Role.OWNER
    await boris.presses("Team")
    team = await boris.reads("• Boris (you) — operator")
    assert [one["text"] for one in team.buttons] == ["🚪 Leave the team", "‹ Menu"]
    await boris.presses("Leave the team")
    await boris.presses("Yes, leave")
    await boris.reads("You have left the team of")
    await boris.presses("Menu")
    await boris.reads("You are not in any team here right now")


async def test_a_role_is_changed_and_what_nobody_foresaw_is_shown_as_it_is(
    olga: Person, writes_to_admin_bot: MakePerson
) -> None:
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(await _invites(olga))
    await boris.reads("Welcome to the team")
    await olga.says("/menu")
    await olga.presses("Team")
    await olga.presses("Boris")
    await olga.presses("Make manager")
    await olga.reads("Done: Boris — manager.")
    actor = await actor_of((await _user(boris)).id)
    assert actor.role == Role.MANAGER
    await boris.says("/menu")
    assert [one for one in (await boris.reads_new()).buttons if "Training" in one["text"]]
    for number in range(9):
        await record_change(actor.tenant_id, actor.user_id, f"paint wall {number}", "wall")
    await olga.presses("What was done")
    first = (await olga.reads("What was done lately")).text
    assert "Boris: paint wall 8" in first.splitlines()[2]
    assert "changed the role" not in first
    await olga.presses("Next")
    await olga.reads("Ann: changed the role of Boris: manager now")


async def test_an_operator_of_a_business_without_assistants_waits_for_one(
    admin_bot: None, writes_to_admin_bot: MakePerson
) -> None:
    olga = writes_to_admin_bot()
    await olga.says("/start")
    await olga.reads("Which language")
    _, token = await invite(await actor_of((await _user(olga)).id), Role.OPERATOR)
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(f"/start join_{token}")
    await boris.reads("There is no assistant here yet")
    for words in ("/start", "/menu", "A Shop of My Own"):
        await boris.says(words)
        assert "There is no assistant here yet" in (await boris.reads_new()).text
    assert not await Assistant.filter(name="A Shop of My Own").exists()
