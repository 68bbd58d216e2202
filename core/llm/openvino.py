"""The bundled language model on OpenVINO: prompts, time limits and text; the graph runs in a process of its own.

Refuses to know tenants and documents: it is told a scope, and keeps each scope's cached work apart from the others'.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from core.errors import ModelUnavailable
from core.llm import bundled
from core.llm.adapters import AdapterFile, read_adapter
from core.llm.base import Adapter, Sampling, Turn
from core.llm.chatml import AnswerText, ChatForm
from core.llm.engine_answers import Limits, pieces_of, refuse_beyond
from core.llm.engine_keeper import EngineKeeper
from core.llm.preparation import prepare_language_model

PROGRAM = "core.llm.engine"

__all__ = ["Limits", "OpenVinoLanguageModel", "prepare_language_model"]


class OpenVinoLanguageModel:
    """The port of core/llm/base.py. Adapters are PEFT folders, loaded when first asked for."""

    name = bundled.NAME
    languages: frozenset[str] | None = bundled.LANGUAGES
    context_tokens = bundled.CONTEXT_TOKENS

    def __init__(self, folder: Path, cache_mb: int, threads: int, limits: Limits) -> None:
        """Use `open`. Reads the tokenizer (a quarter of a second)."""
        self._form = ChatForm.of_file(folder / "tokenizer.json")
        self._limits = limits
        self.at_once = limits.at_once
        self._numbers = itertools.count(1)
        settings = {
            "folder": str(folder.absolute()),
            "threads": threads,
            "cache_mb": cache_mb,
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


def _as_command(adapter: Adapter | None, file: AdapterFile | None) -> dict[str, Any] | None:
    if not adapter or not file:
        return None
    return {"id": adapter.id, "file": str(file.path.resolve()), "alpha": file.alpha}
