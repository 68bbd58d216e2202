"""Sample answers: questions that customers could ask, answered as customers would be answered, for an owner to approve.

A job. Candidates come from rules (`candidates.py`), a few from each document; where the model is able they are worded
more like customers' (`core/learning/questions.py`). Each goes the way of a customer's question: search, the owner's
threshold, his topics, then the model's checked sentences where it is able, else the passage's own. What has no citation
is no sample. Bounded in number and time; refuses to know who looks at them.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from tortoise.transactions import in_transaction

from core.app import Core
from core.differences import difference_between
from core.drafting.candidates import Candidate, Rank, Told, candidates_of, fairly
from core.embeddings.base import Vectors
from core.errors import ModelUnavailable
from core.grounding import ground_answer
from core.learning.examples import Example, Source
from core.learning.questions import as_customers_ask
from core.messages import Citation
from core.models import (
    Assistant,
    Document,
    Draft,
    PassageRow,
    SampleAnswer,
    SamplesState,
)
from core.policy import policy_of
from core.prompts import told
from core.quoting import quote_best
from core.retrieval import search_documents
from core.scribe import has_scribe
from core.search.meanings import meaning_of_question
from core.search.sufficiency import Finding
from core.small_talk import small_talk_in
from core.support import cite, is_row
from core.topics import off_limits
from core.verified import nearest_verified
from core.wishes import wish_in
from core.words import language_of

log = logging.getLogger(__name__)
MOST = 20
"""Sample answers of one assistant."""
MOST_ASKED = 60
"""Candidates that are tried, however many documents there are."""
MOST_DOCUMENTS, MOST_PASSAGES = 60, 12
"""That are looked at: the first ones, and a part of each."""
PATIENCE_S = 120.0
"""For all of them; what is there by then is shown."""
ANSWER_S = 20.0
"""For one answer of a model: nobody waits for it."""
ALIKE = 0.93
"""Cosine from which two questions are one, unless they differ in something that matters."""
OWN_AMONG = 3
"""Among so many of the first passages that search finds, a sentence that is known to tell is believed."""
SHORTEST, LONGEST = 12, 900
"""Characters of an answer that can be read in a chat."""


@dataclass(frozen=True, slots=True)
class _Sample:
    question: str
    answer: str
    citation: Citation


async def make_samples(core: Core, assistant_id: UUID) -> None:
    """The job. Done again after a crash, it doubles nothing. Raises `Unavailable`."""
    draft = await Draft.get_or_none(assistant_id=assistant_id, samples=SamplesState.MAKING).select_related("assistant")
    if draft is None:
        return
    found = [sample async for sample in _samples(core, draft)]
    async with in_transaction():
        ours = Draft.filter(id=draft.id, samples=SamplesState.MAKING)
        if await ours.update(samples=SamplesState.MADE):
            there = set(await Document.filter(assistant_id=assistant_id).values_list("id", flat=True))
            await SampleAnswer.bulk_create(
                [
                    _row(draft, position, sample)
                    for position, sample in enumerate(found)
                    if sample.citation.document_id in there
                ]
            )
    log.info("assistant %s has %s sample answers", assistant_id, len(found))


async def give_up_samples(assistant_id: UUID) -> None:
    """The job failed for good: the owner goes on without them."""
    await Draft.filter(assistant_id=assistant_id, samples=SamplesState.MAKING).update(samples=SamplesState.MADE)


def _row(draft: Draft, position: int, sample: _Sample) -> SampleAnswer:
    return SampleAnswer(
        assistant_id=draft.assistant_id,
        document_id=sample.citation.document_id,
        passage_id=sample.citation.passage_id,
        position=position,
        question=sample.question,
        answer=sample.answer,
    )


async def _samples(core: Core, draft: Draft) -> AsyncIterator[_Sample]:
    assistant = draft.assistant
    candidates = await worded(core, assistant, await find_candidates(core, assistant))
    until = time.monotonic() + PATIENCE_S
    kept: list[tuple[str, Vectors]] = []
    answers: set[str] = set()
    for asked, candidate in enumerate(candidates):
        if len(answers) == MOST or time.monotonic() > until:
            return
        if asked % 4 == 0:
            await Draft.filter(id=draft.id).update(asked=asked)
        vector = await meaning_of_question(core.embedder, candidate.question)
        if _is_known(candidate.question, vector, kept):
            continue
        sample = await answered(core, assistant, candidate)
        if sample and sample.answer not in answers:
            kept.append((candidate.question, vector))
            answers.add(sample.answer)
            yield sample


async def find_candidates(core: Core, assistant: Assistant) -> list[Candidate]:
    """At most `MOST_ASKED`, fairly from the documents, each question once."""
    passages = [passage async for passage in _passages(assistant)]

    def find() -> list[Candidate]:
        return fairly([one for passage in passages for one in candidates_of(passage, core.texts.say)])[:MOST_ASKED]

    return await asyncio.to_thread(find)


async def _passages(assistant: Assistant) -> AsyncIterator[Told]:
    """Of the first documents, those of each from its beginning on: pairs first, they are questions already."""
    documents = Document.filter(assistant_id=assistant.id).order_by("created_at", "id").limit(MOST_DOCUMENTS)
    for document in await documents:
        rows = PassageRow.filter(document_id=document.id).order_by("chunk_index")
        pairs = await rows.exclude(question="").limit(MOST_PASSAGES)
        for row in [*pairs, *await rows.filter(question="").limit(MOST_PASSAGES)]:
            title = document.title or document.filename
            yield Told(row.id, document.id, title, row.heading, row.text, row.question)


async def worded(core: Core, assistant: Assistant, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Questions about sections in a customer's words, where the model is able; the others stay."""
    if not has_scribe(core):
        return list(candidates)
    examples = [
        Example(
            Source.SECTION if one.rank is Rank.SECTION else Source.PAIR,
            one.question,
            one.answer,
            f"document {one.passage.document_id}",
            (told(one.passage.heading, one.passage.text),),
        )
        for one in candidates
    ]
    asked = await as_customers_ask(core, assistant, examples)
    return [
        Candidate(other.question, one.passage, one.rank, one.kind, one.answer)
        for one, other in zip(candidates, asked, strict=True)
    ]


async def answered(core: Core, assistant: Assistant, candidate: Candidate) -> _Sample | None:
    """What a customer would read, if that really answers; nothing where the owner has answered or wants no answer."""
    question = candidate.question
    if wish_in(question) or small_talk_in(question, assistant.name) or await off_limits(core, assistant, question):
        return None
    if any(match.would_match for match in await nearest_verified(core, assistant, question, limit=1)):
        return None
    finding = await search_documents(core, assistant, question)
    if not finding.sufficient:
        return None
    for text, citation in await _ways_to_answer(core, assistant, candidate, finding):
        answer = _without_question(text, candidate.passage.question)
        if _answers(candidate, answer, citation):
            return _Sample(question, answer, citation)
    return None


async def _ways_to_answer(
    core: Core, assistant: Assistant, candidate: Candidate, finding: Finding
) -> list[tuple[str, Citation]]:
    """The model's checked sentences where it is able, the passage's own, and the one sentence that is known to tell."""
    question, passages = candidate.question, finding.passages
    ways = []
    if has_scribe(core):
        try:
            deadline = time.monotonic() + ANSWER_S
            grounded = await ground_answer(core, assistant, question, passages, None, _silently, deadline)
            ways = [(grounded.text, citation) for citation in grounded.citations[:1]]
        except ModelUnavailable as error:
            log.info("no model for sample answers of %s: %s", assistant.id, error)
    quoted = await quote_best(core, question, passages, policy_of(assistant).length)
    ways.append((quoted.quote, quoted))
    own = next((passage for passage in passages[:OWN_AMONG] if passage.id == candidate.passage.id), None)
    if candidate.kind and own and not is_row(candidate.answer):
        ways.append((candidate.answer, cite(own, candidate.answer)))
    return ways


async def _silently(_text: str) -> None:
    """Nobody listens."""


def _without_question(text: str, question: str) -> str:
    """A quoted pair begins with its question, which stands above the answer already."""
    return text.removeprefix(question).strip() if question else text.strip()


def _answers(candidate: Candidate, answer: str, citation: Citation) -> bool:
    """Whether the answer is one, and comes from where the question does, or tells the fact that it asks for."""
    if not SHORTEST <= len(answer) <= LONGEST or language_of(answer) != language_of(candidate.question):
        return False
    if answer.endswith((":", "?")) or answer.partition("\n")[0].endswith(":"):
        return False  # what a list begins with, and perhaps not all of the list
    from_there = citation.passage_id == candidate.passage.id
    if candidate.kind is None:
        return from_there
    says_it = candidate.kind.is_told_in(answer, f"{candidate.passage.heading}. {answer}")
    return says_it and (from_there or candidate.kind.needs_a_fact)


def _is_known(question: str, vector: Vectors, kept: Sequence[tuple[str, Vectors]]) -> bool:
    return any(
        float(np.dot(vector, other)) >= ALIKE and difference_between(question, earlier) is None
        for earlier, other in kept
    )
