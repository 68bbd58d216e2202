"""Where Telegram brings updates of bots that are served by webhook: written down, and only then acknowledged.

The address holds no token; that it is Telegram who calls is shown by the secret in a header. An unknown channel and a
wrong secret look the same. What is refused Telegram brings again. Refuses to know what an update says.
"""

import hmac
import logging
from functools import wraps
from typing import Any
from uuid import UUID

from quart import Blueprint, request
from quart_rate_limiter import RateLimit, rate_limit
from quart_schema import hide
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from api.access import ACCESS, View
from api.context import the_core
from api.json_bodies import load_json
from api.limits import MINUTE, by_address
from core.channel_modes import webhook_secret
from core.channels import TELEGRAM
from core.errors import NotFound, Unavailable
from core.inbox import leave_event
from core.models import Channel
from core.telegram.listening import source_of

log = logging.getLogger(__name__)
blueprint = Blueprint("telegram", __name__)
SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LARGEST = 512_000
"""Bytes; a message of 4,096 characters with all its entities has a tenth of that."""
_LOGGED_AT_MOST = 1000
_logged: set[tuple[UUID, str]] = set()


async def by_channel() -> str:
    return str((request.view_args or {}).get("channel_id"))


def telegram_required(view: View) -> View:
    """Whoever shows the channel's secret; `channel`."""

    @wraps(view)
    async def guarded(channel_id: UUID) -> Any:
        secret = webhook_secret(the_core().keyring, channel_id)
        if not hmac.compare_digest(request.headers.get(SECRET, "").encode(), secret.encode()):
            _log_once(channel_id, "a wrong secret")
            raise NotFound(what="channel")
        channel = await Channel.get_or_none(id=channel_id, kind=TELEGRAM)
        if channel is None:
            _log_once(channel_id, "no such channel any more")
            raise NotFound(what="channel")
        if not channel.enabled:  # Telegram keeps it until the bot is switched on again
            raise Unavailable(part="bot", reason="it is switched off")
        return await view(channel)

    setattr(guarded, ACCESS, "secret of the channel")
    return guarded  # type: ignore[return-value]  # `wraps` loses the view's own type


@blueprint.post("/telegram/<uuid:channel_id>")
@rate_limit(limits=[RateLimit(6000, MINUTE, by_channel), RateLimit(30_000, MINUTE, by_address)])
@telegram_required
@hide
async def receive(channel: Channel) -> str:
    """One update."""
    update = await _update(channel.id)
    await leave_event(source_of(channel), str(update["update_id"]), update)
    return ""


async def _update(channel_id: UUID) -> dict[str, Any]:
    if (request.content_length or 0) > LARGEST:
        _log_once(channel_id, "too large an update")
        raise RequestEntityTooLarge
    body: bytes = await request.get_data(as_text=False)  # type: ignore[assignment]  # Quart types it for both
    if len(body) > LARGEST:
        _log_once(channel_id, "too large an update")
        raise RequestEntityTooLarge
    try:
        update = load_json(body)
    except ValueError:
        update = None
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        _log_once(channel_id, "what is no update")
        raise BadRequest
    return update


def _log_once(channel_id: UUID, what: str) -> None:
    """Whoever knocks at a door all day must not fill the log."""
    if (channel_id, what) not in _logged and len(_logged) < _LOGGED_AT_MOST:
        _logged.add((channel_id, what))
        log.warning("webhook of channel %s: %s was refused", channel_id, what)
