"""How handlers are told apart, in one form: a handler takes the `Talk`, and a press or a message where it needs one.

Each says the least role that may do it, and that is checked here, whatever message the button stands under: operators
look and talk to customers; managers change what an assistant knows and says; channels, deleting and team are owners'.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, ManagedBotUpdated, Message

from admin_bot.keyboards import Press
from admin_bot.talk import Talk
from core.models import Role
from core.team import must_be_in_team

OnTalk = Callable[[Talk], Awaitable[None]]
OnPress = Callable[[Talk, Press], Awaitable[None]]
OnMessage = Callable[[Talk, Message], Awaitable[None]]
OnManagedBot = Callable[[Talk, ManagedBotUpdated], Awaitable[None]]
OnWords = Callable[[Talk, str], Awaitable[None]]

ROLE, DO = "role", "do"
"""What every registered handler carries: the least role that may do it; of a button, its name."""


async def _check(talk: Talk, role: Role) -> None:
    """Raises `RoleNeeded`; what was asked of him before is not waited for then."""
    if not talk.actor.may(role):
        await talk.expect_nothing()
    await must_be_in_team(talk.actor, role)


def on_button(router: Router, role: Role, do: str, handler: OnTalk) -> None:
    """A button that needs no more than its name."""

    async def pressed(_query: CallbackQuery, talk: Talk) -> None:
        await _check(talk, role)
        await handler(talk)

    router.callback_query.register(_marked(pressed, role, do), Press.filter(F.do == do))


def on_press(router: Router, role: Role, do: str, handler: OnPress) -> None:
    """A button that is about a row or a page; a name that ends in "." stands for all that begin so."""

    async def pressed(_query: CallbackQuery, talk: Talk, callback_data: Press) -> None:
        await _check(talk, role)
        await handler(talk, callback_data)

    named = F.do.startswith(do) if do.endswith(".") else F.do == do
    router.callback_query.register(_marked(pressed, role, do), Press.filter(named))


def on_unknown_button(router: Router, role: Role, handler: OnTalk) -> None:
    """Whatever no other knows."""

    async def pressed(_query: CallbackQuery, talk: Talk) -> None:
        await _check(talk, role)
        await handler(talk)

    router.callback_query.register(_marked(pressed, role, ""))


def on_message(router: Router, role: Role, handler: OnMessage, *filters: Any, before: OnMessage | None = None) -> None:
    """`before` is done for everybody, whatever his role."""
    router.message.register(_receiving(role, handler, before), *filters)


def on_edited(router: Router, role: Role, handler: OnMessage, *filters: Any, before: OnMessage | None = None) -> None:
    """A message that he has changed."""
    router.edited_message.register(_receiving(role, handler, before), *filters)


def _receiving(role: Role, handler: OnMessage, before: OnMessage | None) -> Callable[..., Awaitable[None]]:
    async def received(message: Message, talk: Talk) -> None:
        if before:
            await before(talk, message)
        await _check(talk, role)
        await handler(talk, message)

    return _marked(received, role, handler.__name__)


def on_managed_bot(router: Router, role: Role, handler: OnManagedBot) -> None:
    async def received(update: ManagedBotUpdated, talk: Talk) -> None:
        await _check(talk, role)
        await handler(talk, update)

    router.managed_bot.register(_marked(received, role, handler.__name__))


def on_command(router: Router, role: Role, handler: OnTalk, *filters: Any) -> None:
    async def received(_message: Message, talk: Talk) -> None:
        await _check(talk, role)
        await handler(talk)

    router.message.register(_marked(received, role, handler.__name__), *filters)


def on_words_after(router: Router, role: Role, name: str, handler: OnWords) -> None:
    """A command with what stands behind it."""

    async def received(_message: Message, talk: Talk, command: CommandObject) -> None:
        await _check(talk, role)
        await handler(talk, command.args or "")

    router.message.register(_marked(received, role, handler.__name__), Command(name))


def _marked(handler: Callable[..., Awaitable[None]], role: Role, do: str) -> Callable[..., Awaitable[None]]:
    setattr(handler, ROLE, role)
    setattr(handler, DO, do)
    return handler


def roles_of_buttons(root: Router) -> dict[str, Role]:
    """Name of a button, or the beginning of names -> the least role that may press it."""
    found: dict[str, Role] = {}
    for router in root.chain_tail:
        for handler in router.callback_query.handlers:
            found.setdefault(getattr(handler.callback, DO), getattr(handler.callback, ROLE))
    return found
