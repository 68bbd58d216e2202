"""The queue inside the process ends when it is told to, whatever the job under way makes of that."""

import asyncio
from uuid import UUID, uuid4

from core.queue.inline import InlineQueue


async def test_a_job_that_takes_being_cancelled_for_a_failure_does_not_keep_its_worker() -> None:
    queue, begun = InlineQueue(), asyncio.Event()

    async def work(_job: UUID) -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return

    loop = asyncio.get_running_loop()
    consuming = loop.create_task(queue.consume(work, {"documents": 1}))
    await queue.put(uuid4(), "documents")
    await begun.wait()
    consuming.cancel()
    done, _ = await asyncio.wait({consuming}, timeout=5)
    assert done == {consuming}
