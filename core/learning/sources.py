"""Where examples come from: what the owner has written, what was said, and what must be declined.

Each source gives its examples newest or best first, and knows nothing of the others.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from core.app import Core
from core.learning.examples import Example, Source
from core.learning.masking import masked, without_personal
from core.messages import Tier
from core.models import Assistant, Author, Conversation, Gap, GapStatus, Message, OwnPair, PassageRow, VerifiedAnswer
from core.passages import only_used
from core.prompts import told
from core.sentences import split_sentences
from core.words import language_of

MOST_OF_A_SOURCE, MOST_CONVERSATIONS = 5_000, 500
LONGEST_SECTION = 2
"""Sentences of a section that answer what its heading asks."""
LONGEST_HEADING = 8
SHORTEST_ANSWER = 2
"""Words: "ok" teaches nothing."""
_ANSWERED = (Tier.VERIFIED, Tier.GROUNDED, Tier.QUOTED)
_PART = 200
_END = re.compile(r"[.!?…:;,][\"'”»)]*$")
_LISTED = re.compile(r"[-•*–—]|\d")
_OFF_TOPIC = (Path(__file__).parent / "off_topic.txt").read_text(encoding="utf-8").splitlines()

Row = TypeVar("Row", bound=Model)
Examples = AsyncIterator[Example]
Talk = tuple[Conversation, list[Message]]


async def from_verified(_core: Core, assistant: Assistant) -> Examples:
    """The owner's ready answers: his own words, checked."""
    async for row in _in_parts(VerifiedAnswer.filter(assistant_id=assistant.id).order_by("created_at", "id")):
        yield Example(Source.VERIFIED, row.question, row.answer, f"verified {row.id}")


async def from_own_pairs(_core: Core, assistant: Assistant) -> Examples:
    """What he has answered elsewhere; what he did not like himself is no example."""
    rows = OwnPair.filter(Q(liked=True) | Q(liked=None), assistant_id=assistant.id)
    async for row in _in_parts(rows.order_by("-created_at", "id")):
        yield Example(Source(row.origin), row.question, row.answer, row.part_of)


async def from_operators(_core: Core, assistant: Assistant) -> Examples:
    """What people have answered in a customer's conversation, each turn to what was still open before it."""
    async for conversation, turns in _conversations(assistant, Message.filter(author=Author.OPERATOR)):
        asked: list[str] = []
        said: list[str] = []
        name = conversation.contact.name
        for turn in [*turns, None]:
            if turn and turn.author == Author.OPERATOR:
                said.append(turn.text)
                continue
            if asked and said:
                answer = without_personal(" ".join(said), (name,))
                yield Example(Source.OPERATOR, masked(" ".join(asked), (name,)), answer, f"talk {conversation.id}")
            if said:
                asked, said = [], []
            if turn and turn.author == Author.CUSTOMER:
                asked.append(turn.text)
            elif turn and turn.tier in _ANSWERED:
                asked = []


async def from_rated(_core: Core, assistant: Assistant) -> Examples:
    """The assistant's own answers that people liked, with the passages that it had."""
    liked = Message.filter(author=Author.ASSISTANT, feedback_score__gt=0, tier__in=(Tier.GROUNDED, Tier.QUOTED))
    async for conversation, turns in _conversations(assistant, liked):
        name, asked = conversation.contact.name, ""
        for turn in turns:
            if turn.author == Author.CUSTOMER:
                asked = turn.text
            elif turn.author == Author.ASSISTANT and (turn.feedback_score or 0) > 0 and asked and turn.citations:
                texts = await _texts(assistant, [UUID(one["passage_id"]) for one in turn.citations])
                answer = without_personal(turn.text, (name,))
                if texts:
                    yield Example(Source.RATED, masked(asked, (name,)), answer, f"talk {conversation.id}", texts)


async def from_pairs(_core: Core, assistant: Assistant) -> Examples:
    """Questions that a document answers itself."""
    rows = await only_used(PassageRow.filter(assistant_id=assistant.id, question__not=""), assistant.id)
    async for row in _in_parts(rows.order_by("document_id", "chunk_index")):
        answer = row.text.removeprefix(f"{row.question}\n").strip()
        yield Example(Source.PAIR, row.question, answer, f"document {row.document_id}", (told(row.heading, row.text),))


async def from_sections(_core: Core, assistant: Assistant) -> Examples:
    """A headed section answers the question that its heading makes."""
    rows = await only_used(PassageRow.filter(assistant_id=assistant.id, question=""), assistant.id)
    async for row in _in_parts(rows.order_by("document_id", "chunk_index")):
        for heading, text in sections_in(row.heading, row.text):
            answer = " ".join(split_sentences(text)[:LONGEST_SECTION])
            part, texts = f"document {row.document_id}", (told(row.heading, row.text),)
            yield Example(Source.SECTION, question_from(heading), answer, part, texts)


async def from_refusals(core: Core, assistant: Assistant) -> Examples:
    """What was asked and no document says, then what no business is asked about: both are declined, kindly."""
    rows = Gap.filter(assistant_id=assistant.id, status__not=GapStatus.ANSWERED).order_by("-created_at", "id")
    async for row in _in_parts(rows):
        yield _declined(core, masked(row.question), f"gap {row.id}")
    for question in _OFF_TOPIC:
        if language_of(question) == assistant.locale:
            yield _declined(core, question, f"off topic {question}")


def _declined(core: Core, question: str, part: str) -> Example:
    return Example(Source.REFUSAL, question, refusal_in(core, language_of(question)), part)


def refusal_in(core: Core, language: str) -> str:
    """The sentence with which an assistant declines, as its customers know it."""
    return core.texts.say(language, "customer-refusal")


FROM: tuple[Callable[[Core, Assistant], Examples], ...] = (
    from_verified,
    from_own_pairs,
    from_operators,
    from_rated,
    from_pairs,
    from_sections,
    from_refusals,
)


def question_from(heading: str) -> str:
    """A question out of a heading path: the heading itself when it asks, otherwise what it is about."""
    last = heading.split(" > ")[-1].strip()
    if last.endswith("?"):
        return last
    subject = last[:1].lower() + last[1:] if not last.isupper() else last
    return f"Расскажите: {subject}?" if language_of(last) == "ru" else f"What should I know about {subject}?"


def sections_in(heading: str, text: str) -> Iterator[tuple[str, str]]:
    """A passage under its heading; where small sections were put together, each under its own, which is a line."""
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line and not _is_heading(line):
            lines.append(line)
            continue
        if heading and lines and _END.search(lines[-1]):
            yield heading, " ".join(lines)
        heading, lines = line, []


def _is_heading(line: str) -> bool:
    return len(line.split()) <= LONGEST_HEADING and not _END.search(line) and not _LISTED.match(line)


async def _texts(assistant: Assistant, ids: list[UUID]) -> tuple[str, ...]:
    """Of what an answer stood on; nothing when its owner has put any of it aside: then neither is the answer learnt."""
    cited = PassageRow.filter(id__in=ids, assistant_id=assistant.id)
    rows = {row.id: row for row in await cited}
    if await (await only_used(cited, assistant.id)).count() < len(rows):
        return ()
    return tuple(told(rows[one].heading, rows[one].text) for one in dict.fromkeys(ids) if one in rows)


async def _conversations(assistant: Assistant, having: QuerySet[Message]) -> AsyncIterator[Talk]:
    """Conversations that have such a turn, with all their turns, newest conversation first."""
    own = having.filter(conversation__assistant_id=assistant.id)
    ids = await own.order_by("-created_at").limit(MOST_OF_A_SOURCE).values_list("conversation_id", flat=True)
    for conversation_id in list(dict.fromkeys(ids))[:MOST_CONVERSATIONS]:
        turns = (
            await Message.filter(conversation_id=conversation_id)
            .order_by("created_at")
            .prefetch_related("conversation__contact")
        )
        yield turns[0].conversation, turns


async def _in_parts(rows: QuerySet[Row]) -> AsyncIterator[Row]:
    """Row by row, without all of them in memory."""
    for start in count(0, _PART):
        part = await rows.offset(start).limit(_PART)
        for row in part:
            yield row
        if len(part) < _PART or start + _PART >= MOST_OF_A_SOURCE:
            return
