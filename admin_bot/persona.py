"""How the assistant speaks: tone, greeting, and whom a customer turns to. Shown before and after, saved on a button."""

import secrets

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.assistants import change_assistant
from core.models import Assistant
from core.tenancy import assistant_of

LIMITS = {"tone": 600, "greeting": 500, "contact": 200}
TONES = ("friendly", "formal", "brief")
PENDING = "pending"


class Describing(StatesGroup):
    tone = State()
    greeting = State()
    contact = State()


def value_of(assistant: Assistant, field: str) -> str:
    """What is set now; empty when nothing is."""
    if field == "contact":
        return str(assistant.answer_policy.get("contact", ""))
    return assistant.persona if field == "tone" else assistant.greeting


async def show_persona(talk: Talk, said: str = "") -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    none = talk.words("admin-persona-none")
    facts = {field: value_of(assistant, field) or none for field in LIMITS}
    card = talk.words("admin-persona", assistant=assistant.name, **facts)
    warning = "" if talk.model_writes_his_language else talk.words("admin-persona-quotes")
    await talk.show(
        "\n\n".join(filter(None, (said, warning, card))),
        [talk.button(f"button-{field}", f"persona.{field}") for field in LIMITS],
        [talk.button("button-menu", "menu")],
    )


async def open_persona(talk: Talk) -> None:
    await show_persona(talk)


async def ask_value(talk: Talk, press: Press) -> None:
    """`press.do` is persona.tone, persona.greeting or persona.contact."""
    field = press.do.removeprefix("persona.")
    await talk.assistant()
    await talk.state.set_state(getattr(Describing, field))
    tones = [talk.button(f"button-tone-{tone}", f"tone.{tone}") for tone in TONES] if field == "tone" else []
    await talk.show(talk.words(f"admin-persona-{field}"), tones, [talk.button("button-cancel", "persona")])


async def take_value(talk: Talk, message: Message) -> None:
    field = (await talk.state.get_state() or "").partition(":")[2]
    await propose(talk, field, (message.text or "").strip())


async def take_tone(talk: Talk, press: Press) -> None:
    await propose(talk, "tone", talk.words(f"admin-tone-{press.do.removeprefix('tone.')}"))


async def propose(talk: Talk, field: str, value: str) -> None:
    """The card: before, after, Save. The number in its button tells it from every other card."""
    if len(value) > LIMITS[field]:
        await talk.say(talk.words("admin-too-long", limit=LIMITS[field], length=len(value)))
        return
    assistant = await talk.assistant()
    await talk.expect_nothing()
    card = secrets.randbits(31)
    pending = {"field": field, "value": value, "assistant": str(assistant.id), "card": card}
    await talk.state.update_data({PENDING: pending})
    before = value_of(assistant, field) or talk.words("admin-persona-none")
    await talk.show(
        talk.words("admin-persona-card", before=before, after=value),
        [talk.button("button-save", "persona.save", assistant.id, card), talk.button("button-cancel", "persona")],
    )


async def save(talk: Talk, press: Press) -> None:
    """Only what the last card showed: an older card's Save shows how things stand instead."""
    pending = (await talk.state.get_data()).get(PENDING) or {}
    if press.id is None or (pending.get("assistant"), pending.get("card")) != (str(press.id), press.page):
        await show_persona(talk, talk.words("admin-old-button"))
        return
    assistant = await assistant_of(talk.actor, press.id)
    field, value = pending["field"], pending["value"]
    if field == "contact":
        await change_assistant(talk.actor, assistant, answer_policy={**assistant.answer_policy, "contact": value})
    else:
        await change_assistant(talk.actor, assistant, **{"persona" if field == "tone" else "greeting": value})
    await talk.state.update_data({PENDING: None})
    await show_persona(talk, talk.words("admin-persona-saved"))


def setup() -> Router:
    router = Router(name="persona")
    on_message(router, take_value, StateFilter(Describing), F.text)
    on_button(router, "persona", open_persona)
    on_press(router, "persona.save", save)
    on_press(router, "persona.", ask_value)
    on_press(router, "tone.", take_tone)
    return router
