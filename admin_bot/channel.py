"""The customers' bot: connected by its token, shown with its health, disconnected."""

import re
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, Row, button, link
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.app import Core
from core.channels import channels_of, connect_telegram, disconnect
from core.errors import NotFound
from core.models import Channel, ChannelState, Role
from core.tenancy import assistants_of, channel_of

TOKEN = re.compile(r"\d{1,20}:[\w-]{1,100}")
UNMISTAKABLE = re.compile(r"\b\d{6,20}:[\w-]{30,100}")
PATIENCE_S = 15.0


class Connecting(StatesGroup):
    token = State()


async def show_channels(talk: Talk, said: str = "", undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    channels = await channels_of(assistant)
    menu = talk.button("button-menu", "menu")
    if not channels:
        text = talk.words("admin-channels-none")
        connect = [talk.button("button-connect", "connect")]
        await talk.show(f"{said}\n\n{text}" if said else text, undo, connect, [menu])
        return
    lines = [
        *([said, ""] if said else []),
        talk.words("admin-channels", assistant=assistant.name),
        "",
        *(health_of(talk.core, channel, talk.locale) for channel in channels),
    ]
    rows = [[talk.button("button-disconnect", "bot.off", channel.id, username=channel.name)] for channel in channels]
    await talk.show("\n".join(lines), undo, *rows, [talk.button("button-connect-another", "connect"), menu])


def health_of(core: Core, channel: Channel, locale: str) -> str:
    """One line in plain words."""
    reason = ""
    if channel.state == ChannelState.FAILED:
        code = channel.error_code if core.texts.knows(channel.error_code) else "channel-broken"
        reason = core.texts.say(locale, code, **channel.error_facts)
    return core.texts.say(locale, f"admin-channel-{channel.state.value}", username=channel.name, reason=reason)


async def open_channels(talk: Talk) -> None:
    await show_channels(talk)


async def ask_token(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Connecting.token)
    await talk.show(talk.words("admin-connect"), [talk.button("button-cancel", "cancel")])


async def take_token(talk: Talk, message: Message) -> None:
    """BotFather's message or the bare token. It leaves the chat before anything else happens."""
    text = message.text or ""
    found = UNMISTAKABLE.search(text) or TOKEN.search(text)
    if found is None:
        await talk.say(talk.words("admin-no-token"), [talk.button("button-cancel", "cancel")])
        return
    gone = await talk.outbound.delete(talk.chat_id, message.message_id)
    assistant = await talk.assistant()
    if not gone:
        await talk.say(talk.words("admin-token-not-deleted"))
    channel = await connect_telegram(talk.core, talk.actor, assistant, found.group())
    await talk.expect_nothing()
    told = await talk.say(talk.words("admin-connected-waiting", username=channel.name))
    await talk.progress.follow(talk.chat_id, told, Watched("channel", channel.id, talk.locale, channel.name))


async def look_at_channel(core: Core, watched: Watched) -> Glimpse:
    """Whether a bot that was just connected is live yet."""
    channel = await Channel.get_or_none(id=watched.subject)

    def words(key: str) -> str:
        return core.texts.say(watched.locale, key, username=watched.name)

    menu = button(words("button-menu"), "menu")
    if channel is None:
        return Glimpse(words("admin-disconnected"), ([menu],), over=True)
    if channel.state == ChannelState.RUNNING:
        open_it = link(words("button-open-bot"), f"https://t.me/{channel.name}")
        return Glimpse(words("admin-connected"), ([open_it], [menu]), over=True)
    rows = ([button(words("button-channels"), "bots"), menu],)
    if channel.state == ChannelState.FAILED:
        return Glimpse(health_of(core, channel, watched.locale), rows, over=True)
    if watched.age_s > PATIENCE_S:
        return Glimpse(words("admin-connected-slow"), rows, over=True)
    return Glimpse(words("admin-connected-waiting"))


async def confirm_disconnect(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    await talk.show(
        talk.words("admin-disconnect", username=channel.name),
        [talk.button("button-disconnect-yes", "bot.off.yes", channel.id), talk.button("button-keep", "bots")],
    )


async def disconnect_bot(talk: Talk, press: Press) -> None:
    channel = await own_channel(talk, press.id)
    await disconnect(talk.actor, channel)
    said = talk.words("admin-disconnected", username=channel.name)
    await show_channels(talk, said, await talk.undo_row(channel.id))


async def own_channel(talk: Talk, channel_id: UUID | None) -> Channel:
    """The bot of a button, in whichever of his assistants it is. Raises `NotFound`."""
    for assistant in await assistants_of(talk.actor):
        try:
            return await channel_of(assistant, channel_id or UUID(int=0))
        except NotFound:
            continue
    raise NotFound(what="channel")


def setup_tokens() -> Router:
    """Asked before all others: a token is never an answer to something else, which customers might come to read."""
    router = Router(name="tokens")
    on_message(router, Role.OWNER, take_token, F.text.regexp(UNMISTAKABLE, mode="search"))
    return router


def setup() -> Router:
    router = Router(name="channel")
    on_message(router, Role.OWNER, take_token, StateFilter(Connecting.token), F.text)
    on_button(router, Role.MANAGER, "bots", open_channels)
    on_button(router, Role.OWNER, "connect", ask_token)
    on_press(router, Role.OWNER, "bot.off", confirm_disconnect)
    on_press(router, Role.OWNER, "bot.off.yes", disconnect_bot)
    return router
