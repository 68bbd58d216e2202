"""Files that a killed process left behind: half-arrived ones, and those that no document and no change names any more.

Several processes share the folder, and a file lies there before its row is written: only what has been lying for a day
is looked at. Refuses to know what is in a file.
"""

import asyncio
import logging
import time
from pathlib import Path

from core.changes import needed_of

log = logging.getLogger(__name__)
OLD_S = 24 * 3600.0
ARRIVING = "arriving"
"""Where files lie while they are being received; no document names them."""


async def remove_leftovers(uploads: Path) -> int:
    """Remove them; how many there were."""
    removed = 0
    for folder in await asyncio.to_thread(_folders, uploads):
        old = await asyncio.to_thread(_old_files, folder)
        if old and folder.name != ARRIVING:
            paths = [f"{folder.name}/{file.name}" for file in old]
            needed = await needed_of(paths)
            old = [file for file, path in zip(old, paths, strict=True) if path not in needed]
        for file in old:
            removed += await asyncio.to_thread(_remove_if_old, file)
    if removed:
        log.info("removed %s files that nobody was going to ask for", removed)
    return removed


def _folders(uploads: Path) -> list[Path]:
    return [folder for folder in uploads.iterdir() if folder.is_dir()] if uploads.exists() else []


def _old_files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file() and _is_old(file)]


def _remove_if_old(file: Path) -> bool:
    """The same content may have come again while we looked."""
    if not _is_old(file):
        return False
    file.unlink(missing_ok=True)
    return True


def _is_old(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime > OLD_S
    except FileNotFoundError:  # somebody else was quicker
        return False
