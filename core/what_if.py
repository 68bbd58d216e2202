"""What would be answered with other settings, before they are saved: real questions, answered as they are and as they
would be.

The same path that serves (core/dialog.py), asked about a copy of the assistant that is in no database, in a
conversation that is in none either. Nothing of it is kept: no gap, no near miss, nobody is called. Bounded in number
and time; refuses to know who looks.
"""

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from core.app import Core
from core.assistants import sample_questions, with_settings
from core.channel_names import PREVIEW
from core.dialog import Draft, Task, decide
from core.gaps import gaps_of, question_key
from core.messages import Incoming, Tier
from core.models import Assistant, Author, Contact, Conversation, Message, SampleAnswer, VerifiedAnswer
from core.policy import policy_of
from core.texts import LOCALES
from core.topics import off_limits
from core.tracing import question_behind

QUESTIONS = 3
RECENT = 12
"""Customers' last questions that are looked through."""
PATIENCE_S = 60.0
"""For all answers together."""
_TOPICS = {"allowed_topics", "forbidden_topics", "forbidden_calls_person"}
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What a customer would read, and which way of answering spoke."""

    text: str
    tier: Tier
    by_chance: bool = False
    """The model is set to say the same in other words each time."""


@dataclass(frozen=True, slots=True)
class Comparison:
    question: str
    before: Answer
    after: Answer

    @property
    def differs(self) -> bool:
        return self.before.text != self.after.text


def changed(assistant: Assistant, settings: Mapping[str, Any]) -> Assistant:
    """A copy with these settings (core/assistants.py: `with_settings`), for looking only. Raises `ValueError` for
    what nobody could set."""
    other = copy.copy(assistant)
    other.update_from_dict(with_settings(assistant, settings))
    policy_of(other)
    return other


async def compare(
    core: Core, assistant: Assistant, settings: Mapping[str, Any], questions: Sequence[str]
) -> AsyncIterator[Comparison]:
    """One question after the other; fewer when time runs out."""
    other = changed(assistant, settings)
    until = time.monotonic() + PATIENCE_S
    for question in questions:
        try:
            async with asyncio.timeout(until - time.monotonic()):
                before = await _answer(core, assistant, question)
                after = await _answer(core, other, question)
        except TimeoutError:
            return
        yield Comparison(question, before, after)


async def _answer(core: Core, assistant: Assistant, question: str) -> Answer:
    draft = await answer_quietly(core, assistant, question)
    warm = float(assistant.generation.get("temperature", 0) or 0) > 0
    return Answer(draft.text, draft.tier, by_chance=warm and draft.tier is Tier.GROUNDED)


async def answer_quietly(core: Core, assistant: Assistant, question: str, spare_s: float = 0.0) -> Draft:
    """What somebody who has said nothing before would be answered; nothing of it is kept. The model gets so much more
    time than a customer would give it."""
    contact = Contact(id=uuid4(), assistant_id=assistant.id, channel=PREVIEW, key="")
    conversation = Conversation(id=uuid4(), assistant_id=assistant.id, contact_id=contact.id)
    conversation.assistant = assistant
    asked = Message(id=uuid4(), conversation_id=conversation.id, author=Author.CUSTOMER, text=question)
    asked.created_at = datetime.now(UTC)
    incoming = Incoming(assistant.id, PREVIEW, "", question, history=())
    task = Task(core, assistant, incoming, conversation, asked, _silently, time.monotonic() + spare_s, noted=False)
    return await decide(task)


async def _silently(_text: str) -> None:
    """Nobody listens."""


async def questions_for(core: Core, assistant: Assistant, settings: Mapping[str, Any], locale: str) -> list[str]:
    """Up to `QUESTIONS` on which such a change shows best: a hello for a greeting, what nobody could answer for a
    contact; and what customers asked last, or else could ask."""
    names = {*settings, *(settings.get("answer_policy") or {})}
    pointed: list[str] = []
    if "greeting" in names:
        pointed.append(core.texts.say(locale, "what-if-hello"))
    if "working_hours" in names:
        pointed.append(core.texts.say(locale, "what-if-person"))
    if names & {"contact", "threshold"}:
        pointed += [gap.question for gap in (await gaps_of(assistant))[: QUESTIONS - 1]]
    if "contact" in names and not pointed:
        pointed.append(core.texts.say(locale, "what-if-unknown"))
    real = await _questions(assistant, locale)
    if names & _TOPICS:
        real = await _touched_first(core, assistant, settings, real)
    return _once([*pointed, *real])[:QUESTIONS]


async def _questions(assistant: Assistant, locale: str) -> list[str]:
    """Customers' last ones that were answered from documents; those that he shows customers; samples; ready ones."""
    answers = Message.filter(
        author=Author.ASSISTANT,
        tier__in=(Tier.GROUNDED, Tier.QUOTED),
        conversation__assistant_id=assistant.id,
    ).exclude(conversation__contact__channel=PREVIEW)
    found = [(await question_behind(row))[1] for row in await answers.order_by("-created_at").limit(RECENT)]
    if len(_once(found)) < QUESTIONS:
        for one in (locale, *LOCALES):
            found += await sample_questions(assistant, one)
        samples = SampleAnswer.filter(assistant_id=assistant.id).order_by("position").limit(RECENT)
        found += [row.question for row in await samples]
        ready = VerifiedAnswer.filter(assistant_id=assistant.id).order_by("-created_at").limit(QUESTIONS)
        found += [row.question for row in await ready]
    return _once(found)


async def _touched_first(
    core: Core, assistant: Assistant, settings: Mapping[str, Any], questions: Sequence[str]
) -> list[str]:
    """Those that are off limits before or after, and not in the other case."""
    other = changed(assistant, settings)
    touched = [
        one for one in questions if (await off_limits(core, assistant, one)) != (await off_limits(core, other, one))
    ]
    return [*touched, *(one for one in questions if one not in touched)]


def _once(questions: Sequence[str]) -> list[str]:
    """Each question once, without what is too short to be one."""
    kept: dict[str, str] = {}
    for question in questions:
        kept.setdefault(question_key(question), question)
    return [question for question in kept.values() if len(question) >= _SHORTEST or question == questions[0]]
