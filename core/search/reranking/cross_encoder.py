"""A cross-encoder that sentence-transformers loads, by name or folder (RERANKER_MODEL).

Imports torch, therefore only when it is opened. Refuses to know passages, tenants and Milvus.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import numpy as np

from core.errors import ModelUnavailable, Unavailable

AT_ONCE = 16


class CrossEncoderReranker:
    """Implements `core.search.reranking.base.Reranker`; made by `open`."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self._model = model
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reranking")

    @classmethod
    async def open(cls, model: str) -> Self:
        """`model` is a name on the hub or a folder.

        Raises `ModelUnavailable` when the package is not installed, the model cannot be loaded, or gives not one
        score a pair.
        """
        return await asyncio.to_thread(cls._load, model)

    @classmethod
    def _load(cls, name: str) -> Self:
        try:
            from sentence_transformers import CrossEncoder  # noqa: PLC0415 - it brings torch

            model = CrossEncoder(name)
        except (ImportError, OSError, ValueError) as error:
            raise ModelUnavailable(reason=f"the re-ranker {name} could not be loaded: {error}") from error
        if model.num_labels != 1:
            raise ModelUnavailable(reason=f"{name} is no re-ranker: it gives {model.num_labels} scores a pair, not one")
        return cls(name, model)

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        pairs = [(question, text) for text in texts]
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._score, pairs)
        except RuntimeError as error:
            raise Unavailable(part=self.name, reason=str(error)[:200]) from error

    async def close(self) -> None:
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        self._model = None

    def _score(self, pairs: list[tuple[str, str]]) -> list[float]:
        """Between 0 and 1, whatever the model's own last step is."""
        logits = self._model.predict(pairs, batch_size=AT_ONCE, show_progress_bar=False, activation_fn=_as_they_are())
        return [float(score) for score in 1 / (1 + np.exp(-np.asarray(logits, np.float64)))]


def _as_they_are() -> Any:
    from torch.nn import Identity  # noqa: PLC0415 - only where a re-ranker is set

    return Identity()
