"""Statements of many tasks are in flight on one connection of SQLite; each keeps its own result and its own fate."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.models import Tenant, User


class _TakenBack(Exception):
    """Ends a transaction without what it wrote."""


async def test_nothing_is_taken_back_with_another_tasks_transaction(database: Path) -> None:
    opened, written = asyncio.Event(), asyncio.Event()

    async def take_back() -> None:
        async with in_transaction():
            await Tenant.create(name="taken back")
            opened.set()
            await asyncio.sleep(0.05)  # the others have long asked by now
            assert not written.is_set()
            raise _TakenBack

    async def write(number: int) -> None:
        await opened.wait()
        await Tenant.create(name=f"kept {number}")
        written.set()

    results = await asyncio.gather(take_back(), *map(write, range(20)), return_exceptions=True)

    assert isinstance(results[0], _TakenBack)
    assert results[1:] == [None] * 20
    assert sorted(await Tenant.all().values_list("name", flat=True)) == sorted(f"kept {n}" for n in range(20))


async def test_each_of_many_changes_at_once_knows_what_it_has_changed(database: Path) -> None:
    tenants = [await Tenant.create(name=f"{number % 5}") for number in range(50)]

    changed = await asyncio.gather(
        *(Tenant.filter(name=str(number)).update(name=f"new {number}") for number in range(7)),
        *(Tenant.filter(id=tenant.id, name="nobody").update(name="never") for tenant in tenants[:10]),
    )

    assert changed == [10, 10, 10, 10, 10, 0, 0, *[0] * 10]


async def test_of_many_who_compare_before_they_change_one_does(database: Path) -> None:
    tenant = await Tenant.create(name="free")

    won = await asyncio.gather(*(Tenant.filter(id=tenant.id, name="free").update(name="taken") for _ in range(30)))

    assert sum(won) == 1


async def test_what_goes_wrong_concerns_only_who_asked_for_it(database: Path) -> None:
    await User.create(email="a@example.com")

    results = await asyncio.gather(
        *(User.create(email=f"{letter}@example.com") for letter in "bcadefa"), return_exceptions=True
    )

    assert [isinstance(result, IntegrityError) for result in results] == [False, False, True, False, False, False, True]
    assert await User.all().count() == 6


async def test_times_are_read_as_they_were_written(database: Path) -> None:
    moscow = datetime(2026, 11, 29, 18, 41, 5, 120, tzinfo=UTC) + timedelta(hours=3)
    row = await Tenant.create(name="now", created_at=moscow)

    assert (await Tenant.get(id=row.id)).created_at == moscow
    assert await Tenant.filter(created_at=moscow).exists()
    assert await Tenant.filter(created_at__lt=moscow).count() == 0


async def test_a_statement_cancelled_halfway_holds_up_nobody(database: Path) -> None:
    async def ask() -> None:
        while True:
            await Tenant.all().count()

    tasks = [asyncio.get_running_loop().create_task(ask()) for _ in range(10)]
    await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    async with asyncio.timeout(5), in_transaction():
        await Tenant.create(name="after")
    assert await Tenant.all().count() == 1


@pytest.mark.parametrize("query", ["SELECT nothing FROM nowhere", "SELEC 1"])
async def test_words_that_are_no_query_are_an_error_of_the_database(database: Path, query: str) -> None:
    from tortoise.exceptions import OperationalError

    with pytest.raises(OperationalError):
        await get_connection("default").execute_query(query)
