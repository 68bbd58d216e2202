"""Assistants that nobody sees: deleted ones that can still come back, and those that are just being restored.

They belong to the business of nobody, which has no members. So whatever asks by business, as nearly all does, finds
them as little as those of strangers; the few that ask otherwise (a customer's message, a key, a public page, a
schedule) ask here. Refuses to know why one is hidden.
"""

from uuid import UUID

from core.models import Assistant, Tenant

NOBODY = UUID("00000000-0000-4000-8000-000000000000")
"""The business without members. Nobody ever becomes one: people are invited by a member."""


async def business_of_nobody() -> UUID:
    """Its id; there from now on."""
    await Tenant.get_or_create(id=NOBODY, defaults={"name": ""})
    return NOBODY


def is_hidden(assistant: Assistant) -> bool:
    return assistant.tenant_id == NOBODY
