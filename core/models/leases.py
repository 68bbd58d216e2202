"""Who serves which channel, of all processes."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from core.models.base import Ref, Row


class LeaseHolder(Row):
    """A role of a process that serves channels. While it lives, `beat` grows. `machine`: where, if that is known.

    Whoever has seen `beat` stand still for long deletes this row, and its leases with it.
    """

    role = fields.CharField(max_length=16)
    machine = fields.CharField(max_length=64, default="")
    beat = fields.BigIntField(default=0)

    class Meta:
        table = "lease_holders"


class ChannelLease(Model):
    """A channel and who serves it. Free is what has no row here."""

    name = fields.CharField(max_length=96, primary_key=True)
    holder_id: UUID
    holder: Ref = fields.ForeignKeyField("models.LeaseHolder", related_name="leases")

    class Meta:
        table = "channel_leases"
        indexes = (("holder_id",),)
