"""The one way out of a bot: every message, edit and "typing" passes here, paced, retried, and never lost silently.

A refusal with `retry_after` is obeyed to the second. A chat that closed its door is remembered and left alone until
it writes again. Refuses to know what the messages say.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageText,
    SendChatAction,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    FSInputFile,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from core.background import Background
from core.errors import Unavailable
from core.telegram.connection import REQUEST_S
from core.telegram.drafts import Drafts
from core.telegram.formatting import Rich, split
from core.telegram.managed import ManagedBots
from core.telegram.pacing import Pace, Pacer

log = logging.getLogger(__name__)
T = TypeVar("T")

GIVE_UP_S = 120.0
FILE_S = 300
"""For one try to send a file."""
TYPING_EVERY_S = 4.5
LONGEST_ALERT = 200
"""https://core.telegram.org/bots/api#answercallbackquery"""
_LONGEST_PAUSE_S = 15.0
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
Buttons = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove
_CLOSED = ("chat not found", "peer_id_invalid", "rights to send", "write_forbidden", "chat was deactivated")


class ChatClosed(Exception):
    """The person blocked the bot, or the bot was removed from the group: nothing can be said there now."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to say something: a chat, perhaps a topic of it, perhaps under somebody's message; `business`: in the name
    of the account that this connection is to."""

    chat_id: int
    thread_id: int | None = None
    reply_to: int | None = None
    business: str | None = None


class Outbound:
    """One bot's way out. `managed`: the bots that it makes for people; `drafts`: what is seen while it is written."""

    def __init__(
        self, bot: Bot, background: Background, pace: Pace | None = None, give_up_s: float = GIVE_UP_S
    ) -> None:
        self.managed = ManagedBots(bot)
        self._bot = bot
        self._background = background
        self._pacer = Pacer(pace or Pace())
        self.drafts = Drafts(bot, background, self._pacer)
        self._give_up_s = give_up_s
        self._closed: set[int] = set()

    def reopen(self, chat_id: int) -> None:
        """The chat wrote to us: its door is open again."""
        self._closed.discard(chat_id)

    async def send(self, place: Place, text: Rich, buttons: Buttons | None = None) -> int:
        """Say it all, in as many messages as it takes, buttons under the last; the last message's id.

        Telegram edits no message that brought or removed a keyboard below the input field.
        Raises `ChatClosed`, and `Unavailable` when Telegram has not answered for minutes.
        """
        parts = split(text)
        message_id = 0
        for number, part in enumerate(parts, 1):
            message_id = await self.send_part(place, part, buttons if number == len(parts) else None)
        return message_id

    async def send_part(self, place: Place, part: Rich, buttons: Buttons | None = None) -> int:
        """Say what fits into one message; its id. Raises like `send`."""
        reply = ReplyParameters(message_id=place.reply_to, allow_sending_without_reply=True) if place.reply_to else None
        method = SendMessage(
            chat_id=place.chat_id,
            text=part.text,
            entities=_entities(part),
            message_thread_id=place.thread_id,
            reply_parameters=reply,
            reply_markup=buttons,
            link_preview_options=_NO_PREVIEW,
            business_connection_id=place.business,
        )
        sent = await self._say(method, place.chat_id)
        return sent.message_id

    async def send_picture(self, place: Place, png: bytes, name: str) -> int:
        """A picture without words; its message's id. Raises like `send`."""
        picture = BufferedInputFile(png, filename=name)
        method = SendPhoto(chat_id=place.chat_id, photo=picture, message_thread_id=place.thread_id)
        return _sent(await self._call(method, place.chat_id)).message_id

    async def send_file(self, place: Place, file: Path, name: str) -> int:
        """A file without words, read from the disk as it goes; its message's id. Raises like `send`."""
        sent = FSInputFile(file, filename=name)
        method = SendDocument(chat_id=place.chat_id, document=sent, message_thread_id=place.thread_id)
        return _sent(await self._call(method, place.chat_id, FILE_S)).message_id

    async def send_album(self, place: Place, pictures: Sequence[tuple[str, bytes]]) -> bool:
        """2 to 10 pictures, each with its file's name, as one album. Tried once, of no consequence when it fails."""
        media = [InputMediaPhoto(media=BufferedInputFile(picture, filename=name)) for name, picture in pictures]
        method = SendMediaGroup(chat_id=place.chat_id, media=list(media), message_thread_id=place.thread_id)
        await self._pacer.turn(place.chat_id)
        try:
            await self._bot(method, request_timeout=REQUEST_S)
        except AiogramError as error:
            log.warning("pictures were not taken: %s", type(error).__name__)
            return False
        return True

    async def edit(
        self, chat_id: int, message_id: int, text: Rich, buttons: InlineKeyboardMarkup | None = None
    ) -> bool:
        """Replace a message's text; False when it can no longer be edited. Raises like `send`."""
        part = split(text)[0]
        method = EditMessageText(
            chat_id=chat_id,
            message_id=message_id,
            text=part.text,
            entities=_entities(part),
            reply_markup=buttons,
            link_preview_options=_NO_PREVIEW,
        )
        try:
            await self._say(method, chat_id)
        except TelegramBadRequest as refusal:
            return "not modified" in refusal.message
        return True

    async def do(self, method: TelegramMethod[T], chat_id: int, limit_s: int = REQUEST_S, *, paced: bool = True) -> T:
        """Whatever else is to be done in a chat; only to ask something is not `paced`. Raises like `send`, and
        `TelegramBadRequest`."""
        done: T = await self._call(method, chat_id, limit_s, paced=paced)
        return done

    async def delete(self, chat_id: int, message_id: int) -> bool:
        """Remove a message; False when Telegram does not let us (older than 48 hours, already gone)."""
        try:
            return bool(await self._call(DeleteMessage(chat_id=chat_id, message_id=message_id), chat_id))
        except TelegramBadRequest:
            return False

    async def username(self) -> str:
        """The bot's own, without "@". Raises `Unavailable`."""
        try:
            return (await self._bot.me()).username or ""
        except AiogramError as error:
            raise Unavailable from error

    async def answer_button(self, query_id: str, alert: str = "", note: str = "") -> None:
        """Stop the button's spinner, if need be with a window for who pressed it, or with a note that goes by itself.
        Of no consequence when it fails."""
        said = (alert or note)[:LONGEST_ALERT]
        more: dict[str, Any] = {"text": said, "show_alert": bool(alert)} if said else {}
        with suppress(AiogramError):
            await self._bot(AnswerCallbackQuery(callback_query_id=query_id, **more), request_timeout=5)

    @asynccontextmanager
    async def typing(self, place: Place) -> AsyncIterator[None]:
        """Show "typing…" while the body runs. Its failures never reach the body."""
        showing = self._background.start(self._keep_typing(place), f"typing in {place.chat_id}")
        try:
            yield
        finally:
            showing.cancel()

    async def _keep_typing(self, place: Place) -> None:
        method = SendChatAction(
            chat_id=place.chat_id,
            action="typing",
            message_thread_id=place.thread_id,
            business_connection_id=place.business,
        )
        while True:
            if self._pacer.held_for(place.chat_id) <= 0:
                with suppress(AiogramError):
                    await self._bot(method, request_timeout=5)
            await asyncio.sleep(TYPING_EVERY_S)

    async def _say(self, method: SendMessage | EditMessageText, chat_id: int) -> "_Sent":
        """With its formatting, or without when Telegram refuses that."""
        try:
            return _sent(await self._call(method, chat_id))
        except TelegramBadRequest as refusal:
            if not method.entities or not any(word in refusal.message.lower() for word in ("entit", "can't parse")):
                raise
            log.warning("formatting refused (%s); sending plain text", refusal.message)
            return _sent(await self._call(method.model_copy(update={"entities": None}), chat_id))

    async def _call(
        self, method: TelegramMethod[Any], chat_id: int, limit_s: int = REQUEST_S, *, paced: bool = True
    ) -> Any:
        """Until it is done. Raises `ChatClosed`, `Unavailable`, and `TelegramBadRequest` for what can never work."""
        loop = asyncio.get_running_loop()
        trying = _Trying(end=loop.time() + self._give_up_s)
        while True:
            if chat_id in self._closed:
                raise ChatClosed
            if paced:
                await self._pacer.turn(chat_id)
            try:
                return await self._bot(method, request_timeout=limit_s)
            except TelegramRetryAfter as refusal:
                self._pacer.hold(chat_id, refusal.retry_after)
                paced = True
                trying = replace(trying, end=loop.time() + refusal.retry_after + self._give_up_s)
            except TelegramMigrateToChat as moved:
                chat_id = moved.migrate_to_chat_id
                method = method.model_copy(update={"chat_id": chat_id})
            except (TelegramForbiddenError, TelegramBadRequest) as refusal:
                self._close_if_closed(refusal, chat_id)
                raise
            except (TelegramUnauthorizedError, TelegramNotFound) as refusal:
                raise Unavailable(part="Telegram", reason="the token is refused") from refusal
            except (TelegramAPIError, ClientDecodeError) as error:
                trying = await self._pause(trying, error)

    def _close_if_closed(self, refusal: TelegramAPIError, chat_id: int) -> None:
        forbidden = isinstance(refusal, TelegramForbiddenError)
        if forbidden or any(sign in refusal.message.lower() for sign in _CLOSED):
            log.info("chat %s is closed to us: %s", chat_id, refusal.message)
            self._closed.add(chat_id)
            raise ChatClosed from refusal

    async def _pause(self, trying: "_Trying", error: AiogramError) -> "_Trying":
        """After a failure that passes by itself: network, a server error, a proxy's page instead of JSON."""
        loop = asyncio.get_running_loop()
        if loop.time() >= trying.end:
            raise Unavailable(part="Telegram", reason=type(error).__name__) from None
        log.warning("Telegram did not take a message (%s), attempt %s", type(error).__name__, trying.failures + 1)
        await asyncio.sleep(min(0.5 * 2**trying.failures, _LONGEST_PAUSE_S))
        return replace(trying, failures=trying.failures + 1)


@dataclass(frozen=True, slots=True)
class _Trying:
    end: float
    failures: int = 0


@dataclass(frozen=True, slots=True)
class _Sent:
    message_id: int


def _sent(result: object) -> _Sent:
    return _Sent(int(getattr(result, "message_id", 0)))


def _entities(part: Rich) -> list[MessageEntity] | None:
    return [MessageEntity(**entity.to_dict()) for entity in part.entities] or None
