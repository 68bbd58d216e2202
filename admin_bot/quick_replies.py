"""Quick replies: questions that customers are offered to begin with, in each language, typed one a line."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, Row
from admin_bot.persona import lines_of
from admin_bot.proposing import propose
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.models import Role
from core.policy import LONGEST_SAMPLE_QUESTION, MOST_SAMPLE_QUESTIONS, policy_of
from core.words import language_of


class Offering(StatesGroup):
    questions = State()


def as_shown(questions: dict[str, list[str]]) -> str:
    """One a line, language after language."""
    return "\n".join(f"• {one}" for language in sorted(questions) for one in questions[language])


async def show_questions(talk: Talk, said: str = "", undo: Row = ()) -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    held = policy_of(assistant).sample_questions
    shown = as_shown(held) or talk.words("admin-persona-none")
    await talk.show(
        "\n\n".join(filter(None, (said, talk.words("admin-quick", questions=shown)))),
        undo,
        [talk.button("button-quick-new", "quick.new")],
        [talk.button("button-quick-none", "quick.none")] if any(held.values()) else [],
        [talk.button("button-settings-back", "persona"), talk.button("button-menu", "menu")],
    )


async def open_questions(talk: Talk) -> None:
    await show_questions(talk)


async def ask_questions(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Offering.questions)
    await talk.show(talk.words("admin-quick-ask", most=MOST_SAMPLE_QUESTIONS), [talk.button("button-cancel", "quick")])


async def take_questions(talk: Talk, message: Message) -> None:
    """Each in its own language; what customers of the other one see stays."""
    typed: dict[str, list[str]] = {}
    for line in lines_of(message.text or ""):
        typed.setdefault(language_of(line), []).append(line)
    if any(len(lines) > MOST_SAMPLE_QUESTIONS for lines in typed.values()):
        count = max(map(len, typed.values()))
        await talk.say(talk.words("admin-quick-many", limit=MOST_SAMPLE_QUESTIONS, count=count))
        return
    longest = max((len(line) for lines in typed.values() for line in lines), default=0)
    if longest > LONGEST_SAMPLE_QUESTION:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_SAMPLE_QUESTION, length=longest))
        return
    assistant = await talk.assistant()
    held = policy_of(assistant).sample_questions
    await _propose(talk, held | typed)


async def take_none(talk: Talk, _press: Press) -> None:
    await _propose(talk, {})


async def _propose(talk: Talk, questions: dict[str, list[str]]) -> None:
    assistant = await talk.assistant()
    settings: dict[str, Any] = {"answer_policy": {"sample_questions": questions or None}}
    before = as_shown(policy_of(assistant).sample_questions)
    await propose(talk, assistant, settings, "quick", before, as_shown(questions))


def setup() -> Router:
    router = Router(name="quick_replies")
    on_message(router, Role.MANAGER, take_questions, StateFilter(Offering.questions), F.text)
    on_button(router, Role.MANAGER, "quick", open_questions)
    on_button(router, Role.MANAGER, "quick.new", ask_questions)
    on_press(router, Role.MANAGER, "quick.none", take_none)
    return router
