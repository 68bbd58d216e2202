"""Vectors of sentences, remembered: the same good passages are found again and again, and reading them costs most.

Knows sentences and vectors; refuses to know passages, questions and tenants. What is kept are numbers under a hash,
never text.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from core.embeddings.base import Embedder, Vectors

REMEMBERED = 8192
"""Sentences, about 1.5 kB each."""
_remembered: OrderedDict[bytes, Vectors] = OrderedDict()


async def meanings_of(embedder: Embedder, sentences: Sequence[str]) -> Vectors:
    """Shape (len(sentences), dimension), as `Embedder.embed_passages` gives them. Raises what it raises."""
    keys = [_key(embedder, sentence) for sentence in sentences]
    new = {key: sentence for key, sentence in zip(keys, sentences, strict=True) if key not in _remembered}
    known = {key: _remembered[key] for key in keys if key in _remembered}
    if new:
        known |= zip(new, await embedder.embed_passages(list(new.values())), strict=True)
    for key in keys:
        _remembered[key] = known[key]
        _remembered.move_to_end(key)
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)
    return np.stack([known[key] for key in keys])


def _key(embedder: Embedder, sentence: str) -> bytes:
    return hashlib.blake2b(f"{embedder.name}:{embedder.dimension}\n{sentence}".encode(), digest_size=16).digest()
