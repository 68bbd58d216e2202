"""Makes Tortoise's transactions safe to cancel: `make_cancellable()` once, before the first of them.

Tortoise takes a lock (SQLite) or a connection (PostgreSQL) and then says BEGIN. Cancelled between the two, it never
gives back what it took: one task stopped at the wrong moment, and the whole process waits for its database for ever.
Seen with tortoise-orm 1.x; `tests/unit/test_transactions.py` fails without this.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from tortoise.backends.base.client import TransactionContextPooled
from tortoise.backends.sqlite.client import SqliteTransactionContext
from tortoise.connection import get_connections

Enter = Callable[[Any], Awaitable[Any]]
GiveBack = Callable[[Any], Awaitable[None]]


def make_cancellable() -> None:
    """Replace how both kinds of transaction are entered. Doing it twice changes nothing."""
    kinds: tuple[tuple[Any, GiveBack], ...] = (
        (SqliteTransactionContext, _unlock),
        (TransactionContextPooled, _return_connection),
    )
    for kind, give_back in kinds:
        if not getattr(kind.__aenter__, "safe_to_cancel", False):
            kind.__aenter__ = _safely(kind.__aenter__, give_back)


def _safely(enter: Enter, give_back: GiveBack) -> Enter:
    async def enter_safely(self: Any) -> Any:
        try:
            return await enter(self)
        except BaseException:  # being cancelled is the very case
            if hasattr(self, "token"):  # it holds something: BEGIN was what did not end
                get_connections().reset(self.token)
                await give_back(self)
            raise

    enter_safely.safe_to_cancel = True  # type: ignore[attr-defined]  # our own mark
    return enter_safely


async def _unlock(context: Any) -> None:
    """BEGIN may still be under way in SQLite's thread; what is asked after it comes after it."""
    try:
        with contextlib.suppress(Exception):  # the connection may be gone altogether
            await asyncio.shield(context.connection._connection.rollback())
    finally:  # also when cancelled once more
        context._trxlock.release()


async def _return_connection(context: Any) -> None:
    with contextlib.suppress(Exception):  # the connection may be gone altogether
        await asyncio.shield(context.client._parent._pool.release(context.client._connection))
