"""A change of the embedding model: a new index is built in the background while the earlier one answers.

The texts are in SQL, so an index can always be made anew: also one whose file was lost. The job may be killed at any
point: entries keep their ids, what the new index holds already is not embedded again, and the assistant turns to the
new index in one step, when it is complete. Refuses to know documents' files.
"""

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from core.app import Core
from core.assistant_index import Searchable, index_texts, remember_index
from core.database import DATABASE_AWAY
from core.embeddings.embedders import index_named
from core.entries import Entry, Kind, question_entry_id
from core.errors import Unavailable
from core.gaps import founding_question
from core.hidden import NOBODY
from core.indexing import searchable_text
from core.jobs import add_job
from core.models import Assistant, Gap, Job, JobStatus, PassageRow, VerifiedAnswer
from core.verified import wordings_of
from core.words import terms_of

log = logging.getLogger(__name__)
PAGE = 1024
"""Passages read from SQL and embedded together."""
TRY_AGAIN_S = 30.0
LAST_SEARCHES_S = 2.0
"""Searches that chose the earlier index just before the turn may end before it goes."""


async def start_reindexing(core: Core) -> None:
    """Queue a job for each assistant whose index is not the present model's. Waits for a database that is away."""
    while True:
        try:
            await queue_stale_indexes(core)
            return
        except (*DATABASE_AWAY, Unavailable) as error:
            log.warning("indexes could not be checked; trying again in %s s: %s", TRY_AGAIN_S, error)
            await asyncio.sleep(TRY_AGAIN_S)


async def queue_stale_indexes(core: Core) -> int:
    """How many assistants need a new index. Raises `Unavailable`."""
    there = await core.vectors.indexed()
    stale = 0
    for assistant in await Assistant.exclude(tenant_id=NOBODY).only("id", "index_model"):
        same = index_named(assistant.index_model) == core.vectors.present
        if same and assistant.id in there:
            continue
        if not assistant.index_model and assistant.id in there:
            await remember_index(core, assistant.id)
        elif not await _knows_anything(assistant.id):
            # Nothing is lost by turning at once; without a name, the first indexing writes it.
            await Assistant.filter(id=assistant.id).exclude(index_model="").update(index_model=core.embedder.remembered)
        else:
            stale += 1
            await queue_reindexing(core, assistant.id)
    return stale


async def queue_reindexing(core: Core, assistant_id: UUID) -> None:
    """Have what the present model's index misses put into it, unless that is under way."""
    waiting = Job.filter(kind="index_anew", subject_id=assistant_id, status__in=(JobStatus.QUEUED, JobStatus.RUNNING))
    if not await waiting.exists():
        log.info("assistant %s gets an index of %s", assistant_id, core.vectors.present)
        await add_job(core.queue, "index_anew", assistant_id, assistant_id)


async def index_anew(core: Core, assistant_id: UUID) -> None:
    """Complete the present model's index of an assistant, turn to it, and forget the earlier one."""
    if not await Assistant.filter(id=assistant_id).exists():
        return
    await _index_passages(core, assistant_id)
    await _index_questions(core, assistant_id)
    turned = (
        await Assistant.filter(id=assistant_id)
        .exclude(index_model=core.embedder.remembered)
        .update(index_model=core.embedder.remembered)
    )
    if turned:
        log.info("assistant %s answers from its index of %s", assistant_id, core.vectors.present)
        await asyncio.sleep(LAST_SEARCHES_S)
    await core.vectors.drop_others(assistant_id)


async def give_up_reindexing(assistant_id: UUID) -> None:
    """The earlier index goes on answering; the next tidying tries again."""
    log.error("assistant %s keeps its earlier index: the new one could not be made", assistant_id)


async def _index_passages(core: Core, assistant_id: UUID) -> None:
    """Page by page in the order of ids, which never change."""
    last = UUID(int=0)
    while True:
        rows = await PassageRow.filter(assistant_id=assistant_id, id__gt=last).order_by("id").limit(PAGE)
        if not rows:
            return
        last = rows[-1].id
        await index_texts(core, assistant_id, await _missing(core, assistant_id, rows), are_new=False)


async def _missing(core: Core, assistant_id: UUID, rows: Sequence[PassageRow]) -> list[Searchable]:
    """Passages that the new index does not hold yet, or without their question."""
    wanted = {row.id: [row.id] + [question_entry_id(row.id)] * bool(row.question) for row in rows}
    known = await core.vectors.known(assistant_id, [entry for entries in wanted.values() for entry in entries])
    return [
        Searchable(row.id, searchable_text(row.heading, row.text), row.question)
        for row in rows
        if not known.issuperset(wanted[row.id])
    ]


async def _index_questions(core: Core, assistant_id: UUID) -> None:
    """Of the owner's answers, and those that found none."""
    wanted: dict[UUID, tuple[str, Kind]] = {}
    for row in await VerifiedAnswer.filter(assistant_id=assistant_id):
        wanted |= {key: (text, "verified") for key, text in wordings_of(row).items()}
    for gap in await Gap.filter(assistant_id=assistant_id):
        wanted[gap.id] = (founding_question(gap), "gap")
    known = await core.vectors.known(assistant_id, list(wanted))
    entries = [
        Entry(key, await core.embedder.embed_query(text), terms_of(text), kind)
        for key, (text, kind) in wanted.items()
        if key not in known
    ]
    if entries:
        await core.vectors.index(assistant_id, entries)


async def _knows_anything(assistant_id: UUID) -> bool:
    if await PassageRow.filter(assistant_id=assistant_id).exists():
        return True
    return await VerifiedAnswer.filter(assistant_id=assistant_id).exists()
