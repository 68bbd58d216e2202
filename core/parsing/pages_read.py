"""How far the reading is, said by a reader in the child process to whoever waits outside. Silent anywhere else."""

import os
import time

_EVERY_S = 0.2


class _Line:
    """The way out, opened once by the child."""

    descriptor: int | None = None
    told_at = 0.0


def open_line(descriptor: int) -> None:
    """From now on `tell_pages` writes to this file descriptor."""
    _Line.descriptor = descriptor


def tell_pages(done: int, total: int) -> None:
    """Say that `done` of `total` pages are read; more often than five times a second says nothing."""
    if _Line.descriptor is None or time.monotonic() - _Line.told_at < _EVERY_S:
        return
    _Line.told_at = time.monotonic()
    os.write(_Line.descriptor, f"{done} {total}\n".encode())
