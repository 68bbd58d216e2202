"""What Slack sends, by HTTP or by a socket: whose it is, whether it concerns us, and its place in the inbox.

Slack repeats what is not acknowledged within three seconds, so an event is written down under its id, acknowledged, and
handled by whoever serves the channel. What nobody would answer (other bots, edits, talk among people) is not written
down. Refuses to know answers.
"""

import hashlib
import json
from collections.abc import Hashable
from enum import StrEnum
from typing import Any

from core.inbox import leave_event
from core.models import Channel, ProcessedEvent
from core.slack.connecting import SLACK
from core.storable import storable_json

Body = dict[str, Any]


class Kind(StrEnum):
    EVENT = "event"
    ACTION = "action"
    COMMAND = "command"


WITH_WORDS = frozenset((None, "", "file_share", "thread_broadcast"))
"""Subtypes of messages that somebody has written just now; all others are edits, deletions and news of a channel."""
_MESSAGES = ("message", "app_mention")
_OTHERS = ("assistant_thread_started", "tokens_revoked", "app_uninstalled")


def source_of(channel: Channel) -> str:
    """Its events in the inbox."""
    return f"{SLACK}:{channel.id}"


def identity_in(body: Body) -> str:
    """Which app in which workspace a request is for, as `Channel.identity`; "" where it does not say."""
    team = body.get("team_id") or _id_of(body.get("team")) or _part(body, "user").get("team_id")
    app = body.get("api_app_id")
    return f"{app}:{team}" if isinstance(app, str) and isinstance(team, str) else ""


def kind_of(body: Body) -> Kind | None:
    """What an interaction is; None: nothing that we offer."""
    return Kind.ACTION if body.get("type") == "block_actions" else None


async def take_in(channel: Channel, kind: Kind, body: Body) -> None:
    """Written down, once, if it concerns us. From here on it may be acknowledged."""
    if kind is not Kind.EVENT or is_wanted(channel, body):
        await leave_event(source_of(channel), _event_id(kind, body), {"kind": kind.value, "body": storable_json(body)})


def is_wanted(channel: Channel, body: Body) -> bool:
    """Messages of people that may be meant for us, and what happens to the app itself.

    Among people only a mention is, or what goes on in a thread; a mention comes as `message`, too, and is left out.
    """
    event = _part(body, "event")
    if event.get("type") in _OTHERS:
        return True
    if event.get("type") not in _MESSAGES or not is_of_person(channel, event) or not event.get("channel"):
        return False
    if event["type"] == "app_mention" or is_direct(event):
        return True
    return bool(event.get("thread_ts")) and not mentions(channel, event)


def is_of_person(channel: Channel, event: Body) -> bool:
    """Written by somebody just now: by no bot, not by ourselves, and no edit."""
    author = event.get("user")
    if not author or author in (channel.settings.get("bot_user_id"), "USLACKBOT") or event.get("bot_id"):
        return False
    return event.get("subtype") in WITH_WORDS and not event.get("edited") and not event.get("hidden")


def is_direct(event: Body) -> bool:
    """In a conversation of one person with us."""
    return event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")


def mentions(channel: Channel, event: Body) -> bool:
    return f"<@{channel.settings.get('bot_user_id')}" in str(event.get("text", ""))


def lane_of(payload: Body) -> Hashable:
    """The person in his channel: what must stay in order."""
    body = _part(payload, "body")
    event = body.get("event") if payload.get("kind") == Kind.EVENT else body
    event = event if isinstance(event, dict) else {}
    channel = event.get("channel_id") or _id_of(event.get("channel"))
    begun = _part(event, "assistant_thread")
    person = event.get("user_id") or _id_of(event.get("user")) or begun.get("user_id")
    return (channel, person)


def order_of(event: ProcessedEvent) -> float:
    """When it happened, in seconds; Slack does not keep the order on the way."""
    body = _part(event.payload, "body")
    told = _part(body, "event").get("ts") or _part(body, "event").get("event_ts")
    try:
        return float(told) if told else event.created_at.timestamp()
    except (TypeError, ValueError):
        return event.created_at.timestamp()


def _event_id(kind: Kind, body: Body) -> str:
    """Slack's own, or for what has none the trigger's, which no other press has."""
    if kind is Kind.EVENT and isinstance(told := body.get("event_id"), str) and told:
        return told[:128]
    mark = str(body.get("trigger_id") or json.dumps(body, sort_keys=True))
    return hashlib.sha256(f"{kind.value}\n{mark}".encode()).hexdigest()


def _part(body: Body, name: str) -> Body:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _id_of(thing: Any) -> Any:
    return thing.get("id") if isinstance(thing, dict) else thing
