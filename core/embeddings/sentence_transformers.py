"""Any embedding model that sentence-transformers loads, by name or folder: for machines with a GPU.

Imports torch, therefore only when it is opened. The model's own prompts are used; the E5 family, whose folders
mostly lack them, gets "query: " and "passage: ". Refuses to know OpenVINO and servers.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Self, cast

import numpy as np

from core.embeddings.base import Vectors
from core.embeddings.prepared import PASSAGE_PREFIX, QUERY_PREFIX
from core.embeddings.turns import Turns
from core.errors import ModelUnavailable

STEP_ROWS = 32
MARKERS = 2
UNLIMITED_TOKENS = 8192
"""Some models declare no limit; passages are far shorter than this."""


class SentenceTransformersEmbedder:
    """Implements `core.embeddings.base.Embedder`; made by `open`."""

    def __init__(self, name: str, model: Any, query_prefix: str, passage_prefix: str) -> None:
        self.name = name
        self.dimension = int(model.get_embedding_dimension())
        self._model = model
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        prefix = max(self.count_tokens([query_prefix, passage_prefix]))
        self.max_tokens = int(model.max_seq_length or UNLIMITED_TOKENS) - MARKERS - prefix
        self._turns = Turns[str, Vectors]("embedding", lambda texts: self._embed(self._query_prefix, texts))

    @classmethod
    async def open(cls, model: str, device: str | None = None, *, only_local: bool = False) -> Self:
        """`model` is a name on the hub or a folder; `device` None takes the GPU when there is one.

        `only_local` takes what lies on this machine already and downloads nothing.

        Raises `ModelUnavailable` when the package is not installed or the model cannot be loaded.
        """
        return await asyncio.to_thread(cls._load, model, device, only_local)

    @classmethod
    def _load(cls, name: str, device: str | None, only_local: bool) -> Self:
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - it brings torch

            model = SentenceTransformer(name, device=device, local_files_only=only_local)
        except (ImportError, OSError, ValueError) as error:
            raise ModelUnavailable(reason=f"the embedding model {name} could not be loaded: {error}") from error
        prompts = {key: text for key, text in model.prompts.items() if text}
        e5 = "e5" in name.lower()
        return cls(
            name,
            model,
            prompts.get("query", QUERY_PREFIX if e5 else ""),
            prompts.get("document", prompts.get("passage", PASSAGE_PREFIX if e5 else "")),
        )

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        in_order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for first in range(0, len(texts), STEP_ROWS):
            rows = in_order[first : first + STEP_ROWS]
            some = [texts[row] for row in rows]
            vectors[rows] = await self._turns.step(partial(self._embed, self._passage_prefix, some))
        return vectors

    async def embed_query(self, text: str) -> Vectors:
        return await self._turns.query(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        # Counting is not feeding: the tokeniser's remark that a text exceeds the model is not wanted here.
        encoded = self._model.tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    async def close(self) -> None:
        await self._turns.close()
        self._model = None

    def _embed(self, prefix: str, texts: Sequence[str]) -> Vectors:
        return cast(
            Vectors,
            self._model.encode(
                [prefix + text for text in texts],
                batch_size=STEP_ROWS,
                prompt="",
                normalize_embeddings=True,
                show_progress_bar=False,
            ),
        )
