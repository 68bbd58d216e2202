"""One customer is erased: what he said, what was kept of it elsewhere, and what would show it again. With a receipt.

What several have asked stays, without his share. What the owner has written himself stays too, also where it repeats a
customer's question (a ready answer): how much that is, he is told. The receipt holds no word of the customer: numbers,
and a hash over the ids of what is gone. Refuses to know who asks.
"""

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from core.app import Core
from core.archive.archives import forget_archives_of
from core.assistant_index import index_questions, rewrite_index
from core.attachments import remove_attachments
from core.audit import record_change
from core.customers.passed_on import erase_attachments, erase_deliveries, erase_shopper_questions
from core.customers.traces import erase_elsewhere
from core.customers.words import Words, words_of
from core.errors import Unavailable
from core.gaps import founding_question, question_key
from core.models import (
    Assistant,
    AuditEvent,
    Contact,
    Gap,
    LoraAdapter,
    Message,
    NearMiss,
    Role,
    Undelivered,
    VerifiedAnswer,
)
from core.tenancy import Actor
from core.training import UNFINISHED

log = logging.getLogger(__name__)
ERASED = "erase customer"
_FROM_CUSTOMERS = ("operator", "rated", "refusal")
"""Sources of examples (core/learning/examples.py) that customers' words may stand in."""


@dataclass(slots=True)
class Receipt:
    """`erased`: kind of thing -> how many. `kept`: what repeats his words and is the owner's own. `hash` is the SHA-256
    over the ids of all rows that are gone, sorted, one a line."""

    id: UUID
    at: datetime
    erased: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    hash: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "at": self.at.isoformat(timespec="seconds"),
            "erased": dict(self.erased),
            "kept": dict(self.kept),
            "sha256_of_ids": self.hash,
        }


async def preview(contact: Contact) -> Receipt:
    """What erasing him would come to. Changes nothing."""
    words = await words_of(contact)
    receipt = Receipt(UUID(int=0), datetime.now(UTC))
    gaps = await Gap.filter(assistant_id=contact.assistant_id)
    receipt.erased += Counter(
        conversations=len(words.conversations),
        messages=len(words.messages),
        questions=sum(any(words.times(one["text"]) for one in wordings_in(gap)) for gap in gaps),
    )
    receipt.kept += await _kept(contact, words)
    return receipt


async def erase_customer(core: Core, actor: Actor, assistant: Assistant, contact: Contact) -> Receipt:
    """An owner does. From the next answer on nothing of him is known."""
    actor.must_be(Role.OWNER)
    return await erase(core, assistant, contact, actor.user_id, uuid4())


async def erase(
    core: Core, assistant: Assistant, contact: Contact, by: UUID | str, receipt_id: UUID, spared: UUID | None = None
) -> Receipt:
    """`spared`: the event by which he asks for it, which a restart needs. `Unavailable` is not raised: vectors may
    follow late."""
    words = await words_of(contact)
    receipt, gone, anew = Receipt(receipt_id, datetime.now(UTC)), list[UUID](), list[Gap]()
    async with in_transaction():
        receipt.kept += await _kept(contact, words)
        receipt.erased["ratings"] = await Message.filter(
            conversation__contact_id=contact.id, feedback_score__not_isnull=True
        ).count()
        unsent = await Undelivered.filter(message__conversation__contact_id=contact.id).values_list("id", flat=True)
        receipt.erased += Counter(conversations=len(words.conversations), messages=len(words.messages), customers=1)
        receipt.erased["undelivered"] = len(unsent)
        gone += [contact.id, *words.conversations, *words.messages, *(UUID(str(one)) for one in unsent)]
        lost, anew = await _erase_gaps(assistant, words)
        near = await _erase_near_misses(assistant, words)
        receipt.erased["questions"], receipt.erased["near_misses"] = len(lost) + len(anew), len(near)
        gone += [*lost, *near]
        traces = await erase_elsewhere(assistant, words, {*lost, *(gap.id for gap in anew)}, spared)
        receipt.erased["traces"] = len(traces)
        gone += traces
        sent = await erase_deliveries(assistant, words, {*lost, *(gap.id for gap in anew)})
        (files, paths), shopped = await erase_attachments(words), await erase_shopper_questions(assistant, words)
        receipt.erased += Counter(events=len(sent), files=len(files), checks=len(shopped))
        gone += [*sent, *files, *shopped]
        await _erase_samples(assistant, words)
        await Contact.filter(id=contact.id).delete()
        receipt.erased = +receipt.erased
        receipt.hash = hashlib.sha256("\n".join(sorted(map(str, gone))).encode()).hexdigest()
        told = {name: str(count) for name, count in receipt.erased.items()}
        await record_change(assistant.tenant_id, by, ERASED, receipt.id, sha256=receipt.hash, **told)
    await remove_attachments(core.settings, paths)
    await forget_archives_of(core, assistant.id)
    await _forget_vectors(core, assistant, lost, anew)
    await shrink_log()
    return receipt


async def receipts_of(tenant_id: UUID) -> list[AuditEvent]:
    """Of all customers that were erased, newest first."""
    return await AuditEvent.filter(tenant_id=tenant_id, action=ERASED).order_by("-created_at")


async def _kept(contact: Contact, words: Words) -> Counter[str]:
    """Ready answers to his questions are the owner's; trainings that may have read his messages cannot unlearn them."""
    kept = Counter[str]()
    for row in await VerifiedAnswer.filter(assistant_id=contact.assistant_id):
        kept["ready_answers"] += any(words.asked[question_key(one)] for one in (row.question, *(row.wordings or ())))
    since = LoraAdapter.filter(assistant_id=contact.assistant_id, created_at__gt=contact.created_at)
    for adapter in await since.filter(status="completed"):
        sources = (adapter.metrics.get("lineage") or {}).get("sources", {})
        kept["trainings"] += any(sources.get(one) for one in _FROM_CUSTOMERS)
    return +kept


def wordings_in(gap: Gap) -> list[dict[str, Any]]:
    return list(gap.wordings or [{"text": gap.question, "asked": gap.asked}])


async def _erase_gaps(assistant: Assistant, words: Words) -> tuple[list[UUID], list[Gap]]:
    """Ids of questions that only he has asked, which are gone, and the others without his wordings."""
    lost, anew = list[UUID](), list[Gap]()
    for gap in await Gap.filter(assistant_id=assistant.id).select_for_update():
        wordings = wordings_in(gap)
        left = [one | {"asked": int(one["asked"]) - words.times(one["text"], int(one["asked"]))} for one in wordings]
        if left == wordings:
            continue
        left = [one for one in left if one["asked"] > 0]
        key = question_key(left[0]["text"]) if left else ""
        same = Gap.filter(assistant_id=assistant.id, question_key=key).exclude(id=gap.id)
        if not left or await same.exists():
            await Gap.filter(id=gap.id).delete()
            lost.append(gap.id)
            continue
        most = max(left, key=lambda one: int(one["asked"]))
        gap.wordings, gap.question, gap.question_key = left, most["text"], key
        gap.asked = sum(int(one["asked"]) for one in left)
        values = {name: getattr(gap, name) for name in ("wordings", "question", "question_key", "asked")}
        await Gap.filter(id=gap.id).update(**values)
        anew.append(gap)
    return lost, anew


async def _erase_near_misses(assistant: Assistant, words: Words) -> list[UUID]:
    gone = list[UUID]()
    for row in await NearMiss.filter(assistant_id=assistant.id):
        his = words.times(row.question, row.asked)
        if his and his >= row.asked:
            gone.append(row.id)
        elif his:
            await NearMiss.filter(id=row.id).update(asked=row.asked - his)
    await NearMiss.filter(id__in=gone).delete()
    return gone


async def _erase_samples(assistant: Assistant, words: Words) -> None:
    """Reports of trainings quote questions; a training that is under way reads them, and is stopped."""
    for adapter in await LoraAdapter.filter(assistant_id=assistant.id):
        report = adapter.metrics.get("report") or {}
        samples = report.get("samples", [])
        left = [one for one in samples if not any(words.holds(str(text)) for text in one.values())]
        if left != samples:
            adapter.metrics["report"] = report | {"samples": left}
            await LoraAdapter.filter(id=adapter.id).update(metrics=adapter.metrics)
    unfinished = LoraAdapter.filter(assistant_id=assistant.id, status__in=UNFINISHED)
    if words.messages:
        await unfinished.update(status="cancelled", finished_at=datetime.now(UTC))


async def _forget_vectors(core: Core, assistant: Assistant, lost: list[UUID], anew: list[Gap]) -> None:
    """Also of those questions that others have founded anew: their meaning was his wording's."""
    if not lost and not anew:
        return
    try:
        await core.vectors.forget(assistant.id, [*lost, *(gap.id for gap in anew)])
        if anew:
            founders = {gap.id: founding_question(gap) for gap in anew}
            await index_questions(core, assistant.id, founders, "gap")
        await rewrite_index(core, assistant.id)
    except Unavailable as error:  # tidying forgets them: nothing in SQL names them
        log.warning("vectors of erased questions of assistant %s stay behind: %s", assistant.id, error)


async def shrink_log() -> None:
    """SQLite's write-ahead log still holds earlier pages until it is written back."""
    connection = get_connection("default")
    if connection.capabilities.dialect == "sqlite":
        await connection.execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
