"""Question -> passages of this assistant, best first, and whether they are enough to answer from.

Meaning (vectors) and words (BM25 over stems) each bring candidates. They are ordered by cosine plus a small share of
the question's words that they have: rank fusion hurts questions asked in another language than the documents, and
BM25 divided by its maximum lifts a chance word too high (docs/adr/0003-retrieval.md). Refuses to know who asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from core.app import Core
from core.assistant_index import AnsweringIndex, answering_index
from core.embeddings.base import Vectors
from core.entries import Hit
from core.messages import Passage
from core.models import Assistant
from core.passages import read_passages
from core.search.duplicates import without_duplicates
from core.search.hyde import imagined_vector
from core.search.neighbours import join_next
from core.search.reranking.base import reranked
from core.search.sufficiency import Asked, Finding, judge, threshold_of
from core.words import language_of, terms_of

CANDIDATES = 16
MANY_CANDIDATES = 96
"""Looked at where most of the nearest are not in use, because their owner has hidden them."""
WORDS_SHARE = 0.06
SAME_LANGUAGE = 0.02
QUESTION_NEARER = 0.03
"""Two questions are this much nearer to each other than a question and the passage that answers it."""


@dataclass(frozen=True, slots=True)
class Search:
    """What came of a question: the index that was asked, the question's vector there, the passages, best first.

    Without a vector (an earlier embedding model that is not at hand) the words alone were searched.
    """

    question: str
    index: AnsweringIndex
    vector: Vectors | None
    passages: list[Passage]


async def search_documents(core: Core, assistant: Assistant, question: str, limit: int = 6) -> Finding:
    """The best passages, best first, and whether the first one is enough by the assistant's threshold."""
    return await judged(await look_up(core, assistant.id, question, limit), threshold_of(assistant))


async def judged(found: Search, needed: float) -> Finding:
    """Whether the first passage is enough."""
    return await judge(found.index.embedder, found.vector, found.question, found.passages, needed)


async def find_passages(core: Core, assistant_id: UUID, question: str, limit: int = 6) -> list[Passage]:
    """The best passages of this assistant's documents, best first; other tenants' cannot be among them."""
    return (await look_up(core, assistant_id, question, limit)).passages


async def look_up(core: Core, assistant_id: UUID, question: str, limit: int = 6) -> Search:
    """The same with what a judgement needs."""
    index = await answering_index(core, assistant_id)
    vector = await index.embed_query(question)
    asked = Asked.of(question)
    for most in (CANDIDATES, MANY_CANDIDATES):
        hits = await core.vectors.search(assistant_id, vector, terms_of(question), most, model=index.model)
        cosines = order = _cosines(hits)
        if core.settings.hyde and index.embedder and vector is not None:
            imagined = await imagined_vector(core, index.embedder, assistant_id, question, vector)
            if imagined is not None:
                order = _cosines(await core.vectors.search(assistant_id, imagined, "", most, model=index.model))
        ids = cosines.keys() | order.keys() | {hit.id for hit in hits}
        found = await _read(assistant_id, asked, cosines, order, ids)
        if len(found) >= min(limit, len(ids)):
            break
    passages = await reranked(core.reranker, question, _ranked(found, asked.language))
    return Search(question, index, vector, await join_next(assistant_id, without_duplicates(passages, limit)))


def _cosines(hits: Sequence[Hit]) -> dict[UUID, float]:
    """How near the nearest passages are; none without a vector."""
    return {hit.id: hit.cosine - QUESTION_NEARER * hit.by_question for hit in hits if hit.cosine is not None}


async def _read(
    assistant_id: UUID, asked: Asked, cosines: Mapping[UUID, float], order: Mapping[UUID, float], ids: set[UUID]
) -> list[Passage]:
    """What the index found, as far as it is still there and in use, scored by `order` and the question's words."""
    # What only its words found counts as the farthest by meaning.
    farthest, last = (min(near.values(), default=0.0) for near in (cosines, order))
    passages = []
    for passage in await read_passages(assistant_id, ids):
        words = asked.share_in(passage.headed_text)
        score = order.get(passage.id, last) + WORDS_SHARE * words
        passages.append(replace(passage, score=score, cosine=cosines.get(passage.id, farthest), words=words))
    return passages


def _ranked(passages: list[Passage], language: str) -> list[Passage]:
    """Best first; of two that say the same in two languages, the one in the question's language."""
    return sorted(
        passages, key=lambda p: p.score + (SAME_LANGUAGE if language_of(p.text) == language else 0.0), reverse=True
    )
