"""A connection to the Bot API for one token. Refuses to know where the token came from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.utils.token import TokenValidationError

from core.errors import WrongBotToken

REQUEST_S = 20


@asynccontextmanager
async def open_bot(api_url: str, token: str) -> AsyncIterator[Bot]:
    """A bot with a session of its own, so that its long polling never holds up another's answers.

    Nothing is asked of Telegram yet. Raises `WrongBotToken` for what cannot be a token.
    """
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), timeout=REQUEST_S)
    try:
        bot = Bot(token, session=session)
    except TokenValidationError:
        raise WrongBotToken(field="token", reason="not a bot token") from None
    try:
        yield bot
    finally:
        await session.close()
