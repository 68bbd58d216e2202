"""Reads an archive that anybody may have made: nothing in it is believed before it was checked.

Names, numbers, sizes and kinds of entries are bounded before anything is unpacked, contents while they are, and each
must have the hash that the manifest tells. Nothing is ever written to a path that the archive names. All of it blocks:
for threads. Refuses to know what is made of the content.
"""

import hashlib
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from core.archive.errors import ArchiveRejected, ArchiveTooLarge, ArchiveTooNew
from core.archive.records import RECORDS, AssistantRecord, Hash, Record
from core.archive.writing import ADAPTER_FILES, FORMAT, MANIFEST, VERSION
from core.settings import MEGABYTE

MOST_ENTRIES = 10_000
LONGEST_LINE = 4 * MEGABYTE
MOST_LINES_BYTES = 100 * MEGABYTE
"""Of all lines together: they are held in memory while rows are made of them."""
LARGEST_MANIFEST = 4 * MEGABYTE
LARGEST_DIRECTORY = 8 * MEGABYTE
LARGEST_ADAPTER = 500 * MEGABYTE
MOST_PACKED = 300
"""By so much a file may have been made smaller; deflate makes nothing but a bomb smaller than a thousandth."""
_PIECE = 1 << 20
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 0xFFFF
_ADAPTER_FILES = "|".join(re.escape(name) for name in ADAPTER_FILES)
_NAME = re.compile(
    rf"{MANIFEST}|[a-z_]{{1,40}}\.jsonl|files/[0-9a-f]{{64}}|adapters/[0-9a-f-]{{36}}/({_ADAPTER_FILES})"
)


class ManifestFile(BaseModel):
    sha256: Hash
    size: Annotated[int, Field(ge=0, alias="bytes")]


class Manifest(BaseModel):
    format: str
    version: int
    product_version: Annotated[str, Field(max_length=40)] = ""
    assistant: Annotated[str, Field(max_length=120)] = ""
    files: Annotated[dict[str, ManifestFile], Field(max_length=MOST_ENTRIES)]


class ArchiveReader:
    """An archive whose outside is sound. Raises `ArchiveRejected` for what is not."""

    def __init__(self, place: Path, most_bytes: int) -> None:
        size = place.stat().st_size
        if size > most_bytes:
            raise ArchiveTooLarge(limit_mb=most_bytes // MEGABYTE)
        _check_end(place, size)
        try:
            self._zip = zipfile.ZipFile(place)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ArchiveRejected(reason="no zip file") from error
        try:
            self._entries = _checked(self._zip.infolist(), most_bytes)
            self.manifest = self._manifest()
        except BaseException:
            self._zip.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def __enter__(self) -> "ArchiveReader":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _manifest(self) -> Manifest:
        if MANIFEST not in self._entries or self._entries[MANIFEST].file_size > LARGEST_MANIFEST:
            raise ArchiveRejected(reason="no manifest")
        try:
            found: Any = json.loads(b"".join(self._pieces(MANIFEST)))
            manifest = Manifest.model_validate(found)
        except (ValueError, RecursionError) as error:
            raise ArchiveRejected(reason="the manifest cannot be read") from error
        if manifest.format != FORMAT:
            raise ArchiveRejected(reason="not an archive of an assistant")
        if manifest.version > VERSION:
            raise ArchiveTooNew(made_by=manifest.product_version or str(manifest.version))
        if manifest.version < 1:
            raise ArchiveRejected(reason="unknown version")
        if set(manifest.files) != set(self._entries) - {MANIFEST}:
            raise ArchiveRejected(reason="files and manifest differ")
        for name, told in manifest.files.items():
            if self._entries[name].file_size != told.size:
                raise ArchiveRejected(reason=f"{name} has another size")
        return manifest

    @property
    def files(self) -> set[str]:
        return set(self.manifest.files)

    def check_all(self) -> None:
        """Read everything once. Raises `ArchiveRejected` for a file whose hash is not the manifest's."""
        for name in self.manifest.files:
            for _ in self._verified(name):
                pass

    def records(self, kind: type[Record]) -> Iterator[Any]:
        """The checked lines of one file; none where there is no such file."""
        if kind.file not in self._entries:
            return
        with self._opened(kind.file) as stream:
            for number in range(kind.most + 1):
                line = _line(stream, kind.file)
                if not line:
                    return
                if number == kind.most:
                    raise ArchiveRejected(reason=f"{kind.file} has too many lines")
                try:
                    yield kind.model_validate(json.loads(line))
                except ValidationError as error:
                    first = error.errors(include_input=False, include_url=False)[0]
                    place = ".".join(str(part) for part in first["loc"])
                    raise ArchiveRejected(reason=f"{kind.file}, line {number + 1}: {place}"[:200]) from error
                except (ValueError, RecursionError) as error:
                    raise ArchiveRejected(reason=f"{kind.file}, line {number + 1}") from error

    def assistant(self) -> AssistantRecord:
        found = list(self.records(AssistantRecord))
        if len(found) != 1:
            raise ArchiveRejected(reason="not one assistant")
        record: AssistantRecord = found[0]
        return record

    def check_lines(self) -> None:
        """Every line of every file. Raises `ArchiveRejected`."""
        for kind in RECORDS:
            for _ in self.records(kind):
                pass

    def size_of(self, name: str) -> int:
        """Raises `ArchiveRejected` when there is no such file."""
        if name not in self._entries:
            raise ArchiveRejected(reason=f"{name} is missing")
        return self._entries[name].file_size

    def copy(self, name: str, place: Path, most_bytes: int) -> None:
        """Unpack one file to a place of our own; half a file is never there. Raises `ArchiveRejected`."""
        if self.size_of(name) > most_bytes:
            raise ArchiveTooLarge(limit_mb=most_bytes // MEGABYTE)
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_name(f".{place.name}.half")
        try:
            with half.open("wb") as target:
                for piece in self._verified(name):
                    target.write(piece)
            half.replace(place)
        finally:
            half.unlink(missing_ok=True)

    def _verified(self, name: str) -> Iterator[bytes]:
        found = hashlib.sha256()
        for piece in self._pieces(name):
            found.update(piece)
            yield piece
        if found.hexdigest() != self.manifest.files[name].sha256:
            raise ArchiveRejected(reason=f"{name} is not what the manifest says")

    def _pieces(self, name: str) -> Iterator[bytes]:
        """Never more than was announced: what a zip file says about sizes is not believed."""
        left = self._entries[name].file_size
        with self._opened(name) as stream:
            while piece := _read(stream, name):
                left -= len(piece)
                if left < 0:
                    raise ArchiveRejected(reason=f"{name} is larger than it says")
                yield piece

    def _opened(self, name: str) -> IO[bytes]:
        try:
            return self._zip.open(self._entries[name])
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
            raise ArchiveRejected(reason=f"{name} cannot be unpacked") from error


def _read(stream: IO[bytes], name: str) -> bytes:
    try:
        return stream.read(_PIECE)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
        raise ArchiveRejected(reason=f"{name} cannot be unpacked") from error


def _line(stream: IO[bytes], name: str) -> bytes:
    try:
        line = stream.readline(LONGEST_LINE + 1)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
        raise ArchiveRejected(reason=f"{name} cannot be unpacked") from error
    if len(line) > LONGEST_LINE:
        raise ArchiveRejected(reason=f"{name} has a line that is too long")
    return line


def _check_end(place: Path, size: int) -> None:
    """How large the table of contents is, before Python reads all of it. Archives of ours need no zip64."""
    with place.open("rb") as stream:
        stream.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - 20))
        tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise ArchiveRejected(reason="no zip file")
    entries, directory = (
        struct.unpack("<H", tail[at + 10 : at + 12])[0],
        struct.unpack("<L", tail[at + 12 : at + 16])[0],
    )
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07") or entries > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise ArchiveRejected(reason="too many files")


def _checked(infos: list[zipfile.ZipInfo], most_bytes: int) -> dict[str, zipfile.ZipInfo]:
    """By name. Only plain files with names that we give ourselves, within bounds."""
    entries: dict[str, zipfile.ZipInfo] = {}
    left = most_bytes
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if not _NAME.fullmatch(info.filename) or info.filename in entries:
            raise ArchiveRejected(reason="a file with a name that is none of ours")
        if kind not in (0, stat.S_IFREG) or info.flag_bits & 0x1:
            raise ArchiveRejected(reason="a file that is no plain one")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveRejected(reason="an unknown compression")
        left -= info.file_size
        if left < 0 or len(entries) > MOST_ENTRIES:
            raise ArchiveTooLarge(limit_mb=most_bytes // MEGABYTE)
        if info.file_size > MEGABYTE and info.file_size > MOST_PACKED * max(1, info.compress_size):
            raise ArchiveRejected(reason="a file that is much larger unpacked")
        entries[info.filename] = info
    if sum(info.file_size for name, info in entries.items() if name.endswith(".jsonl")) > MOST_LINES_BYTES:
        raise ArchiveTooLarge(limit_mb=MOST_LINES_BYTES // MEGABYTE)
    return entries


def name_in(place: Path, most_bytes: int) -> str:
    """Whom the archive at `place` holds. Raises `ArchiveRejected`."""
    with ArchiveReader(place, most_bytes) as reader:
        return reader.assistant().name
