"""An assistant, its adapters and the channels in which it is reached."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import OptionalRef, Ref, Row


class Assistant(Row):
    """What a business made. `persona` is the tone in the owner's words, and `answer_policy` holds thresholds.

    `index_model` names the embedding model whose index answers; empty: the present one, nothing else was ever used.
    """

    tenant_id: UUID
    tenant: Ref = fields.ForeignKeyField("models.Tenant", related_name="assistants")
    name = fields.CharField(max_length=120)
    description = fields.TextField(default="")
    base_model_name = fields.CharField(max_length=200, default="")
    locale = fields.CharField(max_length=8, default="en")
    persona = fields.TextField(default="")
    greeting = fields.TextField(default="")
    generation: dict[str, Any] = fields.JSONField(default=dict)
    answer_policy: dict[str, Any] = fields.JSONField(default=dict)
    index_model = fields.CharField(max_length=200, default="", db_default="")
    public_page = fields.BooleanField(default=False)
    live_adapter_id: UUID | None
    live_adapter: OptionalRef = fields.ForeignKeyField(
        "models.LoraAdapter", related_name="live_in", null=True, on_delete=fields.SET_NULL
    )

    class Meta:
        table = "assistants"
        indexes = (("tenant_id",), ("live_adapter_id",))


class AdapterStatus(StrEnum):
    QUEUED = "queued"
    TRAINING = "training"
    EVALUATING = "evaluating"
    COMPLETED = "completed"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LoraAdapter(Row):
    """One training and what came of it. `adapter_path` is relative to the adapters' folder.

    Of `metrics`, "lineage" says what it was made of (core/learning/lineage.py), "report" how it did against what served
    before (core/learning/gate.py).
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="adapters")
    adapter_path = fields.CharField(max_length=300, default="")
    base_model_name = fields.CharField(max_length=200, default="")
    status = fields.CharEnumField(AdapterStatus, max_length=16, default=AdapterStatus.QUEUED)
    training_logs: list[dict[str, Any]] = fields.JSONField(default=list)
    metrics: dict[str, Any] = fields.JSONField(default=dict)
    settings: dict[str, Any] = fields.JSONField(default=dict)
    error_code = fields.CharField(max_length=64, default="")
    error_facts: dict[str, Any] = fields.JSONField(default=dict)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "lora_adapters"
        indexes = (("assistant_id", "created_at"),)


class AdapterTrial(Row):
    """An adapter that answers a share of an assistant's conversations before it answers all, since `created_at`."""

    assistant_id: UUID
    assistant: Ref = fields.OneToOneField("models.Assistant", related_name="trial")
    adapter_id: UUID
    adapter: Ref = fields.ForeignKeyField("models.LoraAdapter", related_name="trials")

    class Meta:
        table = "adapter_trials"
        indexes = (("adapter_id",),)


class ChannelState(StrEnum):
    """What is seen of a channel. What is wanted of it is `enabled`."""

    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"
    STOPPED = "stopped"


class Channel(Row):
    """A place where customers write. `identity` (a bot's id) is unique: one bot serves one assistant.

    `cursor` is how far the platform's events were accepted (Telegram's next update id).
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="channels")
    kind = fields.CharField(max_length=16)
    identity = fields.CharField(max_length=64)
    name = fields.CharField(max_length=120, default="")
    secrets = fields.TextField(default="")
    settings: dict[str, Any] = fields.JSONField(default=dict)
    enabled = fields.BooleanField(default=True)
    state = fields.CharEnumField(ChannelState, max_length=16, default=ChannelState.STARTING)
    error_code = fields.CharField(max_length=64, default="")
    error_facts: dict[str, Any] = fields.JSONField(default=dict)
    cursor = fields.BigIntField(default=0)

    class Meta:
        table = "channels"
        indexes = (("assistant_id",),)
        unique_together = (("kind", "identity"),)
