"""What a server of OpenAI's protocol sends, read within bounds: bodies, and the lines of a stream.

Whatever comes that is not the protocol is `StreamBroken`. Refuses to know who sent it, and retries.
"""

import json

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from core.errors import ModelUnavailable
from core.storable import storable

LONGEST_REFUSAL = 4096


class StreamBroken(Exception):
    """Not what the protocol promises. The message says what came instead."""


BROKEN = (aiohttp.ClientError, HttpProcessingError, TimeoutError, StreamBroken, OSError, ValueError)
"""What comes of a server that is away, or is none."""


async def read_body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body's beginning, at most so many bytes: a body may be endless."""
    body = b""
    while len(body) < most and (chunk := await response.content.read(most - len(body))):
        body += chunk
    return body


def piece_in(line: bytes) -> tuple[str, bool]:
    """The text in a line of the stream, which may also be a whole answer, and whether it is the last
    (https://html.spec.whatwg.org/multipage/server-sent-events.html). Raises `StreamBroken`, and `ModelUnavailable`
    when the server refuses the request inside the stream."""
    field, _, value = line.decode(errors="replace").strip().partition(":")
    if field != "data":
        return "", False
    if value.strip() == "[DONE]":
        return "", True
    try:
        event = json.loads(value)
        if event.get("error"):
            raise _told(event["error"])
        choice = (event.get("choices") or [{}])[0]
        piece = (choice.get("delta") or choice.get("message") or {}).get("content") or ""
        return storable(piece), bool(choice.get("finish_reason"))
    except (ValueError, AttributeError, LookupError, TypeError, RecursionError) as wrong:
        raise StreamBroken(f"no event: {value[:100]}") from wrong


def seconds_in(retry_after: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, is left to our own pause."""
    return float(retry_after) if retry_after and retry_after.strip().isdigit() else None


def _told(error: object) -> ModelUnavailable | StreamBroken:
    """An error in mid-stream: the request's fault, as far as the server says so, otherwise its own."""
    code = error.get("code") if isinstance(error, dict) else None
    said = f"the server says: {error}"[:300]
    return ModelUnavailable(reason=said) if isinstance(code, int) and 400 <= code < 500 else StreamBroken(said)
