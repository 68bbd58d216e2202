"""Assistants: made, changed, forgotten with all they know. Takes an `Actor`: who asks was checked by tenancy."""

import asyncio
import shutil
from typing import Any

from core.app import Core
from core.audit import record_change
from core.errors import Invalid, LimitReached
from core.models import Assistant, Role, Tenant, VerifiedAnswer
from core.tenancy import Actor
from core.texts import LOCALES

MOST_ASSISTANTS = 20
CHANGEABLE = frozenset(
    {"name", "description", "locale", "persona", "greeting", "generation", "answer_policy", "public_page"}
)


async def create_assistant(core: Core, actor: Actor, name: str, **values: Any) -> Assistant:
    """A new assistant of the actor's business. Raises `Invalid`, `LimitReached`, `Refused`."""
    actor.must_be(Role.MANAGER)
    _check({"name": name, **values})
    tenant = await Tenant.get(id=actor.tenant_id)
    limit = int(tenant.limits.get("assistants", MOST_ASSISTANTS))
    if await Assistant.filter(tenant_id=actor.tenant_id).count() >= limit:
        raise LimitReached(limit=limit)
    assistant = await Assistant.create(
        tenant_id=actor.tenant_id, name=name.strip(), base_model_name=core.llm.name, **values
    )
    await record_change(actor.tenant_id, actor.user_id, "create assistant", assistant.id, name=assistant.name)
    return assistant


async def change_assistant(actor: Actor, assistant: Assistant, **values: Any) -> Assistant:
    """Set some of `CHANGEABLE`; the change serves from the next answer on. Raises `Invalid`, `Refused`."""
    actor.must_be(Role.MANAGER)
    _check(values)
    await assistant.update_from_dict(values).save(update_fields=[*values])
    await record_change(actor.tenant_id, actor.user_id, "change assistant", assistant.id, fields=", ".join(values))
    return assistant


async def forget_assistant(core: Core, actor: Actor, assistant: Assistant) -> None:
    """Rows first (they cascade), then vectors and files."""
    actor.must_be(Role.OWNER)
    await assistant.delete()
    await record_change(actor.tenant_id, actor.user_id, "delete assistant", assistant.id, name=assistant.name)
    await core.vectors.drop(assistant.id)
    for folder in (core.settings.uploads_folder, core.settings.adapters_folder):
        await asyncio.to_thread(shutil.rmtree, folder / str(assistant.id), ignore_errors=True)


def _check(values: dict[str, Any]) -> None:
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise Invalid(field=", ".join(sorted(unknown)), reason="cannot be set")
    if "name" in values and not 1 <= len(values["name"].strip()) <= 120:
        raise Invalid(field="name", reason="1 to 120 characters")
    if values.get("locale", "en") not in LOCALES:
        raise Invalid(field="locale", reason=f"one of {', '.join(LOCALES)}")


async def sample_questions(assistant: Assistant, locale: str) -> list[str]:
    """What a visitor may ask to begin with: the owner's choice, or the first questions that he answered himself."""
    chosen = assistant.answer_policy.get("sample_questions", {}).get(locale, [])
    if chosen:
        return list(chosen)
    rows = VerifiedAnswer.filter(assistant_id=assistant.id).order_by("created_at").limit(3)
    return [row.question for row in await rows]
