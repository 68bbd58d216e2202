"""What of an assistant goes into an archive, and what never does.

Every table that refers to an assistant stands in one of the two lists here; a house test walks all tables. Refuses to
know how a file is written.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

from tortoise.queryset import QuerySet

from core.archive.records import (
    AdapterRecord,
    AnswerRecord,
    AssistantRecord,
    ContradictionRecord,
    DocumentRecord,
    DraftRecord,
    GapRecord,
    NearMissRecord,
    OwnPairRecord,
    PassageEditRecord,
    QuarantineRecord,
    Record,
    SampleRecord,
    SitePageRecord,
    SiteRecord,
    StruckRecord,
)
from core.models import (
    AdapterStatus,
    Assistant,
    Contradiction,
    Decision,
    Document,
    DocumentStatus,
    Draft,
    Gap,
    LoraAdapter,
    NearMiss,
    OwnPair,
    PassageEdit,
    PassageRow,
    QuarantinedText,
    SampleAnswer,
    Site,
    SitePage,
    SiteStatus,
    StruckExample,
    VerifiedAnswer,
)
from core.passages import CORRECTION

AT_ONCE = 200
TAKEN = {
    "assistants", "documents", "quarantined_texts", "passage_edits", "sites", "site_pages", "verified_answers", "gaps",
    "near_misses", "contradictions", "drafts", "sample_answers", "own_pairs", "struck_examples", "lora_adapters",
}  # fmt: skip
"""Tables whose rows are in an archive."""
LEFT_OUT = {
    "passages": "cut anew from the documents, by whichever embedding model reads them",
    "channels": "tokens of bots; one bot serves one assistant",
    "api_keys": "only hashes are known, and keys belong to one installation",
    "webhook_endpoints": "secrets of other programs",
    "deliveries": "of webhook endpoints",
    "delivery_turns": "of webhook endpoints",
    "delivery_attempts": "of webhook endpoints",
    "endpoint_troubles": "of webhook endpoints",
    "contacts": "customers",
    "conversations": "of customers",
    "messages": "of customers",
    "undelivered": "of customers",
    "attachments": "of customers",
    "shopper_questions": "some are customers'; the list is made anew",
    "shopper_runs": "what the list came to, here",
    "shopper_results": "what the list came to, here",
    "people_topics": "of customers",
    "topic_turns": "of customers",
    "adapter_trials": "counted by conversations",
    "jobs": "work of this installation",
    "changes": "what undoing needs, here",
    "archives": "archives themselves",
}
"""Tables that refer to an assistant, straight or by another table, and why their rows stay."""
Row = Any


async def records_of(assistant: Assistant, kind: type[Record]) -> AsyncIterator[dict[str, Any]]:
    """The lines of one file, not yet checked, in an order that does not change."""
    async for line in _SOURCES[kind](assistant):
        yield line


async def _assistant(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    yield {name: getattr(assistant, name) for name in AssistantRecord.model_fields}


async def _pages(rows: QuerySet[Any]) -> AsyncIterator[Any]:
    """All of them, some at a time."""
    start = 0
    while found := await rows.order_by("created_at", "id").offset(start).limit(AT_ONCE):
        for row in found:
            yield row
        start += len(found)


def _plain(model: type[Any], record: type[Record]) -> Callable[[Assistant], AsyncIterator[dict[str, Any]]]:
    """Fields are columns of the same names."""

    async def lines(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
        async for row in _pages(model.filter(assistant_id=assistant.id)):
            yield {name: getattr(row, name) for name in record.model_fields}

    return lines


_STATES = {
    DocumentStatus.PAUSED: "paused",
    DocumentStatus.CANCELLED: "stopped",
    DocumentStatus.FAILED: "failed",
}


async def _documents(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    """Of two versions, the one that is being read: it is what the owner sent last."""
    async for row in _pages(Document.filter(assistant_id=assistant.id).exclude(kind=CORRECTION)):
        state = _STATES.get(row.status, "used")
        yield {
            **{name: getattr(row, name) for name in DocumentRecord.model_fields if hasattr(row, name)},
            "content_hash": row.next_hash or row.content_hash,
            "state": state,
            "error_code": row.error_code if state == "failed" else "",
            "error_facts": row.error_facts if state == "failed" else {},
            "path": row.next_path or row.file_path,
        }


async def _quarantine(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    decided = QuarantinedText.filter(assistant_id=assistant.id).exclude(decision=Decision.WAITING)
    async for row in _pages(decided):
        yield {name: getattr(row, name) for name in QuarantineRecord.model_fields}


async def _passage_edits(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    """`said` and `question` are of the passage that holds a correction: what is cited."""
    async for row in _pages(PassageEdit.filter(assistant_id=assistant.id)):
        line = {name: getattr(row, name) for name in PassageEditRecord.model_fields if hasattr(row, name)}
        own = await PassageRow.filter(document_id=row.correction_id).first() if row.correction_id else None
        about_own = await Document.filter(id=row.document_id, kind=CORRECTION).exists() if row.document_id else False
        yield line | {
            "said": own.text if own else "",
            "question": own.question if own else "",
            "document_id": None if about_own else row.document_id,
        }


async def _sites(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    async for row in _pages(Site.filter(assistant_id=assistant.id)):
        line = {name: getattr(row, name) for name in SiteRecord.model_fields if hasattr(row, name)}
        yield line | {"was_read": row.status in (SiteStatus.DONE, SiteStatus.FAILED, SiteStatus.CANCELLED)}


async def _site_pages(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    async for row in _pages(SitePage.filter(site__assistant_id=assistant.id)):
        yield {name: getattr(row, name) for name in SitePageRecord.model_fields}


async def _contradictions(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    """Those of which both sides are still there."""
    async for row in _pages(Contradiction.filter(assistant_id=assistant.id)):
        line = {name: getattr(row, name) for name in ContradictionRecord.model_fields if hasattr(row, name)}
        for side in ("first", "second"):
            passage = await PassageRow.get_or_none(id=getattr(row, f"{side}_passage_id"))
            if passage:
                line |= {f"{side}_document_id": passage.document_id, f"{side}_hash": passage.content_hash}
        if "first_hash" in line and "second_hash" in line:
            yield line


async def _samples(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    async for row in _pages(SampleAnswer.filter(assistant_id=assistant.id)):
        passage = await PassageRow.get_or_none(id=row.passage_id)
        line = {name: getattr(row, name) for name in SampleRecord.model_fields if hasattr(row, name)}
        yield line | {"passage_hash": passage.content_hash if passage else ""}


async def _adapters(assistant: Assistant) -> AsyncIterator[dict[str, Any]]:
    """What serves, or could: of trainings that came to nothing there is nothing to take."""
    done = LoraAdapter.filter(assistant_id=assistant.id, status=AdapterStatus.COMPLETED)
    async for row in _pages(done):
        line = {name: getattr(row, name) for name in AdapterRecord.model_fields}
        # Samples of a report quote what customers asked.
        report = {name: value for name, value in (row.metrics.get("report") or {}).items() if name != "samples"}
        yield line | {"metrics": {**row.metrics, "report": {**report, "samples": []}} if report else row.metrics}


_SOURCES: dict[type[Record], Callable[[Assistant], AsyncIterator[dict[str, Any]]]] = {
    AssistantRecord: _assistant,
    DocumentRecord: _documents,
    QuarantineRecord: _quarantine,
    PassageEditRecord: _passage_edits,
    SiteRecord: _sites,
    SitePageRecord: _site_pages,
    AnswerRecord: _plain(VerifiedAnswer, AnswerRecord),
    GapRecord: _plain(Gap, GapRecord),
    NearMissRecord: _plain(NearMiss, NearMissRecord),
    ContradictionRecord: _contradictions,
    DraftRecord: _plain(Draft, DraftRecord),
    SampleRecord: _samples,
    OwnPairRecord: _plain(OwnPair, OwnPairRecord),
    StruckRecord: _plain(StruckExample, StruckRecord),
    AdapterRecord: _adapters,
}
