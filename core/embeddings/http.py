"""Embeddings from an OpenAI-compatible server: POST {url}/embeddings.

Refuses to know which server it is (vLLM, text-embeddings-inference, a paid one). It cannot see the server's
tokeniser, so it counts tokens by characters, rather too many than too few.
"""

import asyncio
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self, cast
from urllib.parse import urlsplit

import aiohttp
import numpy as np

from core.embeddings.base import Vectors
from core.embeddings.prepared import PASSAGE_PREFIX, QUERY_PREFIX
from core.errors import ModelUnavailable

TRIES = 3
QUERY_TRIES = 2
QUERY_LIMIT_S = 5.0
"""A customer waits for a query: one request may take so long, and is tried once more after `QUERY_PAUSE_S` at most."""
QUERY_PAUSE_S = 1.0
LONGEST_PAUSE_S = 20.0
TEXTS_PER_REQUEST = 32
PASSAGE_REQUESTS_AT_ONCE = 2
MAX_TOKENS = 480
CHARACTERS_PER_TOKEN = 2
"""Russian and English text has 3 to 4.5; 2 leaves room for numbers and rare words."""


class HttpEmbedder:
    """Implements `core.embeddings.base.Embedder`; made by `open`."""

    max_tokens = MAX_TOKENS

    def __init__(
        self, url: str, model: str = "", api_key: str | None = None, *, timeout_s: float, pause_s: float
    ) -> None:
        self.dimension = 0
        self._url = url.rstrip("/")
        self._model = model
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout_s, self._pause_s = timeout_s, pause_s
        self._session: aiohttp.ClientSession | None = None
        self._passages = asyncio.Semaphore(PASSAGE_REQUESTS_AT_ONCE)

    @classmethod
    async def open(
        cls, url: str, model: str = "", api_key: str | None = None, *, timeout_s: float = 30.0, pause_s: float = 0.5
    ) -> Self:
        """Connect and learn the dimension. An empty `model` takes the first that the server lists.

        `timeout_s` limits one request, `pause_s` is the first pause between two tries. Raises `ModelUnavailable`.
        """
        embedder = cls(url, model, api_key, timeout_s=timeout_s, pause_s=pause_s)
        embedder._session = aiohttp.ClientSession(headers=embedder._headers)
        try:
            if not model:
                embedder._model = await embedder._first_model()
            embedder.dimension = (await embedder._embed(["ready"])).shape[1]
        except BaseException:  # also when opening is cancelled: the session must not stay open
            await embedder.close()
            raise
        return embedder

    @property
    def name(self) -> str:
        return self._model or str(urlsplit(self._url).hostname)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        prefix = PASSAGE_PREFIX if self._is_e5 else ""
        # One request after the other within a batch: the first failure ends it, and the server sees no burst.
        for first in range(0, len(texts), TEXTS_PER_REQUEST):
            some = [prefix + text for text in texts[first : first + TEXTS_PER_REQUEST]]
            async with self._passages:
                vectors[first : first + len(some)] = await self._embed(some)
        return vectors

    async def embed_query(self, text: str) -> Vectors:
        prefix = QUERY_PREFIX if self._is_e5 else ""
        return cast(Vectors, (await self._embed([prefix + text], hurry=True))[0])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [math.ceil(len(text) / CHARACTERS_PER_TOKEN) for text in texts]

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    @property
    def _is_e5(self) -> bool:
        return "e5" in self._model.lower()

    async def _first_model(self) -> str:
        listed = await self._ask("GET", "/models")
        try:
            return str(listed["data"][0]["id"])
        except (KeyError, IndexError, TypeError) as error:
            raise self._unavailable("it lists no model; set the model's name") from error

    async def _embed(self, texts: list[str], *, hurry: bool = False) -> Vectors:
        asked: dict[str, Any] = {"input": texts, "model": self._model, "encoding_format": "float"}
        answer = await self._ask("POST", "/embeddings", asked, hurry=hurry)
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (KeyError, TypeError, ValueError) as error:
            raise self._unavailable("its answer is not a list of embeddings") from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or self.dimension not in (0, vectors.shape[1]):
            raise self._unavailable(f"its answer has the shape {vectors.shape}")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return cast(Vectors, vectors / np.maximum(lengths, np.finfo(np.float32).tiny))

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None, *, hurry: bool = False) -> Any:
        """The answer's JSON, after a few tries, in a `hurry` fewer. Only what may pass by itself is tried again."""
        if self._session is None:
            raise self._unavailable("the connection is closed")
        tries, longest_pause_s = (QUERY_TRIES, QUERY_PAUSE_S) if hurry else (TRIES, LONGEST_PAUSE_S)
        limit_s = min(self._timeout_s, QUERY_LIMIT_S) if hurry else self._timeout_s
        limit = aiohttp.ClientTimeout(total=limit_s)
        reason = ""
        for attempt in range(tries):
            pause = self._pause_s * 2**attempt
            try:
                async with self._session.request(method, self._url + path, json=body, timeout=limit) as response:
                    if response.status < 300:
                        return await response.json(content_type=None)
                    reason = f"it answered with status {response.status}"
                    if response.status != 429 and response.status < 500:
                        break
                    pause = max(pause, _seconds_asked_for(response.headers.get("Retry-After", "")))
            except TimeoutError:
                reason = f"no answer in {limit_s:g} s"
            except (aiohttp.ClientError, ValueError) as error:
                reason = f"{type(error).__name__}: {error}"
            if attempt + 1 < tries:
                await asyncio.sleep(min(pause, longest_pause_s))
        raise self._unavailable(reason)

    def _unavailable(self, reason: str) -> ModelUnavailable:
        return ModelUnavailable(reason=f"embeddings server {urlsplit(self._url).hostname}: {reason}")


def _seconds_asked_for(retry_after: str) -> float:
    """A number of seconds or an HTTP date (RFC 9110, 10.2.3); 0 for anything else."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
