"""The bundled language model on OpenVINO: prompts, time limits and text; the graph runs in a process of its own.

Refuses to know tenants and documents: it is told a scope, and keeps each scope's cached work apart from the others'.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelUnavailable
from core.llm import bundled
from core.llm.adapters import AdapterFile, read_adapter
from core.llm.base import Adapter, Sampling, Turn
from core.llm.chatml import AnswerText, ChatForm
from core.llm.engine_keeper import EngineKeeper
from core.llm.engine_process import EngineProcess, Event
from core.llm.preparation import prepare_language_model

__all__ = ["Limits", "OpenVinoLanguageModel", "prepare_language_model"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. `waiting` is how many requests may be open beyond those that run `at_once`; after `rest_s`
    without adapters the process that serves them ends."""

    start_s: float = 120
    first_token_s: float = 60
    total_s: float = 180
    close_s: float = 5
    rest_s: float = 900
    waiting: int = 24
    at_once: int = 8


class OpenVinoLanguageModel:
    """The port of core/llm/base.py. Adapters are PEFT folders, loaded when first asked for."""

    name = bundled.NAME
    languages: frozenset[str] | None = bundled.LANGUAGES
    context_tokens = bundled.CONTEXT_TOKENS

    def __init__(self, folder: Path, cache_mb: int, threads: int, limits: Limits) -> None:
        """Use `open`. Reads the tokenizer (a quarter of a second)."""
        self._form = ChatForm.of_file(folder / "tokenizer.json")
        self._limits = limits
        self._numbers = itertools.count(1)
        settings = {
            "folder": str(folder.absolute()),
            "threads": threads,
            "cache_mb": cache_mb,
            "most_at_once": limits.at_once,
        }
        times = {"start_s": limits.start_s, "close_s": limits.close_s}
        self._plain = EngineKeeper(settings, **times, rest_s=None)
        self._adapted = EngineKeeper(settings | {"takes_adapters": True}, **times, rest_s=limits.rest_s)

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        cache_mb: int = 256,
        threads: int = 2,
        expect_adapters: bool = False,
        limits: Limits | None = None,
    ) -> "OpenVinoLanguageModel":
        """`folder` is what `prepare_language_model` made. Returns when the model answers (about 3 s).

        Requests with adapters have a process of their own, started by the first of them, or now with
        `expect_adapters`.
        """
        model = await asyncio.to_thread(cls, folder, cache_mb, threads, limits or Limits())
        await model._plain.running()
        if expect_adapters:
            await model._adapted.running()
        return model

    def count_tokens(self, text: str) -> int:
        return len(self._form.text_ids(text))

    async def stream(
        self, turns: Sequence[Turn], sampling: Sampling, *, scope: str, adapter: Adapter | None = None
    ) -> AsyncGenerator[str]:
        """See the port. A prompt that leaves no room for an answer is `ModelUnavailable` too."""
        ids = self._form.prompt_ids(turns, salt=self._form.salt_ids(scope, adapter.id if adapter else ""))
        room = self.context_tokens - len(ids)
        if room < 1:
            raise ModelUnavailable(reason=f"a prompt of {len(ids)} tokens, the model holds {self.context_tokens}")
        file = await asyncio.to_thread(read_adapter, adapter, self.name) if adapter else None
        engine = await (self._adapted if adapter else self._plain).running()
        if engine.open_requests >= self._limits.at_once + self._limits.waiting:
            raise ModelUnavailable(reason="too many requests wait", waiting=self._limits.waiting)
        number = next(self._numbers)
        request = {
            "ids": ids,
            "adapter": _as_command(adapter, file),
            "most": min(room, sampling.max_tokens),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
        }
        events = engine.ask(number, request)
        try:
            async for piece in self._text(engine, events):
                yield piece
        finally:
            engine.cancel(number)

    async def forget_adapter(self, adapter_id: str) -> None:
        self._adapted.forget(adapter_id)

    async def close(self) -> None:
        """Open requests get a few seconds to end; then the processes are closed."""
        await asyncio.gather(self._plain.close(), self._adapted.close())

    async def _text(self, engine: EngineProcess, events: asyncio.Queue[Event]) -> AsyncGenerator[str]:
        text = AnswerText(self._form)
        started = time.monotonic()
        deadline = started + self._limits.first_token_s
        while True:
            event = await self._next(engine, events, deadline)
            deadline = started + self._limits.total_s
            if isinstance(event, ModelUnavailable):
                raise event
            piece = text.end() if event is None else text.add(event)
            if piece:
                yield piece
            if event is None:
                return

    async def _next(self, engine: EngineProcess, events: asyncio.Queue[Event], deadline: float) -> Event:
        try:
            return await asyncio.wait_for(events.get(), max(0.0, deadline - time.monotonic()))
        except TimeoutError as late:
            if time.monotonic() - engine.heard_at > self._limits.first_token_s:
                engine.kill()  # it speaks to nobody any more: the next request starts another
            raise ModelUnavailable(reason="no answer in time") from late


def _as_command(adapter: Adapter | None, file: AdapterFile | None) -> dict[str, Any] | None:
    if not adapter or not file:
        return None
    return {"id": adapter.id, "file": str(file.path.resolve()), "alpha": file.alpha}
