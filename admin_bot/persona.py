"""How the assistant speaks: tone, greeting, length, small talk, topics, and whom a customer turns to.

What he types is shown before and after and saved on a button; what is one of a few is switched by its own button.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.going_on import going_on
from admin_bot.keyboards import Press, Row
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.assistants import change_assistant
from core.models import Assistant, Role
from core.policy import LONGEST_TOPIC, MOST_TOPICS, Length, policy_of
from core.tenancy import assistant_of

LIMITS = {"tone": 600, "greeting": 500, "contact": 200}
TOPICS = ("allowed", "forbidden")
TONES = ("friendly", "formal", "brief")
PENDING = "pending"
_NO_TOPIC = " \t•–—-*"


class Describing(StatesGroup):
    tone = State()
    greeting = State()
    contact = State()
    allowed = State()
    forbidden = State()


def value_of(assistant: Assistant, field: str) -> str:
    """What is set now, topics one a line; empty when nothing is."""
    policy = policy_of(assistant)
    values = {
        "tone": assistant.persona,
        "greeting": assistant.greeting,
        "contact": policy.contact,
        "allowed": "\n".join(policy.allowed_topics),
        "forbidden": "\n".join(policy.forbidden_topics),
    }
    return values[field]


def topics_in(text: str) -> list[str]:
    """One a line, however he marked the lines."""
    return list(dict.fromkeys(topic for line in text.splitlines() if (topic := line.strip(_NO_TOPIC))))


async def show_persona(talk: Talk, said: str = "", undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    policy, none = policy_of(assistant), talk.words("admin-persona-none")
    fields = (*LIMITS, *TOPICS)
    facts = {field: value_of(assistant, field).replace("\n", ", ") or none for field in fields}
    card = talk.words("admin-persona", assistant=assistant.name, **facts)
    warning = "" if talk.model_writes_his_language else talk.words("admin-persona-quotes")
    calls = str(policy.forbidden_calls_person).lower()
    await talk.show(
        "\n\n".join(filter(None, (said, warning, card))),
        undo,
        await going_on(talk, assistant),
        [talk.button(f"button-{field}", f"persona.{field}") for field in LIMITS],
        [talk.button("button-length", "switch.length", length=policy.length.value)],
        [talk.button("button-small-talk", "switch.small_talk", on=str(policy.small_talk).lower())],
        [talk.button(f"button-{field}", f"persona.{field}") for field in TOPICS],
        [talk.button("button-forbidden-calls", "switch.calls", on=calls)] if policy.forbidden_topics else [],
        [talk.button("button-menu", "menu")],
    )


async def open_persona(talk: Talk) -> None:
    await show_persona(talk)


async def switch(talk: Talk, press: Press) -> None:
    """`press.do` is switch.length, switch.small_talk or switch.calls: the next choice, at once."""
    assistant = await talk.assistant()
    policy = policy_of(assistant)
    lengths = list(Length)
    changes: dict[str, dict[str, Any]] = {
        "switch.length": {"length": lengths[(lengths.index(policy.length) + 1) % len(lengths)].value},
        "switch.small_talk": {"small_talk": not policy.small_talk},
        "switch.calls": {"forbidden_calls_person": not policy.forbidden_calls_person},
    }
    if press.do in changes:
        await _change_policy(talk, assistant, changes[press.do])
        await show_persona(talk, talk.words("admin-persona-saved"), await talk.undo_row(assistant.id))


async def ask_value(talk: Talk, press: Press) -> None:
    """`press.do` is persona. and one of `LIMITS` or `TOPICS`."""
    field = press.do.removeprefix("persona.")
    assistant = await talk.assistant()
    await talk.state.set_state(getattr(Describing, field))
    choices = [talk.button(f"button-tone-{tone}", f"tone.{tone}") for tone in TONES] if field == "tone" else []
    if field in TOPICS and value_of(assistant, field):
        choices = [talk.button("button-no-topics", f"topics.{field}")]
    await talk.show(talk.words(f"admin-persona-{field}"), choices, [talk.button("button-cancel", "persona")])


async def take_value(talk: Talk, message: Message) -> None:
    field = (await talk.state.get_state() or "").partition(":")[2]
    await propose(talk, field, (message.text or "").strip())


async def take_tone(talk: Talk, press: Press) -> None:
    await propose(talk, "tone", talk.words(f"admin-tone-{press.do.removeprefix('tone.')}"))


async def take_no_topics(talk: Talk, press: Press) -> None:
    """`press.do` is topics. and one of `TOPICS`."""
    await propose(talk, press.do.removeprefix("topics."), "")


async def propose(talk: Talk, field: str, value: str) -> None:
    """The card: before, after, Save. The number in its button tells it from every other card."""
    if wrong := _what_is_wrong(talk, field, value):
        await talk.say(wrong)
        return
    assistant = await talk.assistant()
    await talk.expect_nothing()
    card = secrets.randbits(31)
    after = "\n".join(topics_in(value)) if field in TOPICS else value
    pending = {"field": field, "value": after, "assistant": str(assistant.id), "card": card}
    await talk.state.update_data({PENDING: pending})
    none = talk.words("admin-persona-none")
    await talk.show(
        talk.words("admin-persona-card", before=value_of(assistant, field) or none, after=after or none),
        [talk.button("button-save", "persona.save", assistant.id, card), talk.button("button-cancel", "persona")],
    )


def _what_is_wrong(talk: Talk, field: str, value: str) -> str:
    if field in LIMITS:
        length, limit = len(value), LIMITS[field]
        return talk.words("admin-too-long", limit=limit, length=length) if length > limit else ""
    topics = topics_in(value)
    if len(topics) > MOST_TOPICS:
        return talk.words("admin-too-many-topics", limit=MOST_TOPICS, count=len(topics))
    if any(len(topic) > LONGEST_TOPIC for topic in topics):
        return talk.words("admin-topic-too-long", limit=LONGEST_TOPIC)
    return ""


async def save(talk: Talk, press: Press) -> None:
    """Only what the last card showed: an older card's Save shows how things stand instead."""
    pending = (await talk.state.get_data()).get(PENDING) or {}
    if press.id is None or (pending.get("assistant"), pending.get("card")) != (str(press.id), press.page):
        await show_persona(talk, talk.words("admin-old-button"))
        return
    assistant = await assistant_of(talk.actor, press.id)
    field, value = pending["field"], pending["value"]
    if field == "contact":
        await _change_policy(talk, assistant, {"contact": value})
    elif field in TOPICS:
        await _change_policy(talk, assistant, {f"{field}_topics": topics_in(value)})
    else:
        await change_assistant(talk.actor, assistant, **{"persona" if field == "tone" else "greeting": value})
    await talk.state.update_data({PENDING: None})
    await show_persona(talk, talk.words("admin-persona-saved"), await talk.undo_row(assistant.id))


async def _change_policy(talk: Talk, assistant: Assistant, changes: Mapping[str, Any]) -> None:
    await change_assistant(talk.actor, assistant, answer_policy=assistant.answer_policy | dict(changes))


def setup() -> Router:
    router = Router(name="persona")
    on_message(router, Role.MANAGER, take_value, StateFilter(Describing), F.text)
    on_button(router, Role.MANAGER, "persona", open_persona)
    on_press(router, Role.MANAGER, "persona.save", save)
    on_press(router, Role.MANAGER, "persona.", ask_value)
    on_press(router, Role.MANAGER, "tone.", take_tone)
    on_press(router, Role.MANAGER, "topics.", take_no_topics)
    on_press(router, Role.MANAGER, "switch.", switch)
    return router
