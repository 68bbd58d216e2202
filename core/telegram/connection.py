"""A connection to the Bot API for one token. Refuses to know where the token came from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import TelegramMethod
from aiogram.methods.base import Response
from aiogram.utils.token import TokenValidationError

from core.errors import WrongBotToken
from core.terms import stop_if_lost

T = TypeVar("T", bound=object)
REQUEST_S = 20


@asynccontextmanager
async def open_bot(api_url: str, token: str) -> AsyncIterator[Bot]:
    """A bot with a session of its own, so that its long polling never holds up another's answers.

    Nothing is asked of Telegram yet, and nothing ever once another process may serve this bot. Raises `WrongBotToken`
    for what cannot be a token.
    """
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), timeout=REQUEST_S)
    session.middleware(_while_ours)
    try:
        bot = Bot(token, session=session)
    except TokenValidationError:
        raise WrongBotToken(field="token", reason="not a bot token") from None
    try:
        yield bot
    finally:
        await session.close()


async def _while_ours(make_request: NextRequestMiddlewareType[T], bot: Bot, method: TelegramMethod[T]) -> Response[T]:
    stop_if_lost()
    return await make_request(bot, method)
