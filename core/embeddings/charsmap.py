"""Writes a character map in SentencePiece's compiled form, which `tokenizers.normalizers.Precompiled` reads.

The form: the size of a trie in bytes, the trie as a darts-clone double array of uint32 units, then the stand-in
texts, each ended by a zero byte. A unit holds its own label (bits 0-7), whether a value hangs below it (bit 8) and,
from bit 10, the XOR distance to its children's block; a value has bit 31 set, so that no label equals it.
"""

from collections.abc import Mapping

import numpy as np

HAS_VALUE, IS_VALUE, DISTANCE = 1 << 8, 1 << 31, 10
BLOCK = 256

Trie = dict[int, "Trie | int"]


def compiled_charsmap(characters: Mapping[int, str]) -> bytes:
    """Keys are single code points, whose UTF-8 forms are never one another's prefix; the layout relies on it."""
    texts, offsets = bytearray(), {}
    for text in sorted(set(characters.values())):
        offsets[text] = len(texts)
        texts += text.encode() + b"\0"
    trie: Trie = {}
    for point, text in characters.items():
        *path, last = chr(point).encode()
        node = trie
        for byte in path:
            child = node.setdefault(byte, {})
            if not isinstance(child, dict):
                raise ValueError("one key is the prefix of another")
            node = child
        node[last] = offsets[text]
    units = _double_array(trie)
    return np.uint32(units.nbytes).tobytes() + units.tobytes() + bytes(texts)


def _double_array(root: Trie) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Each inner node owns a block of 256 units; values fill units that no label uses."""
    units, used = [0] * BLOCK, {0}
    leaves: list[tuple[int, int, int]] = []
    waiting: list[tuple[int, int, Trie]] = [(0, 0, root)]
    while waiting:
        position, label, node = waiting.pop()
        block = len(units)
        units += [0] * BLOCK
        units[position] = label | (position ^ block) << DISTANCE
        for byte, child in node.items():
            used.add(block ^ byte)
            if isinstance(child, dict):
                waiting.append((block ^ byte, byte, child))
            else:
                leaves.append((block ^ byte, byte, child))
    # A block's first unit stays empty: two nodes with one base would read each other's children.
    free = (at for at in range(len(units)) if at % BLOCK and at not in used)
    for position, label, value in leaves:
        at = next(free)
        units[position] = label | HAS_VALUE | (position ^ at) << DISTANCE
        units[at] = IS_VALUE | value
    return np.array(units, np.uint32)
