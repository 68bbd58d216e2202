"""Who generates together: requests of one adapter, round after round, the longest waiting adapter first.

OpenVINO applies an adapter to the whole pipeline, not to a request: two adapters in one batch would speak with one
voice. So a round holds requests of one adapter only. Requests may join it while nobody of another adapter waits; as
soon as somebody does, the door closes and the round runs out. Refuses to know what a request is.
"""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

Request = TypeVar("Request")


class Rounds(Generic[Request]):
    """`None` as a key means the base model: it takes its turn like any adapter."""

    def __init__(self, most_at_once: int) -> None:
        self._most = most_at_once
        self._waiting: OrderedDict[str | None, deque[tuple[int, Request]]] = OrderedDict()
        self._key: str | None = None
        self._running = 0

    @property
    def key(self) -> str | None:
        """The adapter of the running round."""
        return self._key

    @property
    def is_empty(self) -> bool:
        return not self._running and not self._waiting

    def wait(self, number: int, key: str | None, request: Request) -> None:
        """Queue a request under its number, unique among all."""
        self._waiting.setdefault(key, deque()).append((number, request))

    def leave(self, number: int) -> None:
        """Forget a request that still waits; one that runs leaves by `finish`."""
        for key, queue in list(self._waiting.items()):
            self._keep(key, deque(one for one in queue if one[0] != number))

    def finish(self) -> None:
        """One of the running requests has ended."""
        self._running -= 1

    def admit(self) -> list[tuple[int, Request]]:
        """Who starts now. Opens the next round when nobody runs; then `key` has changed."""
        if not self._running and self._waiting:
            self._key = next(iter(self._waiting))
        elif any(key != self._key for key in self._waiting):
            return []
        queue = self._waiting.get(self._key, deque())
        admitted = [queue.popleft() for _ in range(min(len(queue), self._most - self._running))]
        self._running += len(admitted)
        if self._key in self._waiting:
            self._keep(self._key, queue)
            if queue:  # the rest goes behind the other adapters
                self._waiting.move_to_end(self._key)
        return admitted

    def _keep(self, key: str | None, queue: deque[tuple[int, Request]]) -> None:
        if queue:
            self._waiting[key] = queue
        else:
            del self._waiting[key]
