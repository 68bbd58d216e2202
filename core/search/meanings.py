"""Vectors of sentences and questions, remembered: reading them costs most of an answer.

The same good passages are found again and again, and one question is looked up among the owner's answers, among
passages and among their sentences. Refuses to know tenants. What is kept are numbers under a hash, never text.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from core.embeddings.base import Embedder, Vectors

REMEMBERED = 8192
"""Vectors, about 1.5 kB each."""
_remembered: OrderedDict[bytes, Vectors] = OrderedDict()


async def meanings_of(embedder: Embedder, sentences: Sequence[str]) -> Vectors:
    """Shape (len(sentences), dimension), as `Embedder.embed_passages` gives them. Raises what it raises."""
    keys = [_key(embedder, "passage", sentence) for sentence in sentences]
    new = {key: sentence for key, sentence in zip(keys, sentences, strict=True) if key not in _remembered}
    known = {key: _remembered[key] for key in keys if key in _remembered}
    if new:
        known |= zip(new, await embedder.embed_passages(list(new.values())), strict=True)
    for key in keys:
        _remember(key, known[key])
    return np.stack([known[key] for key in keys])


async def meaning_of_question(embedder: Embedder, question: str) -> Vectors:
    """Shape (dimension,), as `Embedder.embed_query` gives it. Raises what it raises."""
    key = _key(embedder, "query", question)
    known = _remembered.get(key)
    vector = await embedder.embed_query(question) if known is None else known
    _remember(key, vector)
    return vector


def _remember(key: bytes, vector: Vectors) -> None:
    _remembered[key] = vector
    _remembered.move_to_end(key)
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)


def _key(embedder: Embedder, kind: str, text: str) -> bytes:
    return hashlib.blake2b(f"{embedder.name}:{embedder.dimension}:{kind}\n{text}".encode(), digest_size=16).digest()
