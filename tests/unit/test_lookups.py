"""Rows are found without reading their whole table, however many there are."""

from pathlib import Path

from tortoise.connection import get_connection
from tortoise.context import get_current_context

from core.models import Conversation, Message


async def _index_columns(table: str) -> list[list[str | None]]:
    connection = get_connection("default")
    indexes = await connection.execute_query_dict(f"PRAGMA index_list('{table}')")
    found = []
    for index in indexes:
        columns = await connection.execute_query_dict(f"PRAGMA index_info('{index['name']}')")
        found.append([column["name"] for column in columns])
    return found


async def test_every_reference_leads_back_by_an_index(database: Path) -> None:
    """Otherwise looking up what belongs to a row, and deleting it, reads all rows of all tenants."""
    context = get_current_context()
    assert context
    assert context.apps
    missing = []
    for model in context.apps["models"].values():
        table = model._meta.db_table
        first = {columns[0] for columns in await _index_columns(table)}
        references = [model._meta.fields_map[name].source_field or f"{name}_id" for name in model._meta.fk_fields]
        missing += [f"{table}.{reference}" for reference in references if reference not in first]

    assert missing == []


async def test_every_index_is_of_columns(database: Path) -> None:
    """SQLite takes the name of a column that is not there for a text, and indexes that."""
    context = get_current_context()
    assert context
    assert context.apps
    for model in context.apps["models"].values():
        assert not [columns for columns in await _index_columns(model._meta.db_table) if None in columns], model


async def test_a_conversation_is_read_by_its_index(database: Path) -> None:
    connection = get_connection("default")
    for query in (
        Message.filter(conversation_id=Message().id).order_by("-created_at").limit(20),
        Conversation.filter(contact_id=Message().id).order_by("-last_message_at").limit(1),
    ):
        plan = await connection.execute_query_dict(f"EXPLAIN QUERY PLAN {query.sql(params_inline=True)}")
        told = " ".join(step["detail"] for step in plan)
        assert "USING INDEX" in told, told
        assert "SCAN" not in told, told
        assert "TEMP B-TREE" not in told, told
