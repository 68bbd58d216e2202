"""What each role may do in the admin bot: every handler says it, and an operator's old buttons change nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiogram import Dispatcher

from admin_bot.door import House
from admin_bot.edge import build_dispatcher
from admin_bot.keyboards import Press, role_for
from admin_bot.routes import DO, ROLE, roles_of_buttons
from core.app import Core
from core.models import (
    Assistant,
    BotState,
    Channel,
    Document,
    Draft,
    Gap,
    GapStatus,
    Invitation,
    Job,
    LoraAdapter,
    Membership,
    NearMiss,
    OwnPair,
    PassageEdit,
    QuarantinedText,
    Role,
    SampleAnswer,
    ShopperQuestion,
    ShopperRun,
    Site,
    Tenant,
    User,
    VerifiedAnswer,
)
from core.profiles import remember_business
from core.team import invite
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person
from tests.telegram_server import Person
from tests.waiting import until

KEPT: tuple[Any, ...] = (
    Tenant, Membership, Assistant, Document, Channel, VerifiedAnswer, Gap, NearMiss, Site, LoraAdapter, Invitation,
    QuarantinedText, OwnPair, PassageEdit, Job, Draft, SampleAnswer, ShopperQuestion, ShopperRun,
)  # fmt: skip
REFUSALS = {
    Role.OWNER: "Only an owner can do this, so nothing has been changed. Please ask: Ann.",
    Role.MANAGER: "Only a manager or an owner can do this, so nothing has been changed. Please ask: Ann.",
}
ROLES_OF_SAYING = {
    ("take_token", "700001:" + "A" * 35, None): Role.OWNER,
    ("take_token", "some token", "Connecting:token"): Role.OWNER,
    ("take_slack_tokens", "xoxb-1-2-abcdefgh", None): Role.OWNER,
    ("take_slack_tokens", "0123456789abcdef0123456789abcdef", "ConnectingSlack:tokens"): Role.OWNER,
    ("take_name", "Copper Kettle", "Deleting:name"): Role.OWNER,
    ("take_name", "Mr Vexmoor", "Customers:erasing"): Role.OWNER,
    ("find", "Mr Vexmoor", "Customers:name"): Role.MANAGER,
    ("take_name", "A second shop", "Naming:name"): Role.MANAGER,
    ("take_link", "https://shop.example/", "Naming:name"): Role.MANAGER,
    ("take_business", "We sell tea and are open daily from 9:00 to 18:00.", "Naming:business"): Role.MANAGER,
    ("take_new_name", "Another shop", "FirstSteps:name"): Role.MANAGER,
    ("take_sample_answer", "Never.", "FirstSteps:answer"): Role.MANAGER,
    ("take_name", "CRM", "Making:name"): Role.OWNER,
    ("take_hook_address", "https://crm.example/hook", "Hooking:address"): Role.OWNER,
    ("take_value", "Be rude.", "Describing:greeting"): Role.MANAGER,
    ("take_hours", "Mon–Fri 9–18", "WorkingTime:text"): Role.MANAGER,
    ("take_zone", "Moscow", "WorkingTime:zone"): Role.MANAGER,
    ("take_questions", "Are you rude?", "Offering:questions"): Role.MANAGER,
    ("take_example", "Go away.", "Showing:example"): Role.MANAGER,
    ("take_number", "2", "Tuning:number"): Role.MANAGER,
    ("take_address", "https://shop.example/", "Adding:address"): Role.MANAGER,
    ("offer", "https://shop.example/", None): Role.MANAGER,
    ("take_text", "We are closed for ever.", "Pasting:text"): Role.MANAGER,
    ("remind", "Here it is.", "Replacing:file"): Role.MANAGER,
    ("take_question", "Are you open?", "Teaching:question"): Role.MANAGER,
    ("take_answer", "Never.", "Teaching:answer"): Role.MANAGER,
    ("take_wording", "Everything is free.", "Fixing:text"): Role.MANAGER,
    ("take_shopper_question", "Is everything free?", "Listing:question"): Role.MANAGER,
}
"""(handler, what he types, where he stands) -> who may. Files are sent below."""
FILES = {"take_file", "take_first_file", "take_archive", "refuse_others"}
MADE = {"take_message"}
SPOKEN = {"take_voice"}
"""Telegram says that it has made a bot for him."""
KINDS = ("message", "edited_message", "callback_query", "managed_bot")


@pytest.fixture
def dispatcher(house: Core) -> Dispatcher:
    # Nothing is sent: only what is registered is looked at.
    return build_dispatcher(House(house, None, None, None))  # type: ignore[arg-type]


def _handlers(dispatcher: Dispatcher) -> Iterator[tuple[str, Any]]:
    for router in dispatcher.chain_tail:
        for kind in KINDS:
            for handler in router.observers[kind].handlers:
                yield f"{router.name}: {kind}", handler


async def test_every_handler_says_who_may_do_it(dispatcher: Dispatcher) -> None:
    found = list(_handlers(dispatcher))
    assert len(found) > 80
    silent = [where for where, handler in found if not isinstance(getattr(handler.callback, ROLE, None), Role)]
    assert silent == []


async def test_other_updates_have_no_handlers(dispatcher: Dispatcher) -> None:
    for router in dispatcher.chain_tail:
        others = {kind for kind, observer in router.observers.items() if observer.handlers and kind != "update"}
        assert others <= set(KINDS), "`update` is aiogram's own"


async def test_what_is_an_owners_is_an_owners(dispatcher: Dispatcher) -> None:
    """A new one must be added here on purpose."""
    roles = roles_of_buttons(dispatcher)
    assert {do for do, role in roles.items() if role == Role.OWNER} == {
        "connect", "first.connect", "connect.token", "connect.pictures", "connect.no", "connect.again",
        "slack", "slack.link", "slack.own", "slack.no", "slack.again",
        "assistant.delete", "customer.erase",
        "keys", "key.new", "key.make.", "key.hide", "key.off", "key.off.yes",
        "hooks", "hook", "hook.new", "hook.hide", "hook.test", "hook.on", "hook.off", "hook.again", "hook.secret",
        "hook.secret.yes", "hook.delete", "hook.delete.yes", "hook.events", "hook.tick", "hook.save", "hook.log",
        "hook.replay",
        "bot.pause", "bot.on", "bot.again", "bot.token", "bot.off", "bot.off.yes",
        "bot.groups", "bot.groups.person", "bot.groups.together",
        "team.invite", "team.link.", "team.withdraw", "team.member", "team.role.", "team.remove", "team.remove.yes",
        "team.done",
    }  # fmt: skip
    assert {do for do, role in roles.items() if role == Role.OPERATOR} == {
        "", "ask", "ask.pasted", "assistants", "choose", "work", "cancel", "doc", "doc.text", "docs",
        "help", "language", "menu", "own",
        "people", "people.ask", "people.close", "people.dismiss", "people.leave", "people.send", "people.take",
        "search", "search.last", "site", "sites", "answers", "speak.", "team", "team.leave", "team.leave.yes",
        "try.why", "try.found", "try.again", "try.over", "fix.drop", "edits",
        "bot.mend",
        "numbers", "numbers.", "numbers.business", "letter.gap", "letters.off", "letters.on",
        "morning.answer", "morning.dismiss", "morning.all", "morning.off", "morning.on",
        "night.undo", "night.answer", "night.fine", "night.results",
    }  # fmt: skip
    assert role_for(roles, "team.link.owner") == Role.OWNER
    assert role_for(roles, "persona.save") == Role.MANAGER


async def test_whatever_is_typed_or_sent_by_a_higher_role_is_tried_below(dispatcher: Dispatcher) -> None:
    higher = {
        getattr(handler.callback, DO)
        for where, handler in _handlers(dispatcher)
        if where.endswith("message") and getattr(handler.callback, ROLE) != Role.OPERATOR
    }
    assert higher == {name for name, _, _ in ROLES_OF_SAYING} | FILES | MADE | SPOKEN


async def _everything() -> dict[str, list[dict[str, Any]]]:
    return {model.__name__: await model.all().order_by("id").values() for model in KEPT}


@pytest.fixture
async def boris(olga: Person, writes_to_admin_bot: MakePerson) -> Person:
    """An operator of Olga's business."""
    from core.tenancy import actor_of

    _, token = await invite(await actor_of((await User.get(telegram_id=olga.id)).id), Role.OPERATOR)
    person = writes_to_admin_bot(name="Boris")
    await person.says(f"/start join_{token}")
    await person.reads("Welcome to the team")
    return person


async def test_an_operators_old_buttons_change_nothing(olga: Person, boris: Person, dispatcher: Dispatcher) -> None:
    rosa = await assistant_of_person(olga)
    member = await Membership.get(user__telegram_id=boris.id)
    gap = await Gap.create(assistant=rosa, question="Why?", question_key="why", status=GapStatus.OPEN)
    for name in ("morning.answer", "morning.dismiss"):
        await boris.presses_data(boris.chat[-1].message_id, Press(do=name, id=gap.id).pack())
        assert (await boris.reads_new()).text == REFUSALS[Role.MANAGER]
    ids = {"team.member": member.id, "team.role.": member.id, "team.remove.yes": member.id, "gap.dismiss": gap.id}
    before = await _everything()
    for do, role in roles_of_buttons(dispatcher).items():
        if role != Role.OPERATOR:
            name = f"{do}owner" if do in ("team.link.", "team.role.") else do
            await boris.presses_data(boris.chat[-1].message_id, Press(do=name, id=ids.get(do, rosa.id)).pack())
            shown = await boris.reads_new()
            assert shown.text == REFUSALS[role], do
    assert await _everything() == before


async def test_what_an_operator_types_and_sends_changes_nothing(
    olga: Person, boris: Person, house: Core, tmp_path: Path
) -> None:
    key = f"talk:{house.settings.admin_bot_token.get_secret_value().partition(':')[0]}:{boris.id}:{boris.id}"  # type: ignore[union-attr]
    before = await _everything()
    for (name, text, state), role in ROLES_OF_SAYING.items():
        await BotState.filter(key=key).update(state=state)
        await boris.says(text)
        assert (await boris.reads_new()).text == REFUSALS[role], name
        assert (await BotState.get(key=key)).state is None, "it is waited for no more"
    file = tmp_path / "prices.txt"
    file.write_text("Everything is free.", encoding="utf-8")
    for state in (None, "SendingExamples:file", "Naming:business", "Naming:name", "FirstSteps:card"):
        await BotState.filter(key=key).update(state=state)
        await boris.sends_file(file)
        assert (await boris.reads_new()).text == REFUSALS[Role.MANAGER]
    await BotState.filter(key=key).update(state="Teaching:answer")
    await boris.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 2})
    assert (await boris.reads_new()).text == REFUSALS[Role.MANAGER]
    bot, _ = boris.server.made_by(boris.token)
    await boris.sends(managed_bot_created={"bot": bot})
    assert (await boris.reads_new()).text == REFUSALS[Role.OWNER]
    assert await _everything() == before


async def test_the_same_buttons_work_for_their_owner(olga: Person, boris: Person) -> None:
    """The walk above would prove nothing with buttons that do nothing."""
    rosa = await assistant_of_person(olga)
    gap = await Gap.create(assistant=rosa, question="Why?", question_key="why", status=GapStatus.OPEN)
    await olga.presses_data(olga.chat[-1].message_id, Press(do="gap.dismiss", id=gap.id).pack())

    async def dismissed() -> bool:
        return (await Gap.get(id=gap.id)).status != GapStatus.OPEN

    await until(dismissed)
    member = await Membership.get(user__telegram_id=boris.id)
    await olga.presses_data(olga.chat[-1].message_id, Press(do="team.remove.yes", id=member.id).pack())
    await olga.reads("Boris is no longer in the team")


async def test_ids_of_another_business_are_old_buttons(
    olga: Person, boris: Person, writes_to_admin_bot: MakePerson
) -> None:
    from tests.integration.owners import started

    clara = await started(writes_to_admin_bot(name="Clara"), name="Clara’s Cakes")
    rosa = await assistant_of_person(olga)
    member = await Membership.get(user__telegram_id=boris.id)
    invitation = await Invitation.filter(tenant_id=rosa.tenant_id).first()
    assert invitation
    before = await _everything()
    for do, row_id in (
        ("choose", rosa.id),
        ("work", rosa.tenant_id),
        ("assistant.delete", rosa.id),
        ("team.member", member.id),
        ("team.role.owner", member.id),
        ("team.remove", member.id),
        ("team.remove.yes", member.id),
        ("team.withdraw", invitation.id),
    ):
        await clara.presses_data(clara.chat[-1].message_id, Press(do=do, id=row_id).pack())
        shown = await clara.reads("“Clara’s Cakes”\n")
        assert shown.text.startswith("This button is out of date"), do
    assert await _everything() == before


async def test_a_demoted_person_is_refused_at_once(olga: Person, boris: Person) -> None:
    member = await Membership.get(user__telegram_id=boris.id)
    await remember_business(member.user_id, member.tenant_id)
    await Membership.filter(id=member.id).update(role=Role.MANAGER)
    await boris.says("/menu")
    menu = await boris.reads_new()
    await boris.presses("Training")
    await Membership.filter(id=member.id).update(role=Role.OPERATOR)
    await boris.presses_data(menu.message_id, Press(do="training").pack())
    await boris.reads(REFUSALS[Role.MANAGER])
