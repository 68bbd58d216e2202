"""An accepted adapter is tried in a share of the conversations before it answers all; its owner may shorten that.

Which conversations it answers follows from their ids, so that none changes its voice half-way. The owner's own trial
questions are always answered by the newest. Refuses to know how adapters come to be.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.channel_names import PREVIEW
from core.models import AdapterStatus, AdapterTrial, Assistant, Author, Conversation, LoraAdapter, Message
from core.news import TAKEN_BACK, WENT_LIVE, note_news
from core.statements import Statement, as_id

SHARE = 0.2
ENOUGH_ANSWERS = 20
"""Of the adapter, after which a trial is over."""
LONGEST = timedelta(days=7)
MOST_DISLIKED = 0.15
"""So much more of the adapter's answers than of the others may be disliked."""
_TRIED = Statement("SELECT adapter_id FROM adapter_trials WHERE assistant_id = :assistant LIMIT 1")


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a trial so far: answers of the adapter and of what serves beside it, and how many were disliked."""

    answers: int
    disliked: int
    others: int
    others_disliked: int

    @property
    def is_worse(self) -> bool:
        mine, theirs = self.disliked / max(1, self.answers), self.others_disliked / max(1, self.others)
        return self.disliked > 1 and mine > theirs + MOST_DISLIKED


async def tried_in(assistant: Assistant, conversation: Conversation, channel: str) -> UUID | None:
    """The adapter on trial, where this conversation is one of those that try it."""
    row = await _TRIED.first(assistant=assistant.id)
    if row is None:
        return None
    adapter_id = as_id(row["adapter_id"])
    tries = channel == PREVIEW or (conversation.id.int ^ adapter_id.int) % 1000 < SHARE * 1000
    return adapter_id if tries else None


async def trial_of(assistant: Assistant) -> AdapterTrial | None:
    return await AdapterTrial.get_or_none(assistant_id=assistant.id).select_related("adapter")


async def begin_trial(adapter: LoraAdapter) -> None:
    """In the place of an earlier one. Within a transaction."""
    await AdapterTrial.filter(assistant_id=adapter.assistant_id).delete()
    await AdapterTrial.create(assistant_id=adapter.assistant_id, adapter_id=adapter.id)


async def make_live(assistant_id: UUID, adapter_id: UUID | None) -> None:
    """Answer everybody with it from the next answer on, None: with the base model. A trial is over with that."""
    async with in_transaction():
        await AdapterTrial.filter(assistant_id=assistant_id).delete()
        await Assistant.filter(id=assistant_id).update(live_adapter_id=adapter_id)


async def tried_so_far(trial: AdapterTrial) -> Tried:
    answers = Message.filter(
        conversation__assistant_id=trial.assistant_id, author=Author.ASSISTANT, created_at__gt=trial.created_at
    ).exclude(conversation__contact__channel=PREVIEW)
    mine = answers.filter(adapter_id=trial.adapter_id)
    others = answers.filter(~Q(adapter_id=trial.adapter_id) | Q(adapter_id=None))
    return Tried(
        await mine.count(),
        await mine.filter(feedback_score__lt=0).count(),
        await others.count(),
        await others.filter(feedback_score__lt=0).count(),
    )


async def end_trials() -> int:
    """Those that have lasted long enough: live for all, or taken back where its answers were disliked. How many."""
    ended = 0
    for trial in await AdapterTrial.all().select_related("assistant"):
        so_far = await tried_so_far(trial)
        too_long = datetime.now(UTC) - trial.created_at > LONGEST
        if not (so_far.is_worse or so_far.answers >= ENOUGH_ANSWERS or too_long):
            continue
        counts = {"answers": str(so_far.answers), "disliked": str(so_far.disliked)}
        async with in_transaction():
            if so_far.is_worse:
                await trial.delete()
                await LoraAdapter.filter(id=trial.adapter_id).update(status=AdapterStatus.REJECTED)
            else:
                await make_live(trial.assistant_id, trial.adapter_id)
            news = TAKEN_BACK if so_far.is_worse else WENT_LIVE
            await note_news(trial.assistant.tenant_id, news, trial.adapter_id, **counts)
        ended += 1
    return ended
