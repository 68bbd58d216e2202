"""Messages whose text follows slow work: a document being read, a training, a bot that starts.

Which message follows what is written down, so that a restart goes on telling. Refuses to know what it looks at:
each kind brings a function that looks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from admin_bot.keyboards import Row, keyboard
from core.app import Core
from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.models import BotState
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place

log = logging.getLogger(__name__)
EVERY_S = 1.5


@dataclass(frozen=True, slots=True)
class Watched:
    """What a message follows. `name` is what the owner calls it; `age_s` is how long it has been followed.

    `replaces` is the hash of the content that is to be followed by a newer one; empty for something new.
    """

    kind: str
    subject: UUID
    locale: str
    name: str
    replaces: str = ""
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Glimpse:
    """How it stands now. `over` ends the watching; `loud` says it in a new message, which rings, instead."""

    text: str
    rows: tuple[Row, ...] = ()
    over: bool = False
    loud: bool = False


Look = Callable[[Core, Watched], Awaitable[Glimpse]]


class Progress:
    """All messages of one bot that follow something."""

    def __init__(
        self, core: Core, outbound: Outbound, bot_id: int, looks: Mapping[str, Look], every_s: float = EVERY_S
    ) -> None:
        self._core = core
        self._outbound = outbound
        self._prefix = f"watch:{bot_id}:"
        self._looks = looks
        self._every_s = every_s
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self, chat_id: int, message_id: int, watched: Watched) -> None:
        """Keep this message telling how the thing stands, until it is over."""
        values = {
            "state": watched.kind,
            "data": {
                "chat": chat_id,
                "message": message_id,
                "subject": str(watched.subject),
                "locale": watched.locale,
                "name": watched.name,
                "replaces": watched.replaces,
            },
        }
        row, created = await BotState.get_or_create(key=f"{self._prefix}{chat_id}:{message_id}", defaults=values)
        if created:
            self._start(row)

    async def is_followed(self, chat_id: int, kind: str, subject: UUID) -> bool:
        """Whether a message of this chat tells of it already."""
        rows = BotState.filter(key__startswith=f"{self._prefix}{chat_id}:", state=kind)
        return any(row.data.get("subject") == str(subject) for row in await rows)

    async def resume(self) -> None:
        """After a restart: go on with what was being followed."""
        for row in await BotState.filter(key__startswith=self._prefix):
            self._start(row)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, row: BotState) -> None:
        task = self._core.background.start(self._follow(row), row.key)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, row: BotState) -> None:
        told = ""
        while True:
            try:
                glimpse = await self._looks[row.state or ""](self._core, _watched(row))
                if glimpse.over or glimpse.text != told:
                    await self._tell(row.data, glimpse)
                    told = glimpse.text
                if glimpse.over:
                    break
            except ChatClosed:
                break
            except (*DATABASE_AWAY, Unavailable):
                log.exception("the progress in %s could not be told; trying again", row.key)
            await asyncio.sleep(self._every_s)
        await row.delete()

    async def _tell(self, data: dict[str, Any], glimpse: Glimpse) -> None:
        text, buttons = Rich(glimpse.text), keyboard(glimpse.rows)
        if glimpse.loud:
            await self._outbound.delete(data["chat"], data["message"])
        elif await self._outbound.edit(data["chat"], data["message"], text, buttons):
            return
        if glimpse.over:
            await self._outbound.send(Place(data["chat"]), text, buttons)


def _watched(row: BotState) -> Watched:
    age = (datetime.now(UTC) - row.created_at).total_seconds()
    return Watched(
        kind=row.state or "",
        subject=UUID(row.data["subject"]),
        locale=row.data["locale"],
        name=row.data["name"],
        replaces=row.data.get("replaces", ""),
        age_s=age,
    )
