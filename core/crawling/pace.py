"""A fetcher that does not hurry: one request at a time, a pause between two, and waiting when a site asks for it.

Refuses to know what is fetched, or why.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from yarl import URL

from core.fetching import Fetched, Fetcher
from core.settings import MEGABYTE

PUBLIC_PAUSE_S = 0.5
PRIVATE_PAUSE_S = 0.0
"""Hosts that the operator has named in ALLOWED_PRIVATE_HOSTS are his own."""

PAGE_S = 30.0
"""The whole of an answer, unless the caller gives it longer."""

LONGEST_WAIT_S = 60.0
WAITS_IN_ALL_S = 600.0
_TRIES = 3
_UNSAID_WAIT_S = 5.0
_LOOK_S = 1.0
_BUSY = (429, 503)
_MANY_HOSTS = 1_000
_next_at: dict[str, float] = {}
"""Host and port -> when it may be asked next. Of the whole process: a site that two owners add is not asked twice as
fast."""


class ReadingStopped(Exception):
    """The owner has stopped the reading, started another, or deleted the site."""


StillWanted = Callable[[], Awaitable[None]]
"""Raises `ReadingStopped` when the owner no longer wants the site to be read."""


class PacedFetcher:
    """For one reading of one site. `pause_s` is from one request's start to the next one's."""

    def __init__(self, fetcher: Fetcher, pause_s: float, still_wanted: StillWanted) -> None:
        self._fetcher = fetcher
        self.still_wanted = still_wanted
        self.pause_s = pause_s
        self._waited_s = 0.0

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 10 * MEGABYTE,
        limit_s: float | None = None,
    ) -> Fetched:
        """As `Fetcher.fetch`; a site that is busy (429, 503) is asked again when it said it would be free.

        The busy answer itself comes back when that is too far away, or when the site stays busy.
        """
        for _ in range(_TRIES - 1):
            answer = await self._once(url, headers, max_bytes, limit_s or PAGE_S)
            wait_s = _wait_of(answer) if answer.status in _BUSY else None
            if wait_s is None or self._waited_s + wait_s > WAITS_IN_ALL_S:
                return answer
            self._waited_s += wait_s
            await self.wait(wait_s)
        return await self._once(url, headers, max_bytes, limit_s or PAGE_S)

    async def wait(self, seconds: float) -> None:
        """Sleep, and wake up when the owner stops the reading."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            await asyncio.sleep(min(left, _LOOK_S))
            await self.still_wanted()

    async def _once(self, url: str, headers: Mapping[str, str] | None, max_bytes: int, limit_s: float) -> Fetched:
        if (left := self._take_turn(URL(url).authority)) > 0:
            await self.wait(left)
        return await self._fetcher.fetch(url, headers=headers, max_bytes=max_bytes, limit_s=limit_s)

    def _take_turn(self, host: str) -> float:
        """Seconds until this request may be made; whoever asks next comes after it."""
        now = asyncio.get_running_loop().time()
        if len(_next_at) >= _MANY_HOSTS:
            for other in [name for name, at in _next_at.items() if at <= now]:
                del _next_at[other]
        turn = max(now, _next_at.get(host, 0.0))
        _next_at[host] = turn + self.pause_s
        return turn - now


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
        except (ValueError, OverflowError):
            return _UNSAID_WAIT_S
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if seconds <= LONGEST_WAIT_S else None
