"""Work that must survive a crash: jobs, accepted events, deliveries to CRMs, and bots' dialog states."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

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
    # An address that is told what happens. `events` are names, or "*" for all; `secrets` are sealed.
    # No docstring here and below: it would be the comment of a table that is there already.
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="webhook_endpoints")
    url = fields.TextField()
    secrets = fields.TextField(default="")
    events: list[str] = fields.JSONField(default=list)
    active = fields.BooleanField(default=True)

    class Meta:
        table = "webhook_endpoints"
        indexes = (("assistant_id",),)


class DeliveryStatus(StrEnum):
    """Waits for its turn or its next try; is being sent; was taken; was given up."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"


class Delivery(Row):
    # One event for one endpoint, written in the transaction of the change that it tells of. `run_after` is when it may
    # be tried next, and, of one that is being sent, when its sender is taken for dead. `attempts` grows with each try
    # and is never set back, so it names the try that a sender holds. `error` is a key of the locales.
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


class DeliveryTurn(Model):
    """The place in line of a delivery that is not over. Its number is the order in which events were written down.

    Of one `lane` (a conversation, a document) one is sent after the other. `failures` are those since it took this
    place. Few rows, so that looking for what is next costs nothing.
    """

    id = fields.BigIntField(primary_key=True)
    delivery_id: UUID
    delivery: Ref = fields.OneToOneField("models.Delivery", related_name="turn")
    endpoint_id: UUID
    endpoint: Ref = fields.ForeignKeyField("models.WebhookEndpoint", related_name="turns")
    lane = fields.UUIDField()
    failures = fields.IntField(default=0)

    class Meta:
        table = "delivery_turns"
        indexes = (("endpoint_id", "lane", "id"),)


class DeliveryAttempt(Row):
    """One try: where it was sent, what was answered (its beginning), how long it took. No `status`: no answer came."""

    delivery_id: UUID
    delivery: Ref = fields.ForeignKeyField("models.Delivery", related_name="tries")
    number = fields.IntField()
    url = fields.TextField()
    status = fields.IntField(null=True)
    body = fields.TextField(default="")
    error = fields.CharField(max_length=60, default="")
    took_ms = fields.IntField(default=0)

    class Meta:
        table = "delivery_attempts"
        indexes = (("delivery_id", "created_at"),)


class EndpointTrouble(Row):
    """An endpoint that has taken nothing since then, and, if that ended it, why it was switched off by itself."""

    endpoint_id: UUID
    endpoint: Ref = fields.OneToOneField("models.WebhookEndpoint", related_name="trouble")
    since = fields.DatetimeField()
    stopped = fields.CharField(max_length=60, default="")

    class Meta:
        table = "endpoint_troubles"


class BotState(Row):
    """Where a person stands in a bot's conversation, so that a restart does not forget it."""

    key = fields.CharField(max_length=160, unique=True)
    state = fields.CharField(max_length=80, null=True)
    data: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "bot_states"
