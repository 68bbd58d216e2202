"""What stands in the lines of an archive: a class for each file, checked when it is read (docs/archive-format.md).

Names and meaning of fields are a promise to other installations and later versions: a field may be added with a
default, none changes. Ids only tie lines together; restoring gives new ones. Refuses to know files and databases.
"""

import json
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from core.llm.base import Sampling
from core.models import DraftStep, GapStatus, PageOutcome, SampleDecision, SamplesState
from core.parameters import PARAMETERS
from core.policy import Policy
from core.storable import storable

LONGEST_TEXT, LONGEST_POLICY = 200_000, 60_000
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
NoHash = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Words = Annotated[str, Field(max_length=4000)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[str, Field(max_length=300)]
Url = Annotated[str, Field(max_length=4000)]
_POLICY, _SAMPLING = TypeAdapter(Policy), TypeAdapter(Sampling)


def _storable(value: Any) -> Any:
    """Without what databases refuse in a text."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return {key: _storable(one) for key, one in value.items()} if isinstance(value, dict) else value


class Record(BaseModel):
    """`file` is where its lines stand, at most so many; what a later version added is passed over."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)
    file: ClassVar[str]
    most: ClassVar[int] = 10_000

    @model_validator(mode="before")
    @classmethod
    def _without_unstorable(cls, values: Any) -> Any:
        return _storable(values) if isinstance(values, dict) else values


class Made(Record):
    """What has an id of its own, and a time of creation that orders it."""

    id: UUID
    created_at: datetime


class AssistantRecord(Record):
    file: ClassVar[str] = "assistant.jsonl"
    name: Annotated[str, Field(min_length=1, max_length=120)]
    description: Words = ""
    locale: Literal["en", "ru"] = "en"
    persona: Words = ""
    greeting: Words = ""
    generation: dict[str, Any] = {}
    answer_policy: dict[str, Any] = {}
    base_model_name: Annotated[str, Field(max_length=200)] = ""
    live_adapter_id: UUID | None = None

    @model_validator(mode="after")
    def _settings_are_such(self) -> "AssistantRecord":
        for name, parameter in PARAMETERS.items():
            held = getattr(self, parameter.column)
            if name in held:
                parameter.kind.validate_python(held[name])
        if len(json.dumps(self.answer_policy)) > LONGEST_POLICY:
            raise ValueError("more rules than anybody has")
        _POLICY.validate_python(self.answer_policy)
        _SAMPLING.validate_python(self.generation)
        return self


class DocumentRecord(Made):
    """`state`: used, paused, stopped or failed. `stored` is the SHA-256 of its file, "" where there is none."""

    file: ClassVar[str] = "documents.jsonl"
    kind: Literal["file", "text", "pairs", "page"]
    filename: Annotated[str, Field(min_length=1, max_length=255)]
    title: Name = ""
    source_url: Url = ""
    content_hash: Hash
    size_bytes: Annotated[int, Field(ge=0, le=2**40)] = 0
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    state: Literal["used", "paused", "stopped", "failed"]
    error_code: Annotated[str, Field(pattern=r"^[a-z-]{0,64}$")] = ""
    error_facts: dict[str, str | int | float] = {}
    stored: NoHash = ""

    @model_validator(mode="after")
    def _content_is_the_files(self) -> "DocumentRecord":
        if self.kind != "page" and self.stored not in ("", self.content_hash):
            raise ValueError("the content's hash is not the file's")
        return self


class QuarantineRecord(Record):
    """The owner's word on a text that waits: kept or dropped."""

    file: ClassVar[str] = "quarantine.jsonl"
    document_id: UUID
    text: Text
    text_hash: Hash
    reason: Annotated[str, Field(max_length=32)]
    page: int | None = None
    decision: Literal["kept", "dropped"]


class PassageEditRecord(Made):
    """A hidden passage, or with `wording` a corrected one; by the hash of its text under its heading."""

    file: ClassVar[str] = "passage_edits.jsonl"
    content_hash: Hash
    wording: Annotated[str, Field(max_length=20_000)] = ""
    document_id: UUID | None = None
    document_name: Name
    heading: Text = ""
    page: int | None = None
    text: Text
    said: Text = ""
    question: Text = ""


class SiteRecord(Made):
    file: ClassVar[str] = "sites.jsonl"
    url: Url
    name: Annotated[str, Field(max_length=120)] = ""
    max_pages: Annotated[int, Field(ge=1, le=2_000)] = 200
    max_depth: Annotated[int, Field(ge=0, le=20)] = 5
    every_hours: Literal[0, 6, 24, 168] = 0
    was_read: bool = True


class SitePageRecord(Made):
    """What makes a next visit cheap is left out: the first reading after restoring looks at every page."""

    file: ClassVar[str] = "site_pages.jsonl"
    most: ClassVar[int] = 100_000
    site_id: UUID
    document_id: UUID | None = None
    url: Url
    depth: Count = 0
    outcome: PageOutcome = PageOutcome.WAITING


class AnswerRecord(Made):
    """A ready answer, for its question and for further wordings of it."""

    file: ClassVar[str] = "verified_answers.jsonl"
    question: Text
    answer: Text
    wordings: Annotated[list[Text], Field(max_length=30)] | None = None


class Wording(BaseModel):
    text: Text
    asked: Count = 1


class GapRecord(Made):
    file: ClassVar[str] = "gaps.jsonl"
    question: Text
    question_key: Annotated[str, Field(max_length=200)]
    wordings: Annotated[list[Wording], Field(max_length=30)] | None = None
    asked: Count = 1
    status: GapStatus = GapStatus.OPEN
    last_asked_at: datetime


class NearMissRecord(Made):
    file: ClassVar[str] = "near_misses.jsonl"
    answer_id: UUID
    question: Text
    question_key: Annotated[str, Field(max_length=200)]
    similarity: float
    difference: Annotated[str, Field(max_length=16)] = ""
    asked: Count = 1
    dismissed: bool = False
    last_asked_at: datetime


class ContradictionRecord(Made):
    """Both sides by the hash of their passage, with its document."""

    file: ClassVar[str] = "contradictions.jsonl"
    pair_key: Hash
    told: Annotated[str, Field(max_length=16)]
    first_quote: Text
    first_document_id: UUID
    first_hash: Hash
    second_quote: Text
    second_document_id: UUID
    second_hash: Hash
    dismissed: bool = False


class DraftRecord(Record):
    file: ClassVar[str] = "drafts.jsonl"
    step: DraftStep
    suggested: dict[str, Any] = {}
    samples: SamplesState
    asked: Count = 0


class SampleRecord(Made):
    file: ClassVar[str] = "sample_answers.jsonl"
    document_id: UUID
    passage_hash: NoHash = ""
    position: Count
    question: Text
    answer: Text
    decision: SampleDecision


class OwnPairRecord(Made):
    file: ClassVar[str] = "own_pairs.jsonl"
    question: Text
    answer: Text
    origin: Annotated[str, Field(max_length=16)]
    part_of: Annotated[str, Field(max_length=80)] = ""
    liked: bool | None = None
    text_hash: Hash


class StruckRecord(Record):
    file: ClassVar[str] = "struck_examples.jsonl"
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{1,32}$")]


class AdapterRecord(Made):
    """A finished training; its files stand below `adapters/` under this id."""

    file: ClassVar[str] = "adapters.jsonl"
    base_model_name: Annotated[str, Field(max_length=200)]
    metrics: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    finished_at: datetime | None = None


RECORDS: tuple[type[Record], ...] = (
    AssistantRecord, DocumentRecord, QuarantineRecord, PassageEditRecord, SiteRecord, SitePageRecord, AnswerRecord,
    GapRecord, NearMissRecord, ContradictionRecord, DraftRecord, SampleRecord, OwnPairRecord, StruckRecord,
    AdapterRecord,
)  # fmt: skip
"""In the order in which they are written."""
