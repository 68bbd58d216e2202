"""The queue inside the process: triggers in memory, for one process that is both web server and worker."""

import asyncio
from collections.abc import Mapping
from typing import get_args
from uuid import UUID

from core.queue.base import Lane, Work

_BOUND = 10_000


class InlineQueue:
    """A bounded `asyncio.Queue` per lane. Triggers beyond the bound are dropped: the sweep finds their jobs."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, asyncio.Queue[UUID]] = {lane: asyncio.Queue(_BOUND) for lane in get_args(Lane)}
        self._waiting: set[UUID] = set()

    async def put(self, job_id: UUID, lane: Lane) -> None:
        if job_id not in self._waiting and not self._lanes[lane].full():
            self._waiting.add(job_id)
            self._lanes[lane].put_nowait(job_id)

    async def consume(self, work: Work, at_once: Mapping[Lane, int]) -> None:
        async with asyncio.TaskGroup() as group:
            for lane, width in at_once.items():
                for _ in range(width):
                    group.create_task(self._serve(lane, work))

    async def _serve(self, lane: Lane, work: Work) -> None:
        while True:
            job_id = await self._lanes[lane].get()
            self._waiting.discard(job_id)
            await work(job_id)
            worker = asyncio.current_task()
            if worker and worker.cancelling():  # the job took it for a failure of something it waited for
                raise asyncio.CancelledError

    async def close(self) -> None:
        """Nothing to give back."""
