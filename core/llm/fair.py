"""Fair between tenants: one tenant's flood does not slow another. Wraps any backend of core/llm/base.py.

At most `at_once` requests run. A free place goes to the waiting tenant that holds the fewest, among equals to the one
whose turn is the longest ago, and there to the oldest request: so nobody holds more than half while another waits.
Refuses to know what a request says; of its scope it reads only whose it is.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field

from core.errors import ModelUnavailable
from core.llm.base import Adapter, LanguageModel, Sampling, Turn

_NEWEST_SHARE = 0.2
"""How much the latest request says about how long the next will hold its place."""


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How many may wait, of one tenant and of all. A place that is held for `longest_s` is given to the next: its
    holder does not read what the model says to him."""

    waiting_each: int = 24
    waiting: int = 96
    longest_s: float = 240


@dataclass(slots=True)
class _Tenant:
    """One who holds places or waits, his oldest request first. `turn` tells when he got his last place."""

    turn: int
    held: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Places:
    """The places of a model and the lines before them. Nobody waits while a place is free."""

    def __init__(self, at_once: int, limits: QueueLimits) -> None:
        self._at_once, self._limits = at_once, limits
        self._tenants: dict[str, _Tenant] = {}
        self._given = 0
        self._usual_s = 0.0

    @property
    def held(self) -> int:
        return sum(tenant.held for tenant in self._tenants.values())

    @property
    def waiting(self) -> int:
        return sum(len(tenant.waiting) for tenant in self._tenants.values())

    def expected_wait_s(self, name: str) -> float:
        """About how long a request of this tenant would wait now; 0 while nothing is known."""
        if self.held < self._at_once:
            return 0.0
        own = self._tenants.get(name) or _Tenant(0)
        level = own.held + len(own.waiting) + 1  # those go first who will then hold fewer places
        others = (min(len(one.waiting), max(0, level - one.held)) for one in self._tenants.values() if one is not own)
        return (len(own.waiting) + sum(others) + 1) * self._usual_s / self._at_once

    async def take(self, name: str) -> None:
        """Wait for a place. Raises `ModelUnavailable` at once when too many wait already."""
        # A newcomer's turn comes before that of the one who was served last.
        own = self._tenants.get(name) or _Tenant(self._given - 1)
        if self.held < self._at_once:
            self._tenants[name] = own
            self._give(own)
            return
        self._make_room(own)
        self._tenants[name] = own
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        own.waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                with suppress(ValueError):  # whoever looked for the next has taken it out already
                    own.waiting.remove(place)
                self._drop(name)
            else:  # it was given in the very moment in which its taker left
                self.give_back(name)
            raise

    def give_back(self, name: str, held_s: float | None = None) -> None:
        """The place is free: whose turn it is gets it."""
        self._tenants[name].held -= 1
        if held_s is not None:
            self._usual_s += (held_s - self._usual_s) * (_NEWEST_SHARE if self._usual_s else 1)
        for tenant in self._tenants.values():
            while tenant.waiting and tenant.waiting[0].done():  # its taker is leaving
                tenant.waiting.popleft()
        waiting = [tenant for tenant in self._tenants.values() if tenant.waiting]
        if waiting:
            following = min(waiting, key=lambda tenant: (tenant.held, tenant.turn))
            following.waiting.popleft().set_result(None)
            self._give(following)
        self._drop(name)

    def _give(self, tenant: _Tenant) -> None:
        self._given += 1
        tenant.held += 1
        tenant.turn = self._given

    def _drop(self, name: str) -> None:
        tenant = self._tenants.get(name)
        if tenant and not (tenant.held or tenant.waiting):
            del self._tenants[name]

    def _make_room(self, own: _Tenant) -> None:
        """When too many wait in all, the newest of the longest line goes, if that line is longer than one's own."""
        if len(own.waiting) >= self._limits.waiting_each:
            raise self._busy()
        if self.waiting >= self._limits.waiting:
            longest = max(self._tenants.values(), key=lambda tenant: len(tenant.waiting))
            if len(longest.waiting) <= len(own.waiting) + 1:
                raise self._busy()
            newest = longest.waiting.pop()  # its tenant has others that wait
            if not newest.done():
                newest.set_exception(self._busy())

    def _busy(self) -> ModelUnavailable:
        return ModelUnavailable(reason="too many requests wait", waiting=self.waiting)


class FairLanguageModel:
    """The port of core/llm/base.py around another. A scope begins with its tenant's id, a colon behind it. `adapters`
    are the ids of those that answered and were not forgotten since."""

    def __init__(self, model: LanguageModel, limits: QueueLimits | None = None) -> None:
        self._model = model
        self._limits = limits or QueueLimits()
        self.adapters: set[str] = set()
        self.places = Places(model.at_once, self._limits)

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def languages(self) -> frozenset[str] | None:
        return self._model.languages

    @property
    def context_tokens(self) -> int:
        return self._model.context_tokens

    @property
    def at_once(self) -> int:
        return self._model.at_once

    def expected_wait_s(self, scope: str) -> float:
        """About how long a request of this scope would wait for its place now."""
        return self.places.expected_wait_s(tenant_in(scope))

    async def stream(
        self, turns: Sequence[Turn], sampling: Sampling, *, scope: str, adapter: Adapter | None = None
    ) -> AsyncGenerator[str]:
        """See the port. Waits for a place first; closing the iterator leaves the line, or gives the place back."""
        tenant = tenant_in(scope)
        await self.places.take(tenant)
        with self._place_of(tenant):
            if adapter:
                self.adapters.add(adapter.id)
            async with aclosing(self._model.stream(turns, sampling, scope=scope, adapter=adapter)) as pieces:
                async for piece in pieces:
                    yield piece

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    async def forget_adapter(self, adapter_id: str) -> None:
        self.adapters.discard(adapter_id)
        await self._model.forget_adapter(adapter_id)

    async def close(self) -> None:
        await self._model.close()

    @contextmanager
    def _place_of(self, tenant: str) -> Iterator[None]:
        """Hold a place that was taken, at most `longest_s`."""
        loop = asyncio.get_running_loop()
        taken, is_held = loop.time(), True

        def give_back() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                self.places.give_back(tenant, loop.time() - taken)

        too_long = loop.call_later(self._limits.longest_s, give_back)
        try:
            yield
        finally:
            too_long.cancel()
            give_back()


def tenant_in(scope: str) -> str:
    """The first part of a scope: whose request it is."""
    return scope.partition(":")[0]


def expected_wait_s(model: LanguageModel, scope: str) -> float:
    """About how long a request would wait for its place; 0 for a model without lines."""
    return model.expected_wait_s(scope) if isinstance(model, FairLanguageModel) else 0.0
