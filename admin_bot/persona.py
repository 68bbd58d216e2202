"""How the assistant speaks: tone, greeting, length, small talk, topics, and whom a customer turns to.

What he types, and how much is said, is shown before and after and saved on a button (`proposing.py`, `saving.py`);
what is yes or no is switched by its own button. Hours, quick replies, examples and numbers have rooms of their own.
"""

from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.going_on import going_on
from admin_bot.keyboards import Press, Row
from admin_bot.proposing import propose as propose_settings
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.assistants import change_assistant
from core.models import Assistant, Role
from core.policy import LONGEST_TOPIC, MOST_TOPICS, Length, policy_of
from core.values_in_words import length_wanted, topic_to_avoid

LIMITS = {"tone": 600, "greeting": 500, "contact": 200}
TOPICS = ("allowed", "forbidden")
TONES = ("friendly", "formal", "brief")
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


def lines_of(text: str) -> list[str]:
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
        [talk.button("button-style", "style")],
        [talk.button("button-length", "switch.length", length=policy.length.value)],
        [talk.button("button-small-talk", "switch.small_talk", on=str(policy.small_talk).lower())],
        [talk.button("button-feedback", "switch.feedback", on=str(policy.feedback_buttons).lower())],
        [talk.button(f"button-{field}", f"persona.{field}") for field in TOPICS],
        [talk.button("button-forbidden-calls", "switch.calls", on=calls)] if policy.forbidden_topics else [],
        [talk.button("button-hours", "hours"), talk.button("button-quick", "quick")],
        [talk.button("button-parameters", "parameters")],
        [talk.button("button-menu", "menu")],
    )


async def open_persona(talk: Talk) -> None:
    await show_persona(talk)


async def switch(talk: Talk, press: Press) -> None:
    """`press.do` is switch.small_talk, .feedback or .calls: the other choice, at once; or switch.length: the next one,
    on a card."""
    assistant = await talk.assistant()
    policy = policy_of(assistant)
    if press.do == "switch.length":
        lengths = list(Length)
        await propose_length(talk, lengths[(lengths.index(policy.length) + 1) % len(lengths)])
        return
    changes: dict[str, dict[str, Any]] = {
        "switch.small_talk": {"small_talk": not policy.small_talk},
        "switch.feedback": {"feedback_buttons": not policy.feedback_buttons},
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
    """A card for one of `LIMITS` or `TOPICS`, if the value may be saved."""
    if wrong := _what_is_wrong(talk, field, value):
        await talk.say(wrong)
        return
    assistant = await talk.assistant()
    topics = lines_of(value)
    settings: dict[str, dict[str, Any]] = {
        "tone": {"persona": value},
        "greeting": {"greeting": value},
        "contact": {"answer_policy": {"contact": value}},
        "allowed": {"answer_policy": {"allowed_topics": topics}},
        "forbidden": {"answer_policy": {"forbidden_topics": topics}},
    }
    after = "\n".join(topics) if field in TOPICS else value
    await propose_settings(talk, assistant, settings[field], "persona", value_of(assistant, field), after)


async def take_length(talk: Talk, press: Press) -> None:
    """`press.do` is length. and how much an answer says."""
    wanted = press.do.removeprefix("length.")
    if wanted in set(Length):
        await propose_length(talk, Length(wanted))
    else:
        await show_persona(talk, talk.words("admin-old-button"))


async def propose_length(talk: Talk, wanted: Length) -> None:
    """A card, with the third choice as a button of its own."""
    assistant = await talk.assistant()
    now = policy_of(assistant).length
    others = [length for length in Length if length not in (now, wanted)]
    await propose_settings(
        talk,
        assistant,
        {"answer_policy": {"length": wanted.value}},
        "persona",
        talk.words("change-length", length=now.value),
        talk.words("change-length", length=wanted.value),
        [talk.button("button-length-instead", f"length.{one.value}", length=one.value) for one in others],
    )


async def take_length_said(talk: Talk, text: str) -> None:
    """ "Shorter" and "longer" are one step; without either he sees what there is."""
    wanted = length_wanted(text, policy_of(await talk.assistant()).length)
    if wanted:
        await propose_length(talk, wanted)
    else:
        await show_persona(talk)


async def take_topic_said(talk: Talk, text: str) -> None:
    """ "Don't talk about politics" adds a topic to those that are there."""
    assistant = await talk.assistant()
    topic = topic_to_avoid(text)
    if topic is None:
        await show_persona(talk)
        return
    held = [one for one in policy_of(assistant).forbidden_topics if one.lower() != topic.lower()]
    await propose(talk, "forbidden", "\n".join([*held, topic]))


def _what_is_wrong(talk: Talk, field: str, value: str) -> str:
    if field in LIMITS:
        length, limit = len(value), LIMITS[field]
        return talk.words("admin-too-long", limit=limit, length=length) if length > limit else ""
    topics = lines_of(value)
    if len(topics) > MOST_TOPICS:
        return talk.words("admin-too-many-topics", limit=MOST_TOPICS, count=len(topics))
    if any(len(topic) > LONGEST_TOPIC for topic in topics):
        return talk.words("admin-topic-too-long", limit=LONGEST_TOPIC)
    return ""


async def _change_policy(talk: Talk, assistant: Assistant, changes: Mapping[str, Any]) -> None:
    await change_assistant(talk.actor, assistant, answer_policy=assistant.answer_policy | dict(changes))


def setup() -> Router:
    router = Router(name="persona")
    on_message(router, Role.MANAGER, take_value, StateFilter(Describing), F.text)
    on_button(router, Role.MANAGER, "persona", open_persona)
    on_press(router, Role.MANAGER, "persona.", ask_value)
    on_press(router, Role.MANAGER, "tone.", take_tone)
    on_press(router, Role.MANAGER, "topics.", take_no_topics)
    on_press(router, Role.MANAGER, "switch.", switch)
    on_press(router, Role.MANAGER, "length.", take_length)
    return router
