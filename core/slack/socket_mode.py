"""Socket Mode: Slack's events over a connection that we open, each written down before it is acknowledged.

A connection that looks alive and is dead is the usual failure here, so one that does not answer our pings is thrown
away and another is opened; whoever watches the channel is told. Refuses to know what events mean.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from core.errors import Unavailable
from core.slack.calling import GONE, SlackSaidNo, asked
from core.slack.refusals import SlackTokenRefused

log = logging.getLogger(__name__)
_SILENT = logging.getLogger(f"{__name__}.library")
_SILENT.setLevel(logging.CRITICAL + 1)
"""What the library says of a failure holds the ticket of a connection."""
Hear = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Writes down what came: its type, and its payload. What it raises is not acknowledged, so it comes again."""
Tell = Callable[[bool], Awaitable[None]]
"""Hears whether Slack is connected, whenever that changes."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Slack is pinged every `ping`; four in a row without an answer end a connection."""

    ping: float = 5.0
    look: float = 1.0
    hello: float = 20.0
    pause: float = 1.0
    longest_pause: float = 30.0


class SocketMode:
    """One app's connection, always replaced by another one, until cancelled."""

    def __init__(
        self, web: AsyncWebClient, app_token: str, hear: Hear, tell: Tell, timing: Timing | None = None
    ) -> None:
        self._web = web
        self._app_token = app_token
        self._hear = hear
        self._tell = tell
        self._timing = timing or Timing()
        self._greeted = asyncio.Event()

    async def run(self) -> None:
        """Raises `SlackTokenRefused`."""
        failures = 0
        while True:
            self._greeted.clear()
            try:
                async with self._opened() as client:
                    await self._tell(True)
                    failures = 0
                    await self._until_dead(client)
                log.warning("a connection to Slack is dead; opening another")
            except SlackSaidNo as no:
                if no.code in GONE:
                    raise SlackTokenRefused(field="app_token", reason=no.code) from None
                log.warning("Slack opens no connection: %s", no.code)
            except (Unavailable, aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
                log.warning("Slack opens no connection: %s", type(error).__name__)
            await self._tell(False)
            await asyncio.sleep(min(self._timing.pause * 2 ** min(failures, 10), self._timing.longest_pause))
            failures += 1

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[SocketModeClient]:
        """A connection that Slack has said hello on."""
        client = SocketModeClient(
            self._app_token,
            logger=_SILENT,
            web_client=self._web,
            auto_reconnect_enabled=False,
            ping_interval=self._timing.ping,
        )
        client.message_listeners.append(self._greet)
        client.socket_mode_request_listeners.append(self._take)
        try:
            async with asyncio.timeout(self._timing.hello):
                opened = await asked(self._web.apps_connections_open(app_token=self._app_token))
                client.wss_uri = str(opened["url"])
                await client.connect()  # type: ignore[no-untyped-call]  # the library's
                await self._greeted.wait()
            yield client
        finally:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with asyncio.timeout(self._timing.ping):
                    await client.close()  # type: ignore[no-untyped-call]  # the library's

    async def _until_dead(self, client: SocketModeClient) -> None:
        """The library replaces a connection by itself when Slack announces its end, and may try that for ever; how long
        it may, and a silent end, are seen here."""
        now = asyncio.get_running_loop().time
        alive_at = now()
        while client.connect_operation_lock.locked() or await client.is_connected():
            if not client.connect_operation_lock.locked():
                alive_at = now()
            elif now() - alive_at > self._timing.hello:
                return
            await asyncio.sleep(self._timing.look)

    async def _greet(self, _client: AsyncBaseSocketModeClient, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            self._greeted.set()

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await self._hear(request.type, request.payload)
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
