"""Work of a loop that must go on: whatever one part raises is logged, and neither the next part nor the next round
waits for somebody to start the process again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tortoise.exceptions import FieldError, IntegrityError, NotExistOrMultiple

from core.database import DATABASE_AWAY
from core.errors import Unavailable

log = logging.getLogger(__name__)
T = TypeVar("T")
AGAIN_S = 5.0
_OURS = (NotExistOrMultiple, IntegrityError, FieldError, FileNotFoundError)
"""What the database or the disk answers when it is there and we have asked amiss."""


async def attempt(work: Awaitable[object], what: str) -> bool:
    """Whether it was done. `what` says in the log what was not: a thing to wait for, or a fault of ours."""
    try:
        await work
    except _OURS:
        log.exception("%s: failed; what comes after it goes on", what)
        return False
    except (*DATABASE_AWAY, Unavailable) as error:
        log.warning("%s: not now: %s: %s", what, type(error).__name__, error)
        return False
    except Exception:  # a fault in one thing must not stop all others
        log.exception("%s: failed; what comes after it goes on", what)
        return False
    return True


async def until_the_database_is_back(ask: Callable[[], Awaitable[T]], what: str) -> T:
    """For what must be written down or read before anything else can be done."""
    while True:
        try:
            return await ask()
        except DATABASE_AWAY:
            log.exception("%s waits for the database", what)
            await asyncio.sleep(AGAIN_S)
