"""Where the files of archives lie. Refuses to know what is in them."""

import asyncio
from pathlib import Path
from uuid import UUID

from core.app import Core


def place_of(core: Core, archive_id: UUID) -> Path:
    return core.settings.archives_folder / f"{archive_id}.zip"


async def remove_archive(core: Core, archive_id: UUID) -> None:
    await asyncio.to_thread(_remove, place_of(core, archive_id))


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
