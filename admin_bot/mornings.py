"""Each morning, owners and managers are told of the new questions that nothing could answer: one message a person.

The day is written down before anything is sent, so nobody is told twice a day, whatever is killed; what a killed
process has swallowed is still new the next morning. Refuses to know which questions those are (core/mornings.py).
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from admin_bot.keyboards import keyboard
from admin_bot.morning_card import card_of, is_unwanted, note_card, row_key
from core.app import Core
from core.errors import Unavailable
from core.models import BotState, User
from core.mornings import count_new, deciding_people, morning_of, new_gaps, time_zone_of
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place

log = logging.getLogger(__name__)
EVERY_S = 60.0
AT_ONCE = 16
A_DAY = timedelta(days=1)


class Mornings:
    """The morning messages of one admin bot."""

    def __init__(self, core: Core, outbound: Outbound, bot_id: int, every_s: float = EVERY_S) -> None:
        self._core, self._outbound, self._bot_id, self._every_s = core, outbound, bot_id, every_s
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Look and tell until cancelled."""
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    for user in await deciding_people():
                        group.create_task(self._in_turn(user))
            except Exception:  # the next look may work, and nobody else would tell
                log.exception("the mornings of owners could not be seen to; looking again")
            await asyncio.sleep(self._every_s)

    async def _in_turn(self, user: User) -> None:
        """One owner's trouble is not another's."""
        async with self._turns:
            try:
                await self._see_to(user)
            except ChatClosed:
                log.info("owner %s has closed the chat", user.id)
            except Exception:  # the next look may work
                log.exception("the morning of owner %s could not be seen to", user.id)

    async def _see_to(self, user: User) -> None:
        """Once a day, not on the day on which he came, and not when he does not want it."""
        now = datetime.now(UTC)
        begun = morning_of(now, await time_zone_of(user))
        if begun is None or user.created_at > begun:
            return
        key, day = row_key(self._bot_id, user.telegram_id or 0), begun.date().isoformat()
        row, _ = await BotState.get_or_create(key=key)
        if is_unwanted(row) or row.data.get("day", "") >= day:
            return
        await BotState.filter(id=row.id).update(data={**row.data, "day": day})
        since = datetime.fromisoformat(row.data["since"]) if row.data.get("since") else now - A_DAY
        try:
            await self._tell(user, key, since, now)
        except Unavailable as error:
            log.warning("owner %s could not be told this morning: %s", user.id, error)
            await BotState.filter(id=row.id).update(data=row.data)

    async def _tell(self, user: User, key: str, since: datetime, now: datetime) -> None:
        if gaps := [gap.id for gap in await new_gaps(user, since)]:
            new = await count_new(user, since)
            text, rows = await card_of(self._core, user.locale, gaps, new)
            shown = await self._outbound.send(Place(user.telegram_id or 0), Rich(text), keyboard(rows))
            await note_card(key, shown, gaps, new, now)
