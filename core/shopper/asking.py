"""One question of the shopper: answered by the path that serves, as the assistant is or would be, nothing of it kept.

What customers are spared for speed he waits for: the model gets `PATIENCE_S` instead of three seconds and its most
likely words, so that an answer tells of the assistant, and not of how busy the machine is. What is away (a model's
server, search) is no answer at all: `Unavailable`.
"""

import copy
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from core.app import Core
from core.dialog import Draft
from core.errors import AdapterMismatch, Unavailable
from core.handoff import STILL_READING
from core.messages import Citation
from core.models import Assistant, Document, PassageRow
from core.shopper.judging import Judgement, judge
from core.shopper.told import Source, Told
from core.what_if import answer_quietly

PATIENCE_S = 57.0
"""On top of what a customer waits (core/grounding.py)."""


async def ask(core: Core, assistant: Assistant, question: str) -> Told:
    """Raises `Unavailable` when a part of the product is away, or a document is being read at this moment."""
    began = time.monotonic()
    draft = await answer_quietly(core, _level_headed(assistant), question, PATIENCE_S)
    if _is_away(draft):
        raise Unavailable(part="answer", reason=draft.reason)
    return Told(
        text=draft.text,
        tier=draft.tier,
        reason=draft.reason,
        at=datetime.now(UTC),
        sources=await _sources(draft.citations),
        seconds=round(time.monotonic() - began, 2),
        model=draft.model,
        adapter=str(draft.adapter_id or ""),
    )


async def compared(core: Core, assistant: Assistant, question: str, before: Told | None, after: Told) -> Judgement:
    """Raises `Unavailable`."""
    gone = await _gone(assistant, before) if before else set()
    near = await _nearness(core, before.text, after.text) if before and before.text != after.text else 1.0
    return judge(question, before, after, near, gone)


def _level_headed(assistant: Assistant) -> Assistant:
    """A copy whose model says the most likely words."""
    other = copy.copy(assistant)
    other.generation = {**assistant.generation, "temperature": 0.0}
    return other


def _is_away(draft: Draft) -> bool:
    away = draft.reason.startswith("error-") and not draft.reason.startswith(AdapterMismatch.code)
    return away or draft.reason == STILL_READING


async def _sources(citations: Sequence[Citation]) -> tuple[Source, ...]:
    """Each document once."""
    rows = PassageRow.filter(id__in=[one.passage_id for one in citations]).select_related("document")
    there = {row.id: row for row in await rows}
    found: dict[UUID, Source] = {}
    for one in citations:
        row = there.get(one.passage_id)
        document, passage = (row.document.content_hash, row.content_hash) if row else ("", "")
        found.setdefault(one.document_id, Source(one.document_id, one.document, document, passage, one.url))
    return tuple(found.values())


async def _gone(assistant: Assistant, before: Told) -> set[UUID]:
    cited = {source.id for source in before.sources}
    there = await Document.filter(id__in=list(cited), assistant_id=assistant.id).values_list("id", flat=True)
    return cited - set(there)


async def _nearness(core: Core, one: str, other: str) -> float:
    first, second = await core.embedder.embed_passages([one or "—", other or "—"])
    return float(np.dot(first, second))
