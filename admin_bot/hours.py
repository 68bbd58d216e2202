"""When people are there: shown in words, set in words, with the time zone by a button, a city or an offset.

Customers who want a person are told when somebody is back, and reminders keep quiet in between.
"""

from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.hours_words import hours_words, zone_words
from admin_bot.keyboards import Press, Row
from admin_bot.proposing import propose
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.hours_in_words import week_in
from core.hours_tokens import HoursUnclear
from core.models import Assistant, Role
from core.time_zones import zone_in
from core.working_hours import check_time_zone

WEEK = "week"
"""In his data: the days that he has said, and of which assistant, while he is asked for the time zone."""
ZONES = {
    "en": (
        "Europe/London", "Europe/Berlin", "America/New_York", "America/Chicago", "America/Los_Angeles", "Asia/Dubai",
        "Europe/Moscow", "Asia/Singapore",
    ),
    "ru": (
        "Europe/Moscow", "Europe/Kaliningrad", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk",
        "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Vladivostok", "Europe/Minsk", "Asia/Almaty", "Asia/Tbilisi",
    ),
}  # fmt: skip
_IN_A_ROW = 2


class WorkingTime(StatesGroup):
    text = State()
    zone = State()


def held_hours(assistant: Assistant) -> dict[str, Any] | None:
    """As they are stored."""
    held: dict[str, Any] | None = assistant.answer_policy.get("working_hours")
    return held


async def show_hours(talk: Talk, said: str = "", undo: Row = ()) -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    held = held_hours(assistant)
    shown = hours_words(talk.core, talk.locale, held) or talk.words("admin-hours-none")
    await talk.show(
        "\n\n".join(filter(None, (said, talk.words("admin-hours", hours=shown)))),
        undo,
        [talk.button("button-hours-set", "hours.set")],
        [talk.button("button-zone", "hours.zone"), talk.button("button-hours-none", "hours.none")] if held else [],
        [talk.button("button-settings-back", "persona"), talk.button("button-menu", "menu")],
    )


async def open_hours(talk: Talk) -> None:
    await show_hours(talk)


async def ask_hours(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(WorkingTime.text)
    await talk.show(talk.words("admin-hours-ask"), [talk.button("button-cancel", "hours")])


async def take_hours(talk: Talk, message: Message) -> None:
    await take_said(talk, (message.text or "").strip())


async def take_said(talk: Talk, text: str) -> None:
    """Days and hours in his words. What is not understood is asked again; the time zone is asked once."""
    try:
        week = week_in(text)
    except HoursUnclear as error:
        key = "admin-hours-unclear-piece" if error.piece else "admin-hours-unclear"
        await talk.state.set_state(WorkingTime.text)
        await talk.say(talk.words(key, piece=error.piece), [talk.button("button-cancel", "hours")])
        return
    assistant = await talk.assistant()
    held = held_hours(assistant)
    if held:
        await _propose(talk, assistant, {**held, "week": week})
        return
    await talk.state.update_data({WEEK: {"assistant": str(assistant.id), "week": week}})
    await _ask_zone(talk)


async def ask_zone(talk: Talk) -> None:
    """Of hours that are set already."""
    assistant = await talk.assistant()
    await talk.state.update_data({WEEK: None})
    if held_hours(assistant):
        await _ask_zone(talk)
    else:
        await ask_hours(talk)


async def _ask_zone(talk: Talk) -> None:
    await talk.state.set_state(WorkingTime.zone)
    zones = ZONES.get(talk.locale, ZONES["en"])
    choices = [talk.named_button(zone_words(zone, talk.locale), f"zone.{zone}") for zone in zones]
    rows = [choices[at : at + _IN_A_ROW] for at in range(0, len(choices), _IN_A_ROW)]
    await talk.show(talk.words("admin-zone-ask"), *rows, [talk.button("button-cancel", "hours")])


async def choose_zone(talk: Talk, press: Press) -> None:
    """`press.do` is zone. and its name."""
    try:
        zone = check_time_zone(press.do.removeprefix("zone."))
    except ValueError:
        await show_hours(talk, talk.words("admin-old-button"))
        return
    await _set_zone(talk, zone)


async def take_zone(talk: Talk, message: Message) -> None:
    zone = zone_in(message.text or "")
    if zone is None:
        await talk.say(talk.words("admin-zone-unclear"), [talk.button("button-cancel", "hours")])
        return
    await _set_zone(talk, zone)


async def _set_zone(talk: Talk, zone: str) -> None:
    """For the days that he has just said, or those that are set; with neither he is asked for them."""
    assistant = await talk.assistant()
    said = (await talk.state.get_data()).get(WEEK) or {}
    week = said["week"] if said.get("assistant") == str(assistant.id) else None
    held = held_hours(assistant) or {}
    if not (week or held):
        await ask_hours(talk)
        return
    await talk.state.update_data({WEEK: None})
    await _propose(talk, assistant, {**held, "time_zone": zone, **({"week": week} if week else {})})


async def take_none(talk: Talk) -> None:
    await _propose(talk, await talk.assistant(), None)


async def _propose(talk: Talk, assistant: Assistant, hours: dict[str, Any] | None) -> None:
    before = hours_words(talk.core, talk.locale, held_hours(assistant))
    after = hours_words(talk.core, talk.locale, hours)
    if before:
        before = f"\n{before}\n"
    await propose(
        talk, assistant, {"answer_policy": {"working_hours": hours}}, "hours", before, f"\n{after}" if after else ""
    )


def setup() -> Router:
    router = Router(name="hours")
    on_message(router, Role.MANAGER, take_hours, StateFilter(WorkingTime.text), F.text)
    on_message(router, Role.MANAGER, take_zone, StateFilter(WorkingTime.zone), F.text)
    on_button(router, Role.MANAGER, "hours", open_hours)
    on_button(router, Role.MANAGER, "hours.set", ask_hours)
    on_button(router, Role.MANAGER, "hours.zone", ask_zone)
    on_button(router, Role.MANAGER, "hours.none", take_none)
    on_press(router, Role.MANAGER, "zone.", choose_zone)
    return router
