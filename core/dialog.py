"""The story of one message: remember it, decide who speaks, look things up, answer, remember the answer.

A person who talks is not interrupted; courtesy needs no search; who wants a person gets one. Otherwise the tiers, in
order: the owner's own words, the model from passages, the passages' own sentences, an honest "I don't know". Refuses
to know channels; a customer never sees an exception from here.
"""

import logging
import time
from dataclasses import dataclass, field
from uuid import UUID

from core.app import Core
from core.askers import offer_to_tell
from core.conversations import answer_id, given_answer, remember_answer
from core.courtesy import courteous_answer
from core.documents import is_reading
from core.errors import ProductError
from core.following_up import told_before, whole_question
from core.gaps import record_gap
from core.grounding import PATIENCE_S, ground_answer
from core.handoff import STILL_READING, awaits_person_here, failed_before, hand_over, person_talks, wish_for_person
from core.memory import Memory, remembered, summarise_older
from core.messages import COURTESY, Citation, Incoming, OnText, Reply, Tier
from core.models import Assistant, Conversation, GapStatus, HandoffReason, Message
from core.policy import policy_of
from core.quoting import quote_best
from core.retrieval import search_documents
from core.search.sufficiency import Finding
from core.topics import off_limits
from core.training import adapter_for
from core.turn_taking import own_turn
from core.verified import find_verified
from core.wishes import wish_in
from core.words import language_of

log = logging.getLogger(__name__)
LONGEST_QUESTION = 2000


@dataclass(slots=True)
class Draft:
    """An answer in the making. `sent` is what the customer has already been shown; `unanswered`, the group of an open
    question, and the whole question."""

    tier: Tier
    text: str
    reason: str
    citations: tuple[Citation, ...] = ()
    model: str = ""
    adapter_id: UUID | None = None
    sent: bool = False
    unanswered: tuple[UUID, str] | None = None


@dataclass(slots=True)
class Task:
    """One question and all that answering it needs. Times are seconds of `time.monotonic`.

    Of one that is not `noted` nothing is written down: an owner looks what would be answered (core/what_if.py).
    """

    core: Core
    assistant: Assistant
    incoming: Incoming
    conversation: Conversation
    asked: Message
    on_text: OnText
    started: float
    timings: dict[str, float] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    noted: bool = True

    @property
    def text(self) -> str:
        return self.incoming.text.strip()[:LONGEST_QUESTION]

    @property
    def language(self) -> str:
        return language_of(self.text)

    def passed(self) -> float:
        """Seconds since the question came."""
        return round(time.monotonic() - self.started, 4)

    async def say(self, text: str) -> None:
        self.timings.setdefault("ttft_s", self.passed())
        await self.on_text(text)


async def _nobody_listens(_text: str) -> None:
    """For channels that take the answer whole."""


async def answer_message(core: Core, incoming: Incoming, on_text: OnText = _nobody_listens) -> Reply:
    """Answer one customer's message; `on_text` hears the answer piece by piece, together exactly `Reply.text`.

    One contact's questions are answered one after the other. Raises `NotFound` for an unknown assistant or
    conversation, `TooManyWaiting` when a contact asks too fast. All else that fails becomes a worse tier.
    """
    started = time.monotonic()
    async with own_turn(incoming) as (conversation, asked):
        assistant = conversation.assistant
        if incoming.question_id and (given := await given_answer(asked)):
            await on_text(given.text)
            return given
        task = Task(core, assistant, incoming, conversation, asked, on_text, started)
        draft = await decide(task)
        if draft.text and not draft.sent:
            await task.say(draft.text)
        reply = _as_reply(task, draft)
        await remember_answer(conversation, reply)
    if task.memory.outgrown:
        core.background.start(summarise_older(core, assistant, conversation), f"summary of {conversation.id}")
    return reply


def _as_reply(task: Task, draft: Draft) -> Reply:
    return Reply(
        text=draft.text,
        tier=draft.tier,
        conversation_id=task.conversation.id,
        message_id=answer_id(task.asked.id),
        reason=draft.reason,
        citations=draft.citations,
        timings=task.timings | {"total_s": task.passed()},
        model=draft.model,
        adapter_id=draft.adapter_id,
    )


async def decide(task: Task) -> Draft:
    """Who speaks to what was said: a person, courtesy, or knowledge."""
    core, assistant, conversation, text = task.core, task.assistant, task.conversation, task.text
    if await person_talks(assistant, conversation, task.asked):
        return Draft(Tier.PERSON, "", "a person talks")
    if not wish_in(text) and (polite := await courteous_answer(core, assistant, text)):
        return Draft(Tier.VERIFIED, polite, COURTESY)
    try:
        if wish := await wish_for_person(core, assistant, text):
            return await _hand_over(task, wish)
        draft = await _answer(task)
    except ProductError as error:
        # Search is away: "our documents do not say" would be a lie, and it is no gap of the owner's.
        log.exception("assistant %s could not answer", assistant.id)
        return Draft(Tier.REFUSED, core.texts.say(task.language, "customer-cannot-answer"), error.code)
    if draft.tier is Tier.REFUSED and await failed_before(conversation, task.asked, draft.reason):
        return await _hand_over(task, HandoffReason.REPEATED_FAILURE)
    if draft.unanswered:
        await offer_to_tell(conversation, task.incoming.channel, task.asked.id, *draft.unanswered)
    return draft


async def _hand_over(task: Task, reason: HandoffReason) -> Draft:
    where = task.incoming.channel
    said = await hand_over(task.core, task.assistant, task.conversation, reason, task.language, where)
    return Draft(Tier.HANDED_OVER, said, f"a person was called: {reason.value}")


async def _answer(task: Task) -> Draft:
    """The best tier that can speak. Raises what search raises."""
    core, assistant = task.core, task.assistant
    task.memory = await remembered(core, task.conversation, task.asked, task.incoming)
    question = await whole_question(core, assistant, task.text, task.memory, task.started + PATIENCE_S)
    verified = await find_verified(core, assistant, question, noted=task.noted)
    if verified:
        return Draft(Tier.VERIFIED, verified.answer, f"verified answer {verified.id}")
    limit = await off_limits(core, assistant, question)
    if limit and limit.needs_person:
        return await _hand_over(task, HandoffReason.FORBIDDEN_TOPIC)
    if limit:
        return Draft(Tier.REFUSED, limit.sentence, limit.reason)
    finding = await search_documents(core, assistant, question)
    task.timings["retrieval_s"] = task.passed()
    if not finding.sufficient:
        return await _unknown(task, question, f"best passage has confidence {finding.confidence:.2f}")
    return await _from_passages(task, question, finding)


async def _from_passages(task: Task, question: str, finding: Finding) -> Draft:
    """Grounded if the model writes this language and stays with the passages, quoted otherwise."""
    core, assistant = task.core, task.assistant
    reason = f"{core.llm.name} does not write {language_of(question)}"
    if core.llm.languages is None or language_of(question) in core.llm.languages:
        try:
            adapter = await adapter_for(core, assistant, task.conversation, task.incoming.channel)
            deadline = task.started + PATIENCE_S
            talk = told_before(core, task.memory)
            grounded = await ground_answer(
                core, assistant, question, finding.passages, adapter, task.say, deadline, talk
            )
        except ProductError as error:
            log.warning("no grounded answer for assistant %s: %s", assistant.id, error)
            reason = f"{error.code}: {error.facts.get('reason', '')}"
        else:
            reason = grounded.reason
            if grounded.text:
                used = UUID(adapter.id) if adapter else None
                return Draft(Tier.GROUNDED, grounded.text, reason, grounded.citations, core.llm.name, used, sent=True)
    citation = await quote_best(core, question, finding.passages, policy_of(assistant).length)
    return Draft(Tier.QUOTED, citation.quote, reason, (citation,))


async def _unknown(task: Task, question: str, reason: str) -> Draft:
    """Say so, and offer a person. What may stand in a document that is still being read is no gap yet."""
    contact = policy_of(task.assistant).contact
    key, unanswered = "customer-refusal-contact" if contact else "customer-refusal", None
    if await is_reading(task.assistant):
        key, reason = "customer-still-reading-contact" if contact else "customer-still-reading", STILL_READING
    else:
        gap = await record_gap(task.core, task.assistant.id, question) if task.noted else None
        if awaits_person_here(task.conversation, task.incoming.channel, contact):
            key = "customer-refusal-waiting"
        elif gap and gap.status != GapStatus.DISMISSED:
            unanswered = gap.id, question
    said = task.core.texts.say(task.language, key, contact=contact)
    return Draft(Tier.REFUSED, said, reason, unanswered=unanswered)
