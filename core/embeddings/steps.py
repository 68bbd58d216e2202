"""How a batch of texts is cut into steps of few different shapes.

OpenVINO keeps compiled kernels for every shape it has met: 2,000 calls of random shapes took 370 MB and did not give
them back. So lengths are rounded up to one of LENGTHS and rows are powers of two: some hundred shapes at most, of which
a document meets twenty. Neighbours by length share a step, whatever they are rounded to: padding is 5 % of the tokens
of ordinary passages. Steps stay small because larger ones are not faster, only longer to wait for.
"""

from collections.abc import Iterator, Sequence

LENGTHS: tuple[int, ...] = (*range(8, 64, 4), *range(64, 256, 16), 256, 320, 384, 448, 512)
MOST_ROWS, MOST_TOKENS = 16, 512


def padded_length(length: int) -> int:
    """The shape a text of LENGTH tokens runs in."""
    return next(size for size in LENGTHS if size >= length)


def steps(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers of LENGTHS in steps, long texts first; a step is padded to its longest text."""
    rows = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    while rows:
        fitting = max(1, min(len(rows), MOST_ROWS, MOST_TOKENS // padded_length(lengths[rows[0]])))
        taken = 1 << (fitting.bit_length() - 1)
        yield rows[:taken]
        rows = rows[taken:]
