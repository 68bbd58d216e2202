"""Answers in the owner's own words, found by meaning. Tier 1: no model speaks here."""

import logging

from core.app import Core
from core.assistant_index import answering_index, index_verified
from core.errors import Unavailable
from core.models import Assistant, Gap, GapStatus, VerifiedAnswer

log = logging.getLogger(__name__)
THRESHOLD = 0.93
"""Cosine of two questions that mean the same; the owner may set his own in `answer_policy`."""


async def find_verified(core: Core, assistant: Assistant, question: str) -> VerifiedAnswer | None:
    """The answer to the nearest verified question, if it is near enough."""
    if not await VerifiedAnswer.filter(assistant_id=assistant.id).exists():
        return None
    index = await answering_index(core, assistant.id)
    vector = await index.embed_query(question)
    hits = await core.vectors.search(assistant.id, vector, "", 3, kind="verified", model=index.model)
    threshold = float(assistant.answer_policy.get("verified_threshold", THRESHOLD))
    for hit in sorted(hits, key=lambda h: h.cosine or 0.0, reverse=True):
        if (hit.cosine or 0.0) < threshold:
            return None
        row = await VerifiedAnswer.get_or_none(id=hit.id, assistant_id=assistant.id)
        if row:
            return row
    return None


async def add_verified_answer(core: Core, assistant: Assistant, question: str, answer: str) -> VerifiedAnswer:
    """Known from the next message on; an open gap with the same words is closed.

    Raises `Unavailable`: then nothing is kept, for an answer that cannot be found would seem to be there.
    """
    row = await VerifiedAnswer.create(assistant=assistant, question=question.strip(), answer=answer.strip())
    try:
        await index_verified(core, assistant.id, row.id, row.question)
    except BaseException:  # also when whoever waits for it is gone
        await row.delete()
        raise
    await Gap.filter(assistant_id=assistant.id, question=question.strip()).update(status=GapStatus.ANSWERED)
    return row


async def verified_answers_of(assistant: Assistant) -> list[VerifiedAnswer]:
    return await VerifiedAnswer.filter(assistant_id=assistant.id).order_by("created_at")


async def forget_verified_answer(core: Core, row: VerifiedAnswer) -> None:
    """Gone from the next answer on; its vector may follow late."""
    await row.delete()
    try:
        await core.vectors.forget(row.assistant_id, [row.id])
    except Unavailable as error:  # whoever searches asks SQL, which no longer knows it
        log.warning("the vector of answer %s stays behind: %s", row.id, error)
