"""What became of deliveries, and sending them again: one, those of a span of time, or a test. Under their old ids, so
that a program which has had one already knows it.
"""

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from tortoise.transactions import in_transaction

from core.app import Core
from core.errors import Conflict
from core.fetching import open_fetcher
from core.models import Assistant, Delivery, DeliveryAttempt, DeliveryStatus, DeliveryTurn, WebhookEndpoint
from core.texts import Texts
from core.webhooks.delivering import deliver
from core.webhooks.events import TEST, payload_of, test_data
from core.webhooks.outbox import put_in_line, turn_of
from core.webhooks.sending import LIMIT_S

KEEP = timedelta(days=30)
MOST_AT_ONCE = 1_000
"""So many are sent again by one request."""
_OVER = (DeliveryStatus.DELIVERED, DeliveryStatus.DEAD)
_LOOK_S = 0.1


class StillInLine(Conflict):
    """It is being sent at this moment."""

    code = "error-delivery-in-line"


async def deliveries_of(
    endpoint: WebhookEndpoint, limit: int, offset: int = 0, status: DeliveryStatus | None = None
) -> list[Delivery]:
    """Newest first."""
    rows = Delivery.filter(endpoint_id=endpoint.id, **({"status": status} if status else {}))
    return await rows.order_by("-created_at", "id").offset(offset).limit(limit)


async def tries_of(delivery: Delivery) -> list[DeliveryAttempt]:
    """Oldest first."""
    return await DeliveryAttempt.filter(delivery_id=delivery.id).order_by("created_at")


async def count_deliveries(endpoint: WebhookEndpoint, status: DeliveryStatus) -> int:
    return await Delivery.filter(endpoint_id=endpoint.id, status=status).exclude(event=TEST).count()


async def replay(delivery: Delivery) -> None:
    """Send it again, behind all that is in line; one that waits for its next try is tried at once. Raises
    `StillInLine`."""
    async with in_transaction():
        if await _put_back([delivery]):
            return
        now = datetime.now(UTC)
        waiting = Delivery.filter(id=delivery.id, status=DeliveryStatus.PENDING)
        if not await waiting.update(run_after=now):
            raise StillInLine


async def replay_span(
    endpoint: WebhookEndpoint,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    only_failed: bool = True,
) -> tuple[int, bool]:
    """Send again what was told in this time, oldest first; how many, and whether there are more than `MOST_AT_ONCE`.

    Only what was given up, or also what was delivered. Tests and what is in line are left.
    """
    over = (DeliveryStatus.DEAD,) if only_failed else _OVER
    rows = Delivery.filter(endpoint_id=endpoint.id, status__in=over).exclude(event=TEST)
    if since:
        rows = rows.filter(created_at__gte=since)
    if until:
        rows = rows.filter(created_at__lt=until)
    async with in_transaction():
        found = await rows.order_by("created_at", "id").limit(MOST_AT_ONCE + 1)
        return await _put_back(found[:MOST_AT_ONCE]), len(found) > MOST_AT_ONCE


async def _put_back(deliveries: Collection[Delivery]) -> int:
    """Those of them that are over; how many. Within a transaction, so of two who ask one does it."""
    now, put = datetime.now(UTC), 0
    for delivery in deliveries:
        same = Delivery.filter(id=delivery.id, status__in=_OVER, attempts=delivery.attempts)
        if await same.update(status=DeliveryStatus.PENDING, run_after=now, error=""):
            await turn_of(delivery).save()
            put += 1
    return put


async def send_test(core: Core, endpoint: WebhookEndpoint) -> tuple[Delivery, DeliveryAttempt | None]:
    """A test event, sent now, by the way of all others, and what came of it; None: nobody knows yet.

    Sent to one that is switched off, too. It is tried once.
    """
    assistant = await Assistant.get(id=endpoint.assistant_id)
    async with in_transaction():
        (delivery,) = await put_in_line([endpoint], payload_of(TEST, test_data(assistant, endpoint.id)))
    async with open_fetcher(core.settings) as fetcher:
        await deliver(core, fetcher, delivery.id)
    return await _ended(delivery)


async def _ended(delivery: Delivery) -> tuple[Delivery, DeliveryAttempt | None]:
    """As it is in the end. A worker may have been quicker: then it is waited for."""
    attempts = DeliveryAttempt.filter(delivery_id=delivery.id).order_by("-created_at")
    for _ in range(int(2 * LIMIT_S / _LOOK_S)):
        if attempt := await attempts.first():
            return await Delivery.get(id=delivery.id), attempt
        await asyncio.sleep(_LOOK_S)
    return delivery, None


def reason_in(texts: Texts, locale: str, error: str, status: int | None) -> str:
    """Why a delivery failed, and what may be done, in plain words; empty when it did not."""
    return texts.say(locale, error, status=status or 0, seconds=round(LIMIT_S)) if error else ""


async def forget_old_deliveries() -> None:
    """With their tries, by each endpoint's index."""
    oldest = datetime.now(UTC) - KEEP
    for endpoint_id in await WebhookEndpoint.all().values_list("id", flat=True):
        await Delivery.filter(endpoint_id=endpoint_id, created_at__lt=oldest).delete()


async def waiting_in_line(endpoint: WebhookEndpoint) -> int:
    return await DeliveryTurn.filter(endpoint_id=endpoint.id).count()
