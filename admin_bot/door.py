"""The door of the admin bot: who comes in, by which way, and what is said to somebody who works nowhere.

A first message makes an owner of a new business; a link with an invitation makes a colleague, and nothing of his own
besides. Who has left his team, or comes by a link that no longer works, opens a business only by a button that says so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject
from aiogram.types import User as Person

from admin_bot.joining import JOIN, welcome
from admin_bot.keyboards import Press, button, keyboard
from admin_bot.progress import Progress
from admin_bot.talk import Talk
from core.accounts import open_business, person_of_telegram, user_of_telegram
from core.app import Core
from core.errors import NotFound, ProductError
from core.intents.reader import IntentReader
from core.models import Membership, Role, User
from core.profiles import remember_name
from core.team import accept_invitation
from core.telegram.formatting import Rich
from core.telegram.outbound import Outbound, Place
from core.tenancy import actor_of
from core.texts import LOCALES

OWN = "own"
"""The button with which somebody who works nowhere begins by himself."""
_LINK = re.compile(rf"/start(?:@\w+)?\s+{JOIN}([\w-]+)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class House:
    """What all talks of one bot share."""

    core: Core
    outbound: Outbound
    progress: Progress
    intents: IntentReader


async def come_in(
    house: House, person: Person, event: TelegramObject, state: FSMContext, roles: Mapping[str, Role]
) -> Talk | None:
    """His talk. None for somebody who has just joined or works nowhere: he was told all there is to say."""
    token = _token_in(event)
    user = await _user(person, by_link=bool(token))
    joined: Membership | None = None
    said = ""
    try:
        joined = await accept_invitation(user, token) if token else None
    except ProductError as error:
        said = house.core.texts.explain(user.locale, error)
    if isinstance(event, CallbackQuery) and event.data == Press(do=OWN).pack():
        await open_business(user, person.full_name)
    try:
        actor = await actor_of(user.id)
    except NotFound:
        await _say_how_to_begin(house, person, user, said)
        return None
    shown = event.message.message_id if isinstance(event, CallbackQuery) and event.message else None
    talk = Talk(house.core, house.outbound, house.progress, house.intents, state, user, actor, person.id, roles, shown)
    if joined:
        await welcome(talk, joined)
    elif said:
        await talk.say(said, [talk.button("button-menu", "menu")])
    return None if joined or said else talk


def _token_in(event: TelegramObject) -> str:
    text = (event.text if isinstance(event, Message) else None) or ""
    found = _LINK.fullmatch(text)
    return found.group(1) if found else ""


async def _user(person: Person, *, by_link: bool) -> User:
    spoken = (person.language_code or "").partition("-")[0]
    locale = spoken if spoken in LOCALES else LOCALES[0]
    if by_link:
        user = await person_of_telegram(person.id, locale)
    else:
        user = await user_of_telegram(person.id, person.full_name, locale)
    await remember_name(user.id, person.full_name)
    return user


async def _say_how_to_begin(house: House, person: Person, user: User, said: str) -> None:
    say = house.core.texts.say
    text = "\n\n".join(filter(None, (said, say(user.locale, "admin-team-nowhere"))))
    own = button(say(user.locale, "button-begin-own"), OWN)
    await house.outbound.send(Place(person.id), Rich(text), keyboard([[own]]))
