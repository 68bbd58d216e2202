"""The port to re-rankers: models that read a question and a passage together. Slow, exact, and off by default."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from core.errors import Unavailable
from core.messages import Passage

log = logging.getLogger(__name__)
READ = 12
"""Passages that are read; those after them keep their order."""
LIMIT_S = 5.0


class Reranker(Protocol):
    """Says how well each text answers a question."""

    @property
    def name(self) -> str: ...

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One between 0 and 1 for each text, higher is better. Raises `Unavailable`."""
        ...

    async def close(self) -> None:
        """Free the model."""
        ...


async def reranked(reranker: Reranker | None, question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages, the first `READ` of them in the re-ranker's order.

    Their scores stay the search's: what compares them means cosines. Without a re-ranker, or when it does not answer in
    time, the passages stay as they were: search works without it.
    """
    read, rest = passages[:READ], passages[READ:]
    if reranker is None or len(read) < 2:
        return list(passages)
    texts = [f"{passage.heading}\n{passage.text}" if passage.heading else passage.text for passage in read]
    try:
        async with asyncio.timeout(LIMIT_S):
            scores = await reranker.scores(question, texts)
    except (Unavailable, TimeoutError) as error:
        log.warning("passages stay as they were: %s did not re-rank them: %s", reranker.name, error)
        return list(passages)
    order = sorted(range(len(read)), key=lambda at: scores[at], reverse=True)
    return [*(read[at] for at in order), *rest]
