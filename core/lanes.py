"""Things to do, strictly in order within a lane, lanes side by side, with a bound on both. Knows nothing of them."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from core.background import Background

Item = TypeVar("Item")


class Following(Generic[Item]):
    """What stands behind the item that is being worked on, in its lane."""

    def __init__(self) -> None:
        self.waiting: deque[Item] = deque()
        self._more = asyncio.Event()
        self.done = 0

    async def at(self, place: int, timeout_s: float) -> Item | None:
        """The item at this place behind (0: the next), as soon as it is there; None when it is not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while len(self.waiting) <= place:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            return None
        return self.waiting[place]

    def drop_while(self, done_too: Callable[[Item], bool]) -> None:
        """What stands next was done together with this one."""
        while self.waiting and done_too(self.waiting[0]):
            self.waiting.popleft()
            self.done += 1

    def put(self, item: Item) -> None:
        self.waiting.append(item)
        self._more.set()

    def take(self) -> Item:
        self.done = 1
        return self.waiting.popleft()


class Lanes(Generic[Item]):
    """`work` never raises. `put` waits when `held` items are already waiting or being worked on."""

    def __init__(
        self,
        background: Background,
        work: Callable[[Item, Following[Item]], Awaitable[None]],
        at_once: int = 32,
        held: int = 500,
    ) -> None:
        self._background = background
        self._work = work
        self._turns = asyncio.Semaphore(at_once)
        self._room = asyncio.Semaphore(held)
        self._waiting: dict[Hashable, Following[Item]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, lane: Hashable, item: Item) -> None:
        await self._room.acquire()
        if lane in self._waiting:
            self._waiting[lane].put(item)
            return
        self._waiting[lane] = Following()
        self._waiting[lane].put(item)
        task = self._background.start(self._serve(lane), f"lane {lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, lane: Hashable) -> None:
        following = self._waiting[lane]
        try:
            while following.waiting:
                item = following.take()
                try:
                    async with self._turns:
                        await self._work(item, following)
                finally:
                    for _ in range(following.done):
                        self._room.release()
        finally:
            del self._waiting[lane]

    async def close(self) -> None:
        """Stop at once; what was not finished is the caller's to remember."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
