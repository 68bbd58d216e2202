"""Archives as tests make, open and spoil them."""

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from core.app import Core
from core.archive.archives import file_of, request_export, request_restore
from core.models import Archive, ArchiveStatus, Assistant, Document, DocumentStatus
from core.receiving import new_upload
from core.tenancy import Actor
from tests.waiting import until


async def ended(archive: Archive) -> Archive:
    async def is_over() -> bool:
        await archive.refresh_from_db()
        return archive.status in (ArchiveStatus.DONE, ArchiveStatus.FAILED)

    await until(is_over, 60)
    return archive


async def exported(core: Core, actor: Actor, assistant: Assistant) -> Path:
    archive = await ended(await request_export(core, actor, assistant))
    assert archive.status == ArchiveStatus.DONE, archive.error_code
    return await file_of(core, archive)


async def restored(core: Core, actor: Actor, file: Path) -> Assistant:
    """And its documents are read."""
    place = new_upload(core)
    shutil.copy(file, place)
    archive = await ended(await request_restore(core, actor, place))
    assert archive.status == ArchiveStatus.DONE, (archive.error_code, archive.error_facts)
    made = await Assistant.get(id=archive.assistant_id)

    async def is_read() -> bool:
        busy = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
        return not await Document.filter(assistant_id=made.id, status__in=busy).exists()

    await until(is_read, 60)
    return made


def contents_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def lines_of(file: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in contents_of(file)[name].decode().splitlines()]


def zipped(contents: dict[str, bytes], place: Path, *, counted: bool = True) -> Path:
    """A zip file of these contents, with a manifest that fits them unless it is not `counted`."""
    import hashlib

    contents = dict(contents)
    manifest = json.loads(contents.pop("manifest.json"))
    if counted and isinstance(manifest, dict):
        manifest["files"] = {
            name: {"sha256": hashlib.sha256(one).hexdigest(), "bytes": len(one)} for name, one in contents.items()
        }
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as made:
        for name, one in contents.items():
            made.writestr(name, one)
        made.writestr("manifest.json", json.dumps(manifest))
    return place


def as_bytes(lines: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO()
    for line in lines:
        stream.write(json.dumps(line) + "\n")
    return stream.getvalue().encode()
