"""The first minute: hello, language, and on to the first assistant; and the commands that always work."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart, StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.assistants import ask_business
from admin_bot.keyboards import Press, button
from admin_bot.menu import show_menu
from admin_bot.routes import on_button, on_command, on_message, on_press
from admin_bot.talk import Talk
from core.accounts import choose_locale
from core.models import Role
from core.tenancy import assistants_everywhere

SPOKEN = {"ru": ("рус", "rus", "ru"), "en": ("eng", "англ", "en")}
"""How people begin the name of a language that they type."""
LANGUAGES = {"ru": "Русский", "en": "English"}


class Greeting(StatesGroup):
    language = State()


async def greet(talk: Talk) -> None:
    """Somebody new chooses a language first; somebody known sees how things stand."""
    await talk.expect_nothing()
    if await assistants_everywhere(talk.user.id):
        await show_menu(talk)
        return
    if not talk.actor.may(Role.MANAGER):
        await ask_business(talk, "admin-no-assistant")
        return
    await ask_language(talk)


async def ask_language(talk: Talk) -> None:
    await talk.state.set_state(Greeting.language)
    await talk.say(
        talk.words("admin-choose-language"), [button(name, f"speak.{locale}") for locale, name in LANGUAGES.items()]
    )


async def take_language(talk: Talk, message: Message) -> None:
    """He typed it instead of pressing; anything else is asked again."""
    said = (message.text or "").strip().casefold()
    named = [locale for locale, beginnings in SPOKEN.items() if said.startswith(beginnings)]
    if len(named) == 1 and len(said.split()) == 1:
        await speak(talk, Press(do=f"speak.{named[0]}"))
    else:
        await ask_language(talk)


async def speak(talk: Talk, press: Press) -> None:
    """He chose a language."""
    talk.user = await choose_locale(talk.user, press.do.removeprefix("speak."))
    if await assistants_everywhere(talk.user.id):
        await show_menu(talk, talk.words("admin-language-set"))
        return
    await ask_business(talk, "admin-welcome")


async def switch_language(talk: Talk) -> None:
    other = "en" if talk.locale == "ru" else "ru"
    talk.user = await choose_locale(talk.user, other)
    await show_menu(talk, talk.words("admin-language-set"))


async def back_to_menu(talk: Talk) -> None:
    await show_menu(talk)


async def cancel(talk: Talk) -> None:
    """Whatever was being asked is no longer wanted."""
    await talk.expect_nothing()
    await show_menu(talk, talk.words("admin-cancelled"))


async def help_out(talk: Talk) -> None:
    await talk.show(talk.words("admin-help"), [talk.button("button-menu", "menu")])


def setup() -> Router:
    router = Router(name="start")
    on_command(router, Role.OPERATOR, greet, CommandStart())
    on_command(router, Role.OPERATOR, back_to_menu, Command("menu"))
    on_command(router, Role.OPERATOR, help_out, Command("help"))
    on_command(router, Role.OPERATOR, cancel, Command("cancel"))
    on_command(router, Role.OPERATOR, help_out, F.text.startswith("/"))
    on_message(router, Role.OPERATOR, take_language, StateFilter(Greeting.language), F.text)
    on_press(router, Role.OPERATOR, "speak.", speak)
    for do, handler in (("menu", back_to_menu), ("cancel", cancel), ("help", help_out), ("language", switch_language)):
        on_button(router, Role.OPERATOR, do, handler)
    return router
