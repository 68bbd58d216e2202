"""One thread for one model, where a query overtakes a long batch of passages.

Passages come in small steps and only one step at a time is handed to the thread, so a query that arrives in the
middle of ten thousand passages waits for the step that runs, never for the batch. Refuses to know what a model is.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Turns:
    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._step = asyncio.Lock()

    async def query(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def step(self, work: Callable[[], T]) -> T:
        """One small step of a batch; other batches take their turns between two steps."""
        async with self._step:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Let the running step end; what waits is cancelled."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
