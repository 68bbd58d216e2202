"""What one address is told, chosen by taps; and what became of the last that it was told, with a way to send it again.

What is ticked and not saved yet is kept in his dialog's data, so it outlives a restart.
"""

from aiogram import Router

from admin_bot.keyboards import Press, Row, button
from admin_bot.moments import moment_words
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from admin_bot.webhooks import back_to, show_hook
from core.models import Delivery, DeliveryStatus, Role, WebhookEndpoint
from core.tenancy import webhook_of
from core.webhooks.endpoints import WEBHOOK, change_endpoint
from core.webhooks.events import ALL, TEST, Event, wants
from core.webhooks.log import count_deliveries, deliveries_of, reason_in, replay_span

TICKED = "hook_events"
"""In his data: which are ticked, and of which address."""
SHOWN = 10
OFFERED = tuple(event for event in Event if event is not Event.LEAD_CAPTURED)
"""What has a source already; a choice that was made elsewhere keeps the rest."""
_SIGNS = {DeliveryStatus.DELIVERED: "✅", DeliveryStatus.DEAD: "❌"}


async def choose_events(talk: Talk, press: Press) -> None:
    """Begins with what is saved."""
    hook = await webhook_of(talk.actor, press.id)
    await talk.expect_nothing()
    await _tick(talk, hook, [event for event in Event if wants(hook.events, event)])


async def tick(talk: Talk, press: Press) -> None:
    """One more, or one less; `press.page` is its place in the list."""
    hook = await webhook_of(talk.actor, press.id)
    ticked = await _ticked(talk, hook)
    one = OFFERED[min(max(press.page, 0), len(OFFERED) - 1)]
    await _tick(talk, hook, [event for event in Event if (event in ticked) != (event == one)])


async def _ticked(talk: Talk, hook: WebhookEndpoint) -> list[Event]:
    kept = (await talk.state.get_data()).get(TICKED) or {}
    saved = kept["events"] if kept.get("id") == str(hook.id) else hook.events
    return [event for event in Event if wants(saved, event)]


async def _tick(talk: Talk, hook: WebhookEndpoint, ticked: list[Event], said: str = "") -> None:
    await talk.state.update_data({TICKED: {"id": str(hook.id), "events": [event.value for event in ticked]}})
    rows: list[Row] = []
    for place, event in enumerate(OFFERED):
        label = talk.words(_name_key(event))
        rows.append([button(f"{'✅' if event in ticked else '▫️'} {label}", "hook.tick", hook.id, place)])
    await talk.show(
        said or talk.words("admin-hook-choose"),
        *rows,
        [talk.button("button-hook-save", "hook.save", hook.id)],
        [back_to(talk, hook)],
    )


def _name_key(event: str) -> str:
    return f"hook-event-{event.replace('.', '-')}"


async def save(talk: Talk, press: Press) -> None:
    hook = await webhook_of(talk.actor, press.id)
    ticked = await _ticked(talk, hook)
    if not set(ticked) & set(OFFERED):
        await _tick(talk, hook, ticked, talk.words("admin-hook-none-chosen"))
        return
    await talk.state.update_data({TICKED: None})
    events = [ALL] if len(ticked) == len(Event) else [event.value for event in ticked]
    if events == hook.events:
        await show_hook(talk, hook, talk.words("admin-hook-same"))
        return
    await change_endpoint(talk.core, talk.actor, hook, events=events)
    await show_hook(talk, hook, talk.words("admin-hook-saved"), await talk.undo_row(hook.id, WEBHOOK))


async def open_log(talk: Talk, press: Press) -> None:
    await talk.expect_nothing()
    await _show_log(talk, await webhook_of(talk.actor, press.id))


async def _show_log(talk: Talk, hook: WebhookEndpoint, said: str = "") -> None:
    last, lost = await deliveries_of(hook, SHOWN), await count_deliveries(hook, DeliveryStatus.DEAD)
    head = talk.words("admin-hook-log" if last else "admin-hook-log-none")
    lines = "\n\n".join(_line(talk, delivery) for delivery in last)
    await talk.show(
        "\n\n".join(filter(None, (said, head, lines))),
        [talk.button("button-hook-replay", "hook.replay", hook.id, count=lost)] if lost else [],
        [talk.button("button-hook-refresh", "hook.log", hook.id)],
        [back_to(talk, hook)],
    )


def _line(talk: Talk, delivery: Delivery) -> str:
    status = DeliveryStatus(delivery.status)
    what = talk.words("hook-event-test" if delivery.event == TEST else _name_key(delivery.event))
    sign = _SIGNS.get(status, "⚠️" if delivery.error else "⏳")
    line = f"{sign} {moment_words(talk.core, talk.locale, delivery.created_at)}: {what}"
    reason = reason_in(talk.core.texts, talk.locale, delivery.error, delivery.response_status)
    again = ""
    if delivery.error and status == DeliveryStatus.PENDING:
        again = talk.words("admin-hook-next-try", when=moment_words(talk.core, talk.locale, delivery.run_after))
    return "\n".join(filter(None, (line, reason, again)))


async def send_again(talk: Talk, press: Press) -> None:
    """All that was given up; a second tap finds nothing left to send."""
    hook = await webhook_of(talk.actor, press.id)
    put, more = await replay_span(hook)
    said = talk.words("admin-hook-replayed", count=put) if put else talk.words("admin-hook-nothing-lost")
    if put and not hook.active:
        said = f"{said} {talk.words('admin-hook-replay-off')}"
    if more:
        said = f"{said} {talk.words('admin-hook-replay-more')}"
    await _show_log(talk, hook, said)


def setup() -> Router:
    router = Router(name="webhook events")
    on_press(router, Role.OWNER, "hook.events", choose_events)
    on_press(router, Role.OWNER, "hook.tick", tick)
    on_press(router, Role.OWNER, "hook.save", save)
    on_press(router, Role.OWNER, "hook.log", open_log)
    on_press(router, Role.OWNER, "hook.replay", send_again)
    return router
