"""The assistant's page for everybody: shown with its address, opened, closed."""

from uuid import UUID

from aiogram import Router

from admin_bot.keyboards import Press, Row
from admin_bot.routes import on_button, on_press
from admin_bot.talk import Talk
from core.assistants import change_assistant
from core.models import Assistant, Role
from core.tenancy import assistant_of


async def open_page(talk: Talk) -> None:
    await _show(talk, await talk.assistant())


async def _show(talk: Talk, assistant: Assistant, undo: Row = ()) -> None:
    await talk.expect_nothing()
    settings = talk.core.settings
    address = f"{settings.address}/a/{assistant.id}"
    said = [talk.words("admin-page-on" if assistant.public_page else "admin-page-off", assistant=assistant.name)]
    if assistant.public_page:
        said.append(address)
        said += [] if settings.public_url else [talk.words("admin-page-here-only")]
    key, do = ("button-page-close", "page.off") if assistant.public_page else ("button-page-open", "page.on")
    await talk.show("\n\n".join(said), [talk.button(key, do, assistant.id)], undo, [talk.button("button-menu", "menu")])


async def turn(talk: Talk, press: Press) -> None:
    """Raises `NotFound`."""
    assistant = await assistant_of(talk.actor, press.id or UUID(int=0))
    await change_assistant(talk.actor, assistant, public_page=press.do == "page.on")
    await _show(talk, assistant, await talk.undo_row(assistant.id))


def setup() -> Router:
    router = Router(name="public page")
    on_button(router, Role.MANAGER, "page", open_page)
    on_press(router, Role.MANAGER, "page.", turn)
    return router
