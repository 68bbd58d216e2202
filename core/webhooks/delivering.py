"""Delivers what is in line, for ever; part of the workers' role, any number of which may run.

Fair: an address has few places, one when it failed last, so one that hangs holds up nobody else. What fails is tried
again for a day with growing pauses, then given up. An address that takes nothing for a whole day, or says that it is
gone (410), is switched off and its owner told. Written down after the answer: killed in between, it is sent again,
under the same id.
"""

import asyncio
import logging
import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from core.app import Core
from core.attempts import attempt
from core.fetching import Fetcher, open_fetcher
from core.models import DeliveryAttempt, DeliveryStatus, EndpointTrouble
from core.webhooks.endpoints import FAILING, switched_off_by_itself
from core.webhooks.events import TEST
from core.webhooks.line import Claim, claim, due_for, end, let_go, postpone, waiting_endpoints
from core.webhooks.sending import BROKEN, GONE, Outcome, send

log = logging.getLogger(__name__)
LOOK_S = 0.5
MOST_AT_ONCE = 48
MOST_OF_ONE = 4
_S, _M, _H = (timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1))
PAUSES = (5 * _S, 30 * _S, 2 * _M, 10 * _M, 30 * _M, 1 * _H, 2 * _H, 4 * _H, 4 * _H, 4 * _H, 4 * _H, 5 * _H)
"""After each failure; a day and a little together. Then it is given up."""
JITTER = 0.2
"""By up to this share each pause is longer: what failed together does not come back together."""
TOO_LONG = timedelta(days=1)


async def deliver_for_ever(core: Core) -> None:
    """Until cancelled. A database away is waited out."""
    async with open_fetcher(core.settings) as fetcher, asyncio.TaskGroup() as group:
        await Deliverer(core, fetcher, group).run()


class Deliverer:
    """One worker's share of the deliveries."""

    def __init__(self, core: Core, fetcher: Fetcher, group: asyncio.TaskGroup) -> None:
        self._core, self._fetcher, self._group = core, fetcher, group
        self._under_way: set[UUID] = set()
        self._of: Counter[UUID] = Counter()
        self._failed_last: set[UUID] = set()
        self._one_ended = asyncio.Event()

    async def run(self) -> None:
        while True:
            await attempt(self._begin_due(), "looking for what is to be delivered")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._one_ended.wait()
            self._one_ended.clear()

    async def _begin_due(self) -> None:
        """As many as there are places, the addresses in random order: nobody is always first."""
        waiting = await waiting_endpoints()
        self._failed_last &= set(waiting)
        random.shuffle(waiting)
        for endpoint_id in waiting:
            places = 1 if endpoint_id in self._failed_last else MOST_OF_ONE
            free = min(places - self._of[endpoint_id], MOST_AT_ONCE - len(self._under_way))
            if free <= 0:
                continue
            due = await due_for(endpoint_id, free + self._of[endpoint_id])
            for delivery_id in [one for one in due if one not in self._under_way][:free]:
                self._under_way.add(delivery_id)
                self._of[endpoint_id] += 1
                self._group.create_task(self._deliver(endpoint_id, delivery_id), name=f"delivery {delivery_id}")

    async def _deliver(self, endpoint_id: UUID, delivery_id: UUID) -> None:
        try:
            outcome = await deliver(self._core, self._fetcher, delivery_id)
            if outcome:
                (self._failed_last.add if outcome.error else self._failed_last.discard)(endpoint_id)
        except Exception:  # one delivery must not end the others; its lease runs out, and it is sent again
            log.exception("delivery %s could not be sent or noted", delivery_id)
        finally:
            self._under_way.discard(delivery_id)
            self._of[endpoint_id] -= 1
            self._one_ended.set()


async def deliver(core: Core, fetcher: Fetcher, delivery_id: UUID) -> Outcome | None:
    """One try, written down; None when it is not to be sent now, or somebody else has it."""
    held = await claim(delivery_id)
    if held is None:
        return None
    if held.failures > len(PAUSES):  # it has ended its sender each time
        await note(held, Outcome(None, "", BROKEN, 0))
        return None
    try:
        outcome = await send(fetcher, core.keyring, held.endpoint, held.delivery)
    except asyncio.CancelledError:
        await asyncio.shield(let_go(held))
        raise
    await note(held, outcome)
    return outcome


async def note(held: Claim, outcome: Outcome) -> None:
    """What came of a try: all of it is written down, or nothing is."""
    is_test = held.delivery.event == TEST
    async with in_transaction():
        if not outcome.error:
            noted = await end(held, DeliveryStatus.DELIVERED, outcome.status)
        elif is_test or outcome.error == GONE or held.failures >= len(PAUSES):
            noted = await end(held, DeliveryStatus.DEAD, outcome.status, outcome.error)
        else:
            noted = await postpone(held, _pause(held.failures), outcome.status, outcome.error)
        if not noted:  # it was sent by another meanwhile, or is gone
            return
        await DeliveryAttempt.create(
            delivery_id=held.delivery.id,
            number=held.delivery.attempts,
            url=held.endpoint.url,
            status=outcome.status,
            body=outcome.body,
            error=outcome.error,
            took_ms=outcome.took_ms,
        )
        if not (is_test and outcome.error):
            await _judge(held, outcome)


async def _judge(held: Claim, outcome: Outcome) -> None:
    """Whether its address still takes anything."""
    mine = EndpointTrouble.filter(endpoint_id=held.endpoint.id)
    if not outcome.error:
        await mine.delete()
    elif outcome.error == GONE:
        await switched_off_by_itself(held.endpoint, GONE)
    else:
        now = datetime.now(UTC)
        trouble, _ = await EndpointTrouble.get_or_create(endpoint_id=held.endpoint.id, defaults={"since": now})
        if now - trouble.since >= TOO_LONG:
            await switched_off_by_itself(held.endpoint, FAILING)


def _pause(failures: int) -> timedelta:
    return PAUSES[failures] * random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
