"""SQL that is asked for every message, written by hand and put into the database's dialect once.

Tortoise makes the words of a query anew each time it is asked, which for a short one costs several times what the
database does. So the few queries that every answer waits for stand as text where they are used, and everything else
stays with the ORM (docs/adr/0016-many-customers.md). A value is named in the text as `:name`; nothing is ever put into
it. Refuses to know what is asked.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.models import Model

Found = TypeVar("Found", bound=Model)
Row = Mapping[str, Any]
_NAME = re.compile(r"(?<!:):(\w+)")
_AMONG = re.compile(r"\bIN (:\w+)")
_MEMBER = re.compile(r"([\w.]+) ->> '(\w+)'")


class Statement:
    """One query, or one change. `IN :name` takes a list, `column ->> 'name'` reads what JSON has under a name,
    `column IS NOT DISTINCT FROM :name` also compares with nothing. `a.*` are all columns of the model that is given for
    `a`: `read_model` makes its row of them. SQLite gives ids as text, PostgreSQL as UUIDs: `as_id` reads both."""

    def __init__(self, sql: str, **models: type[Model]) -> None:
        self._sql, self._models = sql, models
        self._names: list[str] = _NAME.findall(sql)

    @cached_property
    def _whole(self) -> str:
        """With the columns of its models, which Tortoise does not know before it has connected."""
        sql = self._sql
        for alias, model in self._models.items():
            sql = sql.replace(f"{alias}.*", _columns(model, alias))
        return sql

    @cached_property
    def _for_sqlite(self) -> str:
        # Not SQLite's own `->>`: it is younger than systems that people have.
        whole = _MEMBER.sub(r"json_extract(\1, '$.\2')", self._whole).replace("IS NOT DISTINCT FROM", "IS")
        return _NAME.sub("?", _AMONG.sub(r"IN (SELECT value FROM json_each(\1))", whole))

    @cached_property
    def _for_postgres(self) -> str:
        numbers = iter(range(1, len(self._names) + 1))
        return _NAME.sub(lambda _: f"${next(numbers)}", _AMONG.sub(r"= ANY(\1)", self._whole))

    async def rows(self, **values: Any) -> Sequence[Row]:
        """All that it finds."""
        return (await self._asked(values))[1]

    async def changed(self, **values: Any) -> int:
        """How many rows it has changed."""
        return (await self._asked(values))[0]

    async def _asked(self, values: Mapping[str, Any]) -> tuple[int, Sequence[Row]]:
        connection = get_connection("default")
        given = [values[name] for name in self._names]
        if connection.capabilities.dialect == "sqlite":
            return await connection.execute_query(self._for_sqlite, [_as_text(value) for value in given])
        return await connection.execute_query(self._for_postgres, given)

    async def first(self, **values: Any) -> Row | None:
        """The first row that it finds."""
        found = await self.rows(**values)
        return found[0] if found else None


def _as_text(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return json.dumps([_as_text(one) for one in value]) if isinstance(value, list) else value


def as_id(value: Any) -> UUID:
    """An id as the database gave it."""
    return value if isinstance(value, UUID) else UUID(value)


def read_model(model: type[Found], alias: str, row: Row) -> Found:
    """The row of a model out of what a statement found."""
    return model._init_from_db(**{column: row[f"{alias}.{column}"] for column in model._meta.db_fields})


def _columns(model: type[Model], alias: str) -> str:
    return ", ".join(f'{alias}."{column}" AS "{alias}.{column}"' for column in sorted(model._meta.db_fields))
