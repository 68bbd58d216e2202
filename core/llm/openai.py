"""Any server that speaks OpenAI's chat API: vLLM, llama.cpp, a provider. An adapter is a model name there.

Refuses to know prompt forms and caches: the server has its own. Tries again only before the first token.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from core.errors import ModelUnavailable
from core.llm.adapters import read_adapter
from core.llm.base import Adapter, Sampling, Turn
from core.storable import storable

TRIES_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `pause_s` doubles from try to try, unless the server names its own (Retry-After)."""

    connect_s: float = 5
    first_token_s: float = 30
    total_s: float = 120
    tries: int = 4
    pause_s: float = 0.5
    longest_pause_s: float = 10


class _Again(Exception):
    """This try failed in a way that another may not. `pause_s` is the server's wish, if it has one."""

    def __init__(self, reason: str, pause_s: float | None = None) -> None:
        super().__init__(reason)
        self.pause_s = pause_s


class OpenAiLanguageModel:
    """The port of core/llm/base.py. Adapters need vLLM with `--enable-lora` and run-time loading allowed; the
    server must see the adapter's folder under the same path."""

    languages: frozenset[str] | None = None
    context_tokens = 8192

    def __init__(self, url: str, model: str, api_key: str | None = None, limits: Limits | None = None) -> None:
        """`url` ends in /v1. Use `open` when the model's name is not known."""
        self.name = model
        self._url = url.rstrip("/")
        self._limits = limits or Limits()
        self._loaded: set[str] = set()
        self._loading = asyncio.Lock()
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s)
        self._session = aiohttp.ClientSession(headers=headers, timeout=timeout)

    @classmethod
    async def open(
        cls, url: str, model: str, api_key: str | None = None, limits: Limits | None = None
    ) -> "OpenAiLanguageModel":
        """Without a model's name the server's first is taken. Raises `ModelUnavailable`."""
        self = cls(url, model, api_key, limits)
        if not model:
            try:
                self.name = await self._first_model()
            except ModelUnavailable:
                await self.close()
                raise
        return self

    def count_tokens(self, text: str) -> int:
        """An upper estimate: one token for three bytes of ordinary text holds for the tokenizers in use."""
        return len(text.encode()) // 3 + 1

    async def stream(
        self, turns: Sequence[Turn], sampling: Sampling, *, scope: str, adapter: Adapter | None = None
    ) -> AsyncGenerator[str]:
        """See the port. vLLM's own caches know adapters; `scope` travels as its `cache_salt` along with one."""
        request: dict[str, Any] = {
            "model": await self._adapter_name(adapter) if adapter else self.name,
            "messages": [{"role": turn.role, "content": turn.content} for turn in turns],
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "stream": True,
        }
        if adapter:
            request["cache_salt"] = scope
        deadline = time.monotonic() + self._limits.total_s
        try:
            response = await self._first_answer("chat/completions", request)
        except ModelUnavailable as refusal:
            if not adapter or refusal.facts.get("status") != 404:
                raise
            self._loaded.discard(adapter.id)  # the server has been restarted since
            await self._adapter_name(adapter)
            response = await self._first_answer("chat/completions", request)
        async with response:
            async for piece in self._pieces(response, deadline):
                yield piece

    async def forget_adapter(self, adapter_id: str) -> None:
        """A server that cannot be reached now keeps it: what it holds is its own affair."""
        if adapter_id in self._loaded:
            self._loaded.discard(adapter_id)
            with suppress(ModelUnavailable):
                async with await self._first_answer("unload_lora_adapter", {"lora_name": adapter_id}):
                    pass

    async def close(self) -> None:
        await self._session.close()

    async def _first_model(self) -> str:
        try:
            async with asyncio.timeout(self._limits.first_token_s):
                async with self._session.get(f"{self._url}/models") as response:
                    response.raise_for_status()
                    return str((await response.json())["data"][0]["id"])
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError) as wrong:
            raise ModelUnavailable(reason=f"no model at {self._url}: {wrong!r}") from wrong

    async def _adapter_name(self, adapter: Adapter) -> str:
        """Its name at the server, loaded there if this process has not asked for that before."""
        async with self._loading:
            if adapter.id not in self._loaded:
                await asyncio.to_thread(read_adapter, adapter, self.name)
                path = await asyncio.to_thread(adapter.folder.absolute)
                load = {"lora_name": adapter.id, "lora_path": str(path)}
                async with await self._first_answer("load_lora_adapter", load, fine="already"):
                    self._loaded.add(adapter.id)
        return adapter.id

    async def _first_answer(self, path: str, request: dict[str, Any], fine: str = "") -> aiohttp.ClientResponse:
        """A response whose status is good, after as many tries as that takes. A refusal that contains the word
        `fine` is good too. Raises `ModelUnavailable`."""
        deadline = time.monotonic() + self._limits.first_token_s
        pause = self._limits.pause_s
        for last in range(self._limits.tries):
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    return await self._try_once(path, request, fine)
            except (_Again, aiohttp.ClientError, TimeoutError) as wrong:
                wished = wrong.pause_s if isinstance(wrong, _Again) else None
                wait = min(pause * random.uniform(0.8, 1.2) if wished is None else wished, self._limits.longest_pause_s)  # noqa: S311 - spreads retries
                if last + 1 == self._limits.tries or time.monotonic() + wait >= deadline:
                    raise ModelUnavailable(reason=f"{path}: {wrong or 'no answer in time'}") from wrong
            await asyncio.sleep(wait)
            pause *= 2
        raise ModelUnavailable(reason=path)

    async def _try_once(self, path: str, request: dict[str, Any], fine: str) -> aiohttp.ClientResponse:
        response = await self._session.post(f"{self._url}/{path}", json=request)
        if response.status == 200:
            return response
        async with response:
            said = (await response.text())[:300]
        if fine and fine in said:
            return response
        if response.status in TRIES_AGAIN:
            raise _Again(f"status {response.status}", _seconds(response.headers.get("Retry-After")))
        raise ModelUnavailable(reason=f"{path}: status {response.status}: {said}", status=response.status)

    async def _pieces(self, response: aiohttp.ClientResponse, deadline: float) -> AsyncGenerator[str]:
        """The text of the events (https://html.spec.whatwg.org/multipage/server-sent-events.html). A stream that
        ends without `[DONE]` or a finish reason is broken: half an answer must not pass as a whole one."""
        first = min(deadline, time.monotonic() + self._limits.first_token_s)
        limit, finished = first, False
        while not finished:
            try:
                async with asyncio.timeout(max(0.0, limit - time.monotonic())):
                    line = await response.content.readline()
            except (aiohttp.ClientError, TimeoutError, ValueError) as wrong:
                raise ModelUnavailable(reason=f"the stream broke: {wrong!r}") from wrong
            if not line:
                raise ModelUnavailable(reason="the stream ended in the middle")
            piece, finished = _read_line(line)
            if piece:
                limit = deadline
                yield storable(piece)


def _read_line(line: bytes) -> tuple[str, bool]:
    """The text in a line of the stream, and whether it is the last."""
    field, _, value = line.decode(errors="replace").strip().partition(":")
    if field != "data":
        return "", False
    if value.strip() == "[DONE]":
        return "", True
    try:
        event = json.loads(value)
        if "error" in event:
            raise ModelUnavailable(reason=f"the server says: {event['error']}"[:300])
        choice = (event.get("choices") or [{}])[0]
        return (choice.get("delta") or {}).get("content") or "", bool(choice.get("finish_reason"))
    except (ValueError, AttributeError, LookupError, TypeError) as wrong:
        raise ModelUnavailable(reason=f"the stream broke: {value[:100]}") from wrong


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, is left to our own pause."""
    return float(retry_after) if retry_after and retry_after.strip().isdigit() else None
