"""Whether a server is worth asking: after failures in a row it rests, then one request tries, after ever longer rests.

Refuses to know what a failure is.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """It opens after `failures` in a row; the rests double from the first to the longest, seconds."""

    failures: int = 3
    rest_s: float = 5
    longest_rest_s: float = 60


class Breaker:
    """Closed: ask. Open: do not. Half open, when a rest is over: one request asks, and what becomes of it counts."""

    def __init__(self, limits: BreakerLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._failures = 0
        self._rest_s = limits.rest_s
        self._open_until: float | None = None
        self._is_tried = False

    @property
    def is_open(self) -> bool:
        """It has failed and not yet shown that it answers again."""
        return self._open_until is not None

    @property
    def may_ask(self) -> bool:
        return self._open_until is None or (not self._is_tried and self._clock() >= self._open_until)

    def begin(self) -> bool:
        """A request is sent; true if it is the trial of an open one. One of the three below follows with that."""
        if self.is_open:
            self._is_tried = True
        return self.is_open

    def succeed(self) -> None:
        self._failures, self._rest_s = 0, self._limits.rest_s
        self._open_until, self._is_tried = None, False

    def fail(self, is_trial: bool) -> None:
        """Of several requests that fail together one opens it; the others do not lengthen the rest."""
        self._failures += 1
        if is_trial and self.is_open:
            self._rest_s = min(self._rest_s * 2, self._limits.longest_rest_s)
        elif self.is_open or self._failures < self._limits.failures:
            return
        self._open_until, self._is_tried = self._clock() + self._rest_s, False

    def leave(self, is_trial: bool) -> None:
        """The request ended without a word about the server: another may be the trial."""
        if is_trial:
            self._is_tried = False
