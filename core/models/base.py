"""What every table has. Models hold columns and nothing else: rules live in the modules of `core`.

The first line of a model's docstring becomes the table's comment, and Tortoise splits SQLite's migrations at every
semicolon, in comments too: no semicolons there.
"""

from typing import Any
from uuid import uuid4

from tortoise import fields
from tortoise.models import Model

Ref = fields.ForeignKeyRelation[Any]
OptionalRef = fields.ForeignKeyNullableRelation[Any]


class Row(Model):
    """A random id that says nothing about order or number, and the time of creation (UTC)."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    created_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        abstract = True
