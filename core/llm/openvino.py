"""A language model on OpenVINO, by default the bundled one: prompts, time limits and text. The graph runs in a process
of its own.

Refuses to know tenants and documents: it is told a scope, and keeps each scope's cached work apart from the others'.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from core.errors import ModelUnavailable
from core.llm.adapters import AdapterFile, read_adapter
from core.llm.base import Adapter, Sampling, Turn
from core.llm.chatml import AnswerText
from core.llm.engine_answers import Limits, pieces_of, refuse_beyond
from core.llm.engine_keeper import EngineKeeper
from core.llm.model_facts import ModelFacts
from core.llm.preparation import is_for_openvino, prepare_language_model
from core.llm.templated import prompt_form

PROGRAM = "core.llm.engine"
LEAST_CACHE_MB = 256
USUAL_TOKENS = 2048
"""Prompt and answer of one customer; longer ones take turns where many come at once."""

__all__ = ["Limits", "OpenVinoLanguageModel", "is_for_openvino", "prepare_language_model"]


class OpenVinoLanguageModel:
    """The port of core/llm/base.py. Adapters are PEFT folders, loaded when first asked for."""

    def __init__(
        self, folder: Path, cache_mb: int | None, threads: int, limits: Limits, context_tokens: int | None
    ) -> None:
        """Use `open`. Reads the tokenizer (a quarter of a second)."""
        facts = ModelFacts.of_folder(folder)
        self.name = facts.name
        self.languages = frozenset(facts.languages) if facts.languages else None
        self.context_tokens = min(facts.window, context_tokens or facts.window)
        self._form = prompt_form(folder, facts)
        self._limits = limits
        self.at_once = limits.at_once
        self._numbers = itertools.count(1)
        settings = {
            "folder": str(folder.absolute()),
            "threads": threads,
            "cache_mb": cache_mb or _cache_mb(facts, max(self.context_tokens, limits.at_once * USUAL_TOKENS)),
            "most_at_once": limits.at_once,
        }
        times = {"start_s": limits.start_s, "close_s": limits.close_s}
        self._plain = EngineKeeper(PROGRAM, settings, **times, rest_s=None)
        self._adapted = EngineKeeper(PROGRAM, settings | {"takes_adapters": True}, **times, rest_s=limits.rest_s)

    @classmethod
    async def open(
        cls,
        folder: Path,
        *,
        cache_mb: int | None = None,
        context_tokens: int | None = None,
        threads: int = 2,
        expect_adapters: bool = False,
        limits: Limits | None = None,
    ) -> "OpenVinoLanguageModel":
        """`folder` is what `prepare_language_model` made. Returns when the model answers (about 3 s). `context_tokens`
        is the longest prompt and answer together, None what the model holds; the cache is as large as that needs.

        Requests with adapters have a process of their own, started by the first of them, or now with
        `expect_adapters`.
        """
        model = await asyncio.to_thread(cls, folder, cache_mb, threads, limits or Limits(), context_tokens)
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
        refuse_beyond(self._limits, engine)
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
            async for piece in pieces_of(engine, events, AnswerText(self._form), self._limits):
                yield piece
        finally:
            engine.cancel(number)

    async def forget_adapter(self, adapter_id: str) -> None:
        self._adapted.forget(adapter_id)

    async def close(self) -> None:
        """Open requests get a few seconds to end; then the processes are closed."""
        await asyncio.gather(self._plain.close(), self._adapted.close())


def _cache_mb(facts: ModelFacts, tokens: int) -> int:
    """Room for so many tokens, and never less than prompts that are asked again are worth."""
    return max(LEAST_CACHE_MB, tokens * facts.cache_bytes // 2**20 + 1)


def _as_command(adapter: Adapter | None, file: AdapterFile | None) -> dict[str, Any] | None:
    if not adapter or not file:
        return None
    return {"id": adapter.id, "file": str(file.path.resolve()), "alpha": file.alpha}
