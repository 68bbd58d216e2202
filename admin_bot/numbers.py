"""How it goes, in numbers: words, a picture, the one next step; today, seven days or thirty; one assistant or all."""

import asyncio
import logging
import re
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest

from admin_bot.gaps import show_gaps
from admin_bot.keyboards import Press, Row, button
from admin_bot.letters import letters_row
from admin_bot.number_words import left_to_do, numbers_words
from admin_bot.routes import on_button, on_press
from admin_bot.talk import NoAssistant, Talk
from core.errors import Unavailable
from core.models import Assistant, Role
from core.numbers import Numbers, numbers_of
from core.numbers_chart import draw_numbers
from core.periods import Span, period_until, zone_of
from core.tenancy import assistant_of, assistants_of

log = logging.getLogger(__name__)
CHART = "numbers_chart"
"""The picture that stands above the words, so that another period takes its place."""
_MOST_NAMED = 8
_BUTTONS = {Span.DAY: "button-numbers-day", Span.WEEK: "button-numbers-week", Span.MONTH: "button-numbers-month"}
_SAID = (
    (Span.MONTH, re.compile(r"\b(?:month|monthly|thirty|30|месяц\w*|тридцать)\b")),
    (Span.WEEK, re.compile(r"\b(?:weeks?|weekly|недел\w*)\b")),
    (Span.DAY, re.compile(r"\b(?:today|tonight|сегодня\w*|сутки|день|дня)\b")),
)
_ALL = re.compile(r"\b(?:all|every|each)\b.*\bassistants?\b|\bвсе[мхй]?\b.*\b(?:ассистент|помощник|бот)\w*")


async def open_numbers(talk: Talk) -> None:
    """Of the assistant he works with, for seven days. Raises `NoAssistant`."""
    await show_numbers(talk, Span.WEEK, await talk.assistant())


async def show_asked_for(talk: Talk, text: str) -> None:
    """For the time that he named; of all assistants if he said so."""
    assistant = await talk.assistant()
    wanted = text.lower()
    span = next((span for span, named in _SAID if named.search(wanted)), Span.WEEK)
    await show_numbers(talk, span, None if _ALL.search(wanted) else assistant)


async def show_chosen(talk: Talk, press: Press) -> None:
    """Without an id: of all. Raises `NotFound` for an assistant of another business."""
    try:
        span = Span(press.do.partition(".")[2])
    except ValueError:  # a button of another version
        span = Span.WEEK
    await show_numbers(talk, span, await assistant_of(talk.actor, press.id) if press.id else None)


async def open_business(talk: Talk, press: Press) -> None:
    """Under a letter, which may be about another business of his than the one he works in. Raises `NotFound`."""
    assistant = await talk.choose(press.id or UUID(int=0))
    talk.shown = None  # the letter stays
    several = len(await assistants_of(talk.actor)) > 1
    await show_numbers(talk, Span.WEEK, None if several else assistant)


async def show_numbers(talk: Talk, span: Span, assistant: Assistant | None) -> None:
    await talk.expect_nothing()
    everyone = await assistants_of(talk.actor)
    if not everyone:
        raise NoAssistant
    shown = [assistant] if assistant else everyone
    numbers = await numbers_of(shown, period_until(datetime.now(UTC), span, zone_of(shown)), talk.locale)
    name = talk.words("admin-menu-title", name=assistant.name) if assistant else talk.words("numbers-all")
    words = numbers_words(talk.core, talk.locale, numbers, name, span.value)
    rest = [_spans(talk, span, assistant), *_others(talk, span, assistant, everyone)]
    last = [await letters_row(talk), [talk.button("button-menu", "menu")]]
    if not numbers.has_any:
        await _forget_chart(talk)
        said = f"{words}\n\n{talk.words('numbers-none-next')}"
        await talk.show(said, [talk.button("button-ask", "ask")], *rest, *last)
        return
    await _show_with_chart(talk, numbers, f"{words}\n\n{left_to_do(talk.core, talk.locale, numbers)}", [
        _gaps(talk, numbers), *rest, *last,
    ])  # fmt: skip


async def _show_with_chart(talk: Talk, numbers: Numbers, words: str, rows: list[Row]) -> None:
    """The picture, then the words with the buttons, so that these are the last in the chat; what stood before goes."""
    png = await asyncio.to_thread(draw_numbers, numbers, partial(talk.core.texts.say, talk.locale))
    await _forget_chart(talk)
    try:
        chart = await talk.outbound.send_picture(talk.place, png, "numbers.png")
    except (TelegramBadRequest, Unavailable) as refusal:  # the words are enough
        log.warning("the chart of numbers was not taken: %s", refusal)
    else:
        await talk.state.update_data({CHART: chart})
    await talk.say(words, *rows)
    if talk.shown:
        await talk.outbound.delete(talk.chat_id, talk.shown)


async def _forget_chart(talk: Talk) -> None:
    if chart := (await talk.state.get_data()).get(CHART):
        await talk.state.update_data({CHART: None})
        await talk.outbound.delete(talk.chat_id, int(chart))


def _gaps(talk: Talk, numbers: Numbers) -> Row:
    """The next step, where there is one: to the questions of the assistant that is asked most in vain."""
    if not numbers.worst:
        return []
    return [talk.button("button-gaps", "numbers.gaps", numbers.worst[0].assistant_id, count=numbers.open_gaps)]


def _spans(talk: Talk, chosen: Span, assistant: Assistant | None) -> Row:
    return [
        talk.button(key, f"numbers.{span.value}", assistant.id if assistant else None, chosen=int(span is chosen))
        for span, key in _BUTTONS.items()
    ]


def _others(talk: Talk, span: Span, assistant: Assistant | None, everyone: list[Assistant]) -> list[Row]:
    """From one assistant to all of them, and from all to one."""
    if len(everyone) < 2:
        return []
    if assistant:
        return [[talk.button("button-numbers-all", f"numbers.{span.value}")]]
    return [[button(one.name, f"numbers.{span.value}", one.id)] for one in reversed(everyone[-_MOST_NAMED:])]


async def answer_gaps(talk: Talk, press: Press) -> None:
    """Raises `NotFound`."""
    await assistant_of(talk.actor, press.id or UUID(int=0))
    await talk.choose(press.id or UUID(int=0))
    await show_gaps(talk)


def setup() -> Router:
    router = Router(name="numbers")
    on_button(router, Role.OPERATOR, "numbers", open_numbers)
    on_press(router, Role.MANAGER, "numbers.gaps", answer_gaps)
    on_press(router, Role.OPERATOR, "numbers.business", open_business)
    on_press(router, Role.OPERATOR, "numbers.", show_chosen)
    return router
