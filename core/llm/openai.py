"""Any servers that speak OpenAI's chat API: vLLM, llama.cpp, a provider. An adapter is a model name there.

Several replicas of one server share the load: the least loaded is asked first, one that fails rests, and a request
that has said nothing yet goes to another. Refuses to know prompt forms and caches: the servers have their own.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import aiohttp

from core.background import Background
from core.errors import ModelUnavailable
from core.llm.base import Adapter, Sampling, Turn
from core.llm.openai_replica import Limits, Replica, TryAnother

log = logging.getLogger(__name__)
__all__ = ["Limits", "OpenAiLanguageModel"]
CONTEXT_TOKENS = 8192
"""What is believed of a server that does not say how much its model holds."""


class OpenAiLanguageModel:
    """The port of core/llm/base.py. Adapters need vLLM with `--enable-lora` and run-time loading allowed; the
    servers must see the adapter's folder under the same path."""

    languages: frozenset[str] | None = None

    def __init__(
        self,
        url: str,
        model: str,
        api_key: str | None = None,
        limits: Limits | None = None,
        context_tokens: int | None = None,
    ) -> None:
        """`url` ends in /v1; of several, with commas between them. Without `context_tokens` the servers are believed.
        Use `open` when the model's name is not known."""
        self.name, self._context_tokens = model, context_tokens
        self._limits = limits or Limits()
        # Compressed answers are refused: a few bytes of those may become gigabytes.
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s)
        connector = aiohttp.TCPConnector(limit=0)  # how many run at once is decided before us
        self._session = aiohttp.ClientSession(
            headers=headers, timeout=timeout, connector=connector, auto_decompress=False
        )
        self._background = Background()
        urls = dict.fromkeys(part.strip().rstrip("/") for part in url.split(",") if part.strip())
        self._replicas = [Replica(one, self._session, self._limits, self._background) for one in urls]
        self.at_once = self._limits.at_once * len(self._replicas)

    @classmethod
    async def open(
        cls,
        url: str,
        model: str,
        api_key: str | None = None,
        limits: Limits | None = None,
        context_tokens: int | None = None,
    ) -> "OpenAiLanguageModel":
        """Without a model's name the first one of the first server that answers is taken; then `ModelUnavailable` is
        raised when none does. With a name the servers may come later."""
        self = cls(url, model, api_key, limits, context_tokens)
        try:
            await self._ask_servers()
        except BaseException:  # also when cancelled: nobody else knows of it yet
            await self.close()
            raise
        return self

    @property
    def context_tokens(self) -> int:
        """What was set, or the least that a server says of itself."""
        told = [replica.told.context_tokens for replica in self._replicas if replica.told]
        return self._context_tokens or min((said for said in told if said), default=CONTEXT_TOKENS)

    def count_tokens(self, text: str) -> int:
        """An upper estimate: one token for three bytes of ordinary text holds for the tokenizers in use."""
        return len(text.encode()) // 3 + 1

    async def stream(
        self, turns: Sequence[Turn], sampling: Sampling, *, scope: str, adapter: Adapter | None = None
    ) -> AsyncGenerator[str]:
        """See the port. vLLM's own caches know adapters; `scope` travels as its `cache_salt` along with one.

        While all servers rest after failures, `ModelUnavailable` comes at once.
        """
        request: dict[str, Any] = {
            "messages": [{"role": turn.role, "content": turn.content} for turn in turns],
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "stream": True,
        }
        if adapter:
            request["cache_salt"] = scope
        first_by = time.monotonic() + self._limits.first_token_s
        wrong, tried, pause_s = TryAnother("all servers rest after failures"), set[Replica](), self._limits.pause_s
        for _ in range(self._limits.tries):
            if tried and not self._worth_asking(tried):
                if not await self._pause(wrong, pause_s, first_by):
                    break
                pause_s *= 2
                tried.clear()
            if not (fresh := self._worth_asking(tried)):
                break
            tried.add(fresh[0])
            pieces = fresh[0].stream(request, adapter, self.name, self._first_s(fresh, first_by))
            try:
                async with aclosing(pieces):
                    async for piece in pieces:
                        yield piece
                    return
            except TryAnother as again:
                wrong = again
        raise ModelUnavailable(reason=f"no answer: {wrong}") from wrong

    async def forget_adapter(self, adapter_id: str) -> None:
        """From every server, in a few seconds."""
        await asyncio.gather(*(replica.unload(adapter_id) for replica in self._replicas))

    async def close(self) -> None:
        await self._background.close()
        await self._session.close()

    def _worth_asking(self, tried: set[Replica]) -> list[Replica]:
        """Servers not tried yet: one whose rest is over first, then by their load."""
        fresh = [replica for replica in self._replicas if replica.breaker.may_ask and replica not in tried]
        return sorted(fresh, key=lambda one: (not one.breaker.is_open, one.open_requests, one.asked_at))

    def _first_s(self, fresh: Sequence[Replica], first_by: float) -> float:
        """How long the first of these may think: where there is another, time is left for that."""
        left_s = max(0.0, first_by - time.monotonic())
        if len(fresh) == 1:
            return left_s
        return min(left_s / 2, self._limits.trial_s) if fresh[0].breaker.is_open else left_s / 2

    async def _pause(self, wrong: TryAnother, pause_s: float, first_by: float) -> bool:
        """Before all are asked again; false when it would be too long, or in vain."""
        spread_s = pause_s * random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries
        wait_s = spread_s if wrong.pause_s is None else wrong.pause_s
        left_s = min(self._limits.longest_pause_s, first_by - time.monotonic())
        if wait_s >= left_s or not self._worth_asking(set()):
            return False
        await asyncio.sleep(wait_s)
        return True

    async def _ask_servers(self) -> None:
        answers = await asyncio.gather(
            *(replica.ask_what_it_is(self.name) for replica in self._replicas), return_exceptions=True
        )
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        told = [answer for answer in answers if not isinstance(answer, BaseException)]
        for failure in failures:
            if not isinstance(failure, ModelUnavailable):
                raise failure
            log.warning("a server of LLM_URL does not say what it is: %s", failure.facts["reason"])
        if not self.name and not told:
            raise failures[0] if failures else ModelUnavailable(reason="LLM_URL names no server")
        self.name = self.name or told[0].model
