"""One workspace at work, and how anything is said to a customer there: composed once, written down, sent in parts.

A restart sends what is missing and asks nobody twice. No exception text ever reaches a customer. Refuses to know what
is said.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from bots.slack.names import Names
from core.app import Core
from core.errors import Unavailable
from core.inbox import keep_progress
from core.models import Assistant, Channel, ProcessedEvent
from core.slack.formatting import Part, words
from core.slack.outbound import Outbound, Place
from core.slack.refusals import ChatClosed, NotTaken, SlackTokenRefused

log = logging.getLogger(__name__)
Compose = Callable[[], Awaitable[list[Part]]]
"""What is to be said; nothing says nothing."""


@dataclass(frozen=True, slots=True)
class Desk:
    core: Core
    channel: Channel
    outbound: Outbound
    names: Names = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", Names(self.outbound))

    def say(self, language: str, key: str, **facts: str | int) -> list[Part]:
        """A sentence of ours."""
        return words(self.core.texts.say(language, key, **facts))


async def say_once(
    desk: Desk, event: ProcessedEvent, place: Place, compose: Compose, joined: Callable[[], list[str]] = list
) -> None:
    """Compose unless a restart finds it composed, then send the parts that were not sent yet. `joined` are the events
    that are answered together with this one."""
    again = bool(event.result)
    if not event.result:
        parts = await compose()
        await keep_progress(event, {"parts": [part.record() for part in parts], "sent": 0, "joined": joined()})
    progress = event.result or {}
    parts = [Part.from_record(record) for record in progress["parts"]]
    for number in range(progress["sent"], len(parts)):
        taken = partial(_note_sent, event, number + 1)
        await desk.outbound.send_part(
            place, parts[number], f"{event.id.hex}:{number}", taken, again=again, since=event.created_at
        )
        again = False


async def _note_sent(event: ProcessedEvent, sent: int, _ts: str) -> None:
    await keep_progress(event, {**(event.result or {}), "sent": sent})


async def to_its_end(desk: Desk, place: Place, language: Callable[[], Awaitable[str]], work: Awaitable[None]) -> None:
    """Whatever breaks, the customer gets a sentence. Raises `Unavailable` when Slack takes no answer now."""
    try:
        await work
    except ChatClosed:
        log.info("channel %s: %s takes no answer", desk.channel.id, place.channel)
    except SlackTokenRefused:
        raise Unavailable(part="Slack", reason="the token is refused") from None
    except Unavailable:
        raise
    except Exception:  # a customer must get a sentence, whatever broke behind it
        log.exception("channel %s: something said in %s could not be answered", desk.channel.id, place.channel)
        await _apologise(desk, place, await language())


async def _apologise(desk: Desk, place: Place, language: str) -> None:
    try:
        await desk.outbound.send(place, desk.say(language, "customer-cannot-answer"))
    except (ChatClosed, NotTaken, SlackTokenRefused) as error:
        log.info("channel %s: %s takes no answer: %s", desk.channel.id, place.channel, type(error).__name__)


async def language_of_person(desk: Desk, user: str) -> str:
    """For sentences that answer no words of his."""
    assistant = await Assistant.get_or_none(id=desk.channel.assistant_id)
    return (await desk.names.of(user)).language(assistant)
