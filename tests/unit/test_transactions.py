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


async def test_many_rows_cancelled_at_any_step_are_all_there_or_none_and_hold_up_nobody(database: Path) -> None:
    async def work(name: str) -> None:
        await Tenant.bulk_create([Tenant(name=name) for _ in range(30)])

    for steps in range(40):
        task = asyncio.get_running_loop().create_task(work(f"many {steps}"))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        async with asyncio.timeout(5):
            await Tenant.bulk_create([Tenant(name=f"after {steps}")])
        assert await Tenant.filter(name=f"many {steps}").count() in (0, 30)

    assert await Tenant.filter(name__startswith="after").count() == 40
