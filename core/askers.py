"""Customers who asked to be told once their question has an answer, and are told it: once, in the owner's own words.

Under an honest "I don't know" that is offered where a customer can be written to later; to nobody else is anything
promised. A question for which it is offered is a row in `bot_states`; what he is told is a turn of the assistant's,
sent by the way of what people write (core/operators.py). It comes while a person talks with him, too: he asked for it,
and it names his question. Refuses to know how a channel offers it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.app import Core
from core.differences import difference_between
from core.messages import Tier
from core.models import (
    Author,
    BotState,
    Contact,
    Conversation,
    Gap,
    GapStatus,
    Message,
    Undelivered,
    VerifiedAnswer,
)
from core.operators import UNREACHABLE, store_turn
from core.words import language_of

LONGEST_WAIT = timedelta(days=90)
"""An answer that comes later surprises more than it helps."""
_WRITTEN_TO_LATER = ("telegram:", "slack:")
"""How the channels begin in which a customer can be written to unasked."""
_ASKER = "asker:"
_LONGEST_QUESTION = 300


@dataclass(frozen=True, slots=True)
class Tellings:
    """How many customers will be told an answer, were told it, and could not be reached."""

    waiting: int = 0
    told: int = 0
    lost: int = 0


async def offer_to_tell(conversation: Conversation, channel: str, question_id: UUID, gap_id: UUID, asked: str) -> None:
    """He may say that he wants to be told; not where he already waits for the same. `asked` is his whole question."""
    contact = str(conversation.contact_id)
    if not channel.startswith(_WRITTEN_TO_LATER) or contact in {row.data["contact"] for row in await _waiting(gap_id)}:
        return
    values = {"state": f"offered:{gap_id}", "data": {"gap": str(gap_id), "contact": contact, "asked": asked}}
    await BotState.get_or_create(key=f"{_ASKER}{question_id}", defaults=values)


async def is_offered(question_id: UUID) -> bool:
    """Whether the customer who asked this may say that he wants to be told."""
    return await BotState.filter(key=f"{_ASKER}{question_id}", state__startswith="offered:").exists()


async def wait_for_answer(assistant_id: UUID, channel: str, contact_key: str, question_id: UUID) -> bool:
    """He wants to be told; again changes nothing. False where there is nothing to wait for: it is answered or set
    aside by now, offered too long ago, or somebody else's question."""
    row = await BotState.get_or_none(key=f"{_ASKER}{question_id}")
    contact = await Contact.get_or_none(assistant_id=assistant_id, channel=channel, key=contact_key)
    if row is None or contact is None or row.data["contact"] != str(contact.id):
        return False
    async with in_transaction():  # whoever answers it at this moment sees him waiting, or is seen here
        gap = await Gap.filter(id=row.data["gap"]).select_for_update().first()
        if gap is None or gap.status != GapStatus.OPEN:
            return False
        await BotState.filter(id=row.id, state=f"offered:{gap.id}").update(state=f"waits:{gap.id}")
    return True


async def count_askers(gap_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many customers wait for the answer to each question; none: not among them."""
    waiting: dict[UUID, set[str]] = {}
    for row in await _waiting(*gap_ids) if gap_ids else []:
        waiting.setdefault(UUID(row.data["gap"]), set()).add(row.data["contact"])
    return {gap_id: len(contacts) for gap_id, contacts in waiting.items()}


async def tell_askers(core: Core, row: VerifiedAnswer, gaps: Collection[UUID], seen: UUID | None = None) -> None:
    """Who waits for these questions gets the answer. In the transaction that closes them.

    Of the group `seen` the owner has read all wordings when he answered it; of others, which only had words in common,
    those are told whose question differs from the answered ones in nothing. The others go on waiting.
    """
    answered = (row.question, *(row.wordings or ()))
    mine: dict[str, list[BotState]] = {}
    for asker in await _waiting(*gaps) if gaps else []:
        same = any(difference_between(question, asker.data["asked"]) is None for question in answered)
        if same or asker.data["gap"] == str(seen):
            mine.setdefault(asker.data["contact"], []).append(asker)
    for contact_id, askers in mine.items():
        latest = Conversation.filter(contact_id=contact_id).order_by("-last_message_at")
        if conversation := await latest.first():
            await _tell(core, row, conversation, askers)


async def _tell(core: Core, row: VerifiedAnswer, conversation: Conversation, askers: list[BotState]) -> None:
    """Once, however often he has asked it."""
    asked = askers[0].data["asked"]
    question = asked if len(asked) <= _LONGEST_QUESTION else f"{asked[: _LONGEST_QUESTION - 1]}…"
    said = core.texts.say(language_of(asked), "customer-told", question=question)
    turn = await store_turn(
        conversation,
        Author.ASSISTANT,
        f"{said}\n\n{row.answer}",
        tier=Tier.VERIFIED,
        reason=f"verified answer {row.id}",
    )
    await Conversation.filter(id=conversation.id).update(last_message_at=turn.created_at)
    for asker in askers:
        told = {**asker.data, "message": str(turn.id)}
        await BotState.filter(id=asker.id).update(state=f"told:{row.id}", data=told)


async def untell(answer_id: UUID) -> None:
    """The answer is taken back: who has not got it yet does not get it, and waits again."""
    async with in_transaction():
        told = await BotState.filter(state=f"told:{answer_id}")
        unsent = await _unsent({row.data["message"] for row in told})
        for row in told:
            if row.data["message"] in unsent:
                await BotState.filter(id=row.id).update(state=f"waits:{row.data['gap']}")
        await Undelivered.filter(message_id__in=list(unsent)).delete()
        await Message.filter(id__in=list(unsent)).delete()


async def tellings_of(answer_id: UUID) -> Tellings:
    """What became of the customers who waited for this answer."""
    sent = {row.data["message"] for row in await BotState.filter(state=f"told:{answer_id}")}
    if not sent:
        return Tellings()
    waiting = len(await _unsent(sent))
    lost = await Message.filter(id__in=list(sent), reason=UNREACHABLE).count()
    return Tellings(waiting, len(sent) - waiting - lost, lost)


async def forget_askers() -> None:
    """Those who have waited too long, and what is kept of customers or questions that are gone."""
    rows = BotState.filter(key__startswith=_ASKER)
    await rows.filter(created_at__lt=datetime.now(UTC) - LONGEST_WAIT).delete()
    kept = await rows
    contacts, gaps = ({row.data[name] for row in kept} for name in ("contact", "gap"))
    known = {str(one) for one in await Contact.filter(id__in=list(contacts)).values_list("id", flat=True)}
    known |= {str(one) for one in await Gap.filter(id__in=list(gaps)).values_list("id", flat=True)}
    gone = [row.id for row in kept if not {row.data["contact"], row.data["gap"]} <= known]
    await BotState.filter(id__in=gone).delete()


def _waiting(*gap_ids: UUID) -> QuerySet[BotState]:
    """Newest first."""
    return BotState.filter(state__in=[f"waits:{gap_id}" for gap_id in gap_ids]).order_by("-created_at")


async def _unsent(messages: Collection[str]) -> set[str]:
    rows = Undelivered.filter(message_id__in=list(messages))
    return {str(one) for one in await rows.values_list("message_id", flat=True)}
