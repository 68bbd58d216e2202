"""What a process that was killed leaves in the folder of uploads is removed by a later start."""

import os
import time
from pathlib import Path

from core.app import Core
from core.leftovers import OLD_S, remove_leftovers
from core.models import Document
from core.receiving import receive_text
from tests.conftest import MakeAssistant


def _lies(file: Path, since_s: float) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    then = time.time() - since_s
    os.utime(file, (then, then))
    return file


async def test_old_files_that_nobody_names_are_removed_and_all_others_stay(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    uploads, old = core.settings.uploads_folder, OLD_S + 60
    document = await receive_text(core, rosa, "Rooms", "The violet room opens at nine.")
    coming = f"{rosa.id}/coming"
    await Document.filter(id=document.id).update(next_path=coming, next_hash="coming")
    kept = [
        _lies(uploads / document.file_path, old),
        _lies(uploads / coming, old),
        _lies(uploads / str(rosa.id) / "just-moved-here", 60),
        _lies(uploads / "arriving" / "still-arriving", 60),
    ]
    left = [_lies(uploads / "arriving" / "half", old), _lies(uploads / str(rosa.id) / "deleted", old)]

    assert await remove_leftovers(uploads) == 2
    assert [file for file in left if file.exists()] == []
    assert [file for file in kept if not file.exists()] == []
    for file in kept:
        file.unlink()
