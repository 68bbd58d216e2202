"""What an assistant knows: documents, their passages, answers the owner wrote, questions nobody could answer."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import OptionalRef, Ref, Row


class DocumentStatus(StrEnum):
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    INDEXED = "indexed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAUSED = "paused"


_STATUS_COMMENT = "UPLOADED: uploaded\nPROCESSING: processing\nINDEXED: indexed\nFAILED: failed\nCANCELLED: cancelled"
"""As it was made: for another comment SQLite would build the table anew, and lose the rows that refer to it."""


class Document(Row):
    """A file, a page of a site, a pasted text or a list of questions with answers.

    The same content twice in one assistant is one document. A document that is sent anew with other content keeps its
    row: `next_path` and `next_hash` are the version that is being read, and until it is ready the passages of the old
    one answer. `error_code` with status `indexed` tells why that newer version could not be read. `picture_pages` are
    the numbers of pages that nobody could read because they are pictures, `unread_pages` of those that are damaged.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="documents")
    kind = fields.CharField(max_length=16, default="file")
    filename = fields.CharField(max_length=255)
    title = fields.CharField(max_length=300, default="")
    file_path = fields.CharField(max_length=300, default="")
    source_url = fields.TextField(default="")
    content_hash = fields.CharField(max_length=64)
    size_bytes = fields.BigIntField(default=0)
    status = fields.CharEnumField(
        DocumentStatus, max_length=16, default=DocumentStatus.UPLOADED, description=_STATUS_COMMENT
    )
    error_code = fields.CharField(max_length=64, default="")
    error_facts: dict[str, Any] = fields.JSONField(default=dict)
    next_path = fields.CharField(max_length=300, default="", db_default="")
    next_hash = fields.CharField(max_length=64, default="", db_default="")
    version = fields.IntField(default=1, db_default=1)
    page_count = fields.IntField(default=0)
    pages_done = fields.IntField(default=0, db_default=0)
    picture_pages: list[int] | None = fields.JSONField(null=True)
    unread_pages: list[int] | None = fields.JSONField(null=True)
    passage_count = fields.IntField(default=0)
    passages_done = fields.IntField(default=0)
    reading_since = fields.DatetimeField(null=True)
    embedding_since = fields.DatetimeField(null=True)

    class Meta:
        table = "documents"
        unique_together = (("assistant", "content_hash"),)


class PassageRow(Row):
    """A piece of a document that can be found and quoted. Its vector lives in the assistant's collection.

    `question` is the question that a pair's answer belongs to; it is searched by itself, too.
    """

    document_id: UUID
    document: Ref = fields.ForeignKeyField("models.Document", related_name="passages")
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="passages")
    chunk_index = fields.IntField()
    heading = fields.TextField(default="")
    page = fields.IntField(null=True)
    text = fields.TextField()
    question = fields.TextField(default="", db_default="")
    content_hash = fields.CharField(max_length=64)

    class Meta:
        table = "passages"
        indexes = (("assistant_id",), ("assistant_id", "content_hash"))
        unique_together = (("document", "chunk_index"),)


class PassageEdit(Row):
    """What the owner has said about a passage: not to be used, or that something else is so.

    It is about a text under its headings (`content_hash` as in `PassageRow`), wherever in the assistant that stands, so
    it outlives every further reading. Without `wording` the passage is hidden. With it, it is corrected: `correction`
    is the document of the owner's own words, which answers instead as long as the text that they correct is there.
    `document` and all that follows say where it was seen, for lists.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="passage_edits")
    content_hash = fields.CharField(max_length=64)
    wording = fields.TextField(default="")
    correction_id: UUID | None
    correction: OptionalRef = fields.ForeignKeyField("models.Document", related_name="corrects", null=True)
    document_id: UUID | None
    document: OptionalRef = fields.ForeignKeyField(
        "models.Document", related_name="passage_edits", null=True, on_delete=fields.SET_NULL
    )
    document_name = fields.CharField(max_length=300)
    heading = fields.TextField(default="")
    page = fields.IntField(null=True)
    text = fields.TextField()
    decided_by = fields.UUIDField(null=True)

    class Meta:
        table = "passage_edits"
        indexes = (("correction_id",), ("document_id",))
        unique_together = (("assistant", "content_hash"),)


class Contradiction(Row):
    """Two sentences of different documents that tell different values of one thing, for the owner to settle.

    `pair_key` is of both texts, so that what he has `dismissed` ("both are right") is never asked again.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="contradictions")
    pair_key = fields.CharField(max_length=64)
    told = fields.CharField(max_length=16)
    first_passage_id = fields.UUIDField()
    first_quote = fields.TextField()
    second_passage_id = fields.UUIDField()
    second_quote = fields.TextField()
    dismissed = fields.BooleanField(default=False)

    class Meta:
        table = "contradictions"
        unique_together = (("assistant", "pair_key"),)


class Decision(StrEnum):
    WAITING = "waiting"
    KEPT = "kept"
    DROPPED = "dropped"


class QuarantinedText(Row):
    """A sentence that is not searched until the owner has looked at it: hidden, or an order to a model.

    `reason` is a code of core/screening/screen.py, `text_hash` lets a decision outlive the document's next version.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="quarantine")
    document_id: UUID
    document: Ref = fields.ForeignKeyField("models.Document", related_name="quarantine")
    text = fields.TextField()
    text_hash = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=32)
    page = fields.IntField(null=True)
    decision = fields.CharEnumField(Decision, max_length=16, default=Decision.WAITING)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "quarantined_texts"
        indexes = (("assistant_id",),)
        unique_together = (("document", "text_hash"),)


class VerifiedAnswer(Row):
    """A question that the owner answered himself, given word for word.

    `wordings` are further ways to ask it, each an entry of its own in the index by its place (core/verified.py).
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="verified_answers")
    question = fields.TextField()
    answer = fields.TextField()
    wordings: list[str] | None = fields.JSONField(null=True)

    class Meta:
        table = "verified_answers"
        indexes = (("assistant_id", "created_at"),)


class NearMiss(Row):
    """A question that was almost one with a verified answer. It got another answer, the owner decides about the next.

    `similarity` is the cosine, `difference` a code of core/differences.py ("" when it was only not near enough),
    `dismissed` says that the owner did not want this answer for it.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="near_misses")
    answer_id: UUID
    answer: Ref = fields.ForeignKeyField("models.VerifiedAnswer", related_name="near_misses")
    question = fields.TextField()
    question_key = fields.CharField(max_length=200)
    similarity = fields.FloatField()
    difference = fields.CharField(max_length=16, default="")
    asked = fields.IntField(default=1)
    dismissed = fields.BooleanField(default=False)
    last_asked_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "near_misses"
        indexes = (("answer_id",),)
        unique_together = (("assistant", "question_key"),)


class GapStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


class Gap(Row):
    """A question without an answer. `question_key` is the question without case and punctuation.

    `question` is its most frequent wording, `wordings` are all that are kept, each {"text", "asked"}: the first is the
    one that founded the group, its meaning is the group's, and the key is made of it.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="gaps")
    question = fields.TextField()
    question_key = fields.CharField(max_length=200)
    wordings: list[dict[str, Any]] | None = fields.JSONField(null=True)
    asked = fields.IntField(default=1)
    status = fields.CharEnumField(GapStatus, max_length=16, default=GapStatus.OPEN)
    last_asked_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "gaps"
        unique_together = (("assistant", "question_key"),)
