"""Many texts to vectors, a batch after the other, so that the model never waits for whoever stores what it made.

Texts of like length go together, because a batch is as slow as its longest text; two batches are under way at once,
so one is cut into tokens while the other is multiplied. Refuses to know what the texts are and where vectors go.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.embeddings.base import Embedder, Vectors

BATCH = 64
"""Texts: one or two seconds of work, so that progress is seen and a question in between waits for little."""
AT_ONCE = 2
WINDOW = 2048
"""Texts sorted by length together: passages at a book's beginning are not the last to be ready."""

Store = Callable[[Sequence[int], Vectors], Awaitable[None]]
"""Takes positions in the texts, and their vectors in the same order."""


def batches(texts: Sequence[str]) -> list[list[int]]:
    """Positions of the texts, batch by batch."""
    found: list[list[int]] = []
    for first in range(0, len(texts), WINDOW):
        rows = sorted(range(first, min(first + WINDOW, len(texts))), key=lambda row: len(texts[row]))
        found += [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    return found


async def embed_all(embedder: Embedder, texts: Sequence[str], store: Store) -> None:
    """Embed all texts as passages; `store` is called for one batch at a time, while the next ones are embedded.

    What `embedder` or `store` raises ends it; cancelled, it stops after the step that runs.
    """
    waiting = iter(batches(texts))
    storing = asyncio.Lock()

    async def work() -> None:
        for rows in waiting:
            vectors = await embedder.embed_passages([texts[row] for row in rows])
            async with storing:
                await store(rows, vectors)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Callers know single errors: two batches that fail together fail for one reason."""
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
