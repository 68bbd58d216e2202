"""Things to do, strictly in order within a lane, lanes side by side, with a bound on both. Not about Telegram."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from core.background import Background

Item = TypeVar("Item")


class Lanes(Generic[Item]):
    """`work` never raises. `put` waits when `held` items are already waiting or being worked on."""

    def __init__(
        self, background: Background, work: Callable[[Item], Awaitable[None]], at_once: int = 32, held: int = 500
    ) -> None:
        self._background = background
        self._work = work
        self._turns = asyncio.Semaphore(at_once)
        self._room = asyncio.Semaphore(held)
        self._waiting: dict[Hashable, deque[Item]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, lane: Hashable, item: Item) -> None:
        await self._room.acquire()
        if lane in self._waiting:
            self._waiting[lane].append(item)
            return
        self._waiting[lane] = deque([item])
        task = self._background.start(self._serve(lane), f"lane {lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, lane: Hashable) -> None:
        queue = self._waiting[lane]
        try:
            while queue:
                item = queue.popleft()
                async with self._turns:
                    await self._work(item)
                self._room.release()
        finally:
            del self._waiting[lane]

    async def close(self) -> None:
        """Stop at once; what was not finished is the caller's to remember."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
