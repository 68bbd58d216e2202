"""How handlers are told apart, in one form: a handler takes the `Talk`, and a press or a message where it needs one."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from admin_bot.keyboards import Press
from admin_bot.talk import Talk

OnTalk = Callable[[Talk], Awaitable[None]]
OnPress = Callable[[Talk, Press], Awaitable[None]]
OnMessage = Callable[[Talk, Message], Awaitable[None]]


def on_button(router: Router, do: str, handler: OnTalk) -> None:
    """A button that needs no more than its name."""

    async def pressed(_query: CallbackQuery, talk: Talk) -> None:
        await handler(talk)

    router.callback_query.register(pressed, Press.filter(F.do == do))


def on_press(router: Router, do: str, handler: OnPress) -> None:
    """A button that is about a row or a page; a name that ends in "." stands for all that begin so."""

    async def pressed(_query: CallbackQuery, talk: Talk, callback_data: Press) -> None:
        await handler(talk, callback_data)

    router.callback_query.register(pressed, Press.filter(F.do.startswith(do) if do.endswith(".") else F.do == do))


def on_message(router: Router, handler: OnMessage, *filters: Any) -> None:
    async def received(message: Message, talk: Talk) -> None:
        await handler(talk, message)

    router.message.register(received, *filters)


def on_command(router: Router, handler: OnTalk, *filters: Any) -> None:
    async def received(_message: Message, talk: Talk) -> None:
        await handler(talk)

    router.message.register(received, *filters)
