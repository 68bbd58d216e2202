"""What a server of OpenAI's protocol sends, read within bounds: bodies, and the lines of a stream.

Whatever comes that is not the protocol is `StreamBroken`. Refuses to know who sent it, and retries.
"""

import json

import aiohttp

from core.errors import ModelUnavailable
from core.storable import storable

LONGEST_BODY = 1 << 20
LONGEST_REFUSAL = 4096


class StreamBroken(Exception):
    """Not what the protocol promises. The message says what came instead."""


async def read_body(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body's beginning, at most so many bytes: a body may be endless."""
    body = b""
    while len(body) < most and (chunk := await response.content.read(most - len(body))):
        body += chunk
    return body


def first_model_in(body: bytes) -> str:
    """The first name in the answer to GET /models."""
    try:
        return str(json.loads(body)["data"][0]["id"])
    except (ValueError, LookupError, TypeError, RecursionError) as wrong:
        raise StreamBroken(f"no list of models: {body[:100]!r}") from wrong


def piece_in(line: bytes) -> tuple[str, bool]:
    """The text in a line of the stream, and whether it is the last
    (https://html.spec.whatwg.org/multipage/server-sent-events.html). Raises `StreamBroken`, and `ModelUnavailable`
    when the server refuses the request inside the stream."""
    field, _, value = line.decode(errors="replace").strip().partition(":")
    if field != "data":
        return "", False
    if value.strip() == "[DONE]":
        return "", True
    try:
        event = json.loads(value)
        if "error" in event:
            raise _told(event["error"])
        choice = (event.get("choices") or [{}])[0]
        piece = (choice.get("delta") or {}).get("content") or ""
        return storable(piece), bool(choice.get("finish_reason"))
    except (ValueError, AttributeError, LookupError, TypeError, RecursionError) as wrong:
        raise StreamBroken(f"no event: {value[:100]}") from wrong


def _told(error: object) -> ModelUnavailable | StreamBroken:
    """An error in mid-stream: the request's fault, as far as the server says so, otherwise its own."""
    code = error.get("code") if isinstance(error, dict) else None
    said = f"the server says: {error}"[:300]
    return ModelUnavailable(reason=said) if isinstance(code, int) and 400 <= code < 500 else StreamBroken(said)
