"""Customers: found by name, shown with all that is kept of them, erased with a receipt."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_response

from api.access import manager_required, owner_required
from api.context import the_core
from api.limits import per_minute
from api.paging import Part
from core.contact_notes import Notes, notes_of
from core.customers.erasing import Receipt, erase_customer
from core.customers.export import contacts_of, everything_about
from core.models import Assistant, Contact

blueprint = Blueprint("contacts", __name__)


class CustomerView(BaseModel):
    """`key` is the customer's id in the channel; `source`, the link by which he came (`/start source`); `silent`: he
    wants the assistant to say nothing."""

    id: UUID
    channel: str
    key: str
    name: str
    created_at: datetime
    source: str
    silent: bool

    @classmethod
    def of(cls, row: Contact, notes: Notes) -> Self:
        own = {name: getattr(row, name) for name in cls.model_fields if name not in ("source", "silent")}
        return cls(source=notes.source, silent=notes.silent, **own)


class Customers(BaseModel):
    contacts: list[CustomerView]


class CustomerPart(Part):
    """`name`: a part of the name, or the whole id in the channel."""

    name: Annotated[str, Field(max_length=200)] = ""


class AllOfHim(BaseModel):
    """What docs/api.md describes: `customer`, `conversations` with their messages, his unanswered questions, and what
    he waits for."""

    customer: dict[str, Any]
    conversations: list[dict[str, Any]]
    unanswered_questions: list[str]
    nearly_answered_questions: list[str]
    waits_for_answers_to: list[str]


class ReceiptView(BaseModel):
    """`erased`: kind of thing -> how many are gone. `kept`: what is the owner's own and repeats his words. The hash is
    the SHA-256 over the ids of all rows that are gone, sorted, one a line."""

    id: UUID
    at: datetime
    erased: dict[str, int]
    kept: dict[str, int]
    sha256_of_ids: str

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        return cls.model_validate(receipt.as_json())


@blueprint.get("/assistants/<uuid:assistant_id>/contacts")
@rate_limit(limits=per_minute(300))
@manager_required
@validate_querystring(CustomerPart)
@validate_response(Customers)
async def list_all(assistant: Assistant, query_args: CustomerPart) -> Customers:
    """Newest first; with `name` only those who are called so."""
    rows = await contacts_of(assistant, query_args.name, query_args.limit, query_args.offset)
    notes = await notes_of(rows)
    return Customers(contacts=[CustomerView.of(row, notes[row.id]) for row in rows])


@blueprint.get("/assistants/<uuid:assistant_id>/contacts/<uuid:contact_id>")
@rate_limit(limits=per_minute(60))
@manager_required
@validate_response(AllOfHim)
async def get(assistant: Assistant, contact: Contact) -> AllOfHim:
    """All that is kept of one customer."""
    return AllOfHim.model_validate(await everything_about(contact))


@blueprint.delete("/assistants/<uuid:assistant_id>/contacts/<uuid:contact_id>")
@rate_limit(limits=per_minute(30))
@owner_required
@validate_response(ReceiptView)
async def erase(assistant: Assistant, contact: Contact) -> ReceiptView:
    """Erase a customer with all that is kept of him, for good. The receipt holds no word of his; it stays in
    `team/audit`."""
    return ReceiptView.of(await erase_customer(the_core(), g.actor, assistant, contact))
