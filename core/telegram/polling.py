"""One bot's ears: Telegram's updates, each written down before it is acknowledged, handled in order within a chat.

getUpdates is asked raw, not through types: an update that a library cannot parse must not stop the ones behind it.
A token that Telegram refuses ends the polling; everything else is waited out and reported.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.types import Update

from core.background import Background
from core.database import DATABASE_AWAY
from core.errors import WrongBotToken
from core.inbox import leave_event
from core.inbox_work import InboxWork
from core.lanes import Following
from core.models import ChannelState, ProcessedEvent
from core.storable import storable_json
from core.telegram.asking import Refusal, ask

log = logging.getLogger(__name__)

Handle = Callable[[ProcessedEvent, Update, Following[ProcessedEvent]], Awaitable[None]]
"""Does what an update asks for, perhaps together with what follows it in its chat; what it drops there it has finished.
`Unavailable` means "try again later"; anything else it raises is final.
"""

Report = Callable[[ChannelState, str], Awaitable[None]]
"""Hears what is seen of the bot whenever it changes: the state, and a locale key when something is wrong."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. A conflict is reported after `patience` in a row: our own last request may still be open there."""

    long_poll: int = 25
    pause: float = 1.0
    longest_pause: float = 30.0
    patience: int = 4


class _Webhook(Enum):
    """One left over from before is removed once; whoever sets it again wants it."""

    UNSEEN = 1
    SEEN = 2
    REMOVED = 3


class Poller:
    """`source` names this bot's events in the inbox; `kinds` says which updates it wants, asked each time."""

    def __init__(
        self,
        bot: Bot,
        background: Background,
        source: str,
        kinds: Callable[[], Sequence[str]],
        handle: Handle,
        report: Report,
        timing: Timing | None = None,
    ) -> None:
        self._bot = bot
        self._source = source
        self._kinds = kinds
        self._report = report
        self._timing = timing or Timing()
        self._work = work_on_updates(bot, background, source, handle, self._timing.longest_pause)
        self._told: tuple[ChannelState, str] | None = None
        self._webhook = _Webhook.UNSEEN

    async def run(self) -> None:
        """First what was left unfinished, then what comes, until cancelled. Raises `WrongBotToken`.

        What a webhook's route still accepts after the webhook was removed is done, too: it stands in the same inbox.
        """
        async with self._work.followed(), aiohttp.ClientSession() as client:
            await self._listen(client)

    async def _listen(self, client: aiohttp.ClientSession) -> None:
        offset = failures = 0
        while True:
            try:
                updates = await self._fetch(client, offset)
                await self._tell(ChannelState.RUNNING)
                offset = await self._accept(updates, offset)
                failures = 0
            except Refusal as refusal:
                failures += 1
                await self._heed(refusal, failures)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                failures += 1
                if failures > 1:
                    # The error's text may carry the URL, and the URL carries the token: its type is enough.
                    log.warning("%s: Telegram does not answer: %s", self._source, type(error).__name__)
                    await self._tell(ChannelState.FAILED, "channel-unreachable")
                await self._pause(failures)
            except DATABASE_AWAY:
                failures += 1
                log.exception("%s: updates could not be written down; asking for them again", self._source)
                await self._pause(failures)

    async def _fetch(self, client: aiohttp.ClientSession, offset: int) -> list[dict[str, Any]]:
        """What is new. Raises `Refusal`, and the network's errors as they are."""
        if self._webhook is _Webhook.SEEN:
            await ask(client, self._bot, "deleteWebhook", {"drop_pending_updates": False}, 10)
            self._webhook = _Webhook.REMOVED
        # The first question is answered at once, so that its owner sees at once that the bot works.
        wait = self._timing.long_poll if self._told == (ChannelState.RUNNING, "") else 0
        body = {"offset": offset, "timeout": wait, "allowed_updates": list(self._kinds())}
        updates: list[dict[str, Any]] = await ask(client, self._bot, "getUpdates", body, self._timing.long_poll + 10)
        return updates

    async def _accept(self, updates: list[dict[str, Any]], offset: int) -> int:
        """Write each down, then let it be handled; the offset that acknowledges them all.

        An empty answer has acknowledged everything before it, so the next question needs no offset. That matters
        after a quiet week, when Telegram may begin to number anew (https://core.telegram.org/bots/api#update).
        """
        if not updates:
            return 0
        for update in updates:
            await leave_event(self._source, str(update["update_id"]), storable_json(update))
            offset = update["update_id"] + 1
        return offset

    async def _heed(self, refusal: Refusal, failures: int) -> None:
        if refusal.status in {401, 404}:
            raise WrongBotToken(field="token", reason="Telegram does not know it")
        if refusal.status == 409 and "webhook" in refusal.description.lower() and self._webhook is _Webhook.UNSEEN:
            log.info("%s: removing a webhook left over from before", self._source)
            self._webhook = _Webhook.SEEN
            return
        if refusal.status == 409 and failures >= self._timing.patience:
            log.warning("%s: another program reads this bot's messages", self._source)
            await self._tell(ChannelState.FAILED, "channel-read-elsewhere")
        elif refusal.status != 409 and failures > 1:
            log.warning("%s: Telegram refuses: %s %s", self._source, refusal.status, refusal.description)
            await self._tell(ChannelState.FAILED, "channel-unreachable")
        await self._pause(failures, refusal.retry_after)

    async def _pause(self, failures: int, at_least: float = 0.0) -> None:
        longest = self._timing.longest_pause
        await asyncio.sleep(max(at_least, min(self._timing.pause * 2 ** min(failures - 1, 10), longest)))

    async def _tell(self, state: ChannelState, code: str = "") -> None:
        if self._told != (state, code):
            await self._report(state, code)
            self._told = (state, code)


def work_on_updates(bot: Bot, background: Background, source: str, handle: Handle, again_s: float = 30.0) -> InboxWork:
    """What handles a bot's updates that stand in the inbox, however they came there."""

    async def do(event: ProcessedEvent, following: Following[ProcessedEvent]) -> None:
        """Raises `ValidationError` for an update of a form that we do not know."""
        await handle(event, Update.model_validate(event.payload, context={"bot": bot}), following)

    return InboxWork(background, source, lane_of, do, lambda event: int(event.event_id), again_s)


def lane_of(update: dict[str, Any]) -> Hashable:
    """The chat or topic an update belongs to, or the person who caused it: what must stay in order."""
    for body in update.values():
        if isinstance(body, dict):
            message = body.get("message") if isinstance(body.get("message"), dict) else body
            chat = (message or {}).get("chat") or body.get("from") or body.get("user") or {}
            chat = chat if isinstance(chat, dict) else {}
            topic = message.get("message_thread_id") if message and message.get("is_topic_message") else None
            number = chat.get("id") if isinstance(chat.get("id"), int) else 0
            return (number, topic) if topic else number
    return 0
