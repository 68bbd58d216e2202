"""The shopper's list: which questions he asks, one more of the owner's, one less."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import PAGE, Press, button, page_of, shortened
from admin_bot.knowledge import turn_pages
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.models import Role
from core.shopper.questions import (
    LONGEST,
    SHORTEST,
    AskedAlready,
    ListIsFull,
    add_own_question,
    refresh_list,
    shoppers_list,
    take_off,
)
from core.shopper.whose import find_question


class Listing(StatesGroup):
    question = State()


async def open_list(talk: Talk, press: Press) -> None:
    """With what has come since it was last made. Raises `NoAssistant`, `Unavailable`."""
    await refresh_list(talk.core, await talk.assistant())
    await show_list(talk, press.page)


async def show_list(talk: Talk, page: int = 0, said: str = "") -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    questions = await shoppers_list(assistant)
    page = min(max(page, 0), max(0, len(questions) - 1) // PAGE)
    key = "admin-shopper-list" if questions else "admin-shopper-list-none"
    numbered = list(enumerate(page_of(questions, page), page * PAGE + 1))
    lines = [
        talk.words("admin-shopper-line", number=number, question=shortened(one.question, 200), source=one.source.value)
        for number, one in numbered
    ]
    head = "\n\n".join(filter(None, (said, talk.words(key, assistant=assistant.name))))
    rows = [
        [button(talk.words("button-delete-item", name=one.question), "shopper.off", one.id, page)]
        for _, one in numbered
    ]
    last = [talk.button("button-shopper", "shopper"), talk.button("button-menu", "menu")]
    await talk.show(
        "\n".join([head, "", *lines]) if lines else head,
        *rows,
        turn_pages(talk, "shopper.list", page, len(questions)),
        [talk.button("button-shopper-add", "shopper.add")],
        last,
    )


async def ask_question(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Listing.question)
    await talk.show(talk.words("admin-shopper-add"), [talk.button("button-cancel", "shopper.list")])


async def take_shopper_question(talk: Talk, message: Message) -> None:
    """Raises `Unavailable`."""
    text, assistant = (message.text or "").strip(), await talk.assistant()
    if len(text) > LONGEST:
        await talk.say(talk.words("admin-too-long", limit=LONGEST, length=len(text)))
        return
    if len(text) < SHORTEST:
        await talk.say(talk.words("admin-shopper-short"), [talk.button("button-cancel", "shopper.list")])
        return
    try:
        await add_own_question(talk.core, assistant, text)
    except (AskedAlready, ListIsFull) as error:
        said = talk.core.texts.explain(talk.locale, error)
    else:
        said = talk.words("admin-shopper-added")
    await show_list(talk, said=said)


async def take_one_off(talk: Talk, press: Press) -> None:
    """It does not come back by itself."""
    question = await find_question(talk.actor, press.id)
    await take_off(question)
    await show_list(talk, press.page, talk.words("admin-shopper-off", question=shortened(question.question, 100)))


def setup() -> Router:
    router = Router(name="shopper_list")
    on_message(router, Role.MANAGER, take_shopper_question, StateFilter(Listing.question), F.text)
    on_press(router, Role.MANAGER, "shopper.list", open_list)
    on_button(router, Role.MANAGER, "shopper.add", ask_question)
    on_press(router, Role.MANAGER, "shopper.off", take_one_off)
    return router
