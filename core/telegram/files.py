"""A file in a Telegram message: what it is, and how it comes here. Bounded in size and time.

A file's id is worth something to the bot that received it alone, so whoever passes it on through another bot fetches
it first.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.types import Message

from core.attachments import Kind, Thing
from core.settings import MEGABYTE

TELEGRAM_LIMIT = 20 * MEGABYTE
"""What a bot may download: https://core.telegram.org/bots/api#getfile"""
LONGEST_S = 120.0
_DETAILS = ("duration", "width", "height", "length", "performer", "title", "emoji")


class FileTooBig(Exception):
    """Telegram hands bots nothing larger than `TELEGRAM_LIMIT`."""


class FileLost(Exception):
    """Telegram did not hand it over."""


@dataclass(frozen=True, slots=True)
class Received:
    """A thing as it stands in a message. No `file_id`: a place on a map."""

    thing: Thing
    file_id: str = ""
    size: int = 0


def thing_in(message: Message) -> Received | None:
    """None for words, and for what cannot be passed on (polls, contacts, stories)."""
    caption = message.caption or ""
    if message.location:
        place = message.location
        where = {"latitude": place.latitude, "longitude": place.longitude}
        return Received(Thing(Kind.LOCATION, details=where))
    if message.photo:
        best = message.photo[-1]
        return Received(Thing(Kind.PHOTO, "photo.jpg", "image/jpeg", caption), best.file_id, best.file_size or 0)
    for kind in (Kind.ANIMATION, Kind.DOCUMENT, Kind.VOICE, Kind.VIDEO, Kind.VIDEO_NOTE, Kind.AUDIO, Kind.STICKER):
        found: Any = getattr(message, kind.value)
        if found:
            details = {name: value for name in _DETAILS if (value := getattr(found, name, None)) is not None}
            name, mime = getattr(found, "file_name", None) or "", getattr(found, "mime_type", None) or ""
            thing = Thing(kind, name or _name(kind, message), mime, caption, details)
            return Received(thing, found.file_id, found.file_size or 0)
    return None


def _name(kind: Kind, message: Message) -> str:
    """What Telegram wants to see at the end of a file's name to take it as what it is."""
    if kind is Kind.STICKER and message.sticker:
        return (
            "sticker.tgs" if message.sticker.is_animated else f"sticker.web{'m' if message.sticker.is_video else 'p'}"
        )
    endings = {Kind.VOICE: "voice.ogg", Kind.AUDIO: "audio.mp3", Kind.DOCUMENT: "file"}
    return endings.get(kind, f"{kind.value}.mp4")


async def fetch_file(bot: Bot | None, file_id: str, size: int, place: Path) -> None:
    """Into `place`; nothing is left there when it did not come whole, or when we were stopped meanwhile.

    Raises `FileTooBig`, `FileLost`.
    """
    if size > TELEGRAM_LIMIT:
        raise FileTooBig
    if bot is None:
        raise FileLost
    try:
        await _fetch(bot, file_id, place)
    except BaseException:
        await asyncio.to_thread(place.unlink, missing_ok=True)
        raise


async def _fetch(bot: Bot, file_id: str, place: Path) -> None:
    try:
        async with asyncio.timeout(LONGEST_S):
            file = await bot.get_file(file_id)
            await _stream(bot, file.file_path or "", place)
    except TelegramBadRequest as refusal:
        if "too big" in refusal.message.lower():
            raise FileTooBig from refusal
        raise FileLost from refusal
    except (AiogramError, aiohttp.ClientError, TimeoutError):
        raise FileLost from None  # the original error may carry the URL, and the URL carries the token


async def _stream(bot: Bot, path: str, place: Path) -> None:
    """In pieces, never more of them than announced: what a server says about sizes is not believed."""
    url = bot.session.api.file_url(bot.token, path)
    size = 0
    with place.open("wb") as file:
        async for piece in bot.session.stream_content(url, timeout=int(LONGEST_S)):
            size += len(piece)
            if size > TELEGRAM_LIMIT:
                raise FileTooBig
            await asyncio.to_thread(file.write, piece)
