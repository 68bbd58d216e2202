"""Who serves which channel: of all processes exactly one, by leases in the database, whatever database it is.

Each role of a process has a row whose `beat` it raises; its leases live and die with that row. Nobody's clock is
compared with another's: who looks on measures with his own how long a beat stands still, and after `take` seconds he
deletes the row, if the beat is still the same. The holder, with his own clock, stops after `stop` seconds without a
beat that the database has confirmed, which is sooner (docs/adr/0028). Knows no platform.
"""

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from tortoise.expressions import F

from core.background import Background
from core.database import DATABASE_AWAY
from core.life_signs import LifeSign, is_surely_dead, this_machine
from core.models import ChannelLease, LeaseHolder
from core.terms import OVER, Term, now_s, serve_in

log = logging.getLogger(__name__)
CLOSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between two beats, and two looks; without a beat until its holder stops; until another takes over."""

    beat: float = 2.0
    stop: float = 12.0
    take: float = 20.0


class Leases:
    """Those of one role of this process, while the block runs; given back at its end. `signs`: where life signs lie."""

    def __init__(self, background: Background, signs: Path, role: str, patience: Patience | None = None) -> None:
        self._background = background
        self._signs = signs
        self._role = role
        self._patience = patience or Patience()
        self._machine = this_machine()
        self._now: Term | None = None
        self._past: Term | None = None
        self._surplus: set[str] = set()
        self._seen: dict[UUID, tuple[int, float]] = {}
        self._serving: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> "Leases":
        self._beating = self._background.start(self._beat_for_ever(), f"leases of {self._role}")
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._beating.cancel()
        await asyncio.wait({self._beating, *self._serving})
        term, self._now = self._now, None
        if term:
            with suppress(*DATABASE_AWAY):
                async with asyncio.timeout(CLOSE_S):
                    await LeaseHolder.filter(id=term.id).delete()
            self._end(term)

    async def share(self, wanted: Collection[str]) -> set[str]:
        """Those of the wanted channels that are ours to serve now, no more than is fair; free ones are taken.

        What was ours and is not among them is to be stopped here, and then given back: `give_back`.
        """
        if not self._now and self._serving:
            return set()
        term = self._now or await self._begin()
        alive = await self._living()
        if term.id not in alive or term.is_over:
            self._lose(term)
            return set()
        taken = dict(await ChannelLease.filter(holder__role=self._role).values_list("name", "holder_id"))
        ours = {name for name, holder in taken.items() if holder == term.id}
        fair = math.ceil(len(wanted) / len(alive))
        free = [name for name in wanted if name not in taken]
        if more := random.sample(free, min(len(free), max(0, fair - len(ours)))):
            rows = [ChannelLease(name=name, holder_id=term.id) for name in more]
            await ChannelLease.bulk_create(rows, ignore_conflicts=True)
            ours = set(await ChannelLease.filter(holder_id=term.id).values_list("name", flat=True))
        served = set(sorted(ours & set(wanted))[:fair])
        self._surplus = ours - served
        return served

    async def give_back(self) -> None:
        """What `share` did not name any more is free for others."""
        if self._surplus and self._now:
            await ChannelLease.filter(holder_id=self._now.id, name__in=sorted(self._surplus)).delete()
            self._surplus = set()

    async def serve(self, work: Awaitable[None]) -> None:
        """`work`, in a task of its own, which is cancelled when the leases are lost."""
        task = cast(asyncio.Task[Any], asyncio.current_task())
        serve_in(self._now or OVER)
        self._serving.add(task)
        try:
            await work
        finally:
            self._serving.discard(task)

    async def alone(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do it as soon as no other process does, and again whenever the lease was lost, until it ends or raises."""
        while True:
            if await self._may_serve(name):
                serving = asyncio.get_running_loop().create_task(self.serve(work()), name=name)
                try:
                    await asyncio.wait({serving})
                finally:
                    serving.cancel()
                    await asyncio.wait({serving})
                if not serving.cancelled():
                    serving.result()
                    return
            await asyncio.sleep(self._patience.beat)

    async def _may_serve(self, name: str) -> bool:
        try:
            return name in await self.share({name})
        except DATABASE_AWAY:
            log.exception("whether %s is served elsewhere could not be read; looking again", name)
            return False

    async def _begin(self) -> Term:
        """Only when nothing is served here any more: so what was lost before is free at once."""
        if self._past:
            await LeaseHolder.filter(id=self._past.id).delete()
        began, who = now_s(), uuid4()
        sign = LifeSign(self._signs, who) if self._machine else None
        term = Term(who, began + self._patience.stop, sign)
        try:
            await LeaseHolder.create(id=who, role=self._role, machine=self._machine)
        except BaseException:  # also when cancelled: the file must not stay
            self._end(term)
            raise
        self._now, self._past = term, None
        self._watch(term)
        return term

    async def _living(self) -> set[UUID]:
        """Who holds leases. Whose beat has stood still for too long, or who is surely dead, holds none any more."""
        seen, self._seen = self._seen, {}
        alive = set()
        for who, machine, beat in await LeaseHolder.filter(role=self._role).values_list("id", "machine", "beat"):
            last, since = seen.get(who, (None, 0.0))
            since = since if last == beat else now_s()
            self._seen[who] = (beat, since)
            ourselves = self._now is not None and who == self._now.id
            if ourselves or (now_s() - since < self._patience.take and not await self._is_dead(who, machine)):
                alive.add(who)
                continue
            log.warning("%s in another process has died: its channels are free", self._role)
            await LeaseHolder.filter(id=who, beat=beat).delete()
        return alive

    async def _is_dead(self, who: UUID, machine: str) -> bool:
        return bool(machine) and machine == self._machine and await asyncio.to_thread(is_surely_dead, self._signs, who)

    async def _beat_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._patience.beat)
            if self._now:
                await self._beat(self._now)

    async def _beat(self, term: Term) -> None:
        began = now_s()
        try:
            async with asyncio.timeout(self._patience.stop / 3):
                there = await LeaseHolder.filter(id=term.id).update(beat=F("beat") + 1)
        except DATABASE_AWAY as error:
            log.warning("the leases of %s could not be renewed: %s", self._role, type(error).__name__)
            return
        if not there:
            self._lose(term)
        elif not term.is_over:
            term.until = began + self._patience.stop

    def _watch(self, term: Term) -> None:
        """Stop in time, however long a question to the database lasts."""
        if term.is_over:
            self._lose(term)
        else:
            asyncio.get_running_loop().call_later(max(0.01, term.until - now_s()), self._watch, term)

    def _lose(self, term: Term) -> None:
        if self._now is term:
            log.error("the leases of %s are lost: all its channels stop here", self._role)
            self._now, self._past = None, term
            for task in self._serving:
                task.cancel()
        self._end(term)

    def _end(self, term: Term) -> None:
        term.until = 0.0
        if term.sign:
            term.sign.withdraw()
            term.sign = None
