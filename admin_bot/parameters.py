"""For the brave: the numbers of the model and of how sure an answer must be, typed, with bounds, and a way back."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, Row
from admin_bot.proposing import propose
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.models import Role
from core.parameters import PARAMETERS, back_to_defaults, parameter_of

NUMBER = "number"
"""In his data: the parameter that he types."""


class Tuning(StatesGroup):
    number = State()


def plain(number: float) -> str:
    return f"{number:g}"


async def show_parameters(talk: Talk, said: str = "", undo: Row = ()) -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    facts = {name: plain(parameter_of(assistant, name)) for name in PARAMETERS}
    warning = "" if talk.model_writes_his_language else talk.words("admin-numbers-quotes")
    back = [talk.button("button-number-defaults", "parameters.back")] if back_to_defaults(assistant) else []
    await talk.show(
        "\n\n".join(filter(None, (said, talk.words("admin-numbers", **facts), warning))),
        undo,
        *([talk.button(f"button-number-{_key(name)}", f"number.{name}")] for name in PARAMETERS),
        back,
        [talk.button("button-settings-back", "persona"), talk.button("button-menu", "menu")],
    )


async def open_parameters(talk: Talk) -> None:
    await show_parameters(talk)


async def ask_number(talk: Talk, press: Press) -> None:
    """`press.do` is number. and one of `PARAMETERS`."""
    name = press.do.removeprefix("number.")
    assistant = await talk.assistant()
    if name not in PARAMETERS:
        await show_parameters(talk, talk.words("admin-old-button"))
        return
    await talk.state.update_data({NUMBER: name})
    await talk.state.set_state(Tuning.number)
    now, usual = plain(parameter_of(assistant, name)), plain(PARAMETERS[name].default)
    await talk.show(
        talk.words(f"admin-number-{_key(name)}", now=now, usual=usual), [talk.button("button-cancel", "parameters")]
    )


async def take_number(talk: Talk, message: Message) -> None:
    name = str((await talk.state.get_data()).get(NUMBER))
    if name not in PARAMETERS:
        await show_parameters(talk, talk.words("admin-old-button"))
        return
    number = PARAMETERS[name].read(message.text or "")
    if number is None:
        await talk.say(talk.words(f"admin-number-wrong-{_key(name)}"), [talk.button("button-cancel", "parameters")])
        return
    assistant = await talk.assistant()
    before, after = plain(parameter_of(assistant, name)), plain(number)
    await propose(talk, assistant, {PARAMETERS[name].column: {name: number}}, "parameters", before, after)


async def take_defaults(talk: Talk) -> None:
    assistant = await talk.assistant()
    settings = back_to_defaults(assistant)
    changed = [name for name in PARAMETERS if name in settings.get(PARAMETERS[name].column, {})]
    before = _listed(talk, {name: parameter_of(assistant, name) for name in changed})
    after = _listed(talk, {name: PARAMETERS[name].default for name in changed})
    await propose(talk, assistant, settings, "parameters", before, after)


def _listed(talk: Talk, numbers: dict[str, float]) -> str:
    return "; ".join(f"{talk.words(f'setting-{_key(name)}')} {plain(number)}" for name, number in numbers.items())


def _key(name: str) -> str:
    return name.replace("_", "-")


def setup() -> Router:
    router = Router(name="parameters")
    on_message(router, Role.MANAGER, take_number, StateFilter(Tuning.number), F.text)
    on_button(router, Role.MANAGER, "parameters", open_parameters)
    on_button(router, Role.MANAGER, "parameters.back", take_defaults)
    on_press(router, Role.MANAGER, "number.", ask_number)
    return router
