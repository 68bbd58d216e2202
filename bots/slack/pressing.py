"""What a press of a button below an answer does in Slack.

What was pressed is taken from below the answer, and a line says what becomes of it. Refuses to know answers.
"""

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bots.slack.asking import ask
from bots.slack.buttons import HELPED, NOT_HELPED, PERSON, SHARE, TELL
from bots.slack.command import share
from bots.slack.desk import Desk, say_once, to_its_end
from bots.slack.reading import Heard, source_name
from core.askers import wait_for_answer
from core.conversations import answer_given_to, rate_answer
from core.errors import NotFound
from core.messages import Piece
from core.models import ProcessedEvent
from core.slack.formatting import Block, Part, context, words
from core.slack.mrkdwn import escape
from core.slack.outbound import Place
from core.slack.refusals import ChatClosed, NotTaken, SlackTokenRefused
from core.words import language_of

log = logging.getLogger(__name__)
_SCORES = {HELPED: 1, NOT_HELPED: -1}


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed below a message of ours."""

    heard: Heard
    action: str
    value: UUID
    message: dict[str, Any]


async def take_press(desk: Desk, event: ProcessedEvent) -> None:
    """To its end. Raises `Unavailable` when Slack takes nothing now."""
    body = event.payload["body"]
    action: dict[str, Any] = next(iter(body.get("actions") or ()), {})
    if action.get("action_id") == SHARE:
        await share(desk, event, UUID(str(action.get("value"))))
        return
    press = press_in(body)
    if press is None:
        return
    desk.outbound.reopen(press.heard.place.channel)
    language = language_of(str(press.message.get("text", "")))

    async def spoken() -> str:
        return language

    work = _call_person if press.action == PERSON else _rate if press.action in _SCORES else _tell_later
    await to_its_end(desk, press.heard.place, spoken, work(desk, event, press, language))


def press_in(body: dict[str, Any]) -> Press | None:
    """None for buttons that are not ours, or no longer."""
    message, channel, user = (body.get(name) or {} for name in ("message", "channel", "user"))
    action: dict[str, Any] = next(iter(body.get("actions") or ()), {})
    try:
        value = UUID(str(action.get("value", "")))
    except ValueError:
        return None
    name, where = str(action.get("action_id", "")), str(channel.get("id", ""))
    if name not in (*_SCORES, PERSON, TELL) or not where or not message.get("ts"):
        return None
    direct = where.startswith("D")
    thread = str(message.get("thread_ts") or ("" if direct else message["ts"]))
    team = (body.get("team") or {}).get("id") or user.get("team_id", "")
    ts = str(action.get("action_ts") or message["ts"])
    heard = Heard(str(team), str(user.get("id", "")), ts, "", Place(where, thread), direct, called=True)
    return Press(heard, name, value, message)


async def _rate(desk: Desk, _event: ProcessedEvent, press: Press, language: str) -> None:
    """Whoever sees an answer may say what he thinks of it; the last word counts."""
    try:
        answer = await answer_given_to(desk.channel.assistant_id, source_name(desk.channel), None, press.value)
    except NotFound:  # its conversation was erased
        return
    await rate_answer(answer, _SCORES[press.action], "")
    await _settle(desk, press, (HELPED, NOT_HELPED), desk.core.texts.say(language, "customer-thanks-for-rating"))


async def _tell_later(desk: Desk, _event: ProcessedEvent, press: Press, language: str) -> None:
    source, key = source_name(desk.channel), press.heard.contact_key
    waits = await wait_for_answer(desk.channel.assistant_id, source, key, press.value)
    said = desk.core.texts.say(language, "customer-tell-later" if waits else "customer-ask-again")
    await _settle(desk, press, (TELL,), said)


async def _call_person(desk: Desk, event: ProcessedEvent, press: Press, language: str) -> None:
    """As if he had asked for one in words: so it stands in the conversation, and a restart calls once."""
    wish = desk.core.texts.say(language, "button-customer-person")

    async def compose() -> list[Part]:
        return await ask(desk, press.heard, (Piece(event.id, wish),))

    await say_once(desk, event, press.heard.place, compose)
    await _settle(desk, press, (PERSON,))


async def _settle(desk: Desk, press: Press, gone: tuple[str, ...], said: str = "") -> None:
    """Take buttons away from below an answer, and say what becomes of them; by itself where the answer is gone."""
    blocks: list[Block] = []
    for block in press.message.get("blocks") or ():
        if block.get("type") != "actions":
            blocks.append(block)
        elif left := [one for one in block.get("elements") or () if one.get("action_id") not in gone]:
            blocks.append({**block, "elements": left})
    if said:
        blocks.append(context(escape(said)))
    part = Part(str(press.message.get("text", "")), tuple(blocks))
    try:
        replaced = await desk.outbound.update(press.heard.place.channel, str(press.message["ts"]), part)
        if said and not replaced:
            await desk.outbound.whisper(press.heard.place, press.heard.user, words(said)[0])
    except (ChatClosed, NotTaken, SlackTokenRefused) as error:
        log.info("channel %s: a press is not shown: %s", desk.channel.id, type(error).__name__)
