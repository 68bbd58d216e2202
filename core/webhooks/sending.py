"""One try: the request, and what came of it. Addresses are opened by the one guard, core/fetching.py.

An answer of 2xx is success, whatever it says. Whatever else comes, or does not come, has a sentence in the locales.
"""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from core import errors
from core.fetching import Fetcher
from core.keyring import Keyring, WrongMasterKey
from core.models import Delivery, WebhookEndpoint
from core.storable import storable
from core.webhooks.signing import secrets_of, signed_headers

LIMIT_S = 10.0
"""So long an address has for its answer's first words; their beginning is read for some seconds more."""
MOST_READ = 65_536
MOST_KEPT = 1_000
GONE, REDIRECTED, REFUSED = "webhook-error-gone", "webhook-error-redirect", "webhook-error-status"
PRIVATE, UNREADABLE_SECRET = "webhook-error-private", "webhook-error-secret"
SILENT, UNREACHABLE, BROKEN = "webhook-error-silent", "webhook-error-unreachable", "webhook-error-broken"
_FAILED = {
    errors.SiteSilent: SILENT,
    errors.SiteNotFound: "webhook-error-no-host",
    errors.SiteInsecure: "webhook-error-certificate",
    errors.SiteBroken: BROKEN,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error` is a key of the locales, empty for success; `status` is None when no answer came."""

    status: int | None
    body: str
    error: str
    took_ms: int


def body_of(delivery: Delivery) -> bytes:
    """The same bytes at every try: a signature covers them."""
    told: dict[str, Any] = {name: delivery.payload[name] for name in ("type", "timestamp", "data")}
    return storable(json.dumps(told, ensure_ascii=False, separators=(",", ":"))).encode()


async def send(fetcher: Fetcher, keyring: Keyring, endpoint: WebhookEndpoint, delivery: Delivery) -> Outcome:
    """Send it once. Never raises for what the address does."""
    body, began = body_of(delivery), time.monotonic()

    def came(status: int | None, error: str, said: str = "") -> Outcome:
        return Outcome(status, said, error, round((time.monotonic() - began) * 1000))

    try:
        keys = secrets_of(keyring, endpoint.secrets)
        headers = signed_headers(keys, str(delivery.id), datetime.now(UTC), body)
        answer = await fetcher.post(
            endpoint.url,
            headers={"Content-Type": "application/json", **headers},
            body=body,
            limit_s=LIMIT_S,
            max_bytes=MOST_READ,
        )
    except WrongMasterKey:
        return came(None, UNREADABLE_SECRET)
    except errors.AddressRefused:
        return came(None, PRIVATE)
    except errors.FetchFailed as error:
        return came(None, _FAILED.get(type(error), UNREACHABLE))
    return came(answer.status, _verdict(answer.status), _beginning(answer.body))


def _verdict(status: int) -> str:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    if status == HTTPStatus.GONE:
        return GONE
    return REDIRECTED if status < HTTPStatus.BAD_REQUEST else REFUSED


def _beginning(body: bytes) -> str:
    return storable(body[: 4 * MOST_KEPT].decode(errors="replace")[:MOST_KEPT])
