"""The queue across processes: ARQ on Redis. Only triggers travel here; jobs and their results stay in SQL.

ARQ marks a job as in progress for its whole time limit, also after its worker was killed, and refuses a second job
of the same id meanwhile. So a trigger's id is the job's with a window of time: one trigger per job and window.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.exceptions import RedisError

from core.errors import Unavailable
from core.queue.base import Lane, Work

log = logging.getLogger(__name__)
WINDOW_S = 20
LONGEST_JOB_S = 24 * 3600
RECONNECT_S = 2.0


class ArqQueue:
    """Open with `open`; each lane is a Redis queue of its own."""

    def __init__(self, settings: RedisSettings, pool: ArqRedis) -> None:
        self._settings = settings
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> "ArqQueue":
        """Raises `Unavailable` when Redis does not answer."""
        settings = RedisSettings.from_dsn(url)
        settings.conn_timeout, settings.conn_retries = 5, 3
        try:
            return cls(settings, await create_pool(settings))
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable(part="Redis", reason=str(error)) from error

    async def put(self, job_id: UUID, lane: Lane) -> None:
        trigger = f"{job_id}:{int(time.time() // WINDOW_S)}"
        try:
            async with asyncio.timeout(5):
                await self._pool.enqueue_job("work", str(job_id), _job_id=trigger, _queue_name=_queue(lane))
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable(part="Redis", reason=str(error)) from error

    async def consume(self, work: Work, at_once: Mapping[Lane, int]) -> None:
        async with asyncio.TaskGroup() as group:
            for lane, width in at_once.items():
                group.create_task(self._serve(lane, width, work))

    async def _serve(self, lane: Lane, width: int, work: Work) -> None:
        """One ARQ worker, started again when Redis comes back: by itself it dies with its connection."""

        async def do(_context: dict[Any, Any], job_id: str) -> None:
            await work(UUID(job_id))

        while True:
            try:
                pool = await create_pool(self._settings)
                try:
                    await _work_until_redis_leaves(pool, lane, width, do)
                finally:
                    await pool.aclose(close_connection_pool=True)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("queue %s lost Redis (%s); it tries again", lane, error)
            await asyncio.sleep(RECONNECT_S)

    async def close(self) -> None:
        await self._pool.aclose(close_connection_pool=True)


def _queue(lane: Lane) -> str:
    return f"llmchatbot:{lane}"


async def _work_until_redis_leaves(pool: ArqRedis, lane: Lane, width: int, do: Any) -> None:
    worker = Worker(
        functions=[func(do, name="work", keep_result=0, max_tries=1, timeout=LONGEST_JOB_S)],
        redis_pool=pool,
        queue_name=_queue(lane),
        max_jobs=width,
        handle_signals=False,
        poll_delay=0.2,
        log_results=False,
    )
    try:
        await worker.main()
    finally:
        running = [*worker.tasks.values()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
