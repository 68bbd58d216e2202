"""Any causal language model that transformers loads, by name on the hub or folder, for machines with a GPU, or a CPU
that OpenVINO does not know.

This is the serving process's side: it counts and spells; PyTorch runs in a process of its own
(core/llm/transformers_engine.py). Nothing read for one request is kept for another, so `scope` has nothing to part.
Refuses to know tenants and documents.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tokenizers import Tokenizer

from core.llm.adapters import read_adapter
from core.llm.base import Adapter, Sampling, Turn
from core.llm.engine_answers import Limits, pieces_of, refuse_beyond
from core.llm.engine_keeper import EngineKeeper

PROGRAM = "core.llm.transformers_engine"
CONTEXT_TOKENS = 8192
"""Used of a model that may hold more: its memory goes by this."""
START_S = 3600.0
"""A large model is downloaded at the first start."""


class TransformersLanguageModel:
    """The port of core/llm/base.py; made by `open`. Requests with different adapters and with none share a batch."""

    languages: frozenset[str] | None = None

    def __init__(self, model: str, settings: dict[str, Any], limits: Limits) -> None:
        self.name = model
        self.context_tokens = int(settings["context_tokens"])
        self.at_once = limits.at_once
        self._limits = limits
        self._numbers = itertools.count(1)
        self._folder = TemporaryDirectory(prefix="llmchatbot-model-")
        self._tokenizer_file = Path(self._folder.name) / "tokenizer.json"
        settings = settings | {
            "model": model,
            "tokenizer_file": str(self._tokenizer_file),
            "at_once": limits.at_once,
        }
        self._engine = EngineKeeper(PROGRAM, settings, start_s=limits.start_s, close_s=limits.close_s, rest_s=None)
        self._tokenizer: Tokenizer
        self._answer_end = ""

    @classmethod
    async def open(
        cls,
        model: str,
        *,
        context_tokens: int | None = None,
        in_4_bits: bool = False,
        adapters_mb: int = 2000,
        cache_mb: int = 0,
        threads: int = 2,
        precision: str = "",
        at_once: int = 16,
        limits: Limits | None = None,
    ) -> "TransformersLanguageModel":
        """Returns when the model answers: seconds for a small one, minutes for one that must be downloaded.

        `context_tokens` and `adapters_mb` are upper bounds; `cache_mb` is for what all requests have read, 0 for as
        much as there is; `precision` is PyTorch's name of a number format, empty
        for what suits the hardware; `limits` replaces `at_once`. Raises `ModelUnavailable` when it cannot be loaded.
        """
        settings = {
            "context_tokens": context_tokens or CONTEXT_TOKENS,
            "in_4_bits": in_4_bits,
            "adapters_mb": adapters_mb,
            "cache_mb": cache_mb,
            "threads": threads,
            "precision": precision,
        }
        self = cls(model, settings, limits or Limits(start_s=START_S, at_once=at_once, waiting=3 * at_once))
        try:
            engine = await self._engine.running()
        except BaseException:  # also when cancelled: nobody else knows of it yet
            await self.close()
            raise
        facts = await engine.ready
        self.context_tokens, self._answer_end = int(facts["context"]), str(facts["answer_end"])
        self._tokenizer = await asyncio.to_thread(Tokenizer.from_file, str(self._tokenizer_file))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True  # a marker that a person writes is plain text
        return self

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    async def stream(
        self, turns: Sequence[Turn], sampling: Sampling, *, scope: str, adapter: Adapter | None = None
    ) -> AsyncGenerator[str]:
        """See the port. A prompt that leaves no room for an answer is `ModelUnavailable` too."""
        if adapter:
            await asyncio.to_thread(read_adapter, adapter, self.name)
        engine = await self._engine.running()
        refuse_beyond(self._limits, engine)
        number = next(self._numbers)
        request = {
            "turns": [{"role": turn.role, "content": turn.content} for turn in turns],
            "adapter": {"id": adapter.id, "folder": str(adapter.folder.resolve())} if adapter else None,
            "most": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
        }
        events = engine.ask(number, request)
        text = SpelledText(self._tokenizer, self._answer_end)
        try:
            async for piece in pieces_of(engine, events, text, self._limits):
                yield piece
        finally:
            engine.cancel(number)

    async def forget_adapter(self, adapter_id: str) -> None:
        self._engine.forget(adapter_id)

    async def close(self) -> None:
        """Open requests get a few seconds to end; then the process is closed and its memory free."""
        await self._engine.close()
        await asyncio.to_thread(self._folder.cleanup)


class SpelledText:
    """Token ids to text as they come, up to `answer_end`, where there is one.

    A token may be half a letter, or bring the space before it only in company: so the last ones said are spelled
    again with the new ones, and the difference is what is new.
    """

    def __init__(self, tokenizer: Tokenizer, answer_end: str = "") -> None:
        self._tokenizer, self._answer_end = tokenizer, answer_end
        self._said: list[int] = []
        self._new: list[int] = []
        self._held = ""
        self.is_done = False

    def add(self, tokens: Iterable[int]) -> str:
        self._new += tokens
        return self._before_end(self._spelled(is_last=False), is_last=False)

    def end(self) -> str:
        """What was still waiting: a broken last letter becomes one replacement character."""
        return self._before_end(self._spelled(is_last=True), is_last=True)

    def _spelled(self, *, is_last: bool) -> str:
        if not self._new:
            return ""
        said = self._spell(self._said)
        text = self._spell(self._said + self._new)
        if (text.endswith("\N{REPLACEMENT CHARACTER}") and not is_last) or len(text) <= len(said):
            return ""
        self._said, self._new = self._new, []
        return text[len(said) :]

    def _spell(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))

    def _before_end(self, text: str, *, is_last: bool) -> str:
        """Holds back what may be the beginning of the end."""
        end = self._answer_end
        if self.is_done or not end:
            return "" if self.is_done else text
        text, self._held = self._held + text, ""
        if end in text:
            self.is_done = True
            return text[: text.index(end)]
        if not is_last:
            maybe = max((n for n in range(len(end)) if text.endswith(end[:n])), default=0)
            text, self._held = text[: len(text) - maybe], text[len(text) - maybe :]
        return text
