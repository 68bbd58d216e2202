"""What an answer stood on, looked up again for its owner: the question, why this tier spoke, the passages as they are
now, and where nothing was good enough, what was nearest and what it lacks.

An answer keeps its citations (core/conversations.py); all else is asked of the documents as they are at this moment, so
that what was changed or deleted since is told as that. Refuses to know how owners are told.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.app import Core
from core.conversations import answer_id
from core.errors import Unavailable
from core.handoff import STILL_READING
from core.messages import Passage, Said, Tier
from core.models import Assistant, Author, Message, PassageRow, VerifiedAnswer
from core.passage_edits import correction_of, hidden_by
from core.passages import CORRECTION
from core.retrieval import look_up
from core.rewriting import standalone_question
from core.search.sufficiency import Asked, judge, threshold_of
from core.search.synonyms import evidence_in, subjects_of
from core.sentences import split_sentences
from core.topics import OFF_LIMITS
from core.words import language_of

NEAREST = 3
_MOST_LACKING = 3
_SHORTEST_LACKING = 4
"""Characters: of shorter words only numbers and names tell anything."""
_MOST_TURNS = 20
_BURST = 20
_MARK_BITS = 48
_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
_VERIFIED = "verified answer "


class Why(StrEnum):
    """Why this tier spoke, of those that an owner can do something about or wonders about."""

    READY = "ready"
    COURTESY = "courtesy"
    OFF_LIMITS = "off-limits"
    HANDED_OVER = "handed-over"
    WRITTEN = "written"
    QUOTED_LANGUAGE = "quoted-language"
    QUOTED_TIME = "quoted-time"
    QUOTED_AWAY = "quoted-away"
    QUOTED_UNSUPPORTED = "quoted-unsupported"
    UNKNOWN = "unknown"
    STILL_READING = "still-reading"
    SEARCH_AWAY = "search-away"
    PERSON = "person"


class State(StrEnum):
    """How a passage is now: answers, answers in the owner's own words, is hidden, is corrected, or is not there."""

    USED = "used"
    OWN_WORDS = "own-words"
    HIDDEN = "hidden"
    CORRECTED = "corrected"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A passage beside an answer. `quote` is the sentence of it that carried the answer, or came nearest.

    `passage` is None when it has changed or is gone. Of one that was only near, `fits` is how sure it is that it
    answers (0 to 1), `enough` whether that would be enough now, `near` whether it is half of that, and `lacks` are the
    question's words that it says nothing about.
    """

    document: str
    page: int | None
    heading: str
    quote: str
    state: State
    passage: PassageRow | None = None
    fits: float | None = None
    enough: bool = False
    near: bool = False
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """`question` is as it was asked, `whole` as it stands alone, `before` what was said before it; all empty where it
    is not stored. `ready` is the owner's answer that was given, if it is still there."""

    why: Why
    question: str
    whole: str
    before: tuple[Said, ...]
    exhibits: tuple[Exhibit, ...] = ()
    ready: VerifiedAnswer | None = None


async def trace_answer(core: Core, assistant: Assistant, answer: Message) -> Trace:
    """All of it."""
    question, whole, before = await question_behind(answer)
    why, exhibits, ready = why_of(answer), tuple[Exhibit, ...](), None
    if answer.citations:
        exhibits = await _cited(assistant, answer)
    elif why is Why.UNKNOWN and whole:
        with suppress(Unavailable):  # then the nearest are not told of
            exhibits = await _nearest(core, assistant, whole)
    elif why is Why.READY:
        ready = await ready_answer(assistant, answer)
    return Trace(why, question, whole, before, exhibits, ready)


async def question_behind(answer: Message) -> tuple[str, str, tuple[Said, ...]]:
    """The question that an answer answers, the same as it would be asked alone, and what was said before it."""
    turns = Message.filter(conversation_id=answer.conversation_id).exclude(text="")
    asked = (
        turns.filter(author=Author.CUSTOMER, created_at__lte=answer.created_at).order_by("-created_at").limit(_BURST)
    )
    question = next((one for one in await asked if answer_id(one.id) == answer.id), None)
    if question is None:
        return "", "", ()
    rows = await turns.filter(created_at__lt=question.created_at).order_by("-created_at").limit(_MOST_TURNS)
    before = tuple(Said(row.author.value, row.text, row.tier, row.reason) for row in reversed(rows))
    return question.text, standalone_question(question.text, before), before


async def ready_answer(assistant: Assistant, answer: Message) -> VerifiedAnswer | None:
    """The owner's own answer that was given, if it is still there."""
    if why_of(answer) is not Why.READY or not answer.reason.startswith(_VERIFIED):
        return None
    key = UUID(answer.reason.removeprefix(_VERIFIED))
    return await VerifiedAnswer.get_or_none(id=key, assistant_id=assistant.id)


def why_of(answer: Message) -> Why:
    """Read from the tier and the reason that are kept with an answer (core/dialog.py writes them)."""
    tier, reason = answer.tier, answer.reason
    if tier == Tier.VERIFIED:
        return Why.COURTESY if reason == "courtesy" else Why.READY
    if tier == Tier.REFUSED:
        if reason.startswith(OFF_LIMITS):
            return Why.OFF_LIMITS
        if reason == STILL_READING:
            return Why.STILL_READING
        return Why.SEARCH_AWAY if reason.startswith("error-") else Why.UNKNOWN
    if tier == Tier.QUOTED:
        return _why_quoted(reason)
    return {Tier.GROUNDED: Why.WRITTEN, Tier.HANDED_OVER: Why.HANDED_OVER}.get(Tier(tier), Why.PERSON)


def _why_quoted(reason: str) -> Why:
    if " does not write " in reason:
        return Why.QUOTED_LANGUAGE
    if reason.startswith("error-"):
        return Why.QUOTED_AWAY
    return Why.QUOTED_TIME if " time" in reason or "too many wait" in reason else Why.QUOTED_UNSUPPORTED


def mark_of(passage_id: UUID) -> int:
    """The beginning of an id as a number, for where there is no room for two whole ids."""
    return passage_id.int >> (128 - _MARK_BITS)


async def passage_marked(assistant: Assistant, mark: int) -> PassageRow | None:
    """The passage of this assistant whose id begins so, with its `document`."""
    if not 0 <= mark < 1 << _MARK_BITS:
        return None
    first, after = (UUID(int=min(at << (128 - _MARK_BITS), (1 << 128) - 1)) for at in (mark, mark + 1))
    rows = PassageRow.filter(assistant_id=assistant.id, id__gte=first, id__lt=after)
    return await rows.select_related("document").first()


async def state_of(passage: PassageRow) -> State:
    """`passage` has its `document`."""
    if await hidden_by(passage):
        return State.HIDDEN
    if passage.document.kind == CORRECTION:
        return State.OWN_WORDS
    return State.CORRECTED if await correction_of(passage) else State.USED


async def _cited(assistant: Assistant, answer: Message) -> tuple[Exhibit, ...]:
    """Each passage once, with all that was taken from it."""
    quotes: dict[UUID, list[str]] = {}
    records = {UUID(record["passage_id"]): record for record in reversed(answer.citations)}
    for record in answer.citations:
        quotes.setdefault(UUID(record["passage_id"]), []).append(record["quote"])
    rows = PassageRow.filter(id__in=list(quotes), assistant_id=assistant.id).select_related("document")
    there = {row.id: row for row in await rows}
    exhibits = []
    for key, said in quotes.items():
        row, record = there.get(key), records[key]
        state = await state_of(row) if row else State.GONE
        heading = row.heading if row else ""
        quote = "\n".join(dict.fromkeys(said))
        exhibits.append(Exhibit(record["document"], record["page"], heading, quote, state, row))
    return tuple(exhibits)


async def _nearest(core: Core, assistant: Assistant, question: str) -> tuple[Exhibit, ...]:
    """What comes nearest to a question that nothing answered, and what each lacks."""
    found, needed = await look_up(core, assistant.id, question, NEAREST), threshold_of(assistant)
    rows = PassageRow.filter(id__in=[one.id for one in found.passages]).select_related("document")
    there = {row.id: row for row in await rows}
    asked, exhibits = Asked.of(question), []
    for one in found.passages:
        finding = await judge(found.index.embedder, found.vector, question, [one], needed)
        row = there.get(one.id)
        if row is None:
            continue  # deleted in this very moment
        quote = max(split_sentences(one.text) or [one.text], key=asked.share_in)
        exhibits.append(
            Exhibit(
                document=one.document,
                page=one.page,
                heading=one.heading,
                quote=quote,
                state=await state_of(row),
                passage=row,
                fits=finding.confidence,
                enough=finding.sufficient,
                near=finding.confidence >= needed / 2,
                lacks=lacking_words(question, one),
            )
        )
    return tuple(exhibits)


def lacking_words(question: str, passage: Passage) -> tuple[str, ...]:
    """The question's own words about which the passage says nothing; none where the two are in different languages."""
    asked = Asked.of(question)
    if language_of(passage.text) != asked.language:
        return ()
    missed = asked.subjects.words - evidence_in(f"{passage.headed_text} {passage.question}")
    words = (word for word in _WORD.findall(question) if len(word) >= _SHORTEST_LACKING or not word.islower())
    return tuple(dict.fromkeys(word for word in words if subjects_of(word).words & missed))[:_MOST_LACKING]
