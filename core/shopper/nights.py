"""When the shopper comes by himself: each night from three o'clock on, in the business's own time zone, if something
of the assistant is not as it was, and once a week in any case.

A computer that is off at night is met in the morning. Refuses to know what is asked.
"""

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.exceptions import IntegrityError

from core.app import Core
from core.attempts import attempt
from core.documents import is_reading
from core.hidden import NOBODY
from core.models import Assistant, RunKind
from core.periods import zone_of
from core.policy import policy_of
from core.shopper.fingerprint import fingerprint_of
from core.shopper.questions import refresh_list
from core.shopper.runs import NothingToAsk, last_run, start_run

log = logging.getLogger(__name__)
FIRST_S = 300.0
"""After a start, other things come first."""
LOOK_S = 60.0
BEGINS = 3
"""The hour."""
A_WEEK = timedelta(days=7)
AGAIN = timedelta(hours=1)
_NEVER = datetime.fromtimestamp(0, UTC)


def night_of(now: datetime, zone: str) -> datetime | None:
    """When the last night began there; None before three. `now` is aware."""
    here = now.astimezone(ZoneInfo(zone))
    return here.replace(hour=BEGINS, minute=0, second=0, microsecond=0) if here.hour >= BEGINS else None


class Nights:
    """Starts the runs of all assistants; what was looked at in a night is remembered, so it costs little."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._over: dict[UUID, date] = {}
        self._failed: dict[UUID, datetime] = {}

    async def run(self, every_s: float = LOOK_S) -> None:
        """Look until cancelled."""
        await asyncio.sleep(FIRST_S)
        while True:
            await attempt(self.look(datetime.now(UTC)), "sending the mystery shopper")
            await asyncio.sleep(every_s)

    async def look(self, now: datetime) -> None:
        """Send him wherever it is time; where that fails, it is left for an hour, and felt nowhere else."""
        for assistant in await Assistant.exclude(tenant_id=NOBODY).order_by("created_at"):
            if now - self._failed.get(assistant.id, _NEVER) < AGAIN:
                continue
            if not await attempt(self._look_at(assistant, now), f"sending the mystery shopper to {assistant.id}"):
                self._failed[assistant.id] = now

    async def _look_at(self, assistant: Assistant, now: datetime) -> None:
        begun = night_of(now, zone_of([assistant]))
        if begun is None or assistant.created_at > begun or self._over.get(assistant.id) == begun.date():
            return
        if not await is_reading(assistant):
            await self._see_to(assistant, begun.date().isoformat(), now)
            self._over[assistant.id] = begun.date()

    async def _see_to(self, assistant: Assistant, night: str, now: datetime) -> None:
        if not policy_of(assistant).nightly_check or not await is_due(self._core, assistant, now):
            return
        try:
            await start_run(self._core, assistant, RunKind.NIGHT, night=night)
        except IntegrityError:
            log.info("the night of %s has its run already", assistant.id)
        except NothingToAsk:
            log.debug("nothing to ask of %s yet", assistant.id)


async def is_due(core: Core, assistant: Assistant, now: datetime) -> bool:
    """Whether answers may be others than at the last run: something changed, a question was never asked, or a week is
    over."""
    last = await last_run(assistant)
    if last is None or now - last.created_at >= A_WEEK:
        return True
    if last.fingerprint != await fingerprint_of(core, assistant):
        return True
    return any(question.baseline is None for question in await refresh_list(core, assistant))
