"""The port to language models: one thing is asked of them, a stream of text.

A backend knows tokens, graphs and servers; it knows nothing of tenants, documents or channels.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to generate. `temperature` 0 is greedy and repeatable."""

    max_tokens: int = 160
    temperature: float = 0.0
    top_p: float = 1.0


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA adapter: a folder that PEFT's `save_pretrained` wrote. `id` is unique for ever, never reused.

    `phrases` are turns of phrase that it was taught, which need no source when it says them (core/learning/phrases.py).
    """

    id: str
    folder: Path
    phrases: frozenset[str] = frozenset()


class LanguageModel(Protocol):
    """A chat model that streams.

    `name` goes into the record of each answer. `languages` are the ISO 639-1 codes it writes well, None for
    "any": a question in another language is answered by quoting. `context_tokens` is prompt and answer together,
    `at_once` how many requests it runs side by side; more of them wait before it (core/llm/fair.py).
    """

    @property
    def name(self) -> str: ...
    @property
    def languages(self) -> frozenset[str] | None: ...
    @property
    def context_tokens(self) -> int: ...
    @property
    def at_once(self) -> int: ...

    def stream(
        self, turns: Sequence[Turn], sampling: Sampling, *, scope: str, adapter: Adapter | None = None
    ) -> AsyncGenerator[str]:
        """Yield pieces of the answer as they come.

        `scope` names who may share cached work with this request (one assistant with one adapter), as
        `tenant:assistant:adapter or base`: a backend that caches prompts never lets one scope's cache serve another.
        Closing the iterator stops the generation.
        Raises `ModelUnavailable` when the model does not answer in time, `AdapterMismatch` for a foreign adapter.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of plain text, without the chat's own markers. Exact, or an upper estimate."""
        ...

    async def forget_adapter(self, adapter_id: str) -> None:
        """Free what is held for an adapter; unknown ids are fine."""
        ...

    async def close(self) -> None:
        """Let requests end, then free the model."""
        ...
