"""Answers in the owner's own words, found by meaning. Tier 1: no model speaks here.

Nearness alone does not tell "delivery to Germany" from "delivery to France", so a question must also differ in nothing
that matters (core/differences.py). Measured with the bundled model on the pairs of tests/unit/question_pairs.tsv:
no wrong answer among 112 near but different pairs (92 by nearness alone), 34 of 92 paraphrases missed. Most of those
pairs were known when the rules were written, so of strangers' questions a few per cent will be wrong and about half be
missed. What is missed by little is remembered for the owner, who takes it in with one word.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.answer_changes import ADDED, CHANGED, DELETED, RESTORED, REWORDED, record_answer, snapshot_of
from core.app import Core
from core.askers import tell_askers, untell
from core.assistant_index import answering_index, index_questions
from core.changes import CannotUndo
from core.differences import Difference, difference_between, names_nothing
from core.entries import wording_entry_id
from core.errors import NotFound, TooManyWordings, Unavailable
from core.gaps import AlreadyAnswered, close_gaps_worded, question_key, set_gaps, wordings_of_gap
from core.models import Assistant, Gap, GapStatus, NearMiss, VerifiedAnswer
from core.near_misses import forget_near_miss, remember_near_miss
from core.policy import policy_of
from core.statements import Statement
from core.tenancy import Actor
from core.words import language_of

log = logging.getLogger(__name__)
OTHER_LANGUAGE = 0.06
"""By so much less are a question and its translation alike."""
NAMELESS = 0.97
"""Needed at least where a question names nothing that could be compared: "What is this?"."""
NEAR = 0.05
"""So much below the threshold is a near miss."""
MOST_WORDINGS = 30
_HITS = 24
_ANY = Statement("SELECT 1 FROM verified_answers WHERE assistant_id = :assistant LIMIT 1")


@dataclass(frozen=True, slots=True)
class Match:
    """How a question stands to a verified answer: by which of its wordings, how near (cosine), how near is enough."""

    answer: VerifiedAnswer
    wording: str
    similarity: float
    needed: float
    difference: Difference | None

    @property
    def would_match(self) -> bool:
        return self.difference is None and self.similarity >= self.needed

    @property
    def is_near(self) -> bool:
        """No match, and worth the owner's look."""
        least = self.needed if self.difference else self.needed - NEAR
        return not self.would_match and self.similarity >= least

    @property
    def why_not(self) -> str:
        """ "" for a match, "far", or a code of core/differences.py."""
        if self.would_match:
            return ""
        return self.difference.value if self.difference else "far"


async def nearest_verified(core: Core, assistant: Assistant, question: str, limit: int = 3) -> list[Match]:
    """The nearest verified answers, those that would be given first, one `Match` each. Raises `Unavailable`."""
    if not await _ANY.rows(assistant=assistant.id):
        return []
    index = await answering_index(core, assistant.id)
    vector = await index.embed_query(question)
    hits = await core.vectors.search(assistant.id, vector, "", _HITS, kind="verified", model=index.model)
    cosines = {hit.id: hit.cosine or 0.0 for hit in hits}
    answers = {wording_entry_id(key, place) for key in cosines for place in range(MOST_WORDINGS + 1)}
    best: dict[UUID, Match] = {}
    for row in await VerifiedAnswer.filter(assistant_id=assistant.id, id__in=list(answers)):
        matches = [
            _match(assistant, row, wording, question, cosines[key])
            for key, wording in wordings_of(row).items()
            if key in cosines
        ]
        if matches:
            best[row.id] = max(matches, key=_rank)
    return sorted(best.values(), key=_rank, reverse=True)[:limit]


async def find_verified(
    core: Core, assistant: Assistant, question: str, *, noted: bool = True
) -> VerifiedAnswer | None:
    """The answer that the owner gave to this question. A near miss is remembered for him if `noted`, and not used."""
    matches = await nearest_verified(core, assistant, question)
    if matches and matches[0].would_match:
        return matches[0].answer
    near = next((match for match in matches if match.is_near), None)
    if near and noted:
        await remember_near_miss(assistant.id, near.answer.id, question, near.similarity, near.difference)
    return None


async def add_verified_answer(
    core: Core,
    assistant: Assistant,
    question: str,
    answer: str,
    wordings: Sequence[str] = (),
    *,
    gap: Gap | None = None,
    by: Actor | None = None,
) -> VerifiedAnswer:
    """Known from the next message on; `gap`, and open gaps with the same words, are closed, and customers who wait for
    that get it.

    Raises `AlreadyAnswered` when `gap` has an answer, and `Unavailable`: then nothing is kept, for an answer that
    cannot be found would seem to be there.
    """
    further = [wording.strip() for wording in wordings][:MOST_WORDINGS]
    row = VerifiedAnswer(
        id=uuid4(),
        assistant_id=assistant.id,
        question=question.strip(),
        answer=answer.strip(),
        wordings=further or None,
    )
    await _put_in(core, row)
    try:
        async with in_transaction():
            closed = await close_gaps_worded(assistant.id, [row.question, *further], also=gap)
            await tell_askers(core, row, closed, seen=gap.id if gap else None)
            await forget_near_miss(assistant.id, row.question)
            await record_answer(by, ADDED, row, before=None, after=snapshot_of(row), gaps=closed)
    except AlreadyAnswered:
        await row.delete()
        await _forget_vectors(core, row, wordings_of(row))
        raise
    return row


async def _put_in(core: Core, row: VerifiedAnswer) -> None:
    await row.save(force_create=True)
    try:
        await index_questions(core, row.assistant_id, wordings_of(row), "verified")
    except BaseException:  # also when whoever waits for it is gone
        await row.delete()
        raise


async def answer_gap(core: Core, gap: Gap, answer: str, by: Actor | None = None) -> VerifiedAnswer:
    """Answer a group of questions: for its most frequent wording, and for all that differ from that in nothing.

    `gap` has its `assistant`. Of two who answer it at once, one does: raises `AlreadyAnswered`, and `Unavailable`.
    """
    if await Gap.filter(id=gap.id, status=GapStatus.ANSWERED).exists():
        raise AlreadyAnswered
    others = [text for text in wordings_of_gap(gap) if question_key(text) != question_key(gap.question)]
    same = [text for text in others if difference_between(gap.question, text) is None]
    return await add_verified_answer(core, gap.assistant, gap.question, answer, same, gap=gap, by=by)


async def restore_verified_answer(
    core: Core, assistant_id: UUID, answer_id: UUID, was: dict[str, Any], by: Actor
) -> None:
    """A deleted answer is given again, under its id. Raises `Unavailable`, and `CannotUndo` when it is there."""
    row = VerifiedAnswer(id=answer_id, assistant_id=assistant_id, question=was["question"], answer=was["answer"])
    row.wordings = was["wordings"] or None
    try:
        await _put_in(core, row)
    except IntegrityError as error:  # two at once
        raise CannotUndo from error
    async with in_transaction():
        await set_gaps(was["gaps"], GapStatus.ANSWERED)
        await tell_askers(core, row, [UUID(gap) for gap in was["gaps"]])
        await record_answer(by, RESTORED, row, before=None, after=snapshot_of(row), gaps=was["gaps"])


async def change_verified_answer(row: VerifiedAnswer, answer: str, by: Actor | None = None) -> None:
    """Other words for all wordings of its question, from the next message on."""
    before = snapshot_of(row)
    row.answer = answer.strip()
    async with in_transaction():
        await VerifiedAnswer.filter(id=row.id).update(answer=row.answer)
        if row.answer != before["answer"]:
            await record_answer(by, CHANGED, row, before=before, after=snapshot_of(row))


async def add_wording(core: Core, answer_id: UUID, wording: str) -> VerifiedAnswer:
    """From the next message on the answer is also given to this question.

    Raises `NotFound`, `TooManyWordings`, `Unavailable`; after the last nothing is changed.
    """
    wording = wording.strip()
    async with in_transaction():  # taken back when the index does not take it
        row = await VerifiedAnswer.filter(id=answer_id).select_for_update().first()
        if row is None:
            raise NotFound(what="verified answer")
        known = row.wordings or []
        if question_key(wording) in map(question_key, (row.question, *known)):
            return row
        if len(known) >= MOST_WORDINGS:
            raise TooManyWordings(limit=MOST_WORDINGS)
        row.wordings = [*known, wording]
        await row.save(update_fields=["wordings"])
    try:
        key = wording_entry_id(row.id, len(row.wordings))
        await index_questions(core, row.assistant_id, {key: wording}, "verified")
    except BaseException:  # also when cancelled: a wording that nobody finds must not be listed
        await VerifiedAnswer.filter(id=row.id).update(wordings=known or None)
        raise
    return row


async def accept_near_miss(core: Core, near: NearMiss, by: Actor | None = None) -> VerifiedAnswer:
    """The owner wants that answer given to this question, too. Raises what `add_wording` does."""
    before = await VerifiedAnswer.get_or_none(id=near.answer_id)
    row = await add_wording(core, near.answer_id, near.question)
    async with in_transaction():
        closed = await close_gaps_worded(near.assistant_id, [near.question])
        await tell_askers(core, row, closed)
        await forget_near_miss(near.assistant_id, near.question)
        if before:
            was, now = snapshot_of(before), snapshot_of(row)
            await record_answer(by, REWORDED, row, before=was, after=now, gaps=closed)
    return row


async def set_wordings(core: Core, row: VerifiedAnswer, was: dict[str, Any], status: GapStatus, by: Actor) -> None:
    """The wordings that it had before; the questions that were closed or opened with them get `status`. Raises
    `Unavailable`: then nothing is changed."""
    before, known = snapshot_of(row), wordings_of(row)
    row.wordings = was["wordings"] or None
    new = wordings_of(row)
    await index_questions(core, row.assistant_id, new, "verified")
    await row.save(update_fields=["wordings"])
    await _forget_vectors(core, row, known.keys() - new.keys())
    await set_gaps(was["gaps"], status)
    await record_answer(by, REWORDED, row, before=before, after=snapshot_of(row), gaps=was["gaps"])


async def verified_answers_of(assistant: Assistant) -> list[VerifiedAnswer]:
    return await VerifiedAnswer.filter(assistant_id=assistant.id).order_by("created_at")


async def forget_verified_answer(
    core: Core, row: VerifiedAnswer, by: Actor | None = None, opens: Sequence[str] = ()
) -> None:
    """Gone from the next answer on; its vectors may follow late. Gaps that it `opens` wait for an answer again, and so
    do customers who were to be told it and were not yet."""
    async with in_transaction():
        await VerifiedAnswer.filter(id=row.id).delete()
        await set_gaps(opens, GapStatus.OPEN)
        await untell(row.id)
        await record_answer(by, DELETED, row, before=snapshot_of(row), after=None, gaps=opens)
    await _forget_vectors(core, row, wordings_of(row))


async def _forget_vectors(core: Core, row: VerifiedAnswer, keys: Collection[UUID]) -> None:
    try:
        await core.vectors.forget(row.assistant_id, keys)
    except Unavailable as error:  # whoever searches asks SQL, which no longer knows it
        log.warning("the vectors of answer %s stay behind: %s", row.id, error)


def wordings_of(row: VerifiedAnswer) -> dict[UUID, str]:
    """Its question and all further wordings, by the ids of their entries in the index."""
    return {wording_entry_id(row.id, place): text for place, text in enumerate((row.question, *(row.wordings or [])))}


def verified_threshold(assistant: Assistant) -> float:
    """How near a question in the same language must be."""
    return policy_of(assistant).verified_threshold


def _match(assistant: Assistant, row: VerifiedAnswer, wording: str, question: str, cosine: float) -> Match:
    needed = verified_threshold(assistant)
    if names_nothing(wording) or names_nothing(question):
        needed = max(needed, NAMELESS)
    elif language_of(wording) != language_of(question):
        needed -= OTHER_LANGUAGE
    return Match(row, wording, round(cosine, 4), round(needed, 4), difference_between(wording, question))


def _rank(match: Match) -> tuple[bool, float]:
    return match.would_match, match.similarity
