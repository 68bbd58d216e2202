"""Question -> passages of this assistant, best first, and whether they are enough to answer from.

Meaning (vectors) and words (BM25 over stems) each bring candidates. They are ordered by cosine plus a small share of
the question's words that they have: rank fusion hurts questions asked in another language than the documents, and
BM25 divided by its maximum lifts a chance word too high (docs/adr/0003-retrieval.md). Refuses to know who asks.
"""

import math
from dataclasses import dataclass, replace
from uuid import UUID

from core.app import Core
from core.messages import Passage
from core.models import DocumentStatus, PassageRow
from core.words import content_stems, language_of, terms_of

CANDIDATES = 24
WORDS_SHARE = 0.06
SAME_LANGUAGE = 0.02


@dataclass(frozen=True, slots=True)
class Finding:
    """`confidence` is between 0 and 1; `sufficient` says whether it passed the assistant's threshold."""

    passages: tuple[Passage, ...]
    confidence: float
    sufficient: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """Weights of the logistic rule."""

    cosine: float
    overlap: float
    bias: float


_E5 = _Rule(37.0, 6.7, 34.5)
_E5_ACROSS = _Rule(52.0, 0.0, 40.8)
"""Question and passage in two languages share no stems: the cosine decides alone (0.79 passes)."""
_OTHER_MODEL = _Rule(12.0, 6.7, 7.5)
"""A cautious guess: other models spread their cosines wider. The owner's threshold corrects it."""


async def find_passages(core: Core, assistant_id: UUID, question: str, limit: int = 6) -> list[Passage]:
    """The best passages of this assistant's indexed documents, best first; other tenants' cannot be among them."""
    vector = await core.embedder.embed_query(question)
    hits = await core.vectors.search(assistant_id, vector, terms_of(question), CANDIDATES)
    if not hits:
        return []
    rows = await PassageRow.filter(
        id__in=[hit.id for hit in hits], assistant_id=assistant_id, document__status=DocumentStatus.INDEXED
    ).select_related("document")
    known = {row.id: row for row in rows}
    # A hit that only its words found counts as the farthest by meaning.
    farthest = min((hit.cosine for hit in hits if hit.cosine is not None), default=0.0)
    asked = set(content_stems(question))
    passages = [_passage(known[hit.id], asked, hit.cosine or farthest) for hit in hits if hit.id in known]
    return _ranked(passages, language_of(question))[:limit]


def overlap_of(asked: set[str], passage: Passage) -> float:
    """The share of the question's content stems that a passage has, its own headings included."""
    return len(asked & set(content_stems(f"{passage.own_heading} {passage.text}"))) / max(1, len(asked))


def _passage(row: PassageRow, asked: set[str], cosine: float) -> Passage:
    document = row.document
    passage = Passage(
        id=row.id,
        document_id=row.document_id,
        document=document.title or document.filename,
        text=row.text,
        score=cosine,
        heading=row.heading,
        page=row.page,
        cosine=cosine,
    )
    return replace(passage, score=cosine + WORDS_SHARE * overlap_of(asked, passage))


def _ranked(passages: list[Passage], language: str) -> list[Passage]:
    """Best first; of two that say the same in two languages, the one in the question's language."""
    return sorted(
        passages, key=lambda p: p.score + (SAME_LANGUAGE if language_of(p.text) == language else 0.0), reverse=True
    )


def judge(question: str, passages: list[Passage], threshold: float, model: str) -> Finding:
    """Decide whether the best passage can answer the question; `model` names whose cosines these are.

    A logistic rule on its cosine and on the share of the question's content stems that it has
    (docs/adr/0003-retrieval.md says on what it was fitted).
    """
    if not passages:
        return Finding((), 0.0, False)
    best = passages[0]
    asked = set(content_stems(question))
    overlap = overlap_of(asked, best)
    same = language_of(best.text) == language_of(question)
    rule = (_E5 if same else _E5_ACROSS) if "e5" in model.lower() else _OTHER_MODEL
    confidence = 1 / (1 + math.exp(rule.bias - rule.cosine * best.cosine - rule.overlap * overlap))
    return Finding(tuple(passages), confidence, confidence >= threshold)
