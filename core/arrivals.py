"""Wakes whoever follows a source of the inbox: at once for what this process accepts, within a second for the rest.

One query a second for a process, however many sources are followed in it. Knows no platform.
"""

import asyncio
import logging
from weakref import WeakValueDictionary

from core.database import DATABASE_AWAY
from core.models import ProcessedEvent

log = logging.getLogger(__name__)
LOOK_S = 1.0


class Followed:
    """A source that is followed here, as long as somebody keeps this. `known`: events that its follower has seen."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.known: set[str] = set()


_followed: WeakValueDictionary[str, Followed] = WeakValueDictionary()


def follow_source(source: str) -> Followed:
    return _followed.setdefault(source, Followed())


def tell_of_arrival(source: str) -> None:
    """An event of this source was accepted in this process."""
    if followed := _followed.get(source):
        followed.news.set()


async def look_for_arrivals(every_s: float = LOOK_S) -> None:
    """Tell followers of what other processes have accepted, until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        if not _followed:
            continue
        try:
            unfinished = await ProcessedEvent.filter(done_at=None).values_list("source", "id")
        except DATABASE_AWAY:
            log.exception("the inbox could not be read; looking again")
            continue
        for source, event_id in unfinished:
            followed = _followed.get(str(source))
            if followed and str(event_id) not in followed.known:
                followed.news.set()
