"""One bot's ears, the other kind: Telegram brings its updates to our address, where api/telegram.py writes them down.

Here they are found in the inbox and handled. The webhook is set when this begins, looked at every few minutes, and set
again when somebody else has changed it. It is never removed here: the next process that serves this bot wants it, and
one that polls removes it. What Telegram says of deliveries that fail is told to the channel's owner.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from aiogram import Bot

from core.attempts import attempt
from core.errors import WrongBotToken
from core.inbox_work import InboxWork
from core.models import ChannelState
from core.telegram.asking import Refusal, ask

log = logging.getLogger(__name__)
CONNECTIONS = 40
"""Deliveries of a bot at once; Telegram's own default."""
_STATUS = re.compile(r"Wrong response from the webhook: (\d+)")


class Report(Protocol):
    def __call__(self, state: ChannelState, code: str = "", **facts: str | int) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds between two looks at what is well, and at what is not; the longest pause after failures; for how long a
    failed delivery is news."""

    look: float = 180.0
    again: float = 20.0
    longest_pause: float = 60.0
    recent: float = 600.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where updates come, and what shows that Telegram brings them."""

    url: str
    secret: str


Fault = tuple[str, dict[str, str | int]]
"""A key of the locales and its facts; ("", {}) where nothing is wrong."""


class Webhook:
    """`work` handles what is accepted; `kinds` says which updates are wanted, asked each time."""

    def __init__(
        self,
        bot: Bot,
        work: InboxWork,
        address: Address,
        kinds: Callable[[], Sequence[str]],
        report: Report,
        timing: Timing | None = None,
    ) -> None:
        self._bot = bot
        self._work = work
        self._address = address
        self._kinds = kinds
        self._report = report
        self._timing = timing or Timing()
        self._stands = False
        self._changed_by_others = 0

    async def run(self) -> None:
        """Until cancelled. Raises `WrongBotToken`."""
        async with self._work.followed(), aiohttp.ClientSession() as client:
            failures = 0
            while True:
                try:
                    fault = await self._keep(client)
                    failures, pause = 0, self._timing.again if fault[0] else self._timing.look
                except Refusal as refusal:
                    failures += 1
                    fault, pause = _refused(refusal), self._after(failures, refusal.retry_after)
                except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                    failures += 1
                    log.warning("%s: Telegram does not answer: %s", self._address.url, type(error).__name__)
                    fault, pause = ("channel-unreachable", {}), self._after(failures)
                if failures != 1:  # one alone mends itself as a rule
                    code, facts = fault
                    state = ChannelState.FAILED if code else ChannelState.RUNNING
                    await attempt(self._report(state, code, **facts), f"telling the state of {self._address.url}")
                await asyncio.sleep(pause)

    def _after(self, failures: int, at_least: float = 0.0) -> float:
        return max(at_least, min(2.0 ** min(failures - 1, 10), self._timing.longest_pause))

    async def _keep(self, client: aiohttp.ClientSession) -> Fault:
        """Set it if it does not stand; what is wrong with it."""
        if not self._stands:
            await self._set(client)
        info = await ask(client, self._bot, "getWebhookInfo", {})
        if info.get("url") == self._address.url and set(info.get("allowed_updates") or ()) == set(self._kinds()):
            self._changed_by_others = 0
            return self._fault(info)
        log.warning("%s: somebody has changed this bot's webhook; it is set again", self._address.url)
        self._stands = False
        self._changed_by_others += 1
        await self._set(client)
        return ("channel-read-elsewhere", {}) if self._changed_by_others > 1 else ("", {})

    async def _set(self, client: aiohttp.ClientSession) -> None:
        order = {
            "url": self._address.url,
            "secret_token": self._address.secret,
            "allowed_updates": list(self._kinds()),
            "max_connections": CONNECTIONS,
            "drop_pending_updates": False,
        }
        await ask(client, self._bot, "setWebhook", order)
        self._stands = True

    def _fault(self, info: dict[str, Any]) -> Fault:
        """Telegram remembers its last failure for ever: it counts while something waits, and for a while."""
        said = str(info.get("last_error_message") or "")
        recent = time.time() - float(info.get("last_error_date") or 0) < self._timing.recent
        if not (said and recent and info.get("pending_update_count")):
            return "", {}
        log.warning("%s: Telegram cannot deliver: %s", self._address.url, said)
        if status := _STATUS.match(said):
            if status[1] in {"401", "403", "404"}:
                self._stands = False  # whoever set it last used another secret
            return "channel-webhook-answer", {"address": self._address.url, "status": status[1]}
        code = (
            "channel-webhook-certificate" if re.search("SSL|certificate", said, re.I) else "channel-webhook-unreachable"
        )
        return code, {"address": self._address.url}


def _refused(refusal: Refusal) -> Fault:
    """Raises `WrongBotToken`."""
    if refusal.status in {401, 404}:
        raise WrongBotToken(field="token", reason="Telegram does not know it")
    if refusal.status == 400:
        log.warning("Telegram does not take the webhook: %s", refusal.description)
        return "channel-webhook-refused", {"reason": refusal.description}
    return "channel-unreachable", {}
