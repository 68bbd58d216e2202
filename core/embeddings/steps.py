"""How a batch of texts is cut into steps of few different shapes.

OpenVINO keeps compiled kernels for every shape it has met: 2,000 calls of random shapes took 370 MB and did not give
them back. So lengths are rounded up to one of LENGTHS and rows are powers of two: some forty shapes at most, for a
few tokens of padding. Steps stay small because larger ones are not faster, only longer to wait for.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

LENGTHS = (8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 192, 256, 384, 512)
MOST_ROWS, MOST_TOKENS = 16, 512


def padded_length(length: int) -> int:
    """The shape a text of LENGTH tokens runs in."""
    return next(size for size in LENGTHS if size >= length)


def steps(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers of LENGTHS in steps, short texts first; rows of one step share a padded length."""
    in_order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for size, members in groupby(in_order, key=lambda row: padded_length(lengths[row])):
        rows = list(members)
        while rows:
            fitting = max(1, min(len(rows), MOST_ROWS, MOST_TOKENS // size))
            taken = 1 << (fitting.bit_length() - 1)
            yield rows[:taken]
            rows = rows[taken:]
