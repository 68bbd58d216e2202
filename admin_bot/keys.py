"""Keys with which programs (a CRM, a site) speak to the assistant: made, shown once, listed, taken back.

The message that shows a key is taken out of the chat after minutes, or at once by a button. A key itself is stored
nowhere, so it cannot be shown again.
"""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, Row, button, page_of
from admin_bot.knowledge import turn_pages
from admin_bot.moments import moment_words
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.api_keys import api_keys_of, issue_api_key, revoke_api_key
from core.app import Core
from core.models import ApiKey, Role
from core.tenancy import find_api_key

LONGEST_NAME = 120
SHOWN_S = 300.0
SCOPES = {"chat": ["chat"], "read": ["chat", "read"], "all": ["chat", "crm", "read", "write"]}
"""What a program may do, in three steps."""
NAME = "key_name"


class Making(StatesGroup):
    name = State()


async def open_keys(talk: Talk, press: Press) -> None:
    await show_keys(talk, press.page)


async def show_keys(talk: Talk, page: int = 0, said: str = "") -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    keys = await api_keys_of(assistant)
    head = talk.words("admin-keys" if keys else "admin-keys-none", assistant=assistant.name)
    shown = page_of(keys, page)
    lines = [_line(talk, key) for key in shown]
    rows: list[Row] = [[talk.button("button-delete-item", "key.off", key.id, page, name=key.name)] for key in shown]
    await talk.show(
        "\n\n".join(filter(None, (said, head, "\n".join(lines)))),
        *rows,
        turn_pages(talk, "keys", page, len(keys)),
        [talk.button("button-key-new", "key.new")],
        [talk.button("button-hooks", "hooks")],
        [talk.button("button-menu", "menu")],
    )


def _line(talk: Talk, key: ApiKey) -> str:
    used = talk.words("admin-key-unused")
    if key.last_used_at:
        used = moment_words(talk.core, talk.locale, key.last_used_at)
    return talk.words("admin-key-line", name=key.name, prefix=key.prefix, used=used)


async def ask_name(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Making.name)
    await talk.show(talk.words("admin-key-name"), [talk.button("button-cancel", "keys")])


async def take_name(talk: Talk, message: Message) -> None:
    name = " ".join((message.text or "").split())
    if len(name) > LONGEST_NAME:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_NAME, length=len(name)))
        return
    await talk.expect_nothing()
    await talk.state.update_data({NAME: name})
    await talk.say(
        talk.words("admin-key-scope", name=name),
        [talk.button("button-key-chat", "key.make.chat")],
        [talk.button("button-key-read", "key.make.read")],
        [talk.button("button-key-all", "key.make.all")],
        [talk.button("button-cancel", "keys")],
    )


async def make(talk: Talk, press: Press) -> None:
    """`press.do` is key.make. and one of `SCOPES`. The name is used up, so that a second tap makes no second key."""
    name = str((await talk.state.get_data()).get(NAME, ""))
    scopes = SCOPES.get(press.do.removeprefix("key.make."))
    if not name or scopes is None:
        await show_keys(talk, said=talk.words("admin-old-button"))
        return
    await talk.state.update_data({NAME: ""})
    row, key = await issue_api_key(await talk.assistant(), talk.user.id, name, scopes, by=talk.actor)
    minutes = round(SHOWN_S / 60)
    hide = button(talk.words("button-key-copied"), "key.hide", row.id)
    told = await talk.say(talk.words("admin-key-made", name=name, secret=key, minutes=minutes), [hide])
    await talk.progress.follow(talk.chat_id, told, Watched("key", row.id, talk.locale, name))


async def look_at_key(core: Core, watched: Watched) -> Glimpse:
    """Nothing to say until its time is over; then the message no longer shows it."""
    if watched.age_s < SHOWN_S:
        return Glimpse("")
    return Glimpse(*_hidden(core, watched.locale, watched.name), over=True)


async def hide(talk: Talk, press: Press) -> None:
    """He has copied it."""
    key = await find_api_key(talk.actor, press.id)
    text, rows = _hidden(talk.core, talk.locale, key.name)
    await talk.show(text, *rows)


def _hidden(core: Core, locale: str, name: str) -> tuple[str, tuple[Row, ...]]:
    keys = button(core.texts.say(locale, "button-keys"), "keys")
    return core.texts.say(locale, "admin-key-hidden", name=name), ([keys],)


async def confirm_revoke(talk: Talk, press: Press) -> None:
    key = await find_api_key(talk.actor, press.id)
    await talk.show(
        talk.words("admin-key-revoke", name=key.name, prefix=key.prefix),
        [talk.button("button-key-revoke-yes", "key.off.yes", key.id), talk.button("button-keep", "keys")],
    )


async def revoke(talk: Talk, press: Press) -> None:
    key = await find_api_key(talk.actor, press.id or UUID(int=0))
    await revoke_api_key(key, talk.actor)
    await show_keys(talk, said=talk.words("admin-key-revoked", name=key.name))


def setup() -> Router:
    router = Router(name="keys")
    on_message(router, Role.OWNER, take_name, StateFilter(Making.name), F.text)
    on_press(router, Role.OWNER, "keys", open_keys)
    on_button(router, Role.OWNER, "key.new", ask_name)
    on_press(router, Role.OWNER, "key.make.", make)
    on_press(router, Role.OWNER, "key.hide", hide)
    on_press(router, Role.OWNER, "key.off", confirm_revoke)
    on_press(router, Role.OWNER, "key.off.yes", revoke)
    return router
