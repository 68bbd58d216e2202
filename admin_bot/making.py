"""A bot that Telegram makes for an owner in one tap, through its Managed Bots, and what becomes of its token later.

Telegram tells twice of a new bot, by a message in the chat and by an update, in any order and perhaps again; neither
says for which assistant he asked, so that is kept until the bot is connected. The first of them connects it.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from aiogram import BaseMiddleware, F, Router
from aiogram.types import (
    KeyboardButton,
    KeyboardButtonRequestManagedBot,
    ManagedBotUpdated,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    TelegramObject,
)
from aiogram.types import User as Bot

from admin_bot.bot_names import suggested_name, suggested_username
from admin_bot.channel import follow_start
from admin_bot.routes import on_button, on_managed_bot, on_message
from admin_bot.talk import Talk
from core.app import Core
from core.channel_care import has_token, managed_channel, renew_token
from core.channels import connect_telegram
from core.errors import NotFound, Unavailable, WrongBotToken
from core.models import Assistant, Channel, Role
from core.team import must_be_in_team
from core.telegram.formatting import Rich
from core.telegram.outbound import Outbound
from core.tenancy import Actor, actor_with_assistant

log = logging.getLogger(__name__)

MAKING = "making_bot"
"""Where an owner's data say for which assistant a bot is being made; once Telegram has made it, also which bot."""
_REQUEST = 1
"""Telegram asks for a number that is unique within the message, and gives it back nowhere."""


async def offer(talk: Talk, assistant: Assistant) -> None:
    """The button stands below the input field: Telegram has such buttons nowhere else."""
    await talk.expect_nothing()
    await talk.state.update_data({MAKING: {"assistant": str(assistant.id)}})
    await talk.show(
        talk.words("admin-make-bot", assistant=assistant.name),
        [talk.button("button-have-token", "connect.token"), talk.button("button-connect-slack", "slack")],
        [talk.button("button-cancel", "connect.no")],
    )
    wish = KeyboardButtonRequestManagedBot(
        request_id=_REQUEST,
        suggested_name=suggested_name(assistant.name),
        suggested_username=suggested_username(assistant.name, secrets.token_hex(2)),
    )
    tap = KeyboardButton(text=talk.words("button-make-bot"), request_managed_bot=wish)
    keyboard = ReplyKeyboardMarkup(keyboard=[[tap]], resize_keyboard=True, one_time_keyboard=True)
    await talk.outbound.send(talk.place, Rich(talk.words("admin-make-bot-tap")), keyboard)


async def put_away(talk: Talk, key: str) -> bool:
    """He goes another way: the button below goes with a sentence. False when it was not there."""
    if not (await talk.state.get_data()).get(MAKING):
        return False
    await talk.state.update_data({MAKING: None})
    await talk.outbound.send(talk.place, Rich(talk.words(key)), ReplyKeyboardRemove())
    return True


async def was_made_here(talk: Talk, token: str) -> bool:
    """Whether this is the token of the bot that Telegram has just made for him."""
    return token.partition(":")[0] == str((await _making(talk)).get("bot"))


async def take_message(talk: Talk, message: Message) -> None:
    if message.managed_bot_created:
        await _take(talk, message.managed_bot_created.bot_user)


async def take_update(talk: Talk, update: ManagedBotUpdated) -> None:
    await _take(talk, update.bot_user)


async def _take(talk: Talk, bot: Bot) -> None:
    """A bot that was just made, unless it is connected already."""
    making = await _making(talk)
    known = making.get("bot") == bot.id
    if not known and await managed_channel(bot.id):
        return
    name = bot.username or bot.first_name
    await talk.state.update_data({MAKING: {**making, "bot": bot.id, "username": name}})
    if not known:
        await talk.outbound.send(talk.place, Rich(talk.words("admin-made", username=name)), ReplyKeyboardRemove())
    await _connect(talk)


async def try_again(talk: Talk) -> None:
    """Telegram gave no token the first time."""
    if (await _making(talk)).get("bot"):
        await _connect(talk)
    else:
        raise NotFound(what="bot")


async def _connect(talk: Talk) -> None:
    making = await _making(talk)
    try:
        token = await talk.outbound.managed.token_of(making["bot"])
        actor, assistant = await _chosen(talk, making)
        channel = await connect_telegram(talk.core, actor, assistant, token, managed=True)
    except (Unavailable, WrongBotToken):
        await talk.show(
            talk.words("admin-made-no-token", username=making["username"]),
            [talk.button("button-try-again", "connect.again")],
            [talk.button("button-menu", "menu")],
        )
        return
    await talk.expect_nothing()
    await follow_start(talk, channel)
    await talk.state.update_data({MAKING: None})


async def _making(talk: Talk) -> dict[str, Any]:
    return (await talk.state.get_data()).get(MAKING) or {}


async def _chosen(talk: Talk, making: dict[str, Any]) -> tuple[Actor, Assistant]:
    """The assistant for which he asked, in its business; the present one, if that is gone. Raises `RoleNeeded`."""
    try:
        actor, assistant = await actor_with_assistant(talk.user.id, UUID(making.get("assistant", str(UUID(int=0)))))
    except NotFound:
        actor, assistant = talk.actor, await talk.assistant()
    await must_be_in_team(actor, Role.OWNER)
    return actor, assistant


class NewTokens(BaseMiddleware):
    """Before anybody is asked who he is: a bot that runs goes on with its new token, whoever changed it.

    What is left for the handlers is a bot that somebody asked for.
    """

    def __init__(self, core: Core, outbound: Outbound) -> None:
        self._core, self._outbound = core, outbound

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if not isinstance(event, ManagedBotUpdated):
            return None
        bot = event.bot_user.id
        making = (await data["state"].get_data()).get(MAKING) or {}
        channel = await managed_channel(bot)
        if channel and making.get("bot") != bot:
            return await self._renew(channel)
        if making:
            return await handler(event, data)
        log.info("bot %s has changed, and is no channel of anybody", bot)
        return None

    async def _renew(self, channel: Channel) -> None:
        """A token that does not come now is fetched when its owner presses the button under "no longer works"."""
        try:
            token = await self._outbound.managed.token_of(int(channel.identity))
        except Unavailable:
            log.warning("channel %s: its new token did not come", channel.id)
            return
        if not has_token(self._core, channel, token):
            log.info("channel %s goes on with a new token", channel.id)
            await renew_token(self._core, channel, token)


def setup() -> Router:
    router = Router(name="making")
    on_message(router, Role.OWNER, take_message, F.managed_bot_created)
    on_managed_bot(router, Role.OWNER, take_update)
    on_button(router, Role.OWNER, "connect.again", try_again)
    return router
