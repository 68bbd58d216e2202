"""Telegram asked as it is, not through types: about how updates come. Refuses to know what is asked."""

from typing import Any

import aiohttp
from aiogram import Bot

from core.terms import stop_if_lost

CONNECT_S = 10


class Refusal(Exception):
    """Telegram's own "no". `retry_after`: seconds, 0 when it named none."""

    def __init__(self, status: int, description: str, retry_after: float) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after


async def ask(client: aiohttp.ClientSession, bot: Bot, method: str, body: dict[str, Any], limit_s: float = 20) -> Any:
    """The result. Raises `Refusal`, the network's errors as they are, and `LeaseLost`."""
    stop_if_lost()
    url = bot.session.api.api_url(token=bot.token, method=method)
    limit = aiohttp.ClientTimeout(total=limit_s, sock_connect=CONNECT_S)
    async with client.post(url, json=body, timeout=limit) as response:
        answer = await response.json(content_type=None)
        if not isinstance(answer, dict):
            raise Refusal(response.status, "", 0)
        if not answer.get("ok"):
            wait = (answer.get("parameters") or {}).get("retry_after", 0)
            raise Refusal(response.status, str(answer.get("description", "")), wait)
        return answer["result"]
