"""A file of ours on its way into a chat, as what it was sent: a photo as a photo, a voice as a voice.

What Telegram does not take in that form goes as an ordinary file. Words that do not fit below it follow by themselves.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    SendAnimation,
    SendAudio,
    SendDocument,
    SendLocation,
    SendPhoto,
    SendSticker,
    SendVideo,
    SendVideoNote,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import FSInputFile

from core.attachments import Kind
from core.models import Attachment
from core.telegram.formatting import Rich
from core.telegram.outbound import Buttons, Outbound, Place

log = logging.getLogger(__name__)
UPLOAD_S = 120
LONGEST_CAPTION = 1024
"""https://core.telegram.org/bots/api#sendphoto"""
LARGEST_PHOTO = 10 * 1024 * 1024
"""https://core.telegram.org/bots/api#sending-files"""
_WITHOUT_CAPTION = (Kind.STICKER, Kind.VIDEO_NOTE, Kind.LOCATION)


class FileRefused(Exception):
    """Telegram takes it in no form, or it is no longer here."""


async def send_attachment(
    outbound: Outbound, place: Place, row: Attachment, file: Path | None, words: str, buttons: Buttons | None = None
) -> int:
    """Its message's id; of what comes last, where words go by themselves.

    Raises like `Outbound.send`, `TelegramBadRequest` for a place that is not there, and `FileRefused`.
    """
    kind = Kind(row.kind)
    if file is None and kind is not Kind.LOCATION:
        raise FileRefused
    apart = bool(words) and (kind in _WITHOUT_CAPTION or len(words.encode("utf-16-le")) // 2 > LONGEST_CAPTION)
    if apart:
        await outbound.send(place, Rich(words))
    below = {} if apart or not words else {"caption": words}
    fixed: dict[str, Any] = {
        "chat_id": place.chat_id,
        "message_thread_id": place.thread_id,
        "reply_markup": buttons,
        "business_connection_id": place.business,
    }
    if kind is Kind.LOCATION:
        return await _send(outbound, place, SendLocation(**fixed, **row.details))
    if kind is Kind.PHOTO and row.size > LARGEST_PHOTO:
        kind = Kind.DOCUMENT
    given = FSInputFile(str(file), filename=row.name or None)
    try:
        return await _send(outbound, place, _FORMS[kind](given, row.details, fixed | below))
    except TelegramBadRequest as refusal:
        if "thread" in refusal.message.lower() or "TOPIC" in refusal.message:
            raise
        log.warning("a %s was not taken as such: %s", kind.value, refusal.message)
    if kind is Kind.DOCUMENT:
        raise FileRefused
    try:
        return await _send(outbound, place, _FORMS[Kind.DOCUMENT](given, {}, fixed | below))
    except TelegramBadRequest as refusal:
        raise FileRefused from refusal


async def _send(outbound: Outbound, place: Place, method: TelegramMethod[Any]) -> int:
    sent = await outbound.do(method, place.chat_id, UPLOAD_S)
    return int(sent.message_id)


_Form = Callable[[FSInputFile, dict[str, Any], dict[str, Any]], TelegramMethod[Any]]
_FORMS: dict[Kind, _Form] = {
    Kind.PHOTO: lambda file, _, more: SendPhoto(photo=file, **more),
    Kind.DOCUMENT: lambda file, _, more: SendDocument(document=file, **more),
    Kind.VOICE: lambda file, known, more: SendVoice(voice=file, **_of(known, "duration"), **more),
    Kind.VIDEO: lambda file, known, more: SendVideo(video=file, **_of(known, "duration", "width", "height"), **more),
    Kind.VIDEO_NOTE: lambda file, known, more: SendVideoNote(
        video_note=file, **_of(known, "duration", "length"), **more
    ),
    Kind.ANIMATION: lambda file, known, more: SendAnimation(
        animation=file, **_of(known, "duration", "width", "height"), **more
    ),
    Kind.AUDIO: lambda file, known, more: SendAudio(audio=file, **_of(known, "duration", "performer", "title"), **more),
    Kind.STICKER: lambda file, known, more: SendSticker(sticker=file, **_of(known, "emoji"), **more),
}


def _of(known: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: known[name] for name in names if name in known}
