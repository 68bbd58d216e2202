"""`/ask`: a question from anywhere in the workspace, answered to who asked alone; a press shows it to everybody there.

It is part of his conversation with the assistant. Slack takes such answers at an address of their own, also where the
app is no member. Refuses to know answers.
"""

import logging
from typing import Any
from uuid import UUID

from bots.slack.asking import reply_to
from bots.slack.buttons import SHARE, one_button
from bots.slack.desk import Desk
from bots.slack.reading import Heard, source_name, words_in
from core.conversations import answer_given_to, answer_id, given_answer
from core.courtesy import greeting_of
from core.errors import NotFound, TooManyWaiting
from core.feedback import is_answer
from core.inbox import accept_event, finish_event, keep_progress
from core.messages import Piece
from core.models import Assistant, Message, ProcessedEvent
from core.slack.formatting import Part, context, messages_of, words
from core.slack.mrkdwn import escape
from core.slack.outbound import Place
from core.slack.refusals import NotTaken
from core.slack.replies import show_reply
from core.words import language_of

log = logging.getLogger(__name__)
MOST_PARTS = 4
"""An address takes five messages: https://docs.slack.dev/interactivity/handling-user-interaction"""


async def take_command(desk: Desk, event: ProcessedEvent) -> None:
    """To its end. Raises `Unavailable` when Slack takes nothing now."""
    body = event.payload["body"]
    heard = _asker(body, words_in(str(body.get("text") or "")))
    if not event.result:
        parts = await _answer_or_apology(desk, event, heard)
        await keep_progress(event, {"parts": [part.record() for part in parts[:MOST_PARTS]], "sent": 0})
    progress = event.result or {}
    try:
        for number in range(progress["sent"], len(progress["parts"])):
            part = Part.from_record(progress["parts"][number])
            said = {"response_type": "ephemeral", "text": part.text, "blocks": list(part.blocks)}
            await desk.outbound.respond(str(body.get("response_url", "")), said)
            await keep_progress(event, {**progress, "sent": number + 1})
    except NotTaken as refusal:
        log.info("channel %s: the answer to a command was not taken: %s", desk.channel.id, refusal)


def _asker(body: dict[str, Any], text: str) -> Heard:
    team, user = str(body.get("team_id", "")), str(body.get("user_id", ""))
    return Heard(team, user, "", text, Place(str(body.get("channel_id", ""))), direct=True, called=True)


async def _answer_or_apology(desk: Desk, event: ProcessedEvent, heard: Heard) -> list[Part]:
    try:
        return await _answer(desk, event, heard)
    except Exception:  # a customer must get a sentence, whatever broke behind it
        log.exception("channel %s: a command could not be answered", desk.channel.id)
        return desk.say(language_of(heard.text), "customer-cannot-answer")


async def _answer(desk: Desk, event: ProcessedEvent, heard: Heard) -> list[Part]:
    texts = desk.core.texts
    if not heard.text:
        assistant = await Assistant.get(id=desk.channel.assistant_id)
        language = (await desk.names.of(heard.user)).language(assistant)
        return words(greeting_of(desk.core, assistant, language))
    language = language_of(heard.text)
    try:
        reply = await reply_to(desk, heard, (Piece(event.id, heard.text),))
    except TooManyWaiting as error:
        return words(texts.explain(language, error))
    parts = messages_of(show_reply(texts, reply, language)) or desk.say(language, "customer-person-answers")
    if not is_answer(reply):
        return parts
    label = texts.say(language, "button-customer-share")
    return [*parts[:-1], parts[-1].with_below(one_button(label, SHARE, event.id))]


async def share(desk: Desk, event: ProcessedEvent, question_id: UUID) -> None:
    """What he was told alone, he shows to everybody there, once, however often he presses. Raises `Unavailable`."""
    body = event.payload["body"]
    user = body.get("user") or {}
    asker = _asker({"team_id": (body.get("team") or {}).get("id"), "user_id": user.get("id")}, "")
    source = source_name(desk.channel)
    try:
        await answer_given_to(desk.channel.assistant_id, source, asker.contact_key, answer_id(question_id))
    except NotFound:  # another's, or erased
        return
    asked = await Message.get(id=question_id)
    reply = await given_answer(asked)
    if reply is None:
        return
    told = context(f"<@{asker.user}>: {escape(asked.text[:1000])}")
    [part, *_] = messages_of(show_reply(desk.core.texts, reply, language_of(asked.text)))
    shown = {"response_type": "in_channel", "replace_original": False, "text": part.text}
    if not event.result:
        pressed = await accept_event(f"slack-share:{desk.channel.id}", question_id.hex, {})
        if pressed is None:
            return
        await finish_event(pressed)
        await keep_progress(event, {"shown": False})
    try:
        if not (event.result or {})["shown"]:
            await desk.outbound.respond(str(body.get("response_url", "")), {**shown, "blocks": [told, *part.blocks]})
            await keep_progress(event, {"shown": True})
        await desk.outbound.respond(str(body.get("response_url", "")), {"delete_original": True})
    except NotTaken as refusal:
        log.info("channel %s: an answer was not shared: %s", desk.channel.id, refusal)
