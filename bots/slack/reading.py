"""What a Slack message says to the assistant: whether it is meant, who asks, in which words. Knows no answers."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.bursts import PAUSE
from core.models import Channel, Contact, ProcessedEvent
from core.slack.connecting import SLACK
from core.slack.intake import Kind, is_direct
from core.slack.outbound import Place

_MARKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
"""Slack's own form of mentions and links: https://docs.slack.dev/messaging/formatting-message-text"""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a customer. `place` is where he is answered: in a channel always in a thread. `called`: he named us,
    or nobody else can be meant."""

    team: str
    user: str
    ts: str
    text: str
    place: Place
    direct: bool
    called: bool
    files: tuple[dict[str, Any], ...] = ()

    @property
    def contact_key(self) -> str:
        """Who a conversation is with: the person; in a channel, the person in that thread."""
        person = f"{self.team}:{self.user}"
        return person if self.direct else f"{person}:{self.place.channel}:{self.place.thread}"

    @property
    def may_go_on(self) -> bool:
        """Words alone, just between us: in a channel, who calls the assistant says it all at once."""
        return self.direct and bool(self.text) and not self.files


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a contact reads what people write to him. No channel: a direct conversation, which is opened."""

    user: str
    place: Place


def source_name(channel: Channel) -> str:
    """The channel, as contacts and messages know it."""
    return f"{SLACK}:{channel.identity}"


def addressee_of(contact_key: str) -> Addressee:
    _, user, channel, thread = (*contact_key.split(":"), "", "", "")[:4]
    return Addressee(user, Place(channel, thread))


def heard_in(channel: Channel, payload: dict[str, Any]) -> Heard | None:
    """None for what is no message."""
    body = payload.get("body") or {}
    event = body.get("event") or {}
    if payload.get("kind") != Kind.EVENT or event.get("type") not in ("message", "app_mention"):
        return None
    direct, ts = is_direct(event), str(event.get("ts", ""))
    thread = str(event.get("thread_ts") or ("" if direct else ts))
    return Heard(
        team=str(body.get("team_id", "")),
        user=str(event.get("user", "")),
        ts=ts,
        text=words_in(str(event.get("text") or ""), str(channel.settings.get("bot_user_id", ""))),
        place=Place(str(event.get("channel", "")), thread),
        direct=direct,
        called=direct or event["type"] == "app_mention",
        files=tuple(one for one in event.get("files") or () if isinstance(one, dict)),
    )


def words_in(text: str, own_id: str = "") -> str:
    """As its writer sees it, without our own name."""

    def shown(found: re.Match[str]) -> str:
        sign, what, label = found.groups()
        if sign == "@" and what == own_id:
            return ""
        if sign in ("@", "#", "!"):
            name = label or ("" if sign == "@" else what)
            return f"{sign if sign == '#' else '@'}{name.lstrip('@#')}" if name else ""
        return label or what.removeprefix("mailto:")

    return html.unescape(_MARKED.sub(shown, text)).lstrip(" ,:\n").rstrip()


async def is_for_us(channel: Channel, heard: Heard) -> bool:
    """What is called out to us; in a thread also what goes on there by somebody whom we have answered in it."""
    if heard.called:
        return True
    known = Contact.filter(assistant_id=channel.assistant_id, channel=source_name(channel), key=heard.contact_key)
    return await known.exists()


def words_that_join(channel: Channel) -> Callable[[ProcessedEvent, ProcessedEvent], str]:
    """What a message adds to the one before it; nothing when it does not go on with it."""

    def joining(before: ProcessedEvent, event: ProcessedEvent) -> str:
        last, heard = heard_in(channel, before.payload), heard_in(channel, event.payload)
        if last is None or heard is None or not heard.may_go_on or last.place != heard.place:
            return ""
        return heard.text if 0 <= float(heard.ts) - float(last.ts) <= PAUSE.total_seconds() else ""

    return joining
