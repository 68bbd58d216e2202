"""Events of one source, each done to its end, in order within a lane: what a platform sent, and what a crash left.

They are put here by whoever reads the platform in this process, or found in the inbox, where another part of the
product has written them down (a webhook's route, perhaps in another process). Knows no platform.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Any

from core.arrivals import LOOK_S, follow_source
from core.attempts import attempt
from core.background import Background
from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.inbox import begin_event, events_of, finish_event, unfinished_ids
from core.lanes import Following, Lanes
from core.models import ProcessedEvent

log = logging.getLogger(__name__)

Do = Callable[[ProcessedEvent, Following[ProcessedEvent]], Awaitable[None]]
"""Does what an event asks for, perhaps together with what follows it in its lane; what it drops there it has finished.
`Unavailable` means "try again later"; anything else it raises is final.
"""


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
        found = await events_of(unfinished - self._taken)
        self._taken = unfinished
        for event in sorted(found, key=self._order):
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
        try:
            await self._until_done(event, following)
        except DATABASE_AWAY:
            log.exception("%s: event %s is left for the next start", self._source, event.event_id)
        except Exception:  # a lane must survive whatever one event brings
            log.exception("%s: event %s could not be handled", self._source, event.event_id)
            await finish_event(event)

    async def _until_done(self, event: ProcessedEvent, following: Following[ProcessedEvent]) -> None:
        while await begin_event(event):
            try:
                await self._do_it(event, following)
            except Unavailable as error:
                log.warning("%s: event %s waits: %s", self._source, event.event_id, error)
                await asyncio.sleep(self._again_s)
                await event.refresh_from_db(fields=["attempts", "result"])
                continue
            await finish_event(event)
            return
