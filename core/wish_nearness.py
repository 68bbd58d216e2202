"""Is a question that mentions a person nearer in meaning to wishes for one than to other talk of people?

Compared with examples of both (`wish_examples.tsv`), because cosines of sentences lie close together and mean little
by themselves. Refuses to decide what no phrase and no mention suggests: core/wishes.py looks first.
"""

import logging
from functools import cache
from pathlib import Path

import numpy as np

from core.background import Background
from core.embeddings.base import Embedder, Vectors
from core.errors import Unavailable
from core.search.meanings import meaning_of_question

log = logging.getLogger(__name__)
NEARER = 0.02
"""By so much the three nearest wishes must be nearer than the three nearest others, measured with the bundled model."""
_NEAREST = 3
_AT_ONCE = 16
"""Examples in one request: customers' questions come in between."""
_known: dict[str, tuple[Vectors, Vectors]] = {}
_learning: set[str] = set()


async def sounds_like_a_wish(background: Background, embedder: Embedder, text: str) -> bool:
    """False as long as the examples are not embedded: that takes seconds, once in a process, and nobody waits for it.

    Raises `Unavailable`.
    """
    name = _name_of(embedder)
    if name not in _known:
        if name not in _learning:
            _learning.add(name)
            background.start(learn_examples(embedder), "reading examples of wishes")
        return False
    wishes, others = _known[name]
    asked = await meaning_of_question(embedder, text)
    return _nearness(wishes, asked) - _nearness(others, asked) >= NEARER


async def learn_examples(embedder: Embedder) -> None:
    """Embed them; when the embedder is away, the next question tries again."""
    name = _name_of(embedder)
    wishes, others = _examples()
    texts = [*wishes, *others]
    try:
        parts = [
            await embedder.embed_passages(texts[start : start + _AT_ONCE]) for start in range(0, len(texts), _AT_ONCE)
        ]
    except Unavailable as error:
        log.warning("the examples of wishes could not be read: %s", error)
    else:
        vectors = np.concatenate(parts)
        _known[name] = vectors[: len(wishes)], vectors[len(wishes) :]
    finally:
        _learning.discard(name)


def _nearness(examples: Vectors, asked: Vectors) -> float:
    """The mean cosine of the nearest few."""
    return float(np.sort(examples @ asked)[-_NEAREST:].mean())


def _name_of(embedder: Embedder) -> str:
    return f"{embedder.name}:{embedder.dimension}"


@cache
def _examples() -> tuple[list[str], list[str]]:
    """Wishes, and other talk of people."""
    lines = Path(__file__).with_name("wish_examples.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [text for kind, text in rows if kind == "asked"], [text for kind, text in rows if kind == "other"]
