"""Addresses that are told what happens, as owners see them: added, changed, switched off and on, deleted, put back.

An address is public and encrypted: customers' words are sent there. Its secret is shown once and kept sealed.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction
from yarl import URL

from core.addresses import check_address, is_allowed, private_hosts
from core.app import Core
from core.audit import record_change
from core.changes import State, record_undoable
from core.errors import AddressRefused, Conflict, Invalid
from core.keyring import WrongMasterKey
from core.models import Assistant, Delivery, DeliveryStatus, DeliveryTurn, EndpointTrouble, WebhookEndpoint
from core.news import WEBHOOK_STOPPED, note_news
from core.settings import Settings
from core.storable import storable
from core.tenancy import Actor
from core.webhooks.events import ALL, Event
from core.webhooks.signing import new_secret, seal_first, seal_next

WEBHOOK = "webhook"
"""What its changes are called."""
ADDED, CHANGED, DELETED, ROTATED = "add webhook", "change webhook", "delete webhook", "rotate webhook secret"
RESTORED = "restore webhook"
FAILING = "webhook-error-failing"
"""Why an address was switched off that has taken nothing for a day; a key of the locales."""
MOST = 20


class WebhookAddressRefused(AddressRefused):
    """Not public, or no address at all."""

    code = "error-webhook-address"


class WebhookNotEncrypted(AddressRefused):
    """http, where https is needed."""

    code = "error-webhook-not-encrypted"


class TooManyWebhooks(Conflict):
    """Facts: `limit`."""

    code = "error-too-many-webhooks"


def checked_address(settings: Settings, url: str) -> str:
    """In its usual form. Raises `WebhookAddressRefused`, `WebhookNotEncrypted`. Where a name leads is looked up anew at
    each delivery."""
    allowed = private_hosts(settings.allowed_private_hosts)
    try:
        written = check_address(storable(url), allowed)
    except AddressRefused as error:
        raise WebhookAddressRefused(**error.facts) from None
    address = URL(written)
    if address.scheme != "https" and not is_allowed(address.raw_host or "", address.port or 0, allowed):
        raise WebhookNotEncrypted(reason="not https")
    return written


def checked_events(events: Collection[str]) -> list[str]:
    """In their own order; all of them are `ALL`. Raises `Invalid`."""
    known = [event.value for event in Event]
    if unknown := set(events) - {*known, ALL}:
        raise Invalid(field="events", reason="invalid-choices", choices=", ".join(known), given=min(unknown))
    if not events:
        raise Invalid(field="events", reason="invalid-choices", choices=", ".join(known))
    if ALL in events or set(events) == set(known):
        return [ALL]
    return [event for event in known if event in events]


async def add_endpoint(
    core: Core, actor: Actor, assistant: Assistant, url: str, events: Collection[str] = (ALL,)
) -> tuple[WebhookEndpoint, str]:
    """The row and its secret, which cannot be read again. Raises as `checked_address`, `checked_events`;
    `TooManyWebhooks`."""
    address, wanted, secret = checked_address(core.settings, url), checked_events(events), new_secret()
    if await WebhookEndpoint.filter(assistant_id=assistant.id).count() >= MOST:
        raise TooManyWebhooks(limit=MOST)
    async with in_transaction():
        endpoint = await WebhookEndpoint.create(
            assistant=assistant, url=address, events=wanted, secrets=seal_first(core.keyring, secret)
        )
        await _record(actor, ADDED, endpoint, before=None, after=snapshot_of(endpoint))
    return endpoint, secret


async def endpoints_of(assistant_ids: Sequence[UUID]) -> list[WebhookEndpoint]:
    """Of these assistants, oldest first."""
    return await WebhookEndpoint.filter(assistant_id__in=list(assistant_ids)).order_by("created_at", "id")


async def change_endpoint(
    core: Core,
    actor: Actor,
    endpoint: WebhookEndpoint,
    *,
    url: str | None = None,
    events: Collection[str] | None = None,
    active: bool | None = None,
) -> None:
    """What is given is changed, for what happens from now on; what waits in line goes to the new address. Switched on,
    it is sent at once what it has not got. Raises as `add_endpoint` does."""
    asked: dict[str, Any] = {}
    if url is not None:
        asked["url"] = checked_address(core.settings, url)
    if events is not None:
        asked["events"] = checked_events(events)
    if active is not None:
        asked["active"] = active
    before = {name: getattr(endpoint, name) for name, value in asked.items() if getattr(endpoint, name) != value}
    after = {name: asked[name] for name in before}
    if not before:
        return
    async with in_transaction():
        await WebhookEndpoint.filter(id=endpoint.id).update(**after)
        endpoint.update_from_dict(after)
        if "active" in after or "url" in after:
            await EndpointTrouble.filter(endpoint_id=endpoint.id).delete()
            await _try_now(endpoint)
        await _record(actor, CHANGED, endpoint, before=before, after=after)


async def _try_now(endpoint: WebhookEndpoint) -> None:
    """What waits need not wait for the end of its pause, and may fail as often as in the beginning."""
    waiting = Delivery.filter(endpoint_id=endpoint.id, status=DeliveryStatus.PENDING)
    await waiting.update(run_after=datetime.now(UTC))
    await DeliveryTurn.filter(endpoint_id=endpoint.id).update(failures=0)


async def delete_endpoint(actor: Actor, endpoint: WebhookEndpoint) -> None:
    """With all that was, and was to be, delivered there; the address itself can be put back."""
    async with in_transaction():
        row = await WebhookEndpoint.get_or_none(id=endpoint.id) or endpoint
        await WebhookEndpoint.filter(id=endpoint.id).delete()
        await _record(actor, DELETED, row, before=snapshot_of(row), after=None)


async def restore_endpoint(actor: Actor, assistant_id: UUID, endpoint_id: UUID, was: dict[str, Any]) -> None:
    """Under its id, with its secret."""
    async with in_transaction():
        endpoint = await WebhookEndpoint.create(id=endpoint_id, assistant_id=assistant_id, **was)
        await _record(actor, RESTORED, endpoint, before=None, after=snapshot_of(endpoint))


async def rotate_secret(core: Core, actor: Actor, endpoint: WebhookEndpoint) -> str:
    """The new one, shown once; the old one signs beside it for a day, if it can still be read."""
    secret = new_secret()
    async with in_transaction():
        row = await WebhookEndpoint.filter(id=endpoint.id).select_for_update().first() or endpoint
        try:
            sealed = seal_next(core.keyring, row.secrets, secret)
        except WrongMasterKey:
            sealed = seal_first(core.keyring, secret)
        await WebhookEndpoint.filter(id=row.id).update(secrets=sealed)
        await record_change(actor.tenant_id, actor.user_id, ROTATED, row.id, name=host_of(row))
    return secret


async def trouble_of(endpoint: WebhookEndpoint) -> EndpointTrouble | None:
    """Since when it takes nothing; None when it does, or was never asked."""
    return await EndpointTrouble.get_or_none(endpoint_id=endpoint.id)


async def switched_off_by_itself(endpoint: WebhookEndpoint, why: str) -> None:
    """Nothing is sent there until its owner says so; he is told. Within a transaction."""
    if not await WebhookEndpoint.filter(id=endpoint.id, active=True).update(active=False):
        return
    now = datetime.now(UTC)
    trouble, _ = await EndpointTrouble.get_or_create(endpoint_id=endpoint.id, defaults={"since": now})
    await EndpointTrouble.filter(id=trouble.id).update(stopped=why)
    assistant = await Assistant.get(id=endpoint.assistant_id)
    await note_news(assistant.tenant_id, WEBHOOK_STOPPED, endpoint.id, name=host_of(endpoint), why=why)


def host_of(endpoint: WebhookEndpoint) -> str:
    """What people call it: an address may carry a secret, its host does not."""
    return URL(endpoint.url).host or endpoint.url


def snapshot_of(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in ("url", "events", "secrets", "active")}


async def _record(actor: Actor, action: str, endpoint: WebhookEndpoint, *, before: State, after: State) -> None:
    await record_undoable(
        actor,
        action,
        WEBHOOK,
        endpoint.id,
        assistant_id=endpoint.assistant_id,
        before=before,
        after=after,
        name=host_of(endpoint),
    )
