"""The first steps of an assistant: its draft, and the sample answers that its owner decides about."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import Ref, Row


class DraftStep(StrEnum):
    """Where the owners of an assistant stand, in the order of the steps."""

    READING = "reading"
    DRAFT = "draft"
    SAMPLES = "samples"
    TRYING = "trying"
    CHANNEL = "channel"
    DONE = "done"


class SamplesState(StrEnum):
    """Whether there are sample answers yet."""

    WANTED = "wanted"
    MAKING = "making"
    MADE = "made"


class Draft(Row):
    """How far an assistant is on its first steps, if it has any.

    `suggested` is what was drafted of its name, tone and greeting, so that what an owner wrote himself is never
    drafted over. `asked` counts the questions that were tried while sample answers are made.
    """

    assistant_id: UUID
    assistant: Ref = fields.OneToOneField("models.Assistant", related_name="draft")
    step = fields.CharEnumField(DraftStep, max_length=16, default=DraftStep.READING)
    suggested: dict[str, Any] = fields.JSONField(default=dict)
    samples = fields.CharEnumField(SamplesState, max_length=16, default=SamplesState.WANTED)
    asked = fields.IntField(default=0)

    class Meta:
        table = "drafts"


class SampleDecision(StrEnum):
    """What an owner said to a sample answer."""

    WAITING = "waiting"
    APPROVED = "approved"
    SKIPPED = "skipped"


class SampleAnswer(Row):
    """A question that was made of what an assistant has read, and how it was answered, for its owner to decide about.

    Gone with its document. Once `passage_id` is gone, too, nothing carries the answer any more.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="sample_answers")
    document_id: UUID
    document: Ref = fields.ForeignKeyField("models.Document", related_name="sample_answers")
    passage_id = fields.UUIDField()
    position = fields.IntField()
    question = fields.TextField()
    answer = fields.TextField()
    decision = fields.CharEnumField(SampleDecision, max_length=16, default=SampleDecision.WAITING)

    class Meta:
        table = "sample_answers"
        indexes = (("document_id",),)
        unique_together = (("assistant", "position"),)
