"""An answer that is seen while it is written: a draft in a private chat, which the message itself ends.

Of no consequence when it fails: the message is still sent. A server that does not know drafts is not asked again; while
Telegram wants to be left alone, nothing is sent. https://core.telegram.org/bots/api#sendmessagedraft
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramAPIError, TelegramBadRequest, TelegramNotFound, TelegramRetryAfter
from aiogram.methods import SendMessageDraft

from core.background import Background
from core.telegram.formatting import LONGEST, Rich, from_markdown, split
from core.telegram.pacing import Pacer

log = logging.getLogger(__name__)
EVERY_S = 1.0
FIRST_AFTER_S = 0.5
"""What is whole by then needs no draft."""
LIMIT_S = 5
_NOT_HERE = ("method not found", "method is not available", "unsupported")


class Draft:
    """One answer in the making; `add` takes its further pieces, in Markdown, and never waits."""

    def __init__(self) -> None:
        self.text = ""
        self.more = asyncio.Event()

    async def add(self, piece: str) -> None:
        self.text += piece
        self.more.set()


class Drafts:
    """Those of one bot."""

    def __init__(self, bot: Bot, background: Background, pacer: Pacer) -> None:
        self._bot = bot
        self._background = background
        self._pacer = pacer
        self._known = True

    @asynccontextmanager
    async def shown(self, chat_id: int, draft_id: int) -> AsyncIterator[Draft]:
        """While the body runs, what is added to the draft is seen, at most once a second."""
        draft = Draft()
        if not self._known:
            yield draft
            return
        showing = self._background.start(self._show(chat_id, draft_id or 1, draft), f"draft in {chat_id}")
        try:
            yield draft
        finally:
            showing.cancel()
            await asyncio.wait({showing})

    async def _show(self, chat_id: int, draft_id: int, draft: Draft) -> None:
        await draft.more.wait()
        await asyncio.sleep(FIRST_AFTER_S)
        while self._known:
            draft.more.clear()
            if self._pacer.held_for(chat_id) <= 0:
                await self._try(chat_id, draft_id, from_markdown(draft.text))
            await asyncio.sleep(EVERY_S)
            await draft.more.wait()

    async def _try(self, chat_id: int, draft_id: int, text: Rich) -> None:
        part = next(iter(split(text, LONGEST)), None)
        if part is None:
            return
        try:
            method = SendMessageDraft(chat_id=chat_id, draft_id=draft_id, text=part.text)
            await self._bot(method, request_timeout=LIMIT_S)
        except TelegramRetryAfter as refusal:
            self._pacer.hold(chat_id, refusal.retry_after)
        except TelegramAPIError as refusal:
            self._known = not _is_unknown(refusal)
            log.info("a draft was not taken: %s", type(refusal).__name__)
        except AiogramError as error:
            log.info("a draft was not taken: %s", type(error).__name__)


def _is_unknown(refusal: TelegramAPIError) -> bool:
    """Whether this server has no such method, or wants none of it from this bot."""
    if isinstance(refusal, TelegramNotFound):
        return True
    said = refusal.message.lower()
    return isinstance(refusal, TelegramBadRequest) and any(sign in said for sign in _NOT_HERE)
