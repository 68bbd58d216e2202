"""Why an answer is another one: which changes between the two have to do with it. By rules; nothing is guessed where
one is sure.

What people did stands among the changes (core/changes.py), so it can be said in words and taken back. What happened by
itself (a page that was read anew, another model) is told by what the answers remember. Refuses to know any words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.answer_changes import ANSWER
from core.assistants import ASSISTANT, flat
from core.document_changes import DOCUMENT
from core.messages import Tier
from core.models import Assistant, Change, Document
from core.passage_edits import EDIT, subject_of
from core.quarantine import TEXT
from core.shopper.told import Told
from core.sites import SITE
from core.topics import OFF_LIMITS

MOST = 3
_SURE, _LIKELY, _PERHAPS = 3, 2, 1
_SAME_MOMENT = timedelta(seconds=10)
_TOPICS = {"allowed_topics", "forbidden_topics", "forbidden_calls_person"}
_WORDING = {"persona", "tone_examples", "length", "temperature", "top_p", "max_tokens"}
_PEOPLE = {"contact", "working_hours", "forbidden_calls_person"}
_MODEL, _ADAPTER, _READ_ANEW, _GONE = "model", "adapter", "read-anew", "gone"


@dataclass(frozen=True, slots=True)
class Cause:
    """A change of somebody's, or what happened by itself (`itself`, and of which document). `sure` where nothing else
    could be meant."""

    change: UUID | None = None
    itself: str = ""
    name: str = ""
    sure: bool = False

    def record(self) -> dict[str, Any]:
        change = str(self.change) if self.change else None
        return {"change": change, "itself": self.itself, "name": self.name, "sure": self.sure}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Cause":
        return cls(**{**record, "change": UUID(record["change"]) if record["change"] else None})


async def causes_of(assistant: Assistant, before: Told, after: Told) -> list[Cause]:
    """The likeliest, newest first, at most `MOST`; none when nothing is known to have changed."""
    mine = Change.filter(assistant_id=assistant.id, created_at__gt=before.at, created_at__lte=after.at)
    changes = _standing(await mine.order_by("-created_at", "id"))
    weighed = [(_weight(assistant, change, before, after), change) for change in changes]
    found = _other_model(before, after)
    found += await _documents_by_themselves(assistant, before, {change.subject_id for change in changes})
    best = max((weight for weight, _ in weighed), default=0)
    if best >= _LIKELY or not found:
        chosen = [change for weight, change in weighed if weight and weight == best]
        sure = best == _SURE or (len(weighed) == 1 and not found)  # what else could it be
        found = [*(Cause(change=change.id, sure=sure) for change in chosen), *found]
    return found[:MOST]


def _standing(changes: Sequence[Change]) -> list[Change]:
    """The newest of each thing, without what was taken back, and without the taking back itself. `changes` are newest
    first."""
    taken_back = {key for change in changes if change.undone_at for key in (change.id, _undoing(change, changes))}
    seen: set[tuple[str, UUID]] = set()
    left = []
    for change in changes:
        if change.id not in taken_back and (change.kind, change.subject_id) not in seen:
            seen.add((change.kind, change.subject_id))
            left.append(change)
    return left


def _undoing(undone: Change, changes: Sequence[Change]) -> UUID | None:
    """The change that took this one back: it is written down just before this one is marked (core/undoing.py)."""
    at = undone.undone_at
    for change in changes:
        same = (change.kind, change.subject_id) == (undone.kind, undone.subject_id) and change.id != undone.id
        if same and at and at - _SAME_MOMENT < change.created_at <= at:
            return change.id
    return None


def _weight(assistant: Assistant, change: Change, before: Told, after: Told) -> int:
    """How much a change has to do with the two answers; 0: nothing."""
    if change.kind == DOCUMENT:
        return _of_document(change, before, after)
    if change.kind == ANSWER:
        return _SURE if str(change.subject_id) in (before.ready_answer, after.ready_answer) else 0
    if change.kind == EDIT:
        edited = {subject_of(assistant.id, source.passage) for source in before.sources if source.passage}
        return _SURE if change.subject_id in edited else _PERHAPS
    if change.kind == SITE:
        url = str((change.before or change.after or {}).get("url", ""))
        return _SURE if url and any(source.url.startswith(url) for source in before.sources) else _PERHAPS
    if change.kind == ASSISTANT:
        return _of_settings(set(flat(change.after or {})), before, after)
    return _PERHAPS if change.kind == TEXT else 0


def _of_document(change: Change, before: Told, after: Told) -> int:
    if change.subject_id in {source.id for source in before.sources}:
        return _SURE
    return _LIKELY if change.subject_id in {source.id for source in after.sources} else _PERHAPS


def _of_settings(names: set[str], before: Told, after: Told) -> int:
    answers = after.tier in (Tier.GROUNDED, Tier.QUOTED)
    off_limits = after.reason.startswith(OFF_LIMITS) or before.reason.startswith(OFF_LIMITS)
    handed_over = after.tier is Tier.HANDED_OVER
    if names & _TOPICS and (off_limits or handed_over):
        return _SURE
    if "verified_threshold" in names and before.tier is Tier.VERIFIED and after.tier is not Tier.VERIFIED:
        return _LIKELY
    if "threshold" in names and Tier.REFUSED in (before.tier, after.tier) and not off_limits:
        return _LIKELY
    if names & _WORDING and answers and before.tier in (Tier.GROUNDED, Tier.QUOTED):
        return _LIKELY
    return _LIKELY if names & _PEOPLE and not answers and after.tier is not Tier.VERIFIED else 0


def _other_model(before: Told, after: Told) -> list[Cause]:
    """Another model, or another adapter, where both answers are a model's."""
    if not (before.model and after.model):
        return []
    model = [Cause(itself=_MODEL, name=after.model, sure=True)] if before.model != after.model else []
    return model or ([Cause(itself=_ADAPTER, sure=True)] if before.adapter != after.adapter else [])


async def _documents_by_themselves(assistant: Assistant, before: Told, changed: set[UUID]) -> list[Cause]:
    """Cited documents that say something else now, or are gone, and nobody did that."""
    cited = [source for source in before.sources if source.id not in changed]
    rows = Document.filter(id__in=[source.id for source in cited], assistant_id=assistant.id).only("id", "content_hash")
    there = {row.id: row.content_hash for row in await rows} if cited else {}
    causes = []
    for source in cited:
        if source.id not in there:
            causes.append(Cause(itself=_GONE, name=source.name, sure=True))
        elif source.content_hash and there[source.id] != source.content_hash:
            causes.append(Cause(itself=_READ_ANEW, name=source.name, sure=True))
    return causes
