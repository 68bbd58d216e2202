"""One server of OpenAI's chat API: its open requests, the adapters loaded there, and whether it is worth asking.

Everything it may do wrong ends in bounded time and memory. Refuses to know that there are others like it: what another
might do better is `TryAnother`.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from core.errors import ModelUnavailable, ProductError
from core.llm.adapters import read_adapter
from core.llm.base import Adapter
from core.llm.openai_breaker import Breaker, BreakerLimits
from core.llm.openai_events import (
    LONGEST_BODY,
    LONGEST_REFUSAL,
    StreamBroken,
    first_model_in,
    piece_in,
    read_body,
)

log = logging.getLogger(__name__)
BUSY = frozenset({425, 429})
FAILING = frozenset({408, 500, 502, 503, 504})
BYTES_A_TOKEN = 4096
"""More than any server writes around one token; what is above that for a whole answer is no answer."""
_BROKEN = (aiohttp.ClientError, HttpProcessingError, TimeoutError, StreamBroken, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `pause_s` doubles from round to round, unless the server names its own (Retry-After).
    `trial_s` is what a server that has failed gets for its first token while others are well, `silent_s` is how long a
    customer must have waited in vain before his going away counts against the server."""

    connect_s: float = 5
    first_token_s: float = 30
    between_s: float = 20
    total_s: float = 120
    unload_s: float = 5
    trial_s: float = 1.5
    silent_s: float = 2
    tries: int = 4
    pause_s: float = 0.5
    longest_pause_s: float = 10
    at_once: int = 32
    breaker: BreakerLimits = field(default_factory=BreakerLimits)


class TryAnother(Exception):
    """Nothing was said yet, and another try may do better. `pause_s` is the server's wish, if it has one."""

    def __init__(self, reason: str, pause_s: float | None = None, *, is_busy: bool = False) -> None:
        super().__init__(reason)
        self.pause_s, self.is_busy = pause_s, is_busy


class Replica:
    """`url` ends in /v1. Equal replicas are told apart by their load: `open_requests`, then `asked_at`."""

    def __init__(self, url: str, session: aiohttp.ClientSession, limits: Limits) -> None:
        self.url = url
        self.breaker = Breaker(limits.breaker)
        self.open_requests = 0
        self.asked_at = 0.0
        self._session, self._limits = session, limits
        self._loaded: set[str] = set()
        self._loading = asyncio.Lock()

    async def first_model(self) -> str:
        """Raises `ModelUnavailable`."""
        try:
            async with asyncio.timeout(self._limits.first_token_s):
                async with self._session.get(f"{self.url}/models") as response:
                    response.raise_for_status()
                    return first_model_in(await read_body(response, LONGEST_BODY))
        except _BROKEN as wrong:
            raise ModelUnavailable(reason=f"no model at {self.url}: {wrong!r}") from wrong

    async def stream(
        self, request: dict[str, Any], adapter: Adapter | None, base: str, first_s: float
    ) -> AsyncGenerator[str]:
        """The answer's pieces, the first within `first_s`. Raises `TryAnother` before it, `ModelUnavailable` after it
        and for what another server would refuse, too."""
        is_trial = self.breaker.begin()
        self.asked_at, self.open_requests, has_spoken = time.monotonic(), self.open_requests + 1, False
        try:
            async with aclosing(self._pieces(request, adapter, base, first_s)) as pieces:
                async for piece in pieces:
                    has_spoken = True
                    yield piece
            self._mend()
        except TryAnother as wrong:
            self._count(is_trial, is_failure=not wrong.is_busy)
            raise
        except ProductError:
            self._count(is_trial, is_failure=False)
            raise
        except _BROKEN as wrong:
            self._count(is_trial, is_failure=True)
            if has_spoken:
                raise ModelUnavailable(reason=f"the stream of {self.url} broke: {wrong!r}"[:400]) from wrong
            raise TryAnother(f"{self.url}: {wrong!r}"[:400]) from wrong
        except (GeneratorExit, asyncio.CancelledError):
            if has_spoken:
                self._mend()
            else:
                waited_s = time.monotonic() - self.asked_at
                self._count(is_trial, is_failure=waited_s >= self._limits.silent_s)
            raise
        finally:
            self.open_requests -= 1

    async def unload(self, adapter_id: str) -> None:
        """One try, whoever had it loaded: another process may have. A server that cannot be reached keeps it: what it
        holds is its own affair."""
        self._loaded.discard(adapter_id)
        try:
            async with asyncio.timeout(self._limits.unload_s):
                await self._order("unload_lora_adapter", {"lora_name": adapter_id})
        except (*_BROKEN, TryAnother, ModelUnavailable) as wrong:
            log.info("%s did not unload adapter %s: %s", self.url, adapter_id, wrong or "no answer in time")

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
        response = await self._session.post(f"{self.url}/{path}", json=request)
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
            raise TryAnother(reason, _seconds(response.headers.get("Retry-After")))
        if response.status in BUSY:
            raise TryAnother(reason, _seconds(response.headers.get("Retry-After")), is_busy=True)
        raise ModelUnavailable(reason=reason, status=response.status)

    def _mend(self) -> None:
        if self.breaker.is_open:
            log.warning("%s answers again", self.url)
        self.breaker.succeed()

    def _count(self, is_trial: bool, *, is_failure: bool) -> None:
        """What the end of a request without an answer says of the server."""
        if not is_failure:
            self.breaker.leave(is_trial)
            return
        was_open = self.breaker.is_open
        self.breaker.fail(is_trial)
        if self.breaker.is_open and not was_open:
            log.warning("%s fails again and again: it is not asked for a while", self.url)


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, is left to our own pause."""
    return float(retry_after) if retry_after and retry_after.strip().isdigit() else None
