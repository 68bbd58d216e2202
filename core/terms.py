"""Until when a channel may be served here, asked before anything that must be done once (core/leases.py says how long).

Knows no database: it is the clock of this process alone that answers.
"""

import asyncio
import time
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from core.life_signs import LifeSign


def now_s() -> float:
    """Goes on while the machine sleeps, where the system can say so: whoever wakes up must know that he is late."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(slots=True)
class Term:
    """The time of one holder of leases: what is served in it may be served `until` then."""

    id: UUID
    until: float
    sign: LifeSign | None = None

    @property
    def is_over(self) -> bool:
        return now_s() >= self.until


OVER = Term(UUID(int=0), 0.0)
_term: ContextVar[Term | None] = ContextVar("term", default=None)


class LeaseLost(asyncio.CancelledError):
    """The channel may be another's by now: whoever serves it here stops, and leaves what is unfinished as it is."""


def serve_in(term: Term) -> None:
    """This task, and whatever it starts, serves in this term."""
    _term.set(term)


def stop_if_lost() -> None:
    """Raises `LeaseLost` where a channel is served whose term is over. Elsewhere nothing is checked."""
    term = _term.get()
    if term and term.is_over:
        raise LeaseLost
