"""A Slack workspace is connected: in a browser where the installation has an app of its own, else by an own app."""

from dataclasses import replace

from aiogram import Router

from admin_bot import making, slack_tokens
from admin_bot.channel import look_at_channel, own_channel, title_of
from admin_bot.keyboards import Press, button
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_button, on_press
from admin_bot.talk import Talk
from core.app import Core
from core.models import Role
from core.slack.installing import LINK_LIFE, came_of, has_own_app, install_link

WATCH = "slack"


async def open_slack(talk: Talk) -> None:
    await talk.assistant()
    await making.put_away(talk, "admin-connect-by-slack")
    if has_own_app(talk.core.settings):
        await send_link(talk)
    else:
        await slack_tokens.show_steps(talk)


async def send_link(talk: Talk) -> None:
    """A new one each time; its message tells what came of it."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    link = install_link(talk.core, talk.actor, assistant)
    told = await talk.say(
        talk.words("admin-slack-link", assistant=assistant.name),
        [talk.link("button-slack-go", link.url)],
        [talk.button("button-slack-own", "slack.own")],
        [talk.button("button-cancel", "menu")],
    )
    await talk.progress.follow(talk.chat_id, told, Watched(WATCH, link.wish_id, talk.locale, assistant.name))


async def connect_again(talk: Talk, press: Press) -> None:
    """A workspace that has put the app out, or whose token ended, in whichever way it was connected."""
    channel = await own_channel(talk, press.id)
    await talk.choose(channel.assistant_id)
    if channel.settings.get("own_app"):
        await slack_tokens.ask_again(talk, channel)
    else:
        await open_slack(talk)


async def look_at_link(core: Core, watched: Watched) -> Glimpse:
    """Nothing is said until somebody has come back from Slack; then how the workspace starts."""
    channel = await came_of(watched.subject)
    late_s = watched.age_s - LINK_LIFE.total_seconds()
    if channel:
        name = title_of(core, channel, watched.locale)
        told = await look_at_channel(core, Watched("channel", channel.id, watched.locale, name, age_s=max(late_s, 0)))
        return replace(told, loud=told.over)
    if late_s < 0:
        return Glimpse("")
    say = core.texts.say
    again = button(say(watched.locale, "button-slack-new-link"), "slack.link")
    menu = button(say(watched.locale, "button-menu"), "menu")
    return Glimpse(say(watched.locale, "admin-slack-link-over"), ([again], [menu]), over=True)


def setup() -> Router:
    router = Router(name="slack")
    on_button(router, Role.OWNER, "slack", open_slack)
    on_button(router, Role.OWNER, "slack.link", send_link)
    on_press(router, Role.OWNER, "slack.again", connect_again)
    return router
