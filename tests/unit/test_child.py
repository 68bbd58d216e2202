"""A program that is given up is gone, with all that was open to it."""

import asyncio
import gc
import sys
from pathlib import Path

import pytest

from core.child import Child

LASTING = (sys.executable, "-c", "import time; time.sleep(60)")


def _open_files() -> int:
    gc.collect()
    return sum(1 for _ in Path("/dev/fd").iterdir())


@pytest.mark.parametrize("steps", range(6))
async def test_whoever_stops_waiting_for_a_child_to_start_leaves_nothing_open(steps: int, tmp_path: Path) -> None:
    async def start() -> Child:
        return await Child.start(LASTING, cwd=tmp_path, env={})

    await (await start()).end()
    before = _open_files()
    starting = asyncio.get_running_loop().create_task(start())
    for _ in range(steps):
        await asyncio.sleep(0)
    starting.cancel()
    (outcome,) = await asyncio.gather(starting, return_exceptions=True)
    if isinstance(outcome, Child):
        await outcome.end()
    await asyncio.sleep(0)

    assert _open_files() == before
