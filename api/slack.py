"""Where Slack calls: events, buttons and commands, each written down before it is acknowledged, at once.

The signature is checked over the body as it came. Who is not known is acknowledged all the same, or Slack would
repeat itself for ever. Refuses to know what is answered (bots/slack).
"""

import logging
import re
from typing import Any
from urllib.parse import parse_qsl

from quart import Blueprint, Response, request
from quart_rate_limiter import rate_limit
from quart_schema import hide
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, Unauthorized

from api.access import public
from api.context import the_core
from api.json_bodies import load_json
from api.limits import per_minute
from core.models import Channel
from core.settings import MEGABYTE
from core.slack.client import secrets_of
from core.slack.connecting import SLACK
from core.slack.intake import Body, Kind, identity_in, kind_of, take_in
from core.slack.signatures import is_genuine

log = logging.getLogger(__name__)
blueprint = Blueprint("slack", __name__)

LARGEST = MEGABYTE
"""Bytes. Slack's own events are some thousand."""
_MOST_FIELDS = 100
_CHALLENGE = re.compile(r"[\w.~-]{1,200}", re.ASCII)
_MOST_STRANGERS = 1000
_strangers: set[str] = set()
"""Apps and workspaces without a channel here, named in the log once."""


@blueprint.post("/slack/events")
@rate_limit(limits=per_minute(6000))
@public
@hide
async def events() -> Response:
    """What happens in a workspace."""
    raw = await _raw_body()
    body = _object(raw)
    if body.get("type") == "url_verification":
        return _challenge(body)
    return await _accept(Kind.EVENT, body, raw)


@blueprint.post("/slack/interactions")
@rate_limit(limits=per_minute(6000))
@public
@hide
async def interactions() -> Response:
    """Buttons."""
    raw = await _raw_body()
    body = _object(_form(raw).get("payload", "").encode())
    kind = kind_of(body)
    return await _accept(kind, body, raw) if kind else Response("")


@blueprint.post("/slack/commands")
@rate_limit(limits=per_minute(6000))
@public
@hide
async def commands() -> Response:
    """Slash commands."""
    raw = await _raw_body()
    form = _form(raw)
    return Response("") if form.get("ssl_check") else await _accept(Kind.COMMAND, dict(form), raw)


async def _accept(kind: Kind, body: Body, raw: bytes) -> Response:
    identity = identity_in(body)
    channel = await Channel.get_or_none(kind=SLACK, identity=identity) if identity else None
    if channel is None:
        _note_stranger(identity)
        return Response("")
    timestamp, signature = (request.headers.get(f"X-Slack-{name}", "") for name in ("Request-Timestamp", "Signature"))
    if not is_genuine(_signing_secret(channel), raw, timestamp, signature):
        log.warning("channel %s: a request without Slack's signature, or an old one", channel.id)
        raise Unauthorized
    await take_in(channel, kind, body)
    return Response("")


def _signing_secret(channel: Channel) -> str:
    """The channel's own, or that of the installation's app."""
    core = the_core()
    common = core.settings.slack_signing_secret
    own = secrets_of(core, channel).get("signing_secret", "")
    return own or (common.get_secret_value() if common else "")


def _challenge(body: Body) -> Response:
    """Slack asks whether somebody is here, before an app of one's own is made and its secret can be known. Whoever asks
    gets back what he sent, and nothing else."""
    challenge = body.get("challenge")
    if not isinstance(challenge, str) or not _CHALLENGE.fullmatch(challenge):
        raise BadRequest
    return Response(challenge, content_type="text/plain; charset=utf-8")


def _note_stranger(identity: str) -> None:
    if identity not in _strangers and len(_strangers) < _MOST_STRANGERS:
        _strangers.add(identity)
        log.warning("Slack calls for an app and workspace that nobody has connected: %r", identity[:100])


async def _raw_body() -> bytes:
    """As it came: the signature is over these bytes."""
    arrived = bytearray()
    async for piece in request.body:
        arrived += piece
        if len(arrived) > LARGEST:
            raise RequestEntityTooLarge
    return bytes(arrived)


def _object(raw: bytes) -> Body:
    try:
        body: Any = load_json(raw)
    except ValueError as error:
        raise BadRequest from error
    if not isinstance(body, dict):
        raise BadRequest
    return body


def _form(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise BadRequest from error
