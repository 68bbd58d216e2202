"""Walks the migrations up, down and up again on the database of its argument, then checks schema against models.

The newest are walked one by one; those before them, which nobody changes any more, in one stride.

A program of its own, because one process of Tortoise should know one kind of database: `python stairway.py DSN`.
Prints one line for each step; an exception is a broken step.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.recorder import MigrationRecorder

from core.database import database_config, migrate

MIGRATIONS = sorted(file.stem for file in Path("migrations").glob("0*.py"))
STEPS = [MIGRATIONS[0], *MIGRATIONS[1:][-4:]]
_TABLES = {
    "asyncpg": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
}
_ITS_OWN = {"tortoise_migrations"}
"""What the walk itself writes down."""
_ID = "'0b1d7a52-5d35-4e5b-9d2e-7f1c1d3b8a10'"
_FILLED = ("tenants", "assistants", "documents", "passages")
"""Tables of the first migration that get a row, each after those it points at; all rows have the same id."""
_NEEDED = {
    "asyncpg": "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
    " WHERE table_name = '{}' AND is_nullable = 'NO' AND column_default IS NULL",
    "sqlite": "SELECT name, type FROM pragma_table_info('{}') WHERE \"notnull\" OR pk",
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
        levels = [_ITS_OWN]
        for name in STEPS:
            await migrate(context, config, name)
            levels.append(await _tables(connection, kind))
            assert (await _applied(connection))[-1] == name
        for below, tables in zip(["__first__", *STEPS][-2::-1], levels[-2::-1], strict=True):
            await migrate(context, config, below)
            assert await _tables(connection, kind) == tables, f"other tables than before, undone to {below}"
            sys.stdout.write(f"undone to {below}\n")
        await _climb_with_rows(context, config, connection, kind)
        missing = await MigrationAutodetector(context.apps, config["apps"]).changes()
        assert not missing, f"models changed without a migration: {[writer.operations for writer in missing]}"
        await _compare_columns(context, kind)
        await _double_nothing(context, connection)


async def _climb_with_rows(context: TortoiseContext, config: dict[str, Any], connection: Any, kind: str) -> None:
    """An upgrade of a product in use: what stood in the tables still stands there."""
    await migrate(context, config, MIGRATIONS[0])
    for table in _FILLED:
        columns = await connection.execute_query_dict(_NEEDED[kind].format(table))
        names = ", ".join(column["name"] for column in columns)
        values = ", ".join(_value(column["name"], column["type"].lower()) for column in columns)
        await connection.execute_query(f"INSERT INTO {table} ({names}) VALUES ({values})")
    await migrate(context, config)
    for table in _FILLED:
        rows = await connection.execute_query_dict(f"SELECT id FROM {table}")
        assert len(rows) == 1, f"rows of {table} after the upgrade: {rows}"
    sys.stdout.write("rows outlive an upgrade\n")


def _value(name: str, kind: str) -> str:
    if name == "id" or name.endswith("_id"):
        return _ID
    if "int" in kind or "bool" in kind:
        return "false" if "bool" in kind else "1"
    if "timestamp" in kind:
        return "'2026-01-02 03:04:05+00:00'"
    return "'{}'"


async def _double_nothing(context: TortoiseContext, connection: Any) -> None:
    """What is unique by the models is unique in the tables: a table that SQLite rebuilds loses that."""
    for model in context.apps["models"].values():
        table, others = model._meta.db_table, [name for name in model._meta.db_fields if name != "id"]
        if table not in _FILLED or not model._meta.unique_together:
            continue
        names = ", ".join(others)
        again = f"INSERT INTO {table} (id, {names}) SELECT '{uuid4()}', {names} FROM {table}"
        try:
            await connection.execute_query(again)
        except IntegrityError:
            sys.stdout.write(f"{table} are not doubled\n")
        else:
            raise AssertionError(f"{table} lost a unique constraint")


async def _tables(connection: Any, kind: str) -> set[str]:
    return {row["name"] for row in await connection.execute_query_dict(_TABLES[kind])}


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
