"""Writes an archive: JSON lines, files as they were sent, adapters; last a manifest with the SHA-256 of each.

Streamed to disk piece by piece, in an order and with times that do not change, so the same assistant gives the same
content. Refuses to know when this is done and who gets it.
"""

import asyncio
import hashlib
import json
import zipfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.app import Core
from core.archive.contents import records_of
from core.archive.errors import ArchiveTooLarge
from core.archive.records import RECORDS, AdapterRecord, DocumentRecord, Record
from core.models import Assistant, Document, LoraAdapter
from core.settings import MEGABYTE
from core.training import folder_of

FORMAT, VERSION = "llmchatbot-assistant", 1
PRODUCT_VERSION = "0.1.0"
MANIFEST = "manifest.json"
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20
Told = Callable[[int], Awaitable[None]]


class ArchiveWriter:
    """An open zip file, what stands in it, and how large it may become."""

    def __init__(self, place: Path, most_bytes: int) -> None:
        self._zip = zipfile.ZipFile(place, "w", allowZip64=False)
        self._left = most_bytes
        self._most = most_bytes
        self.files: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        self._zip.close()

    def add_bytes(self, name: str, content: bytes) -> None:
        with _Entry(self, name) as entry:
            entry.write(content)

    def add_file(self, name: str, source: Path) -> None:
        """Raises `OSError` before anything is written when there is no such file."""
        with source.open("rb") as stream, _Entry(self, name, packed=source.suffix != ".safetensors") as entry:
            while piece := stream.read(_PIECE):
                entry.write(piece)

    def open(self, name: str) -> "_Entry":
        return _Entry(self, name)

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ArchiveTooLarge(limit_mb=self._most // MEGABYTE)


class _Entry:
    """One file of the archive while it is written."""

    def __init__(self, writer: ArchiveWriter, name: str, *, packed: bool = True) -> None:
        self._writer, self._name = writer, name
        info = zipfile.ZipInfo(name, _LONG_AGO)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o100600 << 16
        self._stream = writer._zip.open(info, "w")
        self._hash, self._size = hashlib.sha256(), 0

    def __enter__(self) -> "_Entry":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def write(self, piece: bytes) -> None:
        self._writer.take(len(piece))
        self._stream.write(piece)
        self._hash.update(piece)
        self._size += len(piece)

    def close(self) -> None:
        self._stream.close()
        self._writer.files[self._name] = {"sha256": self._hash.hexdigest(), "bytes": self._size}


async def write_archive(core: Core, assistant: Assistant, place: Path, told: Told) -> None:
    """All of an assistant at `place`; `told` hears how many steps of `steps_of` are done. Raises `ArchiveTooLarge`."""
    most = core.settings.max_archive_mb * MEGABYTE
    writer = await asyncio.to_thread(ArchiveWriter, place, most)
    done = 0
    lines: dict[str, int] = {}
    left_out: dict[str, int] = {}
    try:
        for kind in RECORDS:
            entry = await asyncio.to_thread(writer.open, kind.file)
            files: list[tuple[str, Path]] = []
            try:
                async for line in records_of(assistant, kind):
                    record = await _record(core, kind, line, files)
                    if record is None:
                        left_out[kind.file] = left_out.get(kind.file, 0) + 1
                        continue
                    await asyncio.to_thread(entry.write, record.model_dump_json().encode() + b"\n")
                    lines[kind.file] = lines.get(kind.file, 0) + 1
            finally:
                await asyncio.to_thread(entry.close)
            for name, source in files:
                if name not in writer.files:
                    await asyncio.to_thread(writer.add_file, name, source)
                done += 1
                await told(done)
            done += 1
            await told(done)
        await asyncio.to_thread(writer.add_bytes, MANIFEST, _manifest(assistant, writer, lines, left_out))
    finally:
        await asyncio.to_thread(writer.close)


async def steps_of(assistant: Assistant) -> int:
    """How many steps writing it has, about."""
    documents = await Document.filter(assistant_id=assistant.id).count()
    return len(RECORDS) + documents + 2 * await LoraAdapter.filter(assistant_id=assistant.id).count()


async def _record(core: Core, kind: type[Record], line: dict[str, Any], files: list[tuple[str, Path]]) -> Record | None:
    """The line, checked as a reader will check it, and the files that belong to it; None for what no reader takes."""
    if kind is DocumentRecord:
        source = core.settings.uploads_folder / str(line.pop("path"))
        stored = await asyncio.to_thread(_hash_of, source)
        line = line | {"stored": stored}
        files += [(f"files/{stored}", source)] if stored else []
    try:
        record = kind.model_validate(line)
    except ValidationError:
        return None
    if isinstance(record, AdapterRecord):
        adapter = await LoraAdapter.get(id=record.id)
        folder = folder_of(core, adapter) / "adapter"
        if not await asyncio.to_thread(_all_there, folder):
            return None
        files += [(f"adapters/{record.id}/{name}", folder / name) for name in ADAPTER_FILES]
    return record


def _all_there(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ADAPTER_FILES)


def _hash_of(file: Path) -> str:
    """Empty for a file that is not there: a site's page that was never read, or what was deleted in this moment."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return ""


def _manifest(assistant: Assistant, writer: ArchiveWriter, lines: dict[str, int], left_out: dict[str, int]) -> bytes:
    """The only place where the time of making stands."""
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "product_version": PRODUCT_VERSION,
        "made_at": datetime.now(UTC).isoformat(),
        "assistant": assistant.name,
        "lines": lines,
        "left_out": left_out,
        "files": writer.files,
    }
    return json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
