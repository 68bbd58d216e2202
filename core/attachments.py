"""Files that people and customers send each other: kept until they are delivered, and some days longer.

A file lies in a folder of its own, a row says to which turn it belongs. Refuses to know how files are fetched and sent.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.conversations import conversation_of, remember_question
from core.errors import Conflict
from core.messages import Incoming
from core.models import Attachment, Author, Contact, Conversation, Message, Undelivered
from core.operators import may_write, store_reply, touch
from core.settings import MEGABYTE, Settings
from core.storable import storable
from core.tenancy import Actor
from core.texts import Texts

log = logging.getLogger(__name__)
KEEP = timedelta(days=7)
"""After that a file is removed, unless its customer is still waiting for it."""
MOST_A_DAY = 100 * MEGABYTE
"""What one customer may send to people in a day."""
_TAKE_FILES = ("telegram:", "slack:")
"""How the channels begin whose customers can be sent files."""
_OLD_S = 24 * 3600.0
_AT_ONCE = 500


class Kind(StrEnum):
    """As people see it. Each has a word in the locales."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    ANIMATION = "animation"
    AUDIO = "audio"
    STICKER = "sticker"
    LOCATION = "location"


_IN_WORDS = {
    Kind.PHOTO: "sent-photo",
    Kind.DOCUMENT: "sent-file",
    Kind.VOICE: "sent-voice",
    Kind.VIDEO: "sent-video",
    Kind.VIDEO_NOTE: "sent-video",
    Kind.ANIMATION: "sent-video",
    Kind.AUDIO: "sent-audio",
    Kind.STICKER: "sent-sticker",
    Kind.LOCATION: "sent-location",
}


class FilesNotTaken(Conflict):
    """The customer writes in a channel that carries words only."""

    code = "error-files-not-taken"


@dataclass(frozen=True, slots=True)
class Thing:
    """What somebody has sent beside words. A place on a map is no file."""

    kind: Kind
    name: str = ""
    mime: str = ""
    caption: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def in_words(self, texts: Texts, locale: str) -> str:
        """As it stands in the conversation."""
        return f"{texts.say(locale, _IN_WORDS[self.kind])} {self.caption}".rstrip()


def new_place(settings: Settings) -> Path:
    """An empty place for a file that is arriving; it stays when a row names it, and is removed after a day else."""
    settings.attachments_folder.mkdir(parents=True, exist_ok=True)
    return settings.attachments_folder / secrets.token_hex(16)


async def send_file_to_customer(
    core: Core, actor: Actor, conversation: Conversation, thing: Thing, arrived: Path | None, turn_id: UUID
) -> Message:
    """As `reply_to_customer`, with a file; needs the conversation's assistant. Raises the same, and `FilesNotTaken`."""
    if written := await Message.get_or_none(id=turn_id):
        return written
    await must_take_files(conversation)
    await may_write(actor, conversation)
    text = thing.in_words(core.texts, conversation.assistant.locale)
    async with in_transaction():
        await keep(conversation.assistant_id, turn_id, thing, arrived)
        return await store_reply(conversation, storable(text), turn_id)


async def must_take_files(conversation: Conversation) -> None:
    """Raises `FilesNotTaken`."""
    contact = await Contact.get(id=conversation.contact_id)
    if not contact.channel.startswith(_TAKE_FILES):
        raise FilesNotTaken


async def keep(assistant_id: UUID, turn_id: UUID, thing: Thing, arrived: Path | None) -> Attachment:
    """Written down; a turn has one file, and again is harmless."""
    size = (await asyncio.to_thread(arrived.stat)).st_size if arrived else 0
    row, _ = await Attachment.get_or_create(
        turn_id=turn_id,
        defaults={
            "assistant_id": assistant_id,
            "kind": thing.kind.value,
            "name": storable(thing.name)[:255],
            "mime": storable(thing.mime)[:128],
            "size": size,
            "path": arrived.name if arrived else "",
            "caption": storable(thing.caption),
            "details": thing.details,
        },
    )
    return row


async def attachments_of(turn_ids: Collection[UUID]) -> dict[UUID, Attachment]:
    """Turn -> its file."""
    if not turn_ids:
        return {}
    return {row.turn_id: row for row in await Attachment.filter(turn_id__in=list(turn_ids))}


async def attachment_of(turn_id: UUID) -> Attachment | None:
    return await Attachment.get_or_none(turn_id=turn_id)


async def file_of(settings: Settings, attachment: Attachment) -> Path | None:
    """Where it lies; None for what is no file or was tidied away."""
    if not attachment.path:
        return None
    file = settings.attachments_folder / attachment.path
    return file if await asyncio.to_thread(file.is_file) else None


async def sent_today(assistant_id: UUID, channel: str, contact_key: str) -> int:
    """Bytes that a customer has sent to people in a day."""
    since = datetime.now(UTC) - timedelta(days=1)
    own = Message.filter(author=Author.CUSTOMER, created_at__gt=since, conversation__assistant_id=assistant_id)
    own = own.filter(conversation__contact__channel=channel, conversation__contact__key=contact_key)
    turns = await own.values_list("id", flat=True)
    return sum(row.size for row in (await attachments_of(list(turns))).values())  # type: ignore[arg-type]  # flat


async def tidy_attachments(settings: Settings) -> int:
    """Remove what has been delivered for days, and what no row names; how many files."""
    removed = 0
    old = Attachment.filter(created_at__lt=datetime.now(UTC) - KEEP).exclude(path="")
    for row in await old.limit(_AT_ONCE):
        if not await Undelivered.filter(message_id=row.turn_id).exists():
            await Attachment.filter(id=row.id).update(path="")
            removed += await asyncio.to_thread(_remove, settings.attachments_folder / row.path)
    for file in await asyncio.to_thread(_old_files, settings.attachments_folder):
        if not await Attachment.filter(path=file.name).exists():
            removed += await asyncio.to_thread(_remove, file)
    if removed:
        log.info("removed %s files of conversations", removed)
    return removed


async def remove_attachments(settings: Settings, paths: Collection[str]) -> None:
    """Files whose rows are gone."""
    for path in paths:
        await asyncio.to_thread(_remove, settings.attachments_folder / path)


async def store_for_person(incoming: Incoming) -> None:
    """A turn of somebody who waits: a person will read it, and the assistant says nothing to it."""
    if incoming.question_id:
        conversation = await conversation_of(incoming)
        await remember_question(conversation, incoming, incoming.question_id)
        await touch(conversation)


def _old_files(folder: Path) -> list[Path]:
    if not folder.exists():
        return []
    now = time.time()
    return [file for file in folder.iterdir() if file.is_file() and now - file.stat().st_mtime > _OLD_S]


def _remove(file: Path) -> bool:
    there = file.exists()
    file.unlink(missing_ok=True)
    return there
