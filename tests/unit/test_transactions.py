"""A task may be cancelled at any point of a transaction; the database serves the next one all the same."""

import asyncio
from pathlib import Path

from tortoise.transactions import in_transaction

from core.models import Tenant


async def test_a_transaction_cancelled_at_any_step_holds_up_nobody(database: Path) -> None:
    async def work() -> None:
        async with in_transaction():
            await Tenant.create(name="half done")
            await asyncio.sleep(0)

    for steps in range(40):
        task = asyncio.get_running_loop().create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        async with asyncio.timeout(5), in_transaction():
            await Tenant.create(name=f"after {steps}")

    assert await Tenant.filter(name__startswith="after").count() == 40
