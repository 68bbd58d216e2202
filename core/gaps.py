"""Questions that nobody could answer, grouped by meaning, for the owner to see, answer or dismiss.

A group is founded by one question, and what is near to that one joins it, in whichever language; the founder's vector
lies in the assistant's index as kind "gap". Joining is looser than giving a ready answer (core/verified.py): here a
mistake shows the owner two questions as one, there a customer reads a wrong answer. Refuses to know channels.
"""

import logging
import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from core.app import Core
from core.assistant_index import answering_index, index_questions
from core.changes import record_undoable
from core.differences import difference_between
from core.errors import Conflict, Unavailable
from core.models import Assistant, Gap, GapStatus
from core.tenancy import Actor
from core.webhooks.outbox import outbox
from core.words import language_of

log = logging.getLogger(__name__)
ALIKE = 0.88
"""Cosine of two questions of one group, measured with the bundled model on tests/unit/question_pairs.tsv."""
OTHER_LANGUAGE = 0.06
"""By so much less are a question and its translation alike."""
MOST_WORDINGS = 10
MOST_GAPS = 2000
"""Of one assistant; beyond, those asked once and longest ago make room."""
GAP = "gap"
"""What its changes are called."""
DISMISSED, REOPENED = "dismiss question", "reopen question"
_NOT_WORD = re.compile(r"[\W_]+")


class AlreadyAnswered(Conflict):
    """Somebody else has answered this question meanwhile."""

    code = "error-already-answered"


def question_key(question: str) -> str:
    """The question without case and punctuation, at most 200 characters; empty when there are no words."""
    return _NOT_WORD.sub(" ", question.lower()).strip()[:200]


async def record_gap(core: Core, assistant_id: UUID, question: str) -> Gap | None:
    """Count a question that got no answer: in the group that it belongs to, or as a new one. The group."""
    key = question_key(question)
    known = await Gap.get_or_none(assistant_id=assistant_id, question_key=key)
    group = known or await _nearest(core, assistant_id, question)
    founded = await count_question(assistant_id, question, group)
    if founded:
        # A customer waits for his answer, and writes into the index wait for one another.
        core.background.start(_index(core, founded), "indexing an unanswered question")
    return founded or group or await Gap.get_or_none(assistant_id=assistant_id, question_key=key)


async def count_question(assistant_id: UUID, question: str, group: Gap | None = None) -> Gap | None:
    """Count it in a group, or else where it stands word for word. The group that it founds, if it does."""
    key = question_key(question)
    if not key:
        return None
    same = group or await Gap.get_or_none(assistant_id=assistant_id, question_key=key)
    if same is None:
        try:
            wordings = [{"text": question, "asked": 1}]
            async with outbox(assistant_id) as out:
                values: dict[str, Any] = {"question": question, "question_key": key, "wordings": wordings}
                founded = await Gap.create(assistant_id=assistant_id, **values)
                await out.gap_recorded(founded)
            return founded
        except IntegrityError:  # asked by two at once
            same = await Gap.get_or_none(assistant_id=assistant_id, question_key=key)
    if same:
        await _count(same.id, question)
    return None


def founding_question(gap: Gap) -> str:
    """The question whose meaning is the group's."""
    return str(gap.wordings[0]["text"]) if gap.wordings else gap.question


def wordings_of_gap(gap: Gap) -> list[str]:
    """In all words that are kept, the most frequent first."""
    kept = sorted(gap.wordings or [], key=lambda wording: -int(wording["asked"]))
    return [str(wording["text"]) for wording in kept] or [gap.question]


async def gaps_of(assistant: Assistant, status: GapStatus = GapStatus.OPEN) -> list[Gap]:
    """Most asked first."""
    return await Gap.filter(assistant_id=assistant.id, status=status).order_by("-asked", "-last_asked_at").limit(500)


async def count_gaps(assistant: Assistant, status: GapStatus = GapStatus.OPEN) -> int:
    return await Gap.filter(assistant_id=assistant.id, status=status).count()


async def dismiss_gap(gap: Gap, by: Actor | None = None) -> None:
    """Not worth an answer."""
    await set_gap(gap, GapStatus.DISMISSED, by)


async def set_gap(gap: Gap, status: GapStatus, by: Actor | None = None) -> None:
    async with in_transaction():
        await set_gaps([gap.id], status)
        await record_undoable(
            by,
            DISMISSED if status == GapStatus.DISMISSED else REOPENED,
            GAP,
            gap.id,
            assistant_id=gap.assistant_id,
            before={"status": GapStatus(gap.status).value},
            after={"status": status.value},
            name=gap.question[:80],
        )


async def set_gaps(gaps: Collection[UUID | str], status: GapStatus) -> None:
    """Those of them that are still there."""
    if gaps:
        await Gap.filter(id__in=list(gaps)).update(status=status)


async def close_gaps_worded(assistant_id: UUID, questions: list[str], also: Gap | None = None) -> list[UUID]:
    """These very questions, and the group `also`, have an answer now; which groups that closed. Raises
    `AlreadyAnswered` when `also` had one before."""
    if also and not await Gap.filter(id=also.id).exclude(status=GapStatus.ANSWERED).update(status=GapStatus.ANSWERED):
        raise AlreadyAnswered
    keys = {question_key(question) for question in questions}
    closed = [
        gap.id
        for gap in await Gap.filter(assistant_id=assistant_id, status=GapStatus.OPEN)
        if keys & {gap.question_key, *map(question_key, wordings_of_gap(gap))}
    ]
    if also and also.id not in closed:
        closed.append(also.id)
    await set_gaps(closed, GapStatus.ANSWERED)
    return closed


async def _nearest(core: Core, assistant_id: UUID, question: str) -> Gap | None:
    """The group that asks the same, if one does and the index can be asked."""
    try:
        index = await answering_index(core, assistant_id)
        vector = await index.embed_query(question)
        hits = await core.vectors.search(assistant_id, vector, "", 5, kind="gap", model=index.model)
    except Unavailable as error:
        log.warning("an unanswered question of assistant %s was not grouped: %s", assistant_id, error)
        return None
    near = {hit.id: hit.cosine or 0.0 for hit in hits if (hit.cosine or 0.0) >= ALIKE - OTHER_LANGUAGE}
    gaps = await Gap.filter(assistant_id=assistant_id, id__in=list(near)) if near else []
    for gap in sorted(gaps, key=lambda one: -near[one.id]):
        founder = founding_question(gap)
        needed = ALIKE if language_of(founder) == language_of(question) else ALIKE - OTHER_LANGUAGE
        if near[gap.id] >= needed and difference_between(founder, question, loosely=True) is None:
            return gap
    return None


async def _count(gap_id: UUID, question: str) -> None:
    """Once more, perhaps in other words; what was answered is open again, for his answer to it was not found."""
    async with in_transaction():
        gap = await Gap.filter(id=gap_id).select_for_update().first()
        if gap is None:
            return
        wordings = _with_wording(gap.wordings or [{"text": gap.question, "asked": gap.asked}], question)
        most = max(wordings, key=lambda wording: int(wording["asked"]))
        status = GapStatus.OPEN if gap.status == GapStatus.ANSWERED else gap.status
        await Gap.filter(id=gap_id).update(
            wordings=wordings,
            question=most["text"],
            asked=F("asked") + 1,
            status=status,
            last_asked_at=datetime.now(UTC),
        )
        if status != gap.status:
            async with outbox(gap.assistant_id) as out:
                await out.gap_recorded(await Gap.get(id=gap_id))


def _with_wording(wordings: list[dict[str, Any]], question: str) -> list[dict[str, Any]]:
    """Counted among them; when there are enough, in place of the rarest, never of the first."""
    key = question_key(question)
    counted = [{**one, "asked": int(one["asked"]) + (question_key(one["text"]) == key)} for one in wordings]
    if counted != wordings:
        return counted
    if len(counted) >= MOST_WORDINGS:
        counted.remove(min(counted[1:], key=lambda one: int(one["asked"])))
    return [*counted, {"text": question, "asked": 1}]


async def _index(core: Core, gap: Gap) -> None:
    """Without its vector it is still counted word for word, and the next tidying makes the vector."""
    try:
        await index_questions(core, gap.assistant_id, {gap.id: gap.question}, "gap")
        if await Gap.filter(assistant_id=gap.assistant_id).count() > MOST_GAPS:
            rare = Gap.filter(assistant_id=gap.assistant_id, asked=1).order_by("last_asked_at")
            oldest = await rare.limit(MOST_GAPS // 20)
            await Gap.filter(id__in=[row.id for row in oldest]).delete()
            await core.vectors.forget(gap.assistant_id, [row.id for row in oldest])
    except Unavailable as error:
        log.warning("an unanswered question of assistant %s is not in the index: %s", gap.assistant_id, error)
