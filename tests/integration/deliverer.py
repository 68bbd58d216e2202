"""A worker that only delivers: `python deliverer.py DSN KEYS HOST [dies]`. With `dies` it never writes down an answer,
so that it can be killed at that very moment.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.database import open_database
from core.keyring import Keyring
from core.settings import Settings
from core.webhooks import delivering, line


async def _never(*_: object) -> None:
    sys.stdout.write("answered\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def run(dsn: str, keys: str, host: str, *how: str) -> None:
    line.LEASE = timedelta(seconds=1)
    if how:
        delivering.note = _never
    settings = Settings(_env_file=None, allowed_private_hosts=host)
    core: Any = SimpleNamespace(settings=settings, keyring=Keyring.open(Path(keys)))
    async with open_database(dsn):
        await delivering.deliver_for_ever(core)


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
