"""One way to a database: connections, migrations and the context they live in. Knows no table.

Tortoise keeps its connections in a context variable, so `open_database` must be entered by the task whose
children will use them: the process's main task, before any web server starts.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from core.transactions import make_cancellable

CONNECT_S = 10
QUERY_S = 30

DATABASE_AWAY = (
    BaseORMException,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a query whose connection was torn away under it
    OSError,
    TimeoutError,
)
"""What a database that is stopped, restarted or unreachable raises. A loop that must survive it catches these."""


def database_config(dsn: str) -> dict[str, Any]:
    """Tortoise's configuration for a DSN: one connection, one app, the migrations of this repository.

    PostgreSQL gets `CONNECT_S` to take a connection and `QUERY_S` for a query: asyncpg alone would wait for ever.
    """
    connection = expand_db_url(dsn)
    if "sqlite" in connection["engine"]:
        connection["engine"] = "core.sqlite"
    if "asyncpg" in connection["engine"]:
        connection["credentials"] = {"timeout": CONNECT_S, "command_timeout": QUERY_S, **connection["credentials"]}
    return {
        "connections": {"default": connection},
        "apps": {
            "models": {
                "models": ["core.models"],
                "default_connection": "default",
                "migrations": "migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


@asynccontextmanager
async def open_database(dsn: str) -> AsyncIterator[TortoiseContext]:
    """Connect, bring the schema up to date, and disconnect at the end."""
    make_cancellable()
    config = database_config(dsn)
    async with TortoiseContext() as context:
        await context.init(config=config)
        await migrate(context, config)
        yield context


async def migrate(context: TortoiseContext, config: dict[str, Any], target: str = "__latest__") -> None:
    """Walk the migrations up (or down) to `target`: a migration's name, "__latest__" or "__first__"."""
    executor = MigrationExecutor(context.connections.get("default"), config["apps"])
    await executor.migrate([MigrationTarget(app_label="models", name=target)])


TORTOISE_ORM = database_config("sqlite://:memory:")
"""For Tortoise's command line, which compares the models with the migrations and needs no database for it."""
