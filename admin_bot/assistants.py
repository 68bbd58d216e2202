"""Making an assistant, and choosing between several."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message
from tortoise.transactions import in_transaction

from admin_bot.keyboards import Press, button
from admin_bot.menu import show_menu
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.assistants import create_assistant
from core.drafting.steps import begin
from core.models import Role
from core.team import businesses_of
from core.tenancy import assistants_everywhere, assistants_of

LONGEST_NAME = 120


class Naming(StatesGroup):
    """What is waited for: what his business is, or no more than a name."""

    business = State()
    name = State()


async def ask_business(talk: Talk, key: str) -> None:
    """The one question; `business.py` takes the answer. Nothing else can be done before there is an assistant, so there
    is nothing to cancel. Who may make none waits for it."""
    if not talk.actor.may(Role.MANAGER):
        await talk.expect_nothing()
        await talk.show(talk.words("admin-no-assistant-yet"), [talk.button("button-team", "team")])
        return
    await talk.state.set_state(Naming.business)
    await talk.show(talk.words(key), [talk.button("button-skip", "first.skip")])


async def ask_name(talk: Talk) -> None:
    await talk.state.set_state(Naming.name)
    await talk.show(talk.words("admin-ask-name"), [talk.button("button-cancel", "cancel")])


async def take_name(talk: Talk, message: Message) -> None:
    """His answer makes the assistant."""
    name = " ".join((message.text or "").split())
    if len(name) > LONGEST_NAME:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_NAME, length=len(name)))
        return
    await make_named(talk, name)


async def make_named(talk: Talk, name: str) -> None:
    """An assistant that has a name and nothing else yet. Raises what `create_assistant` does."""
    async with in_transaction():  # killed halfway, his answer is taken again and must not make a second one
        assistant = await create_assistant(talk.core, talk.actor, name, locale=talk.locale)
        await begin(assistant, is_named=True)
        await talk.expect_nothing()
        await talk.choose(assistant.id)
    await talk.say(
        talk.words("admin-created", name=assistant.name),
        [talk.button("button-paste", "paste"), talk.button("button-menu", "menu")],
    )


async def list_assistants(talk: Talk) -> None:
    """Those of all his businesses, each with its business where there are several."""
    works, everywhere = await businesses_of(talk.user.id), await assistants_everywhere(talk.user.id)
    here = [one for one in everywhere if one.tenant_id == talk.actor.tenant_id]
    current = await talk.assistant() if here else None
    rows = []
    for one in everywhere:
        mark = "● " if current and one.id == current.id else ""
        place = f" · {one.tenant.name}" if len(works) > 1 else ""
        rows.append([button(f"{mark}{one.name}{place}", "choose", one.id)])
    full = {one.tenant_id for one in everywhere}
    rows += [
        [talk.button("button-business", "work", one.tenant_id, name=one.tenant.name)]
        for one in works
        if len(works) > 1 and one.tenant_id not in full
    ]
    if current:
        keep = talk.button("button-archive", "archive.make", current.id)
        rows.append([keep, talk.button("button-customers", "customers")])
        rows.append([talk.button("button-delete-assistant", "assistant.delete", current.id, name=current.name)])
    last = [talk.button("button-new-assistant", "new"), talk.button("button-menu", "menu")]
    await talk.show(talk.words("admin-assistants"), *rows, last)


async def choose(talk: Talk, press: Press) -> None:
    """From now on he works with this assistant, and in its business."""
    assistant = await talk.choose(press.id or UUID(int=0))
    await show_menu(talk, talk.words("admin-chosen", name=assistant.name))


async def work(talk: Talk, press: Press) -> None:
    """From now on he works in this business, where there was nothing to choose."""
    await talk.work_in(press.id or UUID(int=0))
    if await assistants_of(talk.actor):
        await show_menu(talk)
    else:
        await ask_business(talk, "admin-no-assistant")


def setup() -> Router:
    router = Router(name="assistants")
    on_message(router, Role.MANAGER, take_name, StateFilter(Naming.name), F.text)
    on_button(router, Role.OPERATOR, "assistants", list_assistants)
    on_button(router, Role.MANAGER, "new", ask_name)
    on_press(router, Role.OPERATOR, "choose", choose)
    on_press(router, Role.OPERATOR, "work", work)
    return router
