"""The port to queues. A queue only says "look at this job"; what is true about the job stands in SQL.

So a queue may lose or double a trigger without harm: `core/jobs.py` claims each job once, and its sweep puts
forgotten ones back.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol
from uuid import UUID

Lane = Literal["documents", "large", "sites", "training", "shopper"]
"""Lanes do not wait for one another: a training, a site or a book never delays a price list."""

Work = Callable[[UUID], Awaitable[None]]


class Queue(Protocol):
    async def put(self, job_id: UUID, lane: Lane) -> None:
        """Wake a worker. Putting a job twice is fine. Raises `Unavailable` when the broker does not answer."""
        ...

    async def consume(self, work: Work, at_once: Mapping[Lane, int]) -> None:
        """Run `work` for each trigger, at most `at_once` per lane, until cancelled. `work` never raises."""
        ...

    async def close(self) -> None: ...
