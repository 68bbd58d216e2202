"""Addresses of programs (a CRM, a site) that are told what happens: added, tried, switched off and on, deleted.

The message that shows a secret is taken out of the chat as a key's is (admin_bot/keys.py). What an address is told, and
what became of it, is admin_bot/webhook_events.py's.
"""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import InlineKeyboardButton, Message

from admin_bot.keyboards import Press, Row, button, page_of
from admin_bot.knowledge import turn_pages
from admin_bot.moments import moment_words
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.app import Core
from core.models import DeliveryAttempt, Role, WebhookEndpoint
from core.tenancy import webhook_of
from core.webhooks.endpoints import (
    WEBHOOK,
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    endpoints_of,
    host_of,
    rotate_secret,
    trouble_of,
)
from core.webhooks.events import ALL
from core.webhooks.log import reason_in, send_test, waiting_in_line

SHOWN_S = 300.0


class Hooking(StatesGroup):
    address = State()


async def open_hooks(talk: Talk, press: Press) -> None:
    await show_hooks(talk, press.page)


async def show_hooks(talk: Talk, page: int = 0, said: str = "", undo: Row = ()) -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    hooks = await endpoints_of([assistant.id])
    head = talk.words("admin-hooks" if hooks else "admin-hooks-none", assistant=assistant.name)
    await talk.show(
        "\n\n".join(filter(None, (said, head))),
        undo,
        *[[button(f"{_sign(hook)} {host_of(hook)}", "hook", hook.id)] for hook in page_of(hooks, page)],
        turn_pages(talk, "hooks", page, len(hooks)),
        [talk.button("button-hook-new", "hook.new")],
        [talk.button("button-keys", "keys"), talk.button("button-menu", "menu")],
    )


def _sign(hook: WebhookEndpoint) -> str:
    return "🟢" if hook.active else "⏸"


async def ask_address(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Hooking.address)
    await talk.show(talk.words("admin-hook-ask"), [talk.button("button-cancel", "hooks")])


async def take_hook_address(talk: Talk, message: Message) -> None:
    """With or without https:// in front. Raises `AddressRefused`, and goes on waiting for an address then."""
    address = (message.text or "").strip()
    if "://" not in address:
        address = f"https://{address}"
    hook, secret = await add_endpoint(talk.core, talk.actor, await talk.assistant(), address)
    await talk.expect_nothing()
    await _show_secret(talk, hook, talk.words("admin-hook-added", host=host_of(hook)), secret)
    talk.shown = None
    await show_hook(talk, hook)


async def _show_secret(talk: Talk, hook: WebhookEndpoint, said: str, secret: str) -> None:
    """In a message of its own, for some minutes."""
    minutes = round(SHOWN_S / 60)
    shown = f"{said}\n\n{talk.words('admin-hook-secret', secret=secret, minutes=minutes)}"
    told = await talk.say(shown, [talk.button("button-hook-copied", "hook.hide", hook.id)])
    await talk.progress.follow(talk.chat_id, told, Watched("hook", hook.id, talk.locale, host_of(hook)))


async def look_at_secret(core: Core, watched: Watched) -> Glimpse:
    """Nothing to say until its time is over; then the message no longer shows it."""
    if watched.age_s < SHOWN_S:
        return Glimpse("")
    look = button(core.texts.say(watched.locale, "button-hook-look"), "hook", watched.subject)
    return Glimpse(core.texts.say(watched.locale, "admin-hook-hidden", host=watched.name), ([look],), over=True)


async def hide(talk: Talk, press: Press) -> None:
    """He has copied it."""
    hook = await webhook_of(talk.actor, press.id)
    look = talk.button("button-hook-look", "hook", hook.id)
    await talk.show(talk.words("admin-hook-hidden", host=host_of(hook)), [look])


async def open_hook(talk: Talk, press: Press) -> None:
    await talk.expect_nothing()
    await show_hook(talk, await webhook_of(talk.actor, press.id))


async def show_hook(talk: Talk, hook: WebhookEndpoint, said: str = "", undo: Row = ()) -> None:
    """The card: how it stands, and all that can be done with it."""
    toggle = ("button-hook-off", "hook.off") if hook.active else ("button-hook-on", "hook.on")
    await talk.show(
        "\n\n".join(filter(None, (said, await _standing(talk, hook)))),
        undo,
        [talk.button("button-hook-test", "hook.test", hook.id)],
        [
            talk.button("button-hook-events", "hook.events", hook.id),
            talk.button("button-hook-log", "hook.log", hook.id),
        ],
        [talk.button(toggle[0], toggle[1], hook.id), talk.button("button-hook-secret", "hook.secret", hook.id)],
        [talk.button("button-hook-delete", "hook.delete", hook.id)],
        [talk.button("button-hooks", "hooks"), talk.button("button-menu", "menu")],
    )


async def _standing(talk: Talk, hook: WebhookEndpoint) -> str:
    trouble, waiting = await trouble_of(hook), await waiting_in_line(hook)
    lines = [talk.words("admin-hook", url=hook.url)]
    if not hook.active:
        lines.append(talk.words("admin-hook-is-off"))
    if trouble and trouble.stopped:
        lines.append(
            talk.words("admin-hook-stopped", reason=reason_in(talk.core.texts, talk.locale, trouble.stopped, 0))
        )
    elif trouble:
        lines.append(talk.words("admin-hook-failing", since=moment_words(talk.core, talk.locale, trouble.since)))
    wanted = "admin-hook-all" if ALL in hook.events else "admin-hook-some"
    lines.append(talk.words(wanted, count=len(hook.events)))
    if waiting:
        lines.append(talk.words("admin-hook-waiting", count=waiting))
    return "\n".join(lines)


async def try_hook(talk: Talk, press: Press) -> None:
    """A test event; what the address answered and how fast."""
    hook = await webhook_of(talk.actor, press.id)
    talk.shown = await talk.show(talk.words("admin-hook-trying", host=host_of(hook)))
    _, result = await send_test(talk.core, hook)
    await show_hook(talk, await webhook_of(talk.actor, hook.id), _answered(talk, hook, result))


def _answered(talk: Talk, hook: WebhookEndpoint, result: DeliveryAttempt | None) -> str:
    if result is None:
        return talk.words("admin-hook-test-later")
    if result.error:
        reason = reason_in(talk.core.texts, talk.locale, result.error, result.status)
        said = " ".join(result.body.split())[:200]
        shown = talk.words("admin-hook-test-said", said=said) if said else ""
        return "\n".join(filter(None, (talk.words("admin-hook-test-failed", reason=reason), shown)))
    seconds = f"{max(result.took_ms, 10) / 1000:.2f}"
    return talk.words("admin-hook-test-well", host=host_of(hook), status=result.status or 0, seconds=seconds)


async def switch(talk: Talk, press: Press) -> None:
    """`press.do` is hook.on or hook.off."""
    hook = await webhook_of(talk.actor, press.id)
    on = press.do == "hook.on"
    await change_endpoint(talk.core, talk.actor, hook, active=on)
    said = talk.words("admin-hook-switched-on" if on else "admin-hook-switched-off", host=host_of(hook))
    await show_hook(talk, hook, said, await talk.undo_row(hook.id, WEBHOOK))


async def try_again(talk: Talk, press: Press) -> None:
    """It was switched off by itself: on again, with a test of whether it answers now."""
    hook = await webhook_of(talk.actor, press.id)
    await change_endpoint(talk.core, talk.actor, hook, active=True)
    await try_hook(talk, press)


async def confirm_secret(talk: Talk, press: Press) -> None:
    hook = await webhook_of(talk.actor, press.id)
    await talk.show(
        talk.words("admin-hook-new-secret", host=host_of(hook)),
        [talk.button("button-hook-secret-yes", "hook.secret.yes", hook.id)],
        [talk.button("button-keep", "hook", hook.id)],
    )


async def renew_secret(talk: Talk, press: Press) -> None:
    hook = await webhook_of(talk.actor, press.id)
    secret = await rotate_secret(talk.core, talk.actor, hook)
    await show_hook(talk, hook)
    await _show_secret(talk, hook, talk.words("admin-hook-secret-made", host=host_of(hook)), secret)


async def confirm_delete(talk: Talk, press: Press) -> None:
    hook = await webhook_of(talk.actor, press.id)
    await talk.show(
        talk.words("admin-hook-delete", host=host_of(hook)),
        [talk.button("button-hook-delete-yes", "hook.delete.yes", hook.id)],
        [talk.button("button-keep", "hook", hook.id)],
    )


async def delete(talk: Talk, press: Press) -> None:
    hook = await webhook_of(talk.actor, press.id)
    await delete_endpoint(talk.actor, hook)
    said = talk.words("admin-hook-deleted", host=host_of(hook))
    await show_hooks(talk, said=said, undo=await talk.undo_row(hook.id, WEBHOOK))


def back_to(talk: Talk, hook: WebhookEndpoint) -> InlineKeyboardButton:
    return talk.button("button-back-to", "hook", hook.id, name=host_of(hook))


def setup() -> Router:
    router = Router(name="webhooks")
    on_message(router, Role.OWNER, take_hook_address, StateFilter(Hooking.address), F.text)
    on_press(router, Role.OWNER, "hooks", open_hooks)
    on_button(router, Role.OWNER, "hook.new", ask_address)
    on_press(router, Role.OWNER, "hook", open_hook)
    on_press(router, Role.OWNER, "hook.hide", hide)
    on_press(router, Role.OWNER, "hook.test", try_hook)
    on_press(router, Role.OWNER, "hook.on", switch)
    on_press(router, Role.OWNER, "hook.off", switch)
    on_press(router, Role.OWNER, "hook.again", try_again)
    on_press(router, Role.OWNER, "hook.secret", confirm_secret)
    on_press(router, Role.OWNER, "hook.secret.yes", renew_secret)
    on_press(router, Role.OWNER, "hook.delete", confirm_delete)
    on_press(router, Role.OWNER, "hook.delete.yes", delete)
    return router
