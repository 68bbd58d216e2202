"""The one way out of a Slack app in a workspace: every message passes here, paced, retried, and never lost silently.

A refusal with Retry-After is obeyed exactly, for all channels. A channel that takes nothing is remembered and left
alone until somebody writes there again; a token that is refused is not used again. A message with a key is looked for
before it is sent a second time. Refuses to know what the messages say.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from core.app import Core
from core.background import unbroken
from core.errors import Unavailable
from core.models import Channel
from core.slack.calling import REQUEST_S
from core.slack.client import slack_client
from core.slack.errors import WrongSlackToken
from core.slack.formatting import Part
from core.slack.pacing import EVERY_S, Pacer
from core.slack.refusals import ChatClosed, NotTaken, SlackTokenRefused, raise_lasting, status_of, wait_of

log = logging.getLogger(__name__)
Taken = Callable[[str], Awaitable[None]]
"""Hears a message's `ts` as soon as Slack has taken it; not even being stopped comes between the two."""

GIVE_UP_S = 120.0
CLOSING_S = 5.0
"""How long a request that Slack is answering is waited for when its sender is stopped."""
_LONGEST_PAUSE_S = 15.0
_LOOKED_AT = 50
_CLOCKS_S = 60.0
"""How far Slack's clock and ours may be apart."""
KEY = "part"
"""What our messages carry: https://docs.slack.dev/messaging/message-metadata"""
_EVENT = "answer_part"
_READS = ("users.info", "files.info", "files.getUploadURLExternal", "conversations.replies", "conversations.history")
"""These take no JSON."""
GLANCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, perhaps a thread of it."""

    channel: str
    thread: str = ""


@asynccontextmanager
async def open_outbound(core: Core, channel: Channel) -> AsyncIterator["Outbound"]:
    """With one connection for all that is said there. Raises `WrongMasterKey`, `SlackTokenRefused`, `Unavailable`."""
    try:
        client = await slack_client(core, channel)
    except WrongSlackToken as error:
        raise SlackTokenRefused(field="token", reason=str(error.facts.get("reason", ""))) from None
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_S)) as session:
        yield Outbound(client, session)


class Outbound:
    """`refused` is set when Slack refuses the token; whoever serves the channel ends then."""

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        every_s: float = EVERY_S,
        give_up_s: float = GIVE_UP_S,
    ) -> None:
        client.session = session
        client.retry_handlers = []  # whoever repeats a message looks first whether it was taken
        self.client = client
        self.session = session
        self.refused = asyncio.Event()
        self.refusal: type[SlackTokenRefused] = SlackTokenRefused
        self._pacer = Pacer(every_s)
        self._give_up_s = give_up_s
        self._closed: set[str] = set()

    def reopen(self, channel: str) -> None:
        """Somebody wrote there: its door is open again."""
        self._closed.discard(channel)

    def refuse(self, why: type[SlackTokenRefused]) -> None:
        """The token is worth nothing any more: nothing is said with it from now on."""
        self.refusal = why
        self.refused.set()

    async def send(self, place: Place, parts: list[Part]) -> str:
        """Say it all; the last message's `ts`. Raises `ChatClosed`, `SlackTokenRefused`, `NotTaken`, and `Unavailable`
        when Slack has not answered for minutes."""
        ts = ""
        for part in parts:
            ts = await self.send_part(place, part)
        return ts

    async def send_part(
        self,
        place: Place,
        part: Part,
        key: str = "",
        taken: Taken | None = None,
        *,
        again: bool = False,
        since: datetime | None = None,
    ) -> str:
        """Say what fits into one message; its `ts`. With a `key`, a message that Slack may have taken without our
        knowing is looked for before it goes a second time; `again`: also before the first; not before `since`, a
        moment before which it cannot have been sent. Raises like `send`."""
        if again and (ts := await self._sent_before(place, key, since)):
            return await _told(ts, taken)
        body: dict[str, Any] = {
            "channel": place.channel,
            "text": part.text,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        body |= {"thread_ts": place.thread} if place.thread else {}
        body |= {"metadata": {"event_type": _EVENT, "event_payload": {KEY: key}}} if key else {}
        blocks = {"blocks": list(part.blocks)} if part.blocks else {}

        async def look() -> str:
            return await self._sent_before(place, key, since) if key else ""

        try:
            return await self._call("chat.postMessage", body | blocks, place.channel, taken, look)
        except NotTaken as refusal:
            if not blocks or "block" not in str(refusal):
                raise
            log.warning("blocks were refused (%s); sending plain text", refusal)
            return await self._call("chat.postMessage", body, place.channel, taken, look)

    async def update(self, channel: str, ts: str, part: Part) -> bool:
        """Replace a message; False when it can no longer be. Raises like `send`."""
        body = {"channel": channel, "ts": ts, "text": part.text, "blocks": list(part.blocks)}
        try:
            await self._call("chat.update", body, channel)
        except NotTaken as refusal:
            log.info("a message in %s is not replaced: %s", channel, refusal)
            return False
        return True

    async def whisper(self, place: Place, user: str, part: Part) -> None:
        """Say it to one person there, whom alone it is shown. Raises like `send`."""
        body: dict[str, Any] = {"channel": place.channel, "user": user, "text": part.text, "blocks": list(part.blocks)}
        body |= {"thread_ts": place.thread} if place.thread else {}
        await self._call("chat.postEphemeral", body, place.channel)

    async def do(self, method: str, body: dict[str, Any], channel: str = "") -> dict[str, Any]:
        """Whatever else is to be asked; with a channel, paced there. What Slack answered. Raises like `send`."""
        answer: dict[str, Any] = {}

        async def keep(data: dict[str, Any]) -> None:
            answer.update(data)

        await self._call(method, body, channel, heard=keep)
        return answer

    async def respond(self, url: str, body: dict[str, Any]) -> None:
        """Say it at the address that came with a command or a press. Raises `NotTaken`, `Unavailable`."""
        if not is_slacks(self.client, url):
            raise NotTaken("an address that is not Slack's")
        try:
            async with self.session.post(url, json=body, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(part="Slack", reason=type(error).__name__) from None
        if status >= 500 or status == 429:
            raise Unavailable(part="Slack", reason=f"status {status}")
        if status != 200:
            raise NotTaken(f"status {status}")

    async def glance(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask something that can be done without: once, for a short time. Empty when Slack does not say."""
        try:
            async with asyncio.timeout(GLANCE_S):
                response = await self.client.api_call(method, **_sent_as(method, body))
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            log.info("Slack did not say %s: %s", method, type(error).__name__)
            return {}
        return response.data if isinstance(response.data, dict) else {}

    async def _call(
        self,
        method: str,
        body: dict[str, Any],
        channel: str = "",
        taken: Taken | None = None,
        look: Callable[[], Awaitable[str]] | None = None,
        heard: Callable[[dict[str, Any]], Awaitable[None]] | None = None,
    ) -> str:
        """Until it is done."""
        loop = asyncio.get_running_loop()
        end, failures = loop.time() + self._give_up_s, 0
        while True:
            self._must_be_open(channel)
            await self._pacer.turn(method, channel)
            self._must_be_open(channel)
            try:
                return await unbroken(self._once(method, body, taken, heard), CLOSING_S)
            except SlackApiError as refusal:
                if (wait := wait_of(refusal)) is not None:
                    self._pacer.hold(method, wait)
                    end = loop.time() + wait + self._give_up_s
                    continue
                self._heed(refusal, channel)
                failure = f"status {status_of(refusal)}"
            except (aiohttp.ClientError, SlackClientError, TimeoutError) as error:
                # The error's text may carry what was sent: its type is enough.
                failure = type(error).__name__
            if loop.time() >= end:
                raise Unavailable(part="Slack", reason=failure)
            log.warning("Slack did not answer %s (%s), attempt %s", method, failure, failures + 1)
            await asyncio.sleep(min(0.5 * 2**failures, _LONGEST_PAUSE_S))
            failures += 1
            if look and (ts := await look()):
                return await _told(ts, taken)

    async def _once(
        self,
        method: str,
        body: dict[str, Any],
        taken: Taken | None,
        heard: Callable[[dict[str, Any]], Awaitable[None]] | None,
    ) -> str:
        response = await self.client.api_call(method, **_sent_as(method, body))
        data = response.data if isinstance(response.data, dict) else {}
        if heard:
            await heard(data)
        return await _told(str(data.get("ts", "")), taken)

    async def _sent_before(self, place: Place, key: str, since: datetime | None) -> str:
        """The `ts` of our message with this key, if Slack has it; empty as well where it does not say. A thread is told
        from its beginning, so that without `since` the end of a long one is not seen."""
        where: dict[str, Any] = {"channel": place.channel, "limit": _LOOKED_AT, "include_all_metadata": True}
        method = "conversations.replies" if place.thread else "conversations.history"
        where |= {"ts": place.thread} if place.thread else {}
        where |= {"oldest": f"{since.timestamp() - _CLOCKS_S:.6f}"} if since else {}
        for one in (await self.glance(method, where)).get("messages") or ():
            if ((one.get("metadata") or {}).get("event_payload") or {}).get(KEY) == key:
                return str(one["ts"])
        return ""

    def _must_be_open(self, channel: str) -> None:
        if self.refused.is_set():
            raise self.refusal(field="token", reason="Slack refuses it")
        if channel in self._closed:
            raise ChatClosed

    def _heed(self, refusal: SlackApiError, channel: str) -> None:
        """Raises what will not pass by itself, and remembers it."""
        try:
            raise_lasting(refusal)
        except SlackTokenRefused:
            self.refuse(SlackTokenRefused)
            raise
        except ChatClosed:
            if channel:
                self._closed.add(channel)
            raise


def is_slacks(client: AsyncWebClient, url: str) -> bool:
    """Slack's servers, or the one that SLACK_API_URL names: tokens and answers go nowhere else."""
    asked, known = urlsplit(url), urlsplit(client.base_url)
    if (asked.scheme, asked.netloc) == (known.scheme, known.netloc):
        return True
    host = asked.hostname or ""
    return asked.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))


def _sent_as(method: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"params" if method in _READS else "json": body}


async def _told(ts: str, taken: Taken | None) -> str:
    if taken:
        await taken(ts)
    return ts
