"""A customers' bot is connected: made by Telegram in one tap where it does that, else by its token from @BotFather."""

import re

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot import making
from admin_bot.channel import follow_start, own_channel
from admin_bot.keyboards import Press
from admin_bot.menu import show_menu
from admin_bot.pictures import token_pictures
from admin_bot.routes import on_button, on_edited, on_message, on_press
from admin_bot.talk import Talk
from core.channel_care import renew_token
from core.channels import connect_telegram
from core.errors import Unavailable
from core.models import Role

TOKEN = re.compile(r"\d{3,20}:[\w-]{10,100}", re.ASCII)
UNMISTAKABLE = re.compile(r"(?<!\d)\d{6,20}:[\w-]{30,100}", re.ASCII)
SEEN = "token_pictures"
"""Where an owner's data say that the pictures stand in his chat."""


class Connecting(StatesGroup):
    token = State()


async def open_ways(talk: Talk) -> None:
    assistant = await talk.assistant()
    if await talk.outbound.managed.may_be_made():
        await making.offer(talk, assistant)
    else:
        await ask_token(talk)


async def ask_token(talk: Talk) -> None:
    """With the pictures, once; later they are a button away."""
    await talk.assistant()
    await making.put_away(talk, "admin-connect-by-token")
    await talk.state.set_state(Connecting.token)
    seen = (await talk.state.get_data()).get(SEEN)
    if seen != talk.locale and await _show_pictures(talk):
        await talk.say(talk.words("admin-connect"), [talk.button("button-cancel", "cancel")])
        return
    pictures = [talk.button("button-token-pictures", "connect.pictures")]
    await talk.show(talk.words("admin-connect"), pictures, [talk.button("button-cancel", "cancel")])


async def show_pictures_again(talk: Talk) -> None:
    """What follows the pictures is said even when they do not come."""
    await talk.assistant()
    await talk.state.set_state(Connecting.token)
    await _show_pictures(talk)
    await talk.say(talk.words("admin-connect"), [talk.button("button-cancel", "cancel")])


async def _show_pictures(talk: Talk) -> bool:
    shown = await talk.outbound.send_album(talk.place, await token_pictures(talk.locale))
    if shown:
        await talk.state.update_data({SEEN: talk.locale})
    return shown


async def ask_new_token(talk: Talk, press: Press) -> None:
    """For a bot whose token no longer works. Of a bot that was made here, Telegram gives it without him."""
    channel = await own_channel(talk, press.id)
    if channel.settings.get("managed"):
        try:
            token = await talk.outbound.managed.token_of(int(channel.identity))
        except Unavailable:
            pass  # then he can still bring it himself
        else:
            await renew_token(talk.core, channel, token)
            await follow_start(talk, channel)
            return
    await talk.choose(channel.assistant_id)
    await talk.state.set_state(Connecting.token)
    await talk.show(talk.words("admin-connect-again", username=channel.name), [talk.button("button-cancel", "cancel")])


async def remove_token(talk: Talk, message: Message) -> None:
    """Before anything else happens, whoever sent it: a token leaves the chat."""
    if not _token_in(message):
        return
    if not await talk.outbound.delete(talk.chat_id, message.message_id):
        await talk.say(talk.words("admin-token-not-deleted"))


async def take_token(talk: Talk, message: Message) -> None:
    """BotFather's message, forwarded or copied, or the bare token."""
    token = _token_in(message)
    if not token:
        await talk.say(
            talk.words("admin-no-token"),
            [talk.button("button-token-pictures", "connect.pictures")],
            [talk.button("button-cancel", "cancel")],
        )
        return
    assistant, managed = await talk.assistant(), await making.was_made_here(talk, token)
    channel = await connect_telegram(talk.core, talk.actor, assistant, token, managed=managed)
    await talk.expect_nothing()
    await making.put_away(talk, "admin-connect-done")
    await follow_start(talk, channel)


def _token_in(message: Message) -> str:
    text = message.text or message.caption or ""
    found = UNMISTAKABLE.search(text) or TOKEN.search(text)
    return found.group() if found else ""


async def cancel(talk: Talk) -> None:
    """He wants no bot after all."""
    await talk.expect_nothing()
    put_away = await making.put_away(talk, "admin-cancelled")
    await show_menu(talk, "" if put_away else talk.words("admin-cancelled"))


def setup_tokens() -> Router:
    """Asked before all others: a token is never an answer to something else, which customers might come to read."""
    router = Router(name="tokens")
    for on in (on_message, on_edited):
        for words in (F.text, F.caption):
            on(router, Role.OWNER, take_token, words.regexp(UNMISTAKABLE, mode="search"), before=remove_token)
    return router


def setup() -> Router:
    router = Router(name="connecting")
    on_message(router, Role.OWNER, take_token, StateFilter(Connecting.token), F.text, before=remove_token)
    on_button(router, Role.OWNER, "connect", open_ways)
    on_button(router, Role.OWNER, "connect.token", ask_token)
    on_button(router, Role.OWNER, "connect.pictures", show_pictures_again)
    on_button(router, Role.OWNER, "connect.no", cancel)
    on_press(router, Role.OWNER, "bot.token", ask_new_token)
    return router
