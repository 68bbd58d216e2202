"""What an owner says to a sample answer: approved it is a ready answer, rewritten too, skipped it is gone.

Each is decided once. An approval that was cut short is finished by whoever presses again: the ready answer is looked
for before one is made. Refuses to know how sample answers are made and shown.
"""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary

from core.app import Core
from core.drafting.steps import waiting
from core.models import Assistant, PassageRow, SampleAnswer, SampleDecision, VerifiedAnswer
from core.tenancy import Actor
from core.verified import add_verified_answer

_at_work: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
"""Of one assistant one approval at a time is written down."""


async def approve(
    core: Core, assistant: Assistant, sample: SampleAnswer, answer: str = "", by: Actor | None = None
) -> bool:
    """Make it a ready answer, in the owner's own words if he gives some. Raises `Unavailable`.

    False when it was decided before, or when no document says it any more; his own words need none.
    """
    async with _at_work.setdefault(assistant.id, asyncio.Lock()):
        await sample.refresh_from_db(fields=["decision"])
        if sample.decision is not SampleDecision.WAITING:
            return False
        if not answer and not await PassageRow.filter(id=sample.passage_id, assistant_id=assistant.id).exists():
            await _decide(sample, SampleDecision.SKIPPED)
            return False
        if not await VerifiedAnswer.filter(assistant_id=assistant.id, question=sample.question).exists():
            await add_verified_answer(core, assistant, sample.question, answer or sample.answer, by=by)
        return await _decide(sample, SampleDecision.APPROVED)


async def approve_all(core: Core, assistant: Assistant, by: Actor | None = None) -> int:
    """All that nobody has decided about; how many. What was approved before an outage stays so."""
    return sum([await approve(core, assistant, sample, by=by) for sample in await waiting(assistant)])


async def skip(sample: SampleAnswer) -> bool:
    """Not wanted; False when it was decided before."""
    return await _decide(sample, SampleDecision.SKIPPED)


async def _decide(sample: SampleAnswer, decision: SampleDecision) -> bool:
    still = SampleAnswer.filter(id=sample.id, decision=SampleDecision.WAITING)
    return bool(await still.update(decision=decision))
