"""A program on 127.0.0.1 that is told what happens: it keeps what came, and answers as a test wants it to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from tests.web_site import WebSite, web_site

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Told:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    @property
    def type(self) -> str:
        return str(self.event["type"])

    def verified_with(self, secret: str) -> dict[str, Any]:
        """Raises `WebhookVerificationError`."""
        checked: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return checked


@dataclass
class Receiver:
    """`answers`: path -> status, or a whole answer; 204 where nothing is said."""

    site: WebSite
    told: list[Told] = field(default_factory=list)
    answers: dict[str, int | Answer] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.site.host

    def url(self, path: str = "/hook") -> str:
        return f"{self.site.url}{path}"

    def of(self, type: str) -> list[Told]:  # noqa: A002 - the format calls it so
        return [one for one in self.told if one.type == type]

    def types(self) -> list[str]:
        return [one.type for one in self.told]

    async def take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        now = asyncio.get_running_loop().time()
        self.told.append(Told(request.path, headers, await request.read(), now))
        answer = self.answers.get(request.path, 204)
        return web.Response(status=answer) if isinstance(answer, int) else await answer(request)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    async with web_site() as site:
        made = Receiver(site)
        site.otherwise = made.take
        yield made
