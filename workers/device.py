"""One training a device at a time, whichever process of this machine starts it.

The device is a locked file. The trainer inherits the lock and holds it as long as it lives, also without the process
that started it; when it dies, however it does, the device is free.
"""

import asyncio
import fcntl
import os
import re
from pathlib import Path

LOOK_S = 1.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")
"""The same in all containers of a machine, another on each machine that shares the folder."""


async def free_device(folder: Path, gpus: str) -> int:
    """Waits until no training runs; the file descriptor that now holds the device. Whoever gets it closes it."""
    while True:
        taken = await asyncio.to_thread(take_device, folder, gpus)
        if taken is not None:
            return taken
        await asyncio.sleep(LOOK_S)


def take_device(folder: Path, gpus: str) -> int | None:
    """The device, for as long as the file descriptor or one inherited from it is open; None while it is taken.

    `gpus` are those that this process may see (CUDA_VISIBLE_DEVICES), "" all of this machine, or its CPU.
    """
    folder.mkdir(parents=True, exist_ok=True)
    machine = _BOOT.read_text("ascii").strip() if _BOOT.exists() else os.uname().nodename
    device = re.sub(r"[^\w-]", "_", f"{machine}-{gpus or 'all'}")
    held = os.open(folder / f".training-{device}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    return held
