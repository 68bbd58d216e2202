"""Walks every migration up, down and up again on the database of its argument, then checks schema against models.

A program of its own, because one process of Tortoise should know one kind of database: `python stairway.py DSN`.
Prints one line for each step; an exception is a broken step.
"""

import asyncio
import sys
from pathlib import Path

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.recorder import MigrationRecorder

from core.database import database_config, migrate

MIGRATIONS = sorted(file.stem for file in Path("migrations").glob("0*.py"))
_TABLES = {
    "asyncpg": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
}
_COLUMNS = {
    "asyncpg": "SELECT column_name AS name FROM information_schema.columns WHERE table_name = '{}'",
    "sqlite": "SELECT name FROM pragma_table_info('{}')",
}


async def walk(dsn: str) -> None:
    config = database_config(dsn)
    kind = dsn.partition(":")[0]
    async with TortoiseContext() as context:
        await context.init(config=config)
        connection = context.connections.get("default")
        for name in MIGRATIONS:
            await migrate(context, config, name)
            above = await _applied(connection)
            await migrate(context, config, "__first__")
            left = {row["name"] for row in (await connection.execute_query_dict(_TABLES[kind]))}
            assert len(left) == 1, f"tables left below {name}: {left}"
            await migrate(context, config, name)
            assert await _applied(connection) == above, f"{name} up, down and up is not the same"
            sys.stdout.write(f"walked {name}\n")
        await migrate(context, config)
        missing = await MigrationAutodetector(context.apps, config["apps"]).changes()
        assert not missing, f"models changed without a migration: {[writer.operations for writer in missing]}"
        await _compare_columns(context, kind)


async def _applied(connection: object) -> list[str]:
    return sorted(key.name for key in await MigrationRecorder(connection).applied_migrations())


async def _compare_columns(context: TortoiseContext, kind: str) -> None:
    """What the tables really have, not what the migrations believe: a lost column shows only here."""
    connection = context.connections.get("default")
    for model in context.apps["models"].values():
        table = model._meta.db_table
        rows = await connection.execute_query_dict(_COLUMNS[kind].format(table))
        assert {row["name"] for row in rows} == set(model._meta.fields_db_projection.values()), f"columns of {table}"
        sys.stdout.write(f"columns of {table} are those of {model.__name__}\n")


if __name__ == "__main__":
    asyncio.run(walk(sys.argv[1]))
