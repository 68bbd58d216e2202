"""Archives of assistants: made to be taken away, or brought to be restored."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import OptionalRef, Ref, Row


class ArchiveKind(StrEnum):
    EXPORT = "export"
    RESTORE = "restore"


class ArchiveStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Archive(Row):
    """A file that holds an assistant, in the folder of archives by its id, and how far making or reading it is.

    `assistant` is the one that was taken, or is being made of it. `link_hash` is of a link that opens it once.
    """

    tenant_id: UUID
    tenant: Ref = fields.ForeignKeyField("models.Tenant", related_name="archives")
    assistant_id: UUID | None
    assistant: OptionalRef = fields.ForeignKeyField(
        "models.Assistant", related_name="archives", null=True, on_delete=fields.SET_NULL
    )
    kind = fields.CharEnumField(ArchiveKind, max_length=16)
    status = fields.CharEnumField(ArchiveStatus, max_length=16, default=ArchiveStatus.QUEUED)
    name = fields.CharField(max_length=120, default="")
    done = fields.IntField(default=0)
    total = fields.IntField(default=0)
    size_bytes = fields.BigIntField(default=0)
    error_code = fields.CharField(max_length=64, default="")
    error_facts: dict[str, Any] = fields.JSONField(default=dict)
    asked_by = fields.UUIDField()
    link_hash = fields.CharField(max_length=64, default="", db_index=True)
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "archives"
        indexes = (("tenant_id",), ("assistant_id",))
