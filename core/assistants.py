"""Assistants: made and changed; core/farewell.py deletes them. Takes an `Actor`: who asks was checked by tenancy."""

from collections.abc import Mapping
from typing import Any

from tortoise.transactions import in_transaction

from core.app import Core
from core.audit import record_change
from core.changes import record_undoable
from core.errors import Invalid, TooManyAssistants
from core.models import Assistant, Role, Tenant, VerifiedAnswer
from core.policy import policy_of
from core.tenancy import Actor
from core.texts import LOCALES
from core.words import language_of

MOST_ASSISTANTS = 20
DELETED = "delete assistant"
"""The change that the owner's page tells; `core/tidying.py` goes by it, too."""
CHANGED = "change assistant"
ASSISTANT = "assistant"
"""What its changes are called."""
CHANGEABLE = frozenset(
    {"name", "description", "locale", "persona", "greeting", "generation", "answer_policy", "public_page"}
)


async def create_assistant(core: Core, actor: Actor, name: str, **values: Any) -> Assistant:
    """A new assistant of the actor's business. Raises `Invalid`, `TooManyAssistants`, `Refused`."""
    actor.must_be(Role.MANAGER)
    _check({"name": name, **values})
    await room_for_another(actor)
    assistant = await Assistant.create(
        tenant_id=actor.tenant_id, name=name.strip(), base_model_name=core.llm.name, **values
    )
    await record_change(actor.tenant_id, actor.user_id, "create assistant", assistant.id, name=assistant.name)
    return assistant


async def room_for_another(actor: Actor) -> None:
    """Raises `TooManyAssistants` when his business has as many as it may have."""
    tenant = await Tenant.get(id=actor.tenant_id)
    limit = int(tenant.limits.get("assistants", MOST_ASSISTANTS))
    if await Assistant.filter(tenant_id=actor.tenant_id).count() >= limit:
        raise TooManyAssistants(limit=limit)


async def change_assistant(actor: Actor, assistant: Assistant, **values: Any) -> Assistant:
    """Set some of `CHANGEABLE`; the change serves from the next answer on, and can be taken back.

    Raises `Invalid`, `Refused`.
    """
    actor.must_be(Role.MANAGER)
    _check(values)
    async with in_transaction():
        was = await Assistant.filter(id=assistant.id).select_for_update().first() or assistant
        before, after = differing(was, values)
        await assistant.update_from_dict(values).save(update_fields=[*values])
        if after:
            await record_undoable(
                actor,
                CHANGED,
                ASSISTANT,
                assistant.id,
                assistant_id=assistant.id,
                before=before,
                after=after,
                fields=", ".join(flat(after)),
            )
    return assistant


def differing(was: Assistant, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What of `values` is new, before and after; of a value that is a dictionary only the keys that are new.

    A key that is not there is None: no setting of an assistant that is set is None.
    """
    before, after = dict[str, Any](), dict[str, Any]()
    for field, value in values.items():
        now = getattr(was, field)
        if isinstance(value, dict):
            keys = [key for key in {**now, **value} if now.get(key) != value.get(key)]
            if keys:
                before[field] = {key: now.get(key) for key in keys}
                after[field] = {key: value.get(key) for key in keys}
        elif now != value:
            before[field], after[field] = now, value
    return before, after


def flat(values: dict[str, Any]) -> dict[str, Any]:
    """Settings by their own names, without the column that holds them."""
    return {
        name: value
        for field, held in values.items()
        for name, value in (held.items() if isinstance(held, dict) else [(field, held)])
    }


def with_settings(assistant: Assistant, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What to set so that the assistant has these settings, and all others as they are; a key that is None goes.

    They are by column, as `differing` tells them.
    """
    values: dict[str, Any] = {}
    for field, wanted in settings.items():
        if isinstance(wanted, dict):
            held = {**getattr(assistant, field), **wanted}
            values[field] = {key: value for key, value in held.items() if value is not None}
        else:
            values[field] = wanted
    return values


def _check(values: dict[str, Any]) -> None:
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise Invalid(field=", ".join(sorted(unknown)), reason="invalid-fixed")
    if "name" in values and not 1 <= len(values["name"].strip()) <= 120:
        raise Invalid(field="name", reason="invalid-length", least=1, most=120)
    if values.get("locale", "en") not in LOCALES:
        raise Invalid(field="locale", reason="invalid-choice", choices=", ".join(LOCALES))


async def sample_questions(assistant: Assistant, locale: str) -> list[str]:
    """What a visitor may ask to begin with: the owner's choice, or the first questions that he answered in `locale`."""
    chosen = policy_of(assistant).sample_questions.get(locale)
    if chosen:
        return chosen
    rows = VerifiedAnswer.filter(assistant_id=assistant.id).order_by("created_at").limit(30)
    return [row.question for row in await rows if language_of(row.question) == locale][:3]
