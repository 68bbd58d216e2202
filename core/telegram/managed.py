"""Telegram's Managed Bots: may this bot make bots for people, and what are the tokens of those that it made?

Who runs the bot switches it on in @BotFather's own app, so it is asked anew whenever somebody wants a bot. A server
that knows nothing of managed bots says nothing of them in getMe and is asked for none of their updates.
https://core.telegram.org/bots/api#keyboardbuttonrequestmanagedbot
"""

import asyncio
import logging

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetManagedBotToken, GetMe

from core.errors import Unavailable

log = logging.getLogger(__name__)

ANSWER_S = 5
TRIES = 3
PAUSE_S = 0.5
MANAGED_BOT = "managed_bot"
"""The update that tells of a new bot, of a new token, or of a new owner."""


class ManagedBots:
    """Those of one bot. `kinds` are the updates that bring news of them: none while it may make none."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.kinds: tuple[str, ...] = ()

    async def may_be_made(self) -> bool:
        """Asks Telegram. No answer in time is a no: there is always the way by a token."""
        try:
            me = await self._bot(GetMe(), request_timeout=ANSWER_S)
        except AiogramError as error:
            log.warning("whether bots may be made is not known: %s", type(error).__name__)
            return False
        self.kinds = (MANAGED_BOT,) if me.can_manage_bots else ()
        return bool(me.can_manage_bots)

    async def token_of(self, bot_id: int) -> str:
        """The present token of a bot that was made here. Raises `Unavailable`, whatever the reason."""
        for number in range(1, TRIES + 1):
            try:
                return await self._bot(GetManagedBotToken(user_id=bot_id), request_timeout=ANSWER_S)
            except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter, ClientDecodeError) as error:
                log.warning("the token of bot %s did not come (%s), attempt %s", bot_id, type(error).__name__, number)
                await asyncio.sleep(PAUSE_S * number)
            except AiogramError as error:
                log.warning("Telegram gives no token of bot %s: %s", bot_id, type(error).__name__)
                break
        raise Unavailable(part="Telegram", reason="no token of a managed bot")
