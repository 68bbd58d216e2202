"""A file on its way from Telegram to the place where documents arrive. Bounded in size and time."""

from pathlib import Path

from aiogram import Bot
from aiogram.types import Audio, Voice
from aiogram.types import Document as TelegramDocument

from core.app import Core
from core.receiving import new_upload
from core.telegram.files import TELEGRAM_LIMIT, FileLost, FileTooBig, fetch_file

__all__ = ["TELEGRAM_LIMIT", "FileLost", "FileTooBig", "download"]


async def download(core: Core, document: TelegramDocument | Voice | Audio, bot: Bot | None) -> Path:
    """Where the file lies now. Raises `FileTooBig`, `FileLost`."""
    arrived = new_upload(core)
    await fetch_file(bot, document.file_id, document.file_size or 0, arrived)
    return arrived
