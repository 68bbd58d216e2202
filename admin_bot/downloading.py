"""A file on its way from Telegram to the place where documents arrive. Bounded in size and time."""

import asyncio
from pathlib import Path

import aiohttp
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.types import Audio, Voice
from aiogram.types import Document as TelegramDocument

from core.app import Core
from core.receiving import new_upload
from core.settings import MEGABYTE

TELEGRAM_LIMIT = 20 * MEGABYTE
"""What a bot may download: https://core.telegram.org/bots/api#getfile"""

LONGEST_S = 120.0


class FileTooBig(Exception):
    """Telegram hands bots nothing larger than `TELEGRAM_LIMIT`."""


class FileLost(Exception):
    """Telegram did not hand it over."""


async def download(core: Core, document: TelegramDocument | Voice | Audio, bot: Bot | None) -> Path:
    """Where the file lies now; nothing is left when it did not come whole, or when we were stopped meanwhile.

    Raises `FileTooBig`, `FileLost`.
    """
    if (document.file_size or 0) > TELEGRAM_LIMIT:
        raise FileTooBig
    if bot is None:
        raise FileLost
    arrived = new_upload(core)
    try:
        await _fetch(bot, document.file_id, arrived)
    except BaseException:
        await asyncio.to_thread(arrived.unlink, missing_ok=True)
        raise
    return arrived


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
