"""What an owner teaches his assistant's voice with, beside what it knows."""

from uuid import UUID

from tortoise import fields

from core.models.base import Ref, Row


class OwnPair(Row):
    """A question and how the owner answered it, from a file of his. `liked` is his own word about it, if he gave one.

    `part_of` names what belongs together, a day's talk of a chat, and `origin` the kind of file.
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="own_pairs")
    question = fields.TextField()
    answer = fields.TextField()
    origin = fields.CharField(max_length=16)
    part_of = fields.CharField(max_length=80, default="")
    liked = fields.BooleanField(null=True)
    text_hash = fields.CharField(max_length=64)

    class Meta:
        table = "own_pairs"
        unique_together = (("assistant", "text_hash"),)


class StruckExample(Row):
    """An example that the owner does not want learnt. `key` follows from what it says (core/learning/examples.py)."""

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="struck_examples")
    key = fields.CharField(max_length=32)

    class Meta:
        table = "struck_examples"
        unique_together = (("assistant", "key"),)
