"""SQLite for Tortoise, with many statements in flight at once: the `engine` of a database's configuration.

Tortoise's own client holds a lock until a statement's result has come back to the event loop, so each statement of the
whole process waits for all before it to travel there and back. The connection's thread takes them in the order in which
they were sent, so it is enough that nothing is sent into somebody else's transaction. Refuses to know tables.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar, cast

import aiosqlite
from tortoise.backends.sqlite.client import SqliteClient, translate_exceptions

Result = TypeVar("Result")
Rows = list[sqlite3.Row]


class PipelinedSqliteClient(SqliteClient):
    """Statements outside of a transaction do not wait for one another, only for a transaction that is open."""

    async def create_connection(self, with_db: bool) -> None:
        if self._connection:
            return
        self._connection = await aiosqlite.connect(
            self.filename, isolation_level=None, detect_types=sqlite3.PARSE_DECLTYPES
        )
        self._connection.row_factory = sqlite3.Row
        for pragma, value in self.pragmas.items():
            await self._connection.execute_fetchall(f"PRAGMA {pragma}={value}")
        await self._post_connect()

    @translate_exceptions
    async def execute_insert(self, query: str, values: list[Any]) -> int:
        return int(await self._send(lambda connection: connection.execute(query, values).lastrowid or 0))

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        return await self._send(lambda connection: _changed_and_found(connection, query, values or ()))

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        _, rows = await self._send(lambda connection: _changed_and_found(connection, query, values or ()))
        return [dict(row) for row in rows]

    @translate_exceptions
    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """All or none. Tortoise's own leaves its transaction open for ever when it is cancelled in the middle."""
        await self._send(lambda connection: _all_or_none(connection, query, values))

    async def _send(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Have it done in the connection's thread, after what was sent before, in no other task's transaction."""
        if self._connection is None or self._lock.locked():
            async with self._lock:
                await self.create_connection(with_db=True)
                sent = self._sent(work)
        else:
            sent = self._sent(work)
        return await sent

    def _sent(self, work: Callable[[sqlite3.Connection], Result]) -> asyncio.Future[Result]:
        """What the thread will say of it. Nothing is awaited between the look at the lock and the sending."""
        connection = cast(aiosqlite.Connection, self._connection)
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        connection._tx.put_nowait((done, partial(work, connection._conn)))
        return done


client_class = PipelinedSqliteClient


def _changed_and_found(connection: sqlite3.Connection, query: str, values: Sequence[Any]) -> tuple[int, Rows]:
    """How many rows a statement changed, or found, and those that it found."""
    before = connection.total_changes
    rows = connection.execute(query.replace("\x00", "'||CHAR(0)||'"), values).fetchall()
    return connection.total_changes - before or len(rows), rows


def _all_or_none(connection: sqlite3.Connection, query: str, values: Sequence[Sequence[Any]]) -> None:
    connection.execute("BEGIN")
    try:
        connection.executemany(query, values)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _moment(stored: bytes) -> datetime:
    return datetime.fromisoformat(stored.decode())


sqlite3.register_converter("TIMESTAMP", _moment)
