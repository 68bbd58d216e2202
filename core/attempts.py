"""Work of a loop that must go on: whatever one part raises is logged, and neither the next part nor the next round
waits for somebody to start the process again."""

import logging
from collections.abc import Awaitable

from core.database import DATABASE_AWAY
from core.errors import Unavailable

log = logging.getLogger(__name__)


async def attempt(work: Awaitable[object], what: str) -> bool:
    """Whether it was done. `what` says in the log what was not: a thing to wait for, or a fault of ours."""
    try:
        await work
    except (*DATABASE_AWAY, Unavailable) as error:
        log.warning("%s: not now: %s: %s", what, type(error).__name__, error)
        return False
    except Exception:  # a fault in one thing must not stop all others
        log.exception("%s: failed; what comes after it goes on", what)
        return False
    return True
