"""A locked file for as long as its process lives: the system unlocks it, however the process ends.

So others on the same machine need not wait to be sure that somebody is dead. Nothing hangs on it: where a file cannot
be seen, or the machine has no name, they wait (core/leases.py).
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def this_machine() -> str:
    """The running system's own name, another one after each start; empty where it gives itself none."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


class LifeSign:
    """Given when made, withdrawn by `withdraw` or by the end of the process."""

    def __init__(self, folder: Path, who: UUID) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = _file_of(folder, who)
        self._descriptor = os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def withdraw(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._descriptor)


def is_surely_dead(folder: Path, who: UUID) -> bool:
    """Whether somebody of this machine gave a sign in this folder and does so no more. False also for "not known"."""
    file = _file_of(folder, who)
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    with suppress(OSError):
        file.unlink()
    return True


def _file_of(folder: Path, who: UUID) -> Path:
    return folder / f"{who}.alive"
