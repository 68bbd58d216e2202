"""The present embedding model, and the earlier ones whose indexes still answer while the present one builds its own.

To everybody it is the present `Embedder`. An assistant's row remembers which model made the index that answers, as
`remembered` writes it: "name:dimension", and for a server " address" behind it, never a key. Refuses to know which
backends there are: `core/app.py` opens them.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence

from core.embeddings.base import Embedder, Vectors
from core.errors import Unavailable

log = logging.getLogger(__name__)
TRY_AGAIN_S = 60.0
"""How long an earlier model that could not be opened is left alone."""
LONGEST = 200
"""Characters of the column that remembers."""
_REMEMBERED = re.compile(r"(?P<name>.+):(?P<dimension>\d+)(?: (?P<address>https?://\S+))?")

OpenEarlier = Callable[[str, str], Awaitable[Embedder]]
"""Takes a model's name and the address of its server ("" for none). Raises `Unavailable`."""


class Embedders:
    """Implements `core.embeddings.base.Embedder` as the present model."""

    def __init__(self, present: Embedder, open_earlier: OpenEarlier, address: str = "") -> None:
        """`address` is the present model's server, "" for none."""
        self._present = present
        self._open_earlier = open_earlier
        self._address = address
        self._earlier: dict[str, Embedder] = {}
        self._failed: dict[str, float] = {}
        self._opening = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._present.name

    @property
    def dimension(self) -> int:
        return self._present.dimension

    @property
    def max_tokens(self) -> int:
        return self._present.max_tokens

    @property
    def remembered(self) -> str:
        """What an assistant remembers of the present model. An address too long to keep is left out."""
        index = f"{self.name}:{self.dimension}"
        told = f"{index} {self._address}" if self._address else index
        return told if len(told) <= LONGEST else index

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return await self._present.embed_passages(texts)

    async def embed_query(self, text: str) -> Vectors:
        return await self._present.embed_query(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._present.count_tokens(texts)

    async def earlier(self, remembered: str) -> Embedder | None:
        """The model that an assistant remembers, opened once; None when it cannot be had now."""
        asked = _REMEMBERED.fullmatch(remembered)
        if asked is None:
            return None
        async with self._opening:
            known = self._earlier.get(remembered)
            if known or time.monotonic() - self._failed.get(remembered, float("-inf")) < TRY_AGAIN_S:
                return known
            try:
                opened = await self._open_earlier(asked["name"], asked["address"] or "")
            except Unavailable as error:
                log.warning("the earlier embedding model %s is not at hand: %s", remembered, error)
                self._failed[remembered] = time.monotonic()
                return None
            if opened.dimension != int(asked["dimension"]):
                await opened.close()
                self._failed[remembered] = time.monotonic()
                return None
            self._earlier[remembered] = opened
            return opened

    async def close(self) -> None:
        for embedder in (*self._earlier.values(), self._present):
            await embedder.close()


def index_named(remembered: str) -> str:
    """The part of what an assistant remembers that names the index: "name:dimension"."""
    return remembered.partition(" http")[0]
