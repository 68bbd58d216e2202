"""What stops, crashes and outages left between SQL and Milvus is put right, assistant by assistant.

A vector without a text takes a real one's place among the nearest; a text without a vector is never found. A reading
that is under way has vectors whose text is still to come, so an assistant with unfinished work is left for the next
time. Refuses to know documents' files (core/leftovers.py does).
"""

import asyncio
import logging
from collections.abc import Collection
from uuid import UUID

from core.app import Core
from core.archive.archives import forget_old_archives
from core.askers import forget_askers
from core.assistant_index import answering_index
from core.assistants import DELETED
from core.attachments import tidy_attachments
from core.attempts import attempt
from core.changes import forget_old_changes
from core.contradictions.settling import look_where_something_changed
from core.entries import passage_of_entry
from core.farewell import erase_forgotten
from core.handoff import end_long_waits
from core.hidden import is_hidden
from core.learning.trials import end_trials
from core.models import Assistant, AuditEvent, Gap, Job, JobStatus, PassageRow, VerifiedAnswer
from core.reindexing import queue_reindexing, queue_stale_indexes
from core.training import tidy_trainings
from core.verified import wordings_of
from core.webhooks.log import forget_old_deliveries

log = logging.getLogger(__name__)
FIRST_S = 60.0
EVERY_S = 3600.0
_AT_ONCE = 1_000


async def tidy_for_ever(core: Core) -> None:
    """Soon after the start, then every hour. What is away is waited out, and what fails holds up nothing else."""
    await asyncio.sleep(FIRST_S)
    while True:
        await tidy(core)
        await asyncio.sleep(EVERY_S)


async def tidy(core: Core) -> None:
    """Everything once."""
    await attempt(end_long_waits(), "bringing back customers who were left alone")
    await attempt(end_trials(), "ending trials")
    await attempt(forget_askers(), "forgetting who waits for an answer no more")
    await attempt(tidy_trainings(core), "tidying trainings")
    await attempt(forget_old_changes(core.settings), "forgetting old changes")
    await attempt(tidy_attachments(core.settings), "tidying files of conversations")
    await attempt(erase_forgotten(core), "erasing deleted assistants")
    await attempt(forget_old_archives(core), "forgetting archives")
    await attempt(forget_old_deliveries(), "forgetting old deliveries")
    await attempt(look_where_something_changed(core), "looking for contradictions")
    await attempt(tidy_indexes(core), "tidying indexes")


async def tidy_indexes(core: Core) -> None:
    """All assistants' indexes, and those of assistants that were deleted. Raises `Unavailable`."""
    await queue_stale_indexes(core)
    for assistant_id in sorted(await core.vectors.assistants()):
        if known := await Assistant.get_or_none(id=assistant_id):
            if not is_hidden(known):
                await tidy_index(core, assistant_id)
        elif await AuditEvent.filter(action=DELETED, subject=str(assistant_id)).exists():
            # A reading made it anew. What we have not deleted ourselves may be another installation's.
            await core.vectors.drop(assistant_id)


async def tidy_index(core: Core, assistant_id: UUID) -> None:
    """Forget vectors that have no text any more, and have those made that are missing. Raises `Unavailable`."""
    if not await _is_at_rest(core, assistant_id):
        return
    entries = await core.vectors.entries(assistant_id)  # before SQL: what comes in between has its text already
    known = await _ids_of(assistant_id)
    strays = {passage_of_entry(key, kind) for key, kind in entries} - known
    if strays:
        log.info("assistant %s: %s vectors without a text are forgotten", assistant_id, len(strays))
        await _forget(core, assistant_id, strays)
    missing = known - {key for key, kind in entries if kind != "question"}
    if missing and await _is_at_rest(core, assistant_id):
        log.warning("assistant %s: %s texts have no vector", assistant_id, len(missing))
        await queue_reindexing(core, assistant_id)


async def _is_at_rest(core: Core, assistant_id: UUID) -> bool:
    """Nothing is written into its index, and it has no other."""
    unfinished = Job.filter(assistant_id=assistant_id, status__in=(JobStatus.QUEUED, JobStatus.RUNNING))
    if await unfinished.exclude(kind__in=("train_adapter", "ask_now", "ask_at_night")).exists():
        return False
    return (await answering_index(core, assistant_id)).is_present


async def _ids_of(assistant_id: UUID) -> set[UUID]:
    """Whatever may be found, by its id."""
    passages = await PassageRow.filter(assistant_id=assistant_id).values_list("id", flat=True)
    gaps = await Gap.filter(assistant_id=assistant_id).values_list("id", flat=True)
    answers = await VerifiedAnswer.filter(assistant_id=assistant_id).only("id", "question", "wordings")
    wordings = (key for answer in answers for key in wordings_of(answer))
    return {*passages, *gaps, *wordings}  # type: ignore[arg-type]  # flat


async def _forget(core: Core, assistant_id: UUID, strays: Collection[UUID]) -> None:
    """Part by part, as long as no reading begins: sent anew, a document has the same ids."""
    keys = sorted(strays)
    for start in range(0, len(keys), _AT_ONCE):
        if not await _is_at_rest(core, assistant_id):
            return
        await core.vectors.forget(assistant_id, keys[start : start + _AT_ONCE])
