"""Whether Slack has sent a request: its signature over the body as it came, and its age. Knows no route.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import time

OLDEST_S = 300
"""A request that is older, or that far in the future, is refused; a younger one that comes again is known by its id."""
_LONGEST_TIME = 12
"""Digits."""


def is_genuine(secret: str, body: bytes, timestamp: str, signature: str) -> bool:
    """Compared in constant time. Nothing is genuine without a secret."""
    if not secret or len(timestamp) > _LONGEST_TIME or not timestamp.isascii() or not timestamp.isdigit():
        return False
    if abs(time.time() - int(timestamp)) > OLDEST_S:
        return False
    return hmac.compare_digest(sign(secret, body, timestamp).encode(), signature.encode())


def sign(secret: str, body: bytes, timestamp: str) -> str:
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
