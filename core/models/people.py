"""Who uses the product: people, the businesses they belong to, and the proofs of who they are."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import OptionalRef, Ref, Row


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    OPERATOR = "operator"


class User(Row):
    """A person, known by e-mail, by Telegram, or by both."""

    email = fields.CharField(max_length=254, unique=True, null=True)
    hashed_password = fields.CharField(max_length=255, null=True)
    telegram_id = fields.BigIntField(unique=True, null=True)
    locale = fields.CharField(max_length=8, default="en")

    class Meta:
        table = "users"


class Tenant(Row):
    """A business. Its data never meets another's."""

    name = fields.CharField(max_length=120)
    limits: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "tenants"


class Membership(Row):
    user_id: UUID
    user: Ref = fields.ForeignKeyField("models.User", related_name="memberships")
    tenant_id: UUID
    tenant: Ref = fields.ForeignKeyField("models.Tenant", related_name="memberships")
    role = fields.CharEnumField(Role, max_length=16, default=Role.OWNER)

    class Meta:
        table = "memberships"
        indexes = (("tenant_id",),)
        unique_together = (("user", "tenant"),)


class Profile(Row):
    """What a person is called, and in which of his businesses he works now."""

    user_id: UUID
    user: Ref = fields.OneToOneField("models.User", related_name="profile")
    name = fields.CharField(max_length=120, default="")
    works_in_id: UUID | None
    works_in: OptionalRef = fields.ForeignKeyField(
        "models.Tenant", related_name="profiles", null=True, on_delete=fields.SET_NULL
    )

    class Meta:
        table = "profiles"
        indexes = (("works_in_id",),)


class Invitation(Row):
    """A link by which one person may join a business. Only the token's hash is kept."""

    tenant_id: UUID
    tenant: Ref = fields.ForeignKeyField("models.Tenant", related_name="invitations")
    role = fields.CharEnumField(Role, max_length=16)
    token_hash = fields.CharField(max_length=64, unique=True)
    expires_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    accepted_by = fields.UUIDField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invitations"
        indexes = (("tenant_id",),)


class LoginSession(Row):
    """One refresh token, by its hash. A token used twice ends its whole family: somebody copied it."""

    user_id: UUID
    user: Ref = fields.ForeignKeyField("models.User", related_name="login_sessions")
    family = fields.UUIDField(db_index=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "login_sessions"
        indexes = (("user_id",),)


class ApiKey(Row):
    """A program's key to one assistant. Only its hash is kept, and `prefix` lets people tell keys apart."""

    user_id: UUID
    user: Ref = fields.ForeignKeyField("models.User", related_name="api_keys")
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="api_keys")
    name = fields.CharField(max_length=120)
    prefix = fields.CharField(max_length=16)
    key_hash = fields.CharField(max_length=64, unique=True)
    scopes: list[str] = fields.JSONField(default=list)
    expires_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_keys"
        indexes = (("assistant_id",), ("user_id",))


class AuditEvent(Row):
    """Who changed what, written by the functions of `core` that change things."""

    tenant_id: UUID
    tenant: Ref = fields.ForeignKeyField("models.Tenant", related_name="audit_events")
    actor = fields.CharField(max_length=80)
    action = fields.CharField(max_length=80)
    subject = fields.CharField(max_length=80)
    details: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "audit_events"
        indexes = (("tenant_id", "created_at"),)


class Change(Row):
    """What takes a change back: how the thing was, and how it was left. Nothing of it is searched or answered from.

    `kind` says what was changed (core/undoing.py), `subject_id` which one. None in `before` or `after`: it was not
    there. `file_path` is a file in the folder of uploads that only taking back would need.
    """

    event_id: UUID
    event: Ref = fields.OneToOneField("models.AuditEvent", related_name="change")
    tenant_id: UUID
    tenant: Ref = fields.ForeignKeyField("models.Tenant", related_name="changes")
    assistant_id: UUID | None
    assistant: OptionalRef = fields.ForeignKeyField("models.Assistant", related_name="changes", null=True)
    kind = fields.CharField(max_length=32)
    subject_id = fields.UUIDField()
    before: dict[str, Any] | None = fields.JSONField(null=True)
    after: dict[str, Any] | None = fields.JSONField(null=True)
    file_path = fields.CharField(max_length=300, default="")
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "changes"
        indexes = (("tenant_id", "created_at"), ("assistant_id",), ("subject_id",), ("file_path",))
