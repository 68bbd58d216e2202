"""Signatures of Standard Webhooks, version 1: base64 of HMAC-SHA256 over "id.timestamp.body" (its specification,
github.com/standard-webhooks). Secrets are kept sealed; after a rotation the old one signs beside the new one for a day.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from core.keyring import Keyring

OVERLAP = timedelta(hours=24)
"""So long whoever verifies with the old secret has time to take the new one."""
PREFIX = "whsec_"
_BYTES = 32
_FOR_GOOD = ""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def seal_first(keyring: Keyring, secret: str) -> str:
    return keyring.seal({secret: _FOR_GOOD})


def seal_next(keyring: Keyring, sealed: str, secret: str) -> str:
    """`secret` signs from now on; what signed until now goes on for `OVERLAP`, older ones end with it at the latest.
    Raises `WrongMasterKey`."""
    now = datetime.now(UTC)
    known = keyring.unseal(sealed)
    last = (now + OVERLAP).isoformat()
    before = {one: ends or last for one, ends in known.items() if not ends or datetime.fromisoformat(ends) > now}
    return keyring.seal({secret: _FOR_GOOD, **before})


def secrets_of(keyring: Keyring, sealed: str) -> list[str]:
    """Those that sign now, the newest first. Raises `WrongMasterKey`."""
    now = datetime.now(UTC)
    return [one for one, ends in keyring.unseal(sealed).items() if not ends or datetime.fromisoformat(ends) > now]


def signed_headers(keys: Iterable[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers, with a signature by each of the secrets."""
    seconds = str(int(at.timestamp()))
    told = f"{message_id}.{seconds}.".encode() + body
    signatures = [f"v1,{_signature(key, told)}" for key in keys]
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}


def _signature(secret: str, told: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, told, hashlib.sha256)).decode()
