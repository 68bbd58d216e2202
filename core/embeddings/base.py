"""The port to embedding models: text to unit vectors. Refuses to know what the text is about."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns passages and queries into vectors of length 1 whose dot product is their cosine.

    `name` is stored beside every collection: vectors of different models are never mixed. `max_tokens` is what one
    text may hold, prefixes and markers already subtracted; longer text is cut by the model.
    """

    @property
    def name(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension), float32, unit rows. Raises `Unavailable` when a server does not answer."""
        ...

    async def embed_query(self, text: str) -> Vectors:
        """Shape (dimension,), float32, length 1. Never waits behind a long batch of passages."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prefixes and markers."""
        ...

    async def close(self) -> None:
        """Free the model or the connection."""
        ...
