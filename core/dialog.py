"""The story of one message: remember it, look things up, decide which tier speaks, answer, remember the answer.

Tiers, in order: the owner's own words, the model from passages, the passages' own sentences, an honest "I don't
know". Refuses to know channels; a customer never sees an exception from here.
"""

import logging
import time
from dataclasses import dataclass
from uuid import UUID

from core.app import Core
from core.conversations import (
    answer_id,
    conversation_of,
    given_answer,
    recent_turns,
    remember_answer,
    remember_question,
)
from core.errors import NotFound, ProductError
from core.gaps import record_gap
from core.grounding import PATIENCE_S, ground_answer
from core.messages import Citation, Incoming, OnText, Reply, Said, Tier
from core.models import Assistant, Conversation, Message
from core.quoting import quote_best
from core.retrieval import search_documents
from core.rewriting import standalone_question
from core.search.sufficiency import Finding
from core.training import live_adapter
from core.verified import find_verified
from core.words import is_greeting, language_of

log = logging.getLogger(__name__)
LONGEST_QUESTION = 2000


@dataclass(slots=True)
class _Draft:
    """An answer in the making. `sent` is what the customer has already been shown."""

    tier: Tier
    text: str
    reason: str
    citations: tuple[Citation, ...] = ()
    model: str = ""
    adapter_id: UUID | None = None
    sent: bool = False


async def _nobody_listens(_text: str) -> None:
    """For channels that take the answer whole."""


async def answer_message(core: Core, incoming: Incoming, on_text: OnText = _nobody_listens) -> Reply:
    """Answer one customer's message; `on_text` hears the answer piece by piece, together exactly `Reply.text`.

    Raises `NotFound` for an unknown assistant or conversation. Everything else that fails becomes a worse tier.
    """
    started, deadline = time.perf_counter(), time.monotonic() + PATIENCE_S
    timings: dict[str, float] = {}

    async def timed(text: str) -> None:
        timings.setdefault("ttft_s", round(time.perf_counter() - started, 4))
        await on_text(text)

    assistant = await Assistant.get_or_none(id=incoming.assistant_id)
    if assistant is None:
        raise NotFound(what="assistant")
    conversation = await conversation_of(incoming)
    asked = await remember_question(conversation, incoming)
    if incoming.question_id and (reply := await given_answer(asked)):
        await on_text(reply.text)
        return reply
    text = incoming.text.strip()[:LONGEST_QUESTION]
    draft = await _greet(core, assistant, text) or await _answer(
        core, assistant, conversation, asked, text, incoming.history, timed, timings, deadline
    )
    if not draft.sent:
        await timed(draft.text)
    timings["total_s"] = round(time.perf_counter() - started, 4)
    reply = Reply(
        text=draft.text,
        tier=draft.tier,
        conversation_id=conversation.id,
        message_id=answer_id(asked),
        reason=draft.reason,
        citations=draft.citations,
        timings=timings,
        model=draft.model,
        adapter_id=draft.adapter_id,
    )
    await remember_answer(reply)
    return reply


def greeting_of(core: Core, assistant: Assistant, language: str) -> str:
    """What a customer reads first: the owner's greeting, or ours."""
    return assistant.greeting or core.texts.say(language, "customer-greeting", name=assistant.name)


async def _greet(core: Core, assistant: Assistant, text: str) -> _Draft | None:
    """ "Hello" and "спасибо" get the greeting, not a search."""
    if not is_greeting(text):
        return None
    return _Draft(Tier.VERIFIED, greeting_of(core, assistant, language_of(text)), "greeting")


async def _answer(
    core: Core,
    assistant: Assistant,
    conversation: Conversation,
    asked: Message,
    text: str,
    history: tuple[Said, ...] | None,
    on_text: OnText,
    timings: dict[str, float],
    deadline: float,
) -> _Draft:
    started = time.perf_counter()
    try:
        question = standalone_question(text, await recent_turns(conversation, asked, history))
        verified = await find_verified(core, assistant, question)
        if verified:
            return _Draft(Tier.VERIFIED, verified.answer, f"verified answer {verified.id}")
        finding = await search_documents(core, assistant, question)
        timings["retrieval_s"] = round(time.perf_counter() - started, 4)
        if not finding.sufficient:
            await record_gap(core, assistant.id, text)
            return _refuse(core, assistant, text, f"best passage has confidence {finding.confidence:.2f}")
        return await _from_passages(core, assistant, question, finding, on_text, deadline)
    except ProductError as error:
        # Search is away: "our documents do not say" would be a lie, and it is no gap of the owner's.
        log.exception("assistant %s could not answer", assistant.id)
        return _Draft(Tier.REFUSED, core.texts.say(language_of(text), "customer-cannot-answer"), error.code)


async def _from_passages(
    core: Core, assistant: Assistant, question: str, finding: Finding, on_text: OnText, deadline: float
) -> _Draft:
    """Grounded if the model writes this language and stays with the passages, quoted otherwise."""
    reason = f"{core.llm.name} does not write {language_of(question)}"
    if core.llm.languages is None or language_of(question) in core.llm.languages:
        try:
            adapter = await live_adapter(core, assistant)
            grounded = await ground_answer(core, assistant, question, finding.passages, adapter, on_text, deadline)
        except ProductError as error:
            log.warning("no grounded answer for assistant %s: %s", assistant.id, error)
            reason = f"{error.code}: {error.facts.get('reason', '')}"
        else:
            reason = grounded.reason
            if grounded.text:
                return _Draft(
                    Tier.GROUNDED,
                    grounded.text,
                    reason,
                    grounded.citations,
                    core.llm.name,
                    UUID(adapter.id) if adapter else None,
                    sent=True,
                )
    citation = await quote_best(core, question, finding.passages)
    return _Draft(Tier.QUOTED, citation.quote, reason, (citation,))


def _refuse(core: Core, assistant: Assistant, text: str, reason: str) -> _Draft:
    """Say so, and offer a person."""
    language = language_of(text)
    contact = assistant.answer_policy.get("contact", "")
    key = "customer-refusal-contact" if contact else "customer-refusal"
    return _Draft(Tier.REFUSED, core.texts.say(language, key, contact=str(contact)), reason)
