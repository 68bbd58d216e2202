"""Deleting an assistant: what would be gone is said first, and its name must be typed. It can come back for a while."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.assistants import ask_business
from admin_bot.channel import title_of
from admin_bot.keyboards import Press
from admin_bot.menu import show_menu
from admin_bot.routes import on_message, on_press
from admin_bot.standing import standing_of
from admin_bot.talk import Talk
from core.channels import channels_of
from core.errors import NotFound
from core.farewell import delete_assistant
from core.models import Assistant, Role
from core.tenancy import assistant_of, assistants_of
from core.verified import verified_answers_of

DELETING = "deleting"


class Deleting(StatesGroup):
    name = State()


async def ask_for_name(talk: Talk, press: Press) -> None:
    """Raises `NotFound`, and `Refused` for somebody who may not."""
    talk.actor.must_be(Role.OWNER)
    assistant = await assistant_of(talk.actor, press.id or UUID(int=0))
    standing, bots = await standing_of(assistant), await _bots_of(talk, assistant)
    counted = {"documents": standing.documents, "sites": standing.sites}
    answers = len(await verified_answers_of(assistant))
    lines = [
        talk.words("admin-farewell", name=assistant.name, answers=answers, **counted),
        *([talk.words("admin-farewell-bots", bots=bots)] if bots else []),
        "",
        talk.words("admin-farewell-type", name=assistant.name),
    ]
    await talk.state.update_data({DELETING: str(assistant.id)})
    await talk.state.set_state(Deleting.name)
    await talk.show("\n".join(lines), [talk.button("button-cancel", "cancel")])


async def take_name(talk: Talk, message: Message) -> None:
    """His answer deletes it, or is another name."""
    assistant = await _chosen(talk)
    if _plain(message.text or "") != _plain(assistant.name):
        cancel = [talk.button("button-cancel", "cancel")]
        await talk.say(talk.words("admin-farewell-other-name", name=assistant.name), cancel)
        return
    bots = await _bots_of(talk, assistant)
    await talk.expect_nothing()
    await delete_assistant(talk.core, talk.actor, assistant)
    said = [talk.words("admin-farewell-done", name=assistant.name)]
    said += [talk.words("admin-farewell-bots-done", bots=bots)] if bots else []
    undo = await talk.undo_row(assistant.id)
    days = round(talk.core.settings.undo_days)
    said += [talk.words("admin-farewell-undo", days=days)] if undo else []
    await talk.say(" ".join(said), undo)
    if await assistants_of(talk.actor):
        await show_menu(talk)
    else:
        await ask_business(talk, "admin-no-assistant")


async def _bots_of(talk: Talk, assistant: Assistant) -> str:
    return ", ".join(title_of(talk.core, bot, talk.locale) for bot in await channels_of(assistant))


async def _chosen(talk: Talk) -> Assistant:
    """Raises `NotFound` when somebody else was quicker; nothing is waited for then."""
    chosen = str((await talk.state.get_data()).get(DELETING, ""))
    for assistant in await assistants_of(talk.actor):
        if str(assistant.id) == chosen:
            return assistant
    await talk.expect_nothing()
    raise NotFound(what="assistant")


def _plain(name: str) -> str:
    """Case, spaces and quotation marks around it are not what is asked about."""
    return " ".join(name.split()).strip("«»“”\"'").casefold()


def setup() -> Router:
    router = Router(name="farewell")
    on_message(router, Role.OWNER, take_name, StateFilter(Deleting.name), F.text)
    on_press(router, Role.OWNER, "assistant.delete", ask_for_name)
    return router
