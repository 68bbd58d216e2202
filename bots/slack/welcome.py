"""What happens without a question: somebody opens a conversation with the assistant, or the app is put out.

He is greeted where nothing was said yet, once, with the owner's words and with questions that can be asked. Refuses to
know answers.
"""

import logging
from typing import Any

from bots.slack.desk import Desk, say_once, to_its_end
from core.assistants import sample_questions
from core.courtesy import greeting_of
from core.models import Assistant, ProcessedEvent
from core.slack.formatting import Part, words
from core.slack.gone import slack_gone
from core.slack.outbound import Place
from core.slack.refusals import SlackAppRemoved, SlackTokenRefused

log = logging.getLogger(__name__)
MOST_PROMPTS = 4
"""https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts"""
_LONGEST_TITLE = 75
_GONE: dict[str, type[SlackTokenRefused]] = {"app_uninstalled": SlackAppRemoved, "tokens_revoked": SlackTokenRefused}


async def welcome(desk: Desk, event: ProcessedEvent) -> None:
    """To its end. Raises `Unavailable` when Slack takes nothing now."""
    told: dict[str, Any] = (event.payload.get("body") or {}).get("event") or {}
    if why := _GONE.get(str(told.get("type"))):
        if await slack_gone(desk.core, desk.channel, str(told["type"])):
            desk.outbound.refuse(why)
    elif told.get("type") == "assistant_thread_started":
        begun = told.get("assistant_thread") or {}
        place = Place(str(begun.get("channel_id", "")), str(begun.get("thread_ts", "")))
        await _greet(desk, event, str(begun.get("user_id", "")), place)


async def _greet(desk: Desk, event: ProcessedEvent, user: str, place: Place) -> None:
    """In the pane that Slack opens for an assistant, where its own way to offer questions is."""
    assistant = await Assistant.get(id=desk.channel.assistant_id)
    language = (await desk.names.of(user)).language(assistant)
    desk.outbound.reopen(place.channel)

    async def greeting() -> list[Part]:
        return words(greeting_of(desk.core, assistant, language))

    async def spoken() -> str:
        return language

    await to_its_end(desk, place, spoken, say_once(desk, event, place, greeting))
    questions = (await sample_questions(assistant, language))[:MOST_PROMPTS]
    if questions:
        prompts = [{"title": one[:_LONGEST_TITLE], "message": one} for one in questions]
        offer = {"channel_id": place.channel, "thread_ts": place.thread, "prompts": prompts}
        await desk.outbound.glance("assistant.threads.setSuggestedPrompts", offer)
