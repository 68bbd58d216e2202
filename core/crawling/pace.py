"""A fetcher that does not hurry: one request at a time, a pause between two, and waiting when a site asks for it.

Refuses to know what is fetched, or why.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from core.fetching import MEGABYTE, Fetched, Fetcher

PUBLIC_PAUSE_S = 0.5
PRIVATE_PAUSE_S = 0.0
"""Hosts that the operator has named in ALLOWED_PRIVATE_HOSTS are his own."""

LONGEST_WAIT_S = 60.0
WAITS_IN_ALL_S = 600.0
_TRIES = 3
_UNSAID_WAIT_S = 5.0
_LOOK_S = 1.0
_BUSY = (429, 503)

StillWanted = Callable[[], Awaitable[None]]
"""Raises when the owner no longer wants the site to be read."""


class PacedFetcher:
    """For one reading of one site. `pause_s` is from one request's start to the next one's."""

    def __init__(self, fetcher: Fetcher, pause_s: float, still_wanted: StillWanted) -> None:
        self._fetcher = fetcher
        self.still_wanted = still_wanted
        self._next_at = 0.0
        self._waited_s = 0.0
        self.pause_s = pause_s

    async def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int = 10 * MEGABYTE
    ) -> Fetched:
        """As `Fetcher.fetch`; a site that is busy (429, 503) is asked again when it said it would be free.

        The busy answer itself comes back when that is too far away, or when the site stays busy.
        """
        for _ in range(_TRIES - 1):
            answer = await self._once(url, headers, max_bytes)
            wait_s = _wait_of(answer) if answer.status in _BUSY else None
            if wait_s is None or self._waited_s + wait_s > WAITS_IN_ALL_S:
                return answer
            self._waited_s += wait_s
            await self.wait(wait_s)
        return await self._once(url, headers, max_bytes)

    async def wait(self, seconds: float) -> None:
        """Sleep, and wake up when the owner stops the reading."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            await asyncio.sleep(min(left, _LOOK_S))
            await self.still_wanted()

    async def _once(self, url: str, headers: Mapping[str, str] | None, max_bytes: int) -> Fetched:
        loop = asyncio.get_running_loop()
        if (left := self._next_at - loop.time()) > 0:
            await self.wait(left)
        self._next_at = loop.time() + self.pause_s
        return await self._fetcher.fetch(url, headers=headers, max_bytes=max_bytes)


def _wait_of(answer: Fetched) -> float | None:
    """How long the site asks to wait, in seconds or as a date; None when that is longer than we wait."""
    said = answer.headers.get("retry-after", "").strip()
    if not said:
        return _UNSAID_WAIT_S
    if said.isdecimal():
        seconds = float(said)
    else:
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            return _UNSAID_WAIT_S
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if seconds <= LONGEST_WAIT_S else None
