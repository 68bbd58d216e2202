"""Making an assistant, and choosing between several."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, button
from admin_bot.menu import show_menu
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.assistants import create_assistant
from core.tenancy import assistant_of, assistants_of

LONGEST_NAME = 120


class Naming(StatesGroup):
    name = State()


async def ask_first_name(talk: Talk, key: str) -> None:
    """Nothing else can be done before there is one, so there is nothing to cancel."""
    await talk.state.set_state(Naming.name)
    await talk.show(talk.words(key))


async def ask_name(talk: Talk) -> None:
    await talk.state.set_state(Naming.name)
    await talk.show(talk.words("admin-ask-name"), [talk.button("button-cancel", "cancel")])


async def take_name(talk: Talk, message: Message) -> None:
    """His answer makes the assistant."""
    name = " ".join((message.text or "").split())
    if len(name) > LONGEST_NAME:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_NAME, length=len(name)))
        return
    assistant = await create_assistant(talk.core, talk.actor, name, locale=talk.locale)
    await talk.expect_nothing()
    await talk.choose(assistant)
    await talk.say(
        talk.words("admin-created", name=assistant.name),
        [talk.button("button-paste", "paste"), talk.button("button-menu", "menu")],
    )


async def list_assistants(talk: Talk) -> None:
    current = await talk.assistant()
    rows = [
        [button(("● " if one.id == current.id else "") + one.name, "choose", one.id)]
        for one in await assistants_of(talk.actor)
    ]
    delete = [talk.button("button-delete-assistant", "assistant.delete", current.id, name=current.name)]
    last = [talk.button("button-new-assistant", "new"), talk.button("button-menu", "menu")]
    await talk.show(talk.words("admin-assistants"), *rows, delete, last)


async def choose(talk: Talk, press: Press) -> None:
    if press.id is None:
        return
    assistant = await assistant_of(talk.actor, press.id)
    await talk.choose(assistant)
    await show_menu(talk, talk.words("admin-chosen", name=assistant.name))


def setup() -> Router:
    router = Router(name="assistants")
    on_message(router, take_name, StateFilter(Naming.name), F.text)
    on_button(router, "assistants", list_assistants)
    on_button(router, "new", ask_name)
    on_press(router, "choose", choose)
    return router
