"""When the next message may go: Slack's limits kept before it has to remind us, and its refusals obeyed exactly.

A channel takes about one message a second, and a refusal is of a method, for all channels of the token:
https://docs.slack.dev/apis/web-api/rate-limits
"""

import asyncio

_REMEMBERED = 5_000
EVERY_S = 1.0


class Pacer:
    """The turns of one token. Reserves slots, so that waiting callers do not pile up."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._next: dict[str, float] = {}
        self._held: dict[str, float] = {}

    async def turn(self, method: str, channel: str = "") -> None:
        """Wait until this method may be called; with a channel, also until a message may go there."""
        while True:
            if (wait := self._held_for(method)) > 0:
                await asyncio.sleep(wait)
                continue
            if channel and (wait := self._reserve(channel)) > 0:
                await asyncio.sleep(wait)
            if self._held_for(method) <= 0:
                return

    def hold(self, method: str, seconds: float) -> None:
        """Slack said "not before"."""
        until = asyncio.get_running_loop().time() + seconds
        self._held[method] = max(self._held.get(method, 0.0), until)

    def _held_for(self, method: str) -> float:
        return self._held.get(method, 0.0) - asyncio.get_running_loop().time()

    def _reserve(self, channel: str) -> float:
        """Take the channel's next slot; seconds until it has come."""
        now = asyncio.get_running_loop().time()
        if len(self._next) > _REMEMBERED:
            self._next = {known: at for known, at in self._next.items() if at > now}
        at = max(self._next.get(channel, 0.0), now)
        self._next[channel] = at + self._every_s
        return at - now
