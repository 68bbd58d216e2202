"""One server of OpenAI's chat API: its open requests, the adapters loaded there, and whether it is worth asking.

Everything it may do wrong ends in bounded time and memory. Refuses to know that there are others like it: what another
might do better is `TryAnother`.
"""

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from core.background import Background
from core.errors import ModelUnavailable, ProductError
from core.llm.adapters import read_adapter
from core.llm.base import Adapter
from core.llm.openai_breaker import Breaker, BreakerLimits
from core.llm.openai_events import BROKEN, LONGEST_REFUSAL, StreamBroken, piece_in, read_body, seconds_in
from core.llm.openai_server import Server, Told

log = logging.getLogger(__name__)
BUSY = frozenset({425, 429})
FAILING = frozenset({408, 500, 502, 503, 504})
BYTES_A_TOKEN = 4096
"""More than any server writes around one token; what is above that for a whole answer is no answer."""
REMEMBERED = 1000
"""Adapters that a server is still to unload, at most."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `pause_s` doubles from round to round, unless the server names its own (Retry-After).
    `trial_s` is what a server that has failed gets for its first token while others are well, `silent_s` is how long a
    customer must have waited in vain before his going away counts against the server, `load_s` how long a server that
    drops idle models may load one, `look_every_s` how soon it is looked at again."""

    connect_s: float = 5
    first_token_s: float = 30
    between_s: float = 20
    total_s: float = 120
    tell_s: float = 10
    look_every_s: float = 30
    load_s: float = 600
    unload_s: float = 5
    trial_s: float = 1.5
    silent_s: float = 2
    tries: int = 4
    pause_s: float = 0.5
    longest_pause_s: float = 3
    at_once: int = 32
    breaker: BreakerLimits = field(default_factory=BreakerLimits)


class TryAnother(Exception):
    """Nothing was said yet, and another try may do better. `pause_s` is the server's wish, if it has one."""

    def __init__(self, reason: str, pause_s: float | None = None, *, is_busy: bool = False) -> None:
        super().__init__(reason)
        self.pause_s, self.is_busy = pause_s, is_busy


class Replica:
    """`url` ends in /v1. Equal replicas are told apart by their load: `open_requests`, then `asked_at`. `told` is what
    the server says of the model that it is asked for."""

    def __init__(self, url: str, session: aiohttp.ClientSession, limits: Limits, background: Background) -> None:
        self.url = url
        self.breaker = Breaker(limits.breaker)
        self.open_requests = 0
        self.asked_at = 0.0
        self.told: Told | None = None
        self._shown = _without_password(url)
        self._session, self._limits, self._background = session, limits, background
        self._server = Server(url, session)
        self._looked_at = -limits.look_every_s
        self._looking: asyncio.Task[None] | None = None
        self._loaded: set[str] = set()
        self._unwanted: set[str] = set()
        self._loading = asyncio.Lock()

    async def ask_what_it_is(self, model: str) -> Told:
        """Of `model`, or of its first one where that is empty. One that drops idle models is told to keep this one.
        Raises `ModelUnavailable`."""
        try:
            async with asyncio.timeout(self._limits.tell_s):
                self.told = await self._server.tell(model)
        except BROKEN as wrong:
            raise ModelUnavailable(reason=self._said("no model at", wrong)) from wrong
        if not self.told.keeps:
            self._look(model)
        return self.told

    async def stream(
        self, request: dict[str, Any], adapter: Adapter | None, base: str, first_s: float
    ) -> AsyncGenerator[str]:
        """The answer's pieces, the first within `first_s`. Raises `TryAnother` before it, `ModelUnavailable` after it
        and for what another server would refuse, too."""
        is_trial = self.breaker.begin()
        self.asked_at = asked_at = time.monotonic()
        self.open_requests, has_spoken = self.open_requests + 1, False
        try:
            async with aclosing(self._pieces(request, adapter, base, first_s)) as pieces:
                async for piece in pieces:
                    has_spoken = True
                    yield piece
            self._mend(base)
        except TryAnother as wrong:
            self._count(is_trial, is_failure=not wrong.is_busy)
            raise
        except ProductError:
            self._count(is_trial, is_failure=False)
            raise
        except BROKEN as wrong:
            self._count(is_trial, is_failure=True)
            if has_spoken:
                raise ModelUnavailable(reason=self._said("a broken stream from", wrong)) from wrong
            raise TryAnother(self._said("no answer from", wrong)) from wrong
        except (GeneratorExit, asyncio.CancelledError):
            if has_spoken:
                self._mend(base)
            else:
                is_silent = time.monotonic() - asked_at >= self._limits.silent_s
                self._count(is_trial, is_failure=is_silent)
                if is_silent:
                    self._look(base)
            raise
        finally:
            self.open_requests -= 1

    async def unload(self, adapter_id: str) -> None:
        """Whoever had it loaded: another process may have. A server that cannot be reached is told when it answers
        again."""
        self._loaded.discard(adapter_id)
        try:
            async with asyncio.timeout(self._limits.unload_s):
                await self._order("unload_lora_adapter", {"lora_name": adapter_id})
        except (*BROKEN, TryAnother) as wrong:
            if len(self._unwanted) < REMEMBERED:
                self._unwanted.add(adapter_id)
            log.info("%s did not unload adapter %s: %s", self._shown, adapter_id, wrong or "no answer in time")
        except ModelUnavailable as refusal:  # it has none of this name
            log.info("%s does not unload adapter %s: %s", self._shown, adapter_id, refusal)

    async def _pieces(
        self, request: dict[str, Any], adapter: Adapter | None, base: str, first_s: float
    ) -> AsyncGenerator[str]:
        """A stream that ends without `[DONE]` or a finish reason is broken: half an answer must not pass as whole."""
        next_by, ends_by = time.monotonic() + first_s, time.monotonic() + self._limits.total_s
        finished, left = False, BYTES_A_TOKEN * (request["max_tokens"] + 16)
        async with asyncio.timeout(first_s):
            response = await self._begin(request, adapter, base)
        try:
            while not finished:
                async with asyncio.timeout(max(0.0, min(next_by, ends_by) - time.monotonic())):
                    line = await response.content.readline()
                    if line.lstrip()[:1] == b"{":  # the answer as one object: it knows no streams
                        line = b"data:" + line + await read_body(response, max(0, left - len(line)))
                left -= len(line)
                if not line or left < 0:
                    raise StreamBroken("it ended in the middle" if left >= 0 else "it does not end")
                piece, finished = piece_in(line)
                if piece:
                    yield piece
                    next_by = time.monotonic() + self._limits.between_s
        finally:
            response.close()

    async def _begin(self, request: dict[str, Any], adapter: Adapter | None, base: str) -> aiohttp.ClientResponse:
        """The response to a request, its status good. An adapter that the server has lost is loaded once more."""
        if adapter is None:
            return await self._post("chat/completions", request | {"model": base})
        await self._load(adapter, base)
        try:
            return await self._post("chat/completions", request | {"model": adapter.id})
        except ModelUnavailable as refusal:
            if refusal.facts.get("status") != 404:
                raise
        self._loaded.discard(adapter.id)  # the server has been restarted since
        await self._load(adapter, base)
        return await self._post("chat/completions", request | {"model": adapter.id})

    async def _load(self, adapter: Adapter, base: str) -> None:
        """Into the server, if this process has not asked for that before."""
        async with self._loading:
            if adapter.id not in self._loaded:
                await asyncio.to_thread(read_adapter, adapter, base)
                path = await asyncio.to_thread(adapter.folder.absolute)
                order = {"lora_name": adapter.id, "lora_path": str(path)}
                await self._order("load_lora_adapter", order, fine="already")
                self._loaded.add(adapter.id)

    async def _order(self, path: str, order: dict[str, Any], fine: str = "") -> None:
        """Something whose answer's text does not matter."""
        if response := await self._post(path, order, fine):
            response.close()

    async def _post(self, path: str, request: dict[str, Any], fine: str = "") -> aiohttp.ClientResponse:
        """A response whose status is good; a refusal that contains the word `fine` is good too."""
        if self._session.closed:
            raise ModelUnavailable(reason="the model is closed")
        response = await self._session.post(f"{self.url}/{path}", json=request, allow_redirects=False)
        try:
            if response.status == 200 and response.content_type != "text/html":
                return response
            said = (await read_body(response, LONGEST_REFUSAL)).decode(errors="replace")
        except BaseException:  # also when cancelled: the connection must not stay
            response.close()
            raise
        response.close()
        if fine and fine in said:
            return response
        reason = f"{path}: status {response.status}: {said[:300]}"
        if response.status in FAILING or response.status == 200:
            raise TryAnother(reason, seconds_in(response.headers.get("Retry-After")))
        if response.status in BUSY:
            raise TryAnother(reason, seconds_in(response.headers.get("Retry-After")), is_busy=True)
        if to := response.headers.get("Location"):
            reason = f"{path}: status {response.status}: LLM_URL should rather lead to {to[:200]}"
        raise ModelUnavailable(reason=reason, status=response.status)

    def _mend(self, model: str) -> None:
        """It has answered. After a pause it may be another server than before."""
        if self.breaker.is_open:
            log.warning("%s answers again", self._shown)
        if self.breaker.is_open or not self.told:
            self._look(model)
        self.breaker.succeed()
        while self._unwanted:
            self._background.start(self.unload(self._unwanted.pop()), f"unloading an adapter at {self._shown}")

    def _look(self, model: str) -> None:
        """Ask in the background what it is, if that is not going on already, and was not just done."""
        now = time.monotonic()
        if (not self._looking or self._looking.done()) and now - self._looked_at >= self._limits.look_every_s:
            self._looked_at = now
            self._looking = self._background.start(self._look_closely(model), f"asking {self._shown} what it is")

    async def _look_closely(self, model: str) -> None:
        """A model that was dropped is loaded again here: its customers do not wait that long."""
        try:
            async with asyncio.timeout(self._limits.tell_s):
                told = await self._server.tell(model)
            if not told.keeps:
                async with asyncio.timeout(self._limits.load_s):
                    told = await self._server.load(told.model)
                self.breaker.succeed()
            self.told = told
        except (*BROKEN, ModelUnavailable) as wrong:
            log.info(self._said("no word of itself from", wrong))

    def _said(self, what: str, wrong: Exception) -> str:
        return _without_password(f"{what} {self.url}: {wrong!r}")[:400]

    def _count(self, is_trial: bool, *, is_failure: bool) -> None:
        """What the end of a request without an answer says of the server."""
        if not is_failure:
            self.breaker.leave(is_trial)
            return
        was_open = self.breaker.is_open
        self.breaker.fail(is_trial)
        if self.breaker.is_open and not was_open:
            log.warning("%s fails again and again: it is not asked for a while", self._shown)


def _without_password(text: str) -> str:
    """Owners read why there was no answer: what stands before the @ of an address is not for them."""
    return re.sub(r"//[^/@\s]*@", "//", text)
