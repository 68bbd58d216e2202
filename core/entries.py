"""What a vector store holds and gives back, apart from Milvus: entries, hits, and the names of indexes.

The question of an FAQ passage is an entry of its own, kind "question", that is searched together with the passages.
Its id is `question_entry_id(passage's id)`; whoever searches sees passages only, whoever forgets a passage forgets it.
A verified answer has an entry for each wording of its question, `wording_entry_id`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

import numpy as np

from core.embeddings.base import Vectors

Kind = Literal["passage", "question", "verified", "gap"]
TERMS_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stored: `terms` are the stemmed words, separated by spaces, that BM25 counts."""

    id: UUID
    vector: Vectors
    terms: str
    kind: Kind = "passage"


@dataclass(frozen=True, slots=True)
class Hit:
    """`cosine` is None for a hit that only its words found; `bm25` is 0 for one that only its meaning found.

    `by_question` says that the best cosine is that of a passage's question, not of the passage itself.
    """

    id: UUID
    cosine: float | None
    bm25: float
    by_question: bool = False


def identity(model: str, dimension: int) -> str:
    """What names an index: vectors of two models, or of two sizes, are never compared."""
    return f"{model}:{dimension}"


def question_entry_id(passage_id: UUID) -> UUID:
    """The id under which a passage's question is stored: the passage's own with its first bit flipped."""
    return UUID(int=passage_id.int ^ (1 << 127))


def wording_entry_id(answer_id: UUID, place: int) -> UUID:
    """The id under which a wording of a verified answer is stored; place 0, up to 127, is its own question."""
    return UUID(int=answer_id.int ^ (place << 120))


def passage_of_entry(entry_id: UUID, kind: str) -> UUID:
    """The passage that an entry of this kind belongs to; other entries are what they are."""
    return question_entry_id(entry_id) if kind == "question" else entry_id


def placeholder(dimension: int) -> Vectors:
    """Stands in for a vector that cannot be made now: far from every text, so that only its words find the entry."""
    vector: Vectors = np.zeros(dimension, np.float32)
    vector[0] = 1
    return vector


def is_placeholder(vector: Sequence[float]) -> bool:
    return vector[0] == 1.0


def mark_of(model: str) -> str:
    """What stands for a model in the names of collections."""
    return hashlib.sha256(model.encode()).hexdigest()[:8]


def dimension_of(model: str) -> int:
    """The size of the vectors in an index, from its `identity`."""
    return int(model.rpartition(":")[2])


def row_of(entry: Entry) -> dict[str, Any]:
    """The entry as Milvus stores it; more words than the field takes are left out."""
    terms = entry.terms.encode()[:TERMS_BYTES].decode(errors="ignore")
    return {"id": str(entry.id), "kind": entry.kind, "dense": entry.vector, "terms": terms}


def hits_of(dense: Sequence[Any], sparse: Sequence[Any]) -> list[Hit]:
    """One hit a passage: the best cosine and the best BM25 of itself and its question."""
    found: dict[UUID, Hit] = {}
    for row in dense:
        kind, cosine = row["entity"]["kind"], float(row["distance"])
        passage = passage_of_entry(UUID(row["id"]), kind)
        before = found.get(passage)
        if before is None or before.cosine is None or cosine > before.cosine:
            found[passage] = Hit(passage, cosine, 0.0, by_question=kind == "question")
    for row in sparse:
        passage = passage_of_entry(UUID(row["id"]), row["entity"]["kind"])
        hit = found.get(passage, Hit(passage, None, 0.0))
        # Lite answers with negative BM25 scores, a server with positive ones.
        found[passage] = replace(hit, bm25=max(hit.bm25, abs(float(row["distance"]))))
    return list(found.values())
