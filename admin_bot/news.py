"""What happened by itself, in the owner's words, with what he can do about it."""

from collections.abc import Callable
from uuid import UUID

from aiogram.types import InlineKeyboardButton

from admin_bot.channel import health_of, place_of
from admin_bot.keyboards import Row, button
from core.app import Core
from core.models import AuditEvent, Channel, LoraAdapter, WebhookEndpoint
from core.news import BOT_STOPPED, TAKEN_BACK, WEBHOOK_STOPPED, WENT_LIVE
from core.people_group import GROUP_LOST
from core.webhooks.endpoints import host_of
from core.webhooks.log import reason_in

News = tuple[str, list[Row]]


async def news_of(core: Core, event: AuditEvent, locale: str) -> News | None:
    """Text and buttons; None for what is over by now."""
    if event.action == BOT_STOPPED:
        return await _bot_stopped(core, event, locale)
    if event.action == GROUP_LOST:
        return _group_lost(core, event, locale)
    if event.action == WEBHOOK_STOPPED:
        return await _webhook_stopped(core, event, locale)
    write = _WRITERS.get(event.action)
    adapter = await LoraAdapter.get_or_none(id=UUID(event.subject)).select_related("assistant")
    return write(core, event, adapter, locale) if write and adapter else None


async def _bot_stopped(core: Core, event: AuditEvent, locale: str) -> News | None:
    channel = await Channel.get_or_none(id=UUID(event.subject)).select_related("assistant")
    if channel is None or not channel.enabled or channel.error_code != event.details["code"]:
        return None
    say = core.texts.say
    health = health_of(core, channel, locale)
    text = say(locale, "admin-news-bot", assistant=channel.assistant.name, where=place_of(channel), health=health)
    mend = button(say(locale, "button-bot-mend"), "bot.mend", channel.id)
    return text, [[mend], [button(say(locale, "button-menu"), "menu")]]


def _group_lost(core: Core, event: AuditEvent, locale: str) -> News:
    say = core.texts.say
    again = button(say(locale, "button-group-again"), "group")
    menu = button(say(locale, "button-menu"), "menu")
    return say(locale, "admin-news-group", title=str(event.details["name"])), [[again], [menu]]


async def _webhook_stopped(core: Core, event: AuditEvent, locale: str) -> News | None:
    endpoint = await WebhookEndpoint.get_or_none(id=UUID(event.subject)).select_related("assistant")
    if endpoint is None or endpoint.active:
        return None
    say = core.texts.say
    reason = reason_in(core.texts, locale, event.details["why"], None)
    text = say(locale, "admin-news-hook", assistant=endpoint.assistant.name, host=host_of(endpoint), reason=reason)
    again = button(say(locale, "button-hook-again"), "hook.again", endpoint.id)
    look = button(say(locale, "button-hook-look"), "hook", endpoint.id)
    return text, [[again], [look], [button(say(locale, "button-menu"), "menu")]]


def _went_live(core: Core, event: AuditEvent, adapter: LoraAdapter, locale: str) -> News:
    say = core.texts.say
    text = say(locale, "admin-news-live", assistant=adapter.assistant.name, answers=int(event.details["answers"]))
    back = button(say(locale, "button-back-to-base"), "base", adapter.assistant_id)
    return text, [[_compare(core, adapter, locale)], [back], [button(say(locale, "button-menu"), "menu")]]


def _taken_back(core: Core, event: AuditEvent, adapter: LoraAdapter, locale: str) -> News:
    say = core.texts.say
    counts = {name: int(event.details[name]) for name in ("answers", "disliked")}
    text = say(locale, "admin-news-taken-back", assistant=adapter.assistant.name, **counts)
    return text, [[_compare(core, adapter, locale)], [button(say(locale, "button-menu"), "menu")]]


def _compare(core: Core, adapter: LoraAdapter, locale: str) -> InlineKeyboardButton:
    return button(core.texts.say(locale, "button-compare"), "train.report", adapter.id)


_WRITERS: dict[str, Callable[[Core, AuditEvent, LoraAdapter, str], News]] = {
    WENT_LIVE: _went_live,
    TAKEN_BACK: _taken_back,
}
