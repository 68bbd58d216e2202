"""Work that must survive a crash: jobs, accepted events, deliveries to CRMs, and bots' dialog states."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import Ref, Row


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Row):
    """The truth about slow work. A queue only says "look here", and whoever holds the lease does it.

    `subject_id` is the document or adapter it works on. A lease that ran out means its worker died. `waiting_since` is
    when something that it needs was first away.
    """

    kind = fields.CharField(max_length=40)
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="jobs")
    subject_id = fields.UUIDField(db_index=True)
    status = fields.CharEnumField(JobStatus, max_length=16, default=JobStatus.QUEUED, db_index=True)
    attempts = fields.IntField(default=0)
    run_after = fields.DatetimeField(auto_now_add=True)
    lease_owner = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    error = fields.TextField(default="")
    waiting_since = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "jobs"
        indexes = (("assistant_id",),)


class ProcessedEvent(Row):
    """An event accepted from outside, once. `source` and `event_id` name it, and `payload` lets a restart finish it."""

    source = fields.CharField(max_length=80)
    event_id = fields.CharField(max_length=128)
    payload: dict[str, Any] = fields.JSONField(default=dict)
    result: dict[str, Any] | None = fields.JSONField(null=True)
    attempts = fields.IntField(default=0)
    done_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "processed_events"
        unique_together = (("source", "event_id"),)


class WebhookEndpoint(Row):
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="webhook_endpoints")
    url = fields.TextField()
    secrets = fields.TextField(default="")
    events: list[str] = fields.JSONField(default=list)
    active = fields.BooleanField(default=True)

    class Meta:
        table = "webhook_endpoints"
        indexes = (("assistant_id",),)


class Delivery(Row):
    endpoint_id: UUID
    endpoint: Ref = fields.ForeignKeyField("models.WebhookEndpoint", related_name="deliveries")
    event = fields.CharField(max_length=60)
    payload: dict[str, Any] = fields.JSONField(default=dict)
    status = fields.CharField(max_length=16, default="pending")
    attempts = fields.IntField(default=0)
    run_after = fields.DatetimeField(auto_now_add=True)
    response_status = fields.IntField(null=True)
    error = fields.TextField(default="")

    class Meta:
        table = "deliveries"
        indexes = (("endpoint_id", "created_at"),)


class BotState(Row):
    """Where a person stands in a bot's conversation, so that a restart does not forget it."""

    key = fields.CharField(max_length=160, unique=True)
    state = fields.CharField(max_length=80, null=True)
    data: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "bot_states"
