"""Events of one source, each done to its end, in order within a lane: what a platform sent, and what a crash left.

They are put here by whoever reads the platform in this process, or found in the inbox, where another part of the
product has written them down (a webhook's route, perhaps in another process). Knows no platform.
"""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from core.arrivals import LOOK_S, follow_source
from core.attempts import attempt
from core.background import Background
from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.inbox import begin_event, events_of, finish_event, forgive_attempt, unfinished_ids
from core.lanes import Following, Lanes
from core.models import ProcessedEvent

log = logging.getLogger(__name__)

Do = Callable[[ProcessedEvent, Following[ProcessedEvent]], Awaitable[None]]
"""Does what an event asks for, perhaps together with what follows it in its lane; what it drops there it has finished.
`Unavailable` means "try again later"; anything else it raises is final.
"""

LONGEST_PAUSE_S = 300.0
_AT_ONCE = 500
"""Events read together, and in order."""
WANTED = timedelta(days=1)
"""So long an answer that its platform does not take is tried again."""


class InboxWork:
    """`lane_of` says from a payload what must stay in order; `order` sorts what is found in the inbox."""

    def __init__(
        self,
        background: Background,
        source: str,
        lane_of: Callable[[dict[str, Any]], Hashable],
        do: Do,
        order: Callable[[ProcessedEvent], Any] = lambda event: event.created_at,
        again_s: float = 30.0,
    ) -> None:
        self._background = background
        self._source = source
        self._lane_of = lane_of
        self._do_it = do
        self._order = order
        self._again_s = again_s
        self._taken: set[str] = set()
        self._lanes: Lanes[ProcessedEvent] = Lanes(background, self._do)

    async def put(self, event: ProcessedEvent) -> None:
        """Waits while too many are held already. Whoever puts takes nothing up meanwhile."""
        await self._lanes.put(self._lane_of(event.payload), event)

    async def take_up(self) -> None:
        """What is in the inbox and was not taken up yet."""
        unfinished = await unfinished_ids(self._source)
        fresh, self._taken = sorted(unfinished - self._taken), self._taken & unfinished
        for first in range(0, len(fresh), _AT_ONCE):
            for event in sorted(await events_of(fresh[first : first + _AT_ONCE]), key=self._order):
                self._taken.add(str(event.id))
                await self.put(event)

    async def follow(self) -> None:
        """Take up whatever is accepted, here or elsewhere, until cancelled."""
        followed = follow_source(self._source)
        while True:
            followed.news.clear()
            if not await attempt(self.take_up(), f"reading the inbox of {self._source}"):
                await asyncio.sleep(LOOK_S)
                continue
            followed.known = self._taken
            await followed.news.wait()

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """While the body runs it is followed; then closed."""
        following = self._background.start(self.follow(), f"inbox of {self._source}")
        try:
            yield
        finally:
            following.cancel()
            await asyncio.wait({following})
            await self.close()

    async def close(self) -> None:
        """Stop at once; what was not finished stands in the inbox."""
        await self._lanes.close()

    async def _do(self, event: ProcessedEvent, following: Following[ProcessedEvent]) -> None:
        """One event to its end. Never raises: one bad event must not stop the lane behind it."""
        for failures in itertools.count():
            if await self._try(event, following):
                return
            await asyncio.sleep(min(self._again_s * 2 ** min(failures, 10), max(self._again_s, LONGEST_PAUSE_S)))

    async def _try(self, event: ProcessedEvent, following: Following[ProcessedEvent]) -> bool:
        """False when it must be tried again: its platform or the database is away."""
        try:
            await event.refresh_from_db(fields=["attempts", "result"])
            if await begin_event(event):
                await self._do_it(event, following)
                await finish_event(event)
        except asyncio.CancelledError:  # stopped, not crashed
            await asyncio.shield(attempt(forgive_attempt(event), f"stopping an event of {self._source}"))
            raise
        except Unavailable as error:
            return await self._waits_no_longer(event, error)
        except DATABASE_AWAY:
            log.exception("%s: event %s waits for the database", self._source, event.event_id)
            return False
        except Exception:  # a lane must survive whatever one event brings
            log.exception("%s: event %s could not be handled", self._source, event.event_id)
            return await attempt(finish_event(event), f"putting an event of {self._source} away")
        return True

    async def _waits_no_longer(self, event: ProcessedEvent, error: Unavailable) -> bool:
        """A platform that is away is waited for, as long as an answer may still be wanted."""
        if datetime.now(UTC) - event.created_at > WANTED:
            log.error("%s: event %s is given up after a day: %s", self._source, event.event_id, error)
            return await attempt(finish_event(event), f"putting an event of {self._source} away")
        log.warning("%s: event %s waits: %s", self._source, event.event_id, error)
        await attempt(forgive_attempt(event), f"waiting for the platform of {self._source}")
        return False
