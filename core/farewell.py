"""Deleting an assistant: it is gone at once, everywhere; for `UNDO_DAYS` it can come back, whole, with its customers.

So nothing is copied and nothing made anew: its rows stay as they are and belong to nobody meanwhile (core/hidden.py).
Its bots are free for another assistant, and come back with it if they still are. Afterwards, or when the owner says so,
rows, files and vectors are erased. Refuses to know who asks.
"""

import asyncio
import logging
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.app import Core
from core.archive.files import remove_archive
from core.assistants import DELETED, room_for_another
from core.audit import record_change
from core.changes import CannotUndo, forget_change, record_undoable
from core.channels import snapshot_of
from core.documents import LARGE, add_reading_job
from core.errors import NotFound, Unavailable
from core.hidden import NOBODY, business_of_nobody, is_hidden
from core.jobs import wake
from core.models import (
    AdapterStatus,
    Archive,
    ArchiveKind,
    ArchiveStatus,
    Assistant,
    AuditEvent,
    Change,
    Channel,
    Document,
    DocumentStatus,
    Job,
    JobStatus,
    LoraAdapter,
    Role,
    Site,
    SiteStatus,
)
from core.news import ITSELF
from core.tenancy import Actor
from core.training import UNFINISHED

log = logging.getLogger(__name__)
WHOLE = "whole assistant"
"""What these changes are called."""
RESTORED = "restore assistant"
_UNDER_WAY = (SiteStatus.QUEUED, SiteStatus.READING)
_UNREAD = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)


async def delete_assistant(core: Core, actor: Actor, assistant: Assistant) -> None:
    """Nobody finds it, nothing works for it, its bots stop; taking that back brings all of it back. Raises
    `NotFound` when somebody else was quicker."""
    actor.must_be(Role.OWNER)
    await business_of_nobody()
    trainings = LoraAdapter.filter(assistant_id=assistant.id, status__in=UNFINISHED)
    async with in_transaction():
        gone = await Assistant.filter(id=assistant.id, tenant_id=actor.tenant_id).update(tenant_id=NOBODY)
        if not gone:
            raise NotFound(what="assistant")
        channels = await Channel.filter(assistant_id=assistant.id)
        before = {"channels": {str(one.id): snapshot_of(one) for one in channels}}
        await Channel.filter(assistant_id=assistant.id).delete()
        await Job.filter(assistant_id=assistant.id).exclude(status=JobStatus.DONE).delete()
        await trainings.update(status=AdapterStatus.CANCELLED, finished_at=datetime.now(UTC))
        await Site.filter(assistant_id=assistant.id, status__in=_UNDER_WAY).update(status=SiteStatus.CANCELLED)
        # What was changed in it can be taken back when it is there again.
        await Change.filter(assistant_id=assistant.id).update(tenant_id=NOBODY)
        await record_undoable(
            actor,
            DELETED,
            WHOLE,
            assistant.id,
            assistant_id=assistant.id,
            before=before,
            after=None,
            name=assistant.name,
        )
    for adapter in await _served(assistant.id):
        await core.llm.forget_adapter(adapter)
    if not core.settings.undo_days:
        await erase_assistant(core, assistant.id)


async def is_there(change: Change) -> dict[str, Any] | None:
    """For core/undoing.py: None as long as it is hidden."""
    assistant = await Assistant.get_or_none(id=change.subject_id)
    return None if assistant is None or is_hidden(assistant) else change.before


async def bring_back(core: Core, actor: Actor, change: Change) -> None:
    """It answers again from the next message on, and goes on reading what was unread. A bot that another assistant
    has by now stays there. Raises `TooManyAssistants`, and `CannotUndo` when it is gone for good."""
    actor.must_be(Role.OWNER)
    jobs = list[Job]()
    async with in_transaction():
        await room_for_another(actor)
        there = Assistant.filter(id=change.subject_id, tenant_id=NOBODY)
        if not await there.update(tenant_id=actor.tenant_id):
            raise CannotUndo
        await Change.filter(assistant_id=change.subject_id, tenant_id=NOBODY).update(tenant_id=actor.tenant_id)
        for document in await Document.filter(assistant_id=change.subject_id, status__in=_UNREAD):
            await Document.filter(id=document.id).update(status=DocumentStatus.UPLOADED, reading_since=None)
            if document.kind != "page":
                jobs.append(await add_reading_job(document, large=document.size_bytes >= LARGE))
        assistant = await Assistant.get(id=change.subject_id)
        await record_change(actor.tenant_id, actor.user_id, RESTORED, assistant.id, name=assistant.name)
    for job in jobs:
        await wake(core.queue, job)
    for channel_id, was in (change.before or {}).get("channels", {}).items():
        try:
            await Channel.create(id=UUID(channel_id), assistant_id=assistant.id, **was)
        except IntegrityError:
            log.info("a bot of assistant %s serves another one now", assistant.id)


async def erase_change(core: Core, change: Change) -> None:
    """It cannot be taken back any more; a deleted assistant is gone with that, for good."""
    await forget_change(core.settings, change)
    if change.kind == WHOLE and change.undone_at is None:
        await erase_assistant(core, change.subject_id)


async def erase_forgotten(core: Core) -> None:
    """Hidden assistants that nothing can bring back any more. What has just been hidden is left alone."""
    hidden = Assistant.filter(tenant_id=NOBODY)
    for assistant in await hidden.only("id"):
        kept = Change.filter(kind=WHOLE, subject_id=assistant.id, undone_at=None)
        made = Archive.filter(assistant_id=assistant.id, kind=ArchiveKind.RESTORE)
        under_way = made.filter(status__in=(ArchiveStatus.QUEUED, ArchiveStatus.RUNNING))
        if not await kept.exists() and not await under_way.exists():
            await erase_assistant(core, assistant.id)


async def erase_assistant(core: Core, assistant_id: UUID) -> None:
    """Rows first (they cascade); files and vectors follow, and vectors may follow late."""
    adapters = await _served(assistant_id)
    taken = await Archive.filter(assistant_id=assistant_id, kind=ArchiveKind.EXPORT)
    await Archive.filter(id__in=[one.id for one in taken]).delete()
    if not await AuditEvent.filter(action=DELETED, subject=str(assistant_id)).exists():
        # Nobody has deleted it: it was restored half. Tidying drops vectors of what is known to have been ours.
        await record_change(await business_of_nobody(), ITSELF, DELETED, assistant_id)
    await Assistant.filter(id=assistant_id).delete()
    for archive in taken:
        await remove_archive(core, archive.id)
    # Goes on by itself when whoever waits for it is gone.
    clearing = _clear_away(core, assistant_id, adapters)
    await asyncio.shield(core.background.start(clearing, "clearing away a deleted assistant"))


async def _served(assistant_id: UUID) -> list[str]:
    done = LoraAdapter.filter(assistant_id=assistant_id, status=AdapterStatus.COMPLETED)
    return [str(adapter) for adapter in await done.values_list("id", flat=True)]


async def _clear_away(core: Core, assistant_id: UUID, adapters: Sequence[str]) -> None:
    await asyncio.gather(*(core.llm.forget_adapter(adapter) for adapter in adapters))
    for folder in (core.settings.uploads_folder, core.settings.adapters_folder):
        await asyncio.to_thread(shutil.rmtree, folder / str(assistant_id), ignore_errors=True)
    try:
        await core.vectors.drop(assistant_id)
    except Unavailable as error:
        log.warning("vectors of assistant %s stay behind: %s", assistant_id, error)
