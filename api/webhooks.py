"""Addresses of programs that are told what happens to an assistant, and what became of what they were told.

What is sent, and how it is verified: docs/webhooks.md.
"""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_request, validate_response

from api.access import owner_required
from api.context import caller_locale, the_core
from api.limits import per_minute
from api.paging import Part
from core.errors import Invalid, NotFound
from core.models import Assistant, Delivery, DeliveryAttempt, DeliveryStatus, EndpointTrouble, WebhookEndpoint
from core.tenancy import assistant_of, assistants_of
from core.webhooks.endpoints import (
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    endpoints_of,
    rotate_secret,
    trouble_of,
)
from core.webhooks.log import deliveries_of, reason_in, replay, replay_span, send_test, tries_of

blueprint = Blueprint("webhooks", __name__)
Events = Annotated[list[str], Field(min_length=1, max_length=30)]
Address = Annotated[str, Field(min_length=1, max_length=2000)]


class NewWebhook(BaseModel):
    """`events`: names, or "*" for all. `assistant_id` may be left out where there is one assistant."""

    model_config = ConfigDict(extra="forbid")
    url: Address
    events: Events = ["*"]
    assistant_id: UUID | None = None


class WebhookChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    url: Address | None = None
    events: Events | None = None
    active: bool | None = None


class WebhookView(BaseModel):
    """`failing_since`: it has taken nothing since then. `stopped`: why it was switched off by itself, in words."""

    id: UUID
    assistant_id: UUID
    url: str
    events: list[str]
    active: bool
    created_at: datetime
    failing_since: datetime | None
    stopped: str

    @classmethod
    def of(cls, row: WebhookEndpoint, trouble: EndpointTrouble | None) -> Self:
        own = {name: getattr(row, name) for name in ("id", "assistant_id", "url", "events", "active", "created_at")}
        stopped = reason_in(the_core().texts, caller_locale(), trouble.stopped, None) if trouble else ""
        return cls(failing_since=trouble.since if trouble else None, stopped=stopped, **own)


class MadeWebhook(WebhookView):
    """`secret` is shown here and never again."""

    secret: str


class Webhooks(BaseModel):
    webhooks: list[WebhookView]


class WebhookSecret(BaseModel):
    """Shown here and never again. The old one signs beside it for 24 hours."""

    secret: str


class TryView(BaseModel):
    """`status` is null when no answer came; `body` is the answer's beginning; `detail` says in words what failed."""

    number: int
    created_at: datetime
    url: str
    status: int | None
    body: str
    error: str
    detail: str
    took_ms: int

    @classmethod
    def of(cls, row: DeliveryAttempt) -> Self:
        own = {name: getattr(row, name) for name in cls.model_fields if name != "detail"}
        return cls(detail=reason_in(the_core().texts, caller_locale(), row.error, row.status), **own)


class DeliveryView(BaseModel):
    """`id` is the `webhook-id`, the same at every try. `status`: pending, sending, delivered or dead (given up).
    `run_after`: of one that is pending, when it is tried next."""

    id: UUID
    event: str
    status: DeliveryStatus
    created_at: datetime
    run_after: datetime
    attempts: int
    response_status: int | None
    error: str
    detail: str

    @classmethod
    def of(cls, row: Delivery) -> Self:
        own = {name: getattr(row, name) for name in DeliveryView.model_fields if name != "detail"}
        return cls(detail=reason_in(the_core().texts, caller_locale(), row.error, row.response_status), **own)


class WholeDelivery(BaseModel):
    """What was sent, and each try."""

    delivery: DeliveryView
    payload: dict[str, Any]
    tries: list[TryView]


class DeliveryPart(Part):
    status: DeliveryStatus | None = None


class Deliveries(BaseModel):
    deliveries: list[DeliveryView]


class Span(BaseModel):
    """Told from `since` to before `until`; `only_failed`: what was given up, not what was delivered."""

    model_config = ConfigDict(extra="forbid")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    only_failed: bool = True


class Replayed(BaseModel):
    """`more`: ask once more for the rest."""

    replayed: int
    more: bool


class Tested(BaseModel):
    """`result` is null when nobody knows yet: look at the delivery later."""

    delivery: DeliveryView
    result: TryView | None


@blueprint.post("/webhooks")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_request(NewWebhook)
@validate_response(MadeWebhook, 201)
async def add(data: NewWebhook) -> tuple[MadeWebhook, int]:
    """Tell this address what happens from now on. Keep the secret: it verifies what comes."""
    assistant = await _assistant(data.assistant_id)
    row, secret = await add_endpoint(the_core(), g.actor, assistant, data.url, data.events)
    return MadeWebhook(**WebhookView.of(row, None).model_dump(), secret=secret), 201


async def _assistant(assistant_id: UUID | None) -> Assistant:
    if assistant_id:
        return await assistant_of(g.actor, assistant_id)
    own = await assistants_of(g.actor)
    if not own:
        raise NotFound(what="assistant")
    if len(own) > 1:
        raise Invalid(field="assistant_id", reason="invalid-missing")
    return own[0]


@blueprint.get("/webhooks")
@rate_limit(limits=per_minute(300))
@owner_required
@validate_response(Webhooks)
async def list_all() -> Webhooks:
    """Of all assistants of the business that you work in, without their secrets."""
    rows = await endpoints_of([one.id for one in await assistants_of(g.actor)])
    return Webhooks(webhooks=[WebhookView.of(row, await trouble_of(row)) for row in rows])


@blueprint.get("/webhooks/<uuid:webhook_id>")
@rate_limit(limits=per_minute(300))
@owner_required
@validate_response(WebhookView)
async def show(webhook: WebhookEndpoint) -> WebhookView:
    """One of them."""
    return WebhookView.of(webhook, await trouble_of(webhook))


@blueprint.patch("/webhooks/<uuid:webhook_id>")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_request(WebhookChange)
@validate_response(WebhookView)
async def change(webhook: WebhookEndpoint, data: WebhookChange) -> WebhookView:
    """Another address, other events, off or on. Switched on, it is sent at once what waits."""
    await change_endpoint(the_core(), g.actor, webhook, url=data.url, events=data.events, active=data.active)
    return WebhookView.of(webhook, await trouble_of(webhook))


@blueprint.delete("/webhooks/<uuid:webhook_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def delete(webhook: WebhookEndpoint) -> tuple[str, int]:
    """Tell it nothing more; what waits is not sent, and its deliveries are forgotten."""
    await delete_endpoint(g.actor, webhook)
    return "", 204


@blueprint.post("/webhooks/<uuid:webhook_id>/rotate-secret")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_response(WebhookSecret)
async def rotate(webhook: WebhookEndpoint) -> WebhookSecret:
    """A new secret; for 24 hours the old one signs, too."""
    return WebhookSecret(secret=await rotate_secret(the_core(), g.actor, webhook))


@blueprint.post("/webhooks/<uuid:webhook_id>/test")
@rate_limit(limits=per_minute(20))
@owner_required
@validate_response(Tested)
async def test(webhook: WebhookEndpoint) -> Tested:
    """Send an `endpoint.test` event now, once, and say what was answered."""
    delivery, result = await send_test(the_core(), webhook)
    return Tested(delivery=DeliveryView.of(delivery), result=TryView.of(result) if result else None)


@blueprint.get("/webhooks/<uuid:webhook_id>/deliveries")
@rate_limit(limits=per_minute(300))
@owner_required
@validate_querystring(DeliveryPart)
@validate_response(Deliveries)
async def list_deliveries(webhook: WebhookEndpoint, query_args: DeliveryPart) -> Deliveries:
    """Newest first, of the last 30 days."""
    rows = await deliveries_of(webhook, query_args.limit, query_args.offset, query_args.status)
    return Deliveries(deliveries=[DeliveryView.of(row) for row in rows])


@blueprint.get("/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>")
@rate_limit(limits=per_minute(300))
@owner_required
@validate_response(WholeDelivery)
async def show_delivery(webhook: WebhookEndpoint, delivery: Delivery) -> WholeDelivery:
    """With what was sent, and each try."""
    _must_be_of(webhook, delivery)
    tries = [TryView.of(row) for row in await tries_of(delivery)]
    return WholeDelivery(delivery=DeliveryView.of(delivery), payload=delivery.payload, tries=tries)


@blueprint.post("/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_response(DeliveryView, 202)
async def replay_one(webhook: WebhookEndpoint, delivery: Delivery) -> tuple[DeliveryView, int]:
    """Send it again under its id, behind all that waits; one that is pending is tried now."""
    _must_be_of(webhook, delivery)
    await replay(delivery)
    return DeliveryView.of(await Delivery.get(id=delivery.id)), 202


@blueprint.post("/webhooks/<uuid:webhook_id>/replay")
@rate_limit(limits=per_minute(20))
@owner_required
@validate_request(Span)
@validate_response(Replayed, 202)
async def replay_many(webhook: WebhookEndpoint, data: Span) -> tuple[Replayed, int]:
    """Send again what was told in a span of time, oldest first, at most 1000 at once."""
    replayed, more = await replay_span(webhook, data.since, data.until, only_failed=data.only_failed)
    return Replayed(replayed=replayed, more=more), 202


def _must_be_of(webhook: WebhookEndpoint, delivery: Delivery) -> None:
    """Raises `NotFound`."""
    if delivery.endpoint_id != webhook.id:
        raise NotFound(what="delivery")
