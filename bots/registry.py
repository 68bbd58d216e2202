"""Makes the running bots be the wanted ones: every two seconds it compares the database with what runs here.

A bot is known by a fingerprint of its settings; a changed one is restarted, a vanished one stopped, each by itself.
A token that Telegram refuses is not tried again until its owner changes it. Refuses to know what bots say.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from bots.slack.customer import serve_slack
from bots.telegram.customer import serve_telegram
from core.app import Core
from core.channels import TELEGRAM, report_state, wanted_channels
from core.database import DATABASE_AWAY
from core.errors import WrongBotToken
from core.keyring import WrongMasterKey
from core.models import Channel, ChannelState
from core.slack.connecting import SLACK

log = logging.getLogger(__name__)

Serve = Callable[[Core, Channel], Awaitable[None]]
"""Serves one channel until cancelled. `WrongBotToken` and `WrongMasterKey` mean "not before something changes"."""

SERVE: dict[str, Serve] = {TELEGRAM: serve_telegram, SLACK: serve_slack}
EVERY_S = 2.0
_LONGEST_PAUSE_S = 60.0


@dataclass(slots=True)
class _Running:
    """A channel as it was started. `failures` are crashes in a row; `again_at` is when it may be tried again."""

    channel: Channel
    fingerprint: str
    task: asyncio.Task[None] | None = None
    failures: int = 0
    again_at: float = field(default=0.0)


class Registry:
    """All channels of this process."""

    def __init__(self, core: Core, every_s: float = EVERY_S) -> None:
        self._core = core
        self._every_s = every_s
        self._running: dict[UUID, _Running] = {}

    async def run(self) -> None:
        """Reconcile until cancelled, then stop every bot."""
        try:
            while True:
                try:
                    await self._reconcile()
                except DATABASE_AWAY:
                    log.exception("the wanted channels could not be read; the running ones go on")
                await asyncio.sleep(self._every_s)
        finally:
            await asyncio.gather(*(self._stop(channel_id) for channel_id in list(self._running)))

    async def _reconcile(self) -> None:
        wanted = {channel.id: channel for kind in SERVE for channel in await wanted_channels(kind)}
        for channel_id in self._running.keys() - wanted.keys():
            log.info("channel %s is no longer wanted", channel_id)
            await self._stop(channel_id)
        for channel in wanted.values():
            running = self._running.get(channel.id)
            if running and running.fingerprint != fingerprint_of(channel):
                log.info("channel %s has changed", channel.id)
                await self._stop(channel.id)
                running = None
            if running is None:
                running = self._running[channel.id] = _Running(channel, fingerprint_of(channel))
            if running.task is None and asyncio.get_running_loop().time() >= running.again_at:
                running.task = self._core.background.start(self._serve(running), f"channel {channel.id}")

    async def _stop(self, channel_id: UUID) -> None:
        running = self._running.pop(channel_id)
        if running.task:
            running.task.cancel()
            await asyncio.wait({running.task})

    async def _serve(self, running: _Running) -> None:
        """One channel until it is stopped; whatever happens to it stays its own."""
        channel = running.channel
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            await SERVE[channel.kind](self._core, channel)
        except (WrongBotToken, WrongMasterKey) as error:
            log.warning("channel %s (%s) cannot start: %s", channel.id, channel.name, error.code)
            running.again_at = float("inf")
            await report_state(channel, ChannelState.FAILED, error.code)
        except Exception:  # one broken channel must not disturb the others
            log.exception("channel %s (%s) broke", channel.id, channel.name)
            quick = loop.time() - started < _LONGEST_PAUSE_S
            running.failures = running.failures + 1 if quick else 1
            running.again_at = loop.time() + min(2.0**running.failures, _LONGEST_PAUSE_S)
            await report_state(channel, ChannelState.FAILED, "channel-broken")
        finally:
            running.task = None


def fingerprint_of(channel: Channel) -> str:
    """Changes when anything changes that the running bot was started with."""
    settings = json.dumps(channel.settings, sort_keys=True)
    return hashlib.sha256(f"{channel.secrets}\n{settings}".encode()).hexdigest()
