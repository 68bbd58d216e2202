"""The mystery shopper: what it asks of an assistant, when it asked, and what it was told."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import OptionalRef, Ref, Row


class QuestionSource(StrEnum):
    """Where a question of the list comes from."""

    OWN = "own"
    READY = "ready"
    SAMPLE = "sample"
    CUSTOMER = "customer"


class ShopperQuestion(Row):
    """A question that is asked again and again. `baseline` is the answer that later ones are compared with.

    A customer's own question hangs on his message, so it goes with him. One that the owner has taken off the list
    stays as a row, so that it does not come back.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="shopper_questions")
    message_id: UUID | None
    message: OptionalRef = fields.ForeignKeyField("models.Message", related_name="shopper_questions", null=True)
    source = fields.CharEnumField(QuestionSource, max_length=16)
    question = fields.TextField()
    question_key = fields.CharField(max_length=200)
    is_off = fields.BooleanField(default=False)
    baseline: dict[str, Any] | None = fields.JSONField(null=True)

    class Meta:
        table = "shopper_questions"
        indexes = (("message_id",),)
        unique_together = (("assistant", "question_key"),)


class RunKind(StrEnum):
    """By itself at night, because somebody wanted to know, or before settings are saved."""

    NIGHT = "night"
    ASKED = "asked"
    CHANGE = "change"


class RunState(StrEnum):
    WAITING = "waiting"
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class ShopperRun(Row):
    """All questions of the list, asked once. Of a change that is not saved yet, `settings` are what it would set.

    `night` is the business's own date, so that no night has two. `fingerprint` is what the assistant was made of
    when it began (core/shopper/fingerprint.py), `questions` how many there are.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="shopper_runs")
    kind = fields.CharEnumField(RunKind, max_length=16)
    night = fields.CharField(max_length=10, null=True)
    state = fields.CharEnumField(RunState, max_length=16, default=RunState.WAITING)
    settings: dict[str, Any] = fields.JSONField(default=dict)
    fingerprint = fields.CharField(max_length=64, default="")
    questions = fields.IntField(default=0)
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "shopper_runs"
        indexes = (("assistant_id", "created_at"), ("state",))
        unique_together = (("assistant", "night"),)


class ShopperResult(Row):
    """One question of a run: how it was answered before, how it is answered now, and what that is called.

    `reasons` say why (core/shopper/judging.py), `causes` what was changed in between (core/shopper/causes.py). `known`
    is of what was as bad in the run before, `accepted` of what the owner finds right.
    """

    run_id: UUID
    run: Ref = fields.ForeignKeyField("models.ShopperRun", related_name="results")
    question_id: UUID
    question: Ref = fields.ForeignKeyField("models.ShopperQuestion", related_name="results")
    place = fields.IntField()
    verdict = fields.CharField(max_length=16)
    reasons: list[str] = fields.JSONField(default=list)
    causes: list[dict[str, Any]] = fields.JSONField(default=list)
    before: dict[str, Any] | None = fields.JSONField(null=True)
    after: dict[str, Any] = fields.JSONField(default=dict)
    slower = fields.BooleanField(default=False)
    known = fields.BooleanField(default=False)
    accepted = fields.BooleanField(default=False)

    class Meta:
        table = "shopper_results"
        indexes = (("question_id",),)
        unique_together = (("run", "question"),)
