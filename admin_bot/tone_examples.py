"""Tone by example: "write like this", and he sends one or a few messages of his own.

They go into what the model reads, as data that shows only how to write (core/prompts); facts are never taken from them.
"""

from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, Row
from admin_bot.proposing import propose
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.models import Role
from core.policy import LONGEST_TONE_EXAMPLE, MOST_TONE_EXAMPLES, policy_of

EXAMPLES = "tone_examples"
"""In his data: what he has sent so far."""


class Showing(StatesGroup):
    example = State()


def as_shown(examples: tuple[str, ...] | list[str]) -> str:
    return "\n\n".join(f"💬 {example}" for example in examples)


async def show_examples(talk: Talk, said: str = "", undo: Row = ()) -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    held = policy_of(assistant).tone_examples
    shown = as_shown(held) or talk.words("admin-persona-none")
    warning = "" if talk.model_writes_his_language else talk.words("admin-persona-quotes")
    await talk.show(
        "\n\n".join(filter(None, (said, warning, talk.words("admin-style", examples=shown)))),
        undo,
        [talk.button("button-style-new", "style.new")],
        [talk.button("button-style-none", "style.none")] if held else [],
        [talk.button("button-settings-back", "persona"), talk.button("button-menu", "menu")],
    )


async def open_examples(talk: Talk) -> None:
    await show_examples(talk)


async def ask_example(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.update_data({EXAMPLES: []})
    await talk.state.set_state(Showing.example)
    await talk.show(talk.words("admin-style-ask", most=MOST_TONE_EXAMPLES), [talk.button("button-cancel", "style")])


async def take_example(talk: Talk, message: Message) -> None:
    """One more; after the last that there may be comes the card."""
    example = (message.text or "").strip()
    if len(example) > LONGEST_TONE_EXAMPLE:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_TONE_EXAMPLE, length=len(example)))
        return
    examples = [*((await talk.state.get_data()).get(EXAMPLES) or []), example]
    if len(examples) >= MOST_TONE_EXAMPLES:
        await propose_examples(talk, examples)
        return
    await talk.state.update_data({EXAMPLES: examples})
    await talk.say(
        talk.words("admin-style-more", count=len(examples), most=MOST_TONE_EXAMPLES),
        [talk.button("button-style-done", "style.done")],
        [talk.button("button-cancel", "style")],
    )


async def take_done(talk: Talk) -> None:
    examples = (await talk.state.get_data()).get(EXAMPLES) or []
    if examples:
        await propose_examples(talk, examples)
    else:
        await ask_example(talk)


async def take_none(talk: Talk, _press: Press) -> None:
    await propose_examples(talk, [])


async def propose_examples(talk: Talk, examples: list[str]) -> None:
    """In the place of those that there are."""
    assistant = await talk.assistant()
    await talk.state.update_data({EXAMPLES: None})
    settings: dict[str, Any] = {"answer_policy": {"tone_examples": examples or None}}
    before = as_shown(policy_of(assistant).tone_examples)
    await propose(talk, assistant, settings, "style", before, as_shown(examples))


async def take_said(talk: Talk, example: str) -> None:
    """ "Write like this: …", said in one breath; without the example he is asked for it."""
    if not example:
        await ask_example(talk)
    elif len(example) > LONGEST_TONE_EXAMPLE:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_TONE_EXAMPLE, length=len(example)))
    else:
        await propose_examples(talk, [example])


def setup() -> Router:
    router = Router(name="tone_examples")
    on_message(router, Role.MANAGER, take_example, StateFilter(Showing.example), F.text)
    on_button(router, Role.MANAGER, "style", open_examples)
    on_button(router, Role.MANAGER, "style.new", ask_example)
    on_button(router, Role.MANAGER, "style.done", take_done)
    on_press(router, Role.MANAGER, "style.none", take_none)
    return router
