"""A customer writes to a business in Slack: who is meant, what is answered, how it looks.

What Slack has sent stands in the inbox (core/slack/intake.py); here each event is done to its end, in order for a
person, side by side for people. Refuses to know how answers are made and how Slack's limits work.
"""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bots.slack.asking import ask
from bots.slack.command import take_command
from bots.slack.desk import Desk, language_of_person, say_once, to_its_end
from bots.slack.listening import keep_token, listen
from bots.slack.no_question import answer_without_words
from bots.slack.people import people_heard
from bots.slack.pressing import take_press
from bots.slack.reading import Heard, heard_in, is_for_us, words_that_join
from bots.slack.welcome import welcome
from core.app import Core
from core.bursts import Burst
from core.inbox import finish_together
from core.inbox_work import InboxWork
from core.lanes import Following
from core.models import Channel, ProcessedEvent
from core.slack.formatting import Part
from core.slack.intake import Kind, lane_of, order_of, source_of
from core.slack.outbound import open_outbound
from core.words import language_of

log = logging.getLogger(__name__)
Later = Following[ProcessedEvent]

TOO_OLD = timedelta(days=1)
"""What was written while a channel was switched off longer than that is not answered any more, as in Telegram."""


async def serve_slack(core: Core, channel: Channel) -> None:
    """Answer this workspace's customers until cancelled. Raises `WrongBotToken`, `WrongMasterKey`."""
    async with open_outbound(core, channel) as outbound:
        desk = Desk(core, channel, outbound)
        work = InboxWork(core.background, source_of(channel), lane_of, partial(take_event, desk), order_of)
        try:
            async with people_heard(desk):
                await _until_one_ends(work.follow(), listen(desk), keep_token(desk), _until_refused(desk))
        finally:
            await work.close()


async def _until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Side by side; raises what the first one raises that ends."""
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(work, name="a part of a Slack channel") for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _until_refused(desk: Desk) -> None:
    await desk.outbound.refused.wait()
    raise desk.outbound.refusal(field="token", reason="Slack refuses it")


async def take_event(desk: Desk, event: ProcessedEvent, following: Later) -> None:
    """One event to its end, and those that go on with it. Raises `Unavailable` when Slack takes no answer."""
    if not event.result and event.created_at < datetime.now(UTC) - TOO_OLD:
        log.info("channel %s: an event of %s comes too late", desk.channel.id, event.created_at)
        return
    if event.payload.get("kind") == Kind.ACTION:
        await take_press(desk, event)
        return
    if event.payload.get("kind") == Kind.COMMAND:
        await take_command(desk, event)
        return
    heard = heard_in(desk.channel, event.payload)
    if heard is None:
        await welcome(desk, event)
        return
    desk.outbound.reopen(heard.place.channel)
    if await is_for_us(desk.channel, heard):
        await _answer(desk, event, heard, following)


async def _answer(desk: Desk, event: ProcessedEvent, heard: Heard, following: Later) -> None:
    burst = Burst(event, heard.text, following, words_that_join(desk.channel))

    async def compose() -> list[Part]:
        asking = partial(ask, desk, heard)
        if (said := await answer_without_words(desk, heard, burst.pieces[0], asking)) is not None:
            return said
        return await (burst.answer(asking) if heard.may_go_on else asking(burst.pieces))

    async def language() -> str:
        return language_of(heard.text) if heard.text else await language_of_person(desk, heard.user)

    await to_its_end(desk, heard.place, language, say_once(desk, event, heard.place, compose, lambda: burst.joined))
    joined = (event.result or {}).get("joined", burst.joined)
    await finish_together(joined)
    following.drop_while(lambda other: str(other.id) in joined)
