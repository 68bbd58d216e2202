"""Who is next. Of one lane (a conversation, a document) of one endpoint one delivery is sent after the other, in the
order in which they were written down; lanes are sent side by side. The truth is in SQL, so any number of workers may
ask: a delivery is one worker's until its lease runs out.

Refuses to know how it is sent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from core.hidden import NOBODY
from core.models import Delivery, DeliveryStatus, DeliveryTurn, WebhookEndpoint
from core.statements import Statement, as_id
from core.webhooks.events import TEST

LEASE = timedelta(seconds=45)
"""More than a try takes (core/webhooks/sending.py). After it a sender that has said nothing is dead."""
_OPEN = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)
_WAITING = Statement(
    "SELECT DISTINCT t.endpoint_id AS id FROM delivery_turns t JOIN webhook_endpoints e ON e.id = t.endpoint_id "
    "JOIN assistants a ON a.id = e.assistant_id WHERE e.active AND a.tenant_id <> :nobody"
)
_DUE = Statement(
    "SELECT d.id AS id FROM delivery_turns t JOIN deliveries d ON d.id = t.delivery_id "
    "WHERE t.endpoint_id = :endpoint AND d.run_after <= :now AND NOT EXISTS (SELECT 1 FROM delivery_turns b "
    "WHERE b.endpoint_id = t.endpoint_id AND b.lane = t.lane AND b.id < t.id) ORDER BY d.run_after, t.id LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in hand. `failures` were before, since it took its place."""

    delivery: Delivery
    endpoint: WebhookEndpoint
    failures: int


async def waiting_endpoints() -> list[UUID]:
    """Those that are switched on and have something in line; none of an assistant that is deleted."""
    return [as_id(row["id"]) for row in await _WAITING.rows(nobody=NOBODY)]


async def due_for(endpoint_id: UUID, most: int) -> list[UUID]:
    """Deliveries that may be sent now, each the first of its lane."""
    rows = await _DUE.rows(endpoint=endpoint_id, now=datetime.now(UTC), most=most)
    return [as_id(row["id"]) for row in rows]


async def claim(delivery_id: UUID) -> Claim | None:
    """Take it, if it is due and nobody holds it, and its endpoint is on (a test is sent all the same)."""
    turn = await DeliveryTurn.get_or_none(delivery_id=delivery_id).select_related("delivery", "endpoint")
    if turn is None:
        return None
    delivery: Delivery = turn.delivery
    endpoint: WebhookEndpoint = turn.endpoint
    if not endpoint.active and delivery.event != TEST:
        return None
    now = datetime.now(UTC)
    mine = Delivery.filter(id=delivery.id, status__in=_OPEN, attempts=delivery.attempts, run_after__lte=now)
    values = {"status": DeliveryStatus.SENDING, "attempts": delivery.attempts + 1, "run_after": now + LEASE}
    if not await mine.update(**values):
        return None
    failures = turn.failures
    if delivery.status == DeliveryStatus.SENDING:  # whoever had it has died of it, or while he had it
        failures += 1
        await DeliveryTurn.filter(id=turn.id).update(failures=failures)
    delivery.update_from_dict(values)
    return Claim(delivery, endpoint, failures)


async def let_go(held: Claim) -> None:
    """Untouched, as far as we know: the process is stopping, another will go on."""
    await _held(held.delivery).update(status=DeliveryStatus.PENDING, run_after=datetime.now(UTC))


async def end(held: Claim, status: DeliveryStatus, answered: int | None, error: str = "") -> bool:
    """It leaves the line. False when somebody else has it by now. Within a transaction."""
    mine = _held(held.delivery)
    if not await mine.update(status=status, response_status=answered, error=error):
        return False
    await DeliveryTurn.filter(delivery_id=held.delivery.id).delete()
    return True


async def postpone(held: Claim, pause: timedelta, answered: int | None, error: str) -> bool:
    """It keeps its place, and so do those behind it. As `end`."""
    again = datetime.now(UTC) + pause
    values = {"status": DeliveryStatus.PENDING, "run_after": again, "response_status": answered, "error": error}
    if not await _held(held.delivery).update(**values):
        return False
    await DeliveryTurn.filter(delivery_id=held.delivery.id).update(failures=F("failures") + 1)
    return True


def _held(delivery: Delivery) -> QuerySet[Delivery]:
    """This very try of it."""
    return Delivery.filter(id=delivery.id, status=DeliveryStatus.SENDING, attempts=delivery.attempts)
