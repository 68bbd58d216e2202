"""What came of a training, as its owner reads it: the verdict, why, the figures, and answers side by side."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from uuid import UUID

from aiogram.exceptions import TelegramBadRequest

from admin_bot.keyboards import Press, Row, button, shortened
from admin_bot.talk import Talk
from core.app import Core
from core.errors import NotFound, Unavailable
from core.learning.chart import SHARES, draw
from core.learning.report import address_of_report, verdict_of
from core.learning.trials import ENOUGH_ANSWERS, trial_of, tried_so_far
from core.models import AdapterStatus, Assistant, LoraAdapter
from core.tenancy import adapter_of, assistants_of
from core.training import activate_adapter, adapters_of

log = logging.getLogger(__name__)
_LONGEST = 260


async def ending(core: Core, adapter: LoraAdapter, locale: str) -> tuple[str, list[Row]]:
    """The last word about a training that was judged, and what can be done."""
    say = core.texts.say
    compare = button(say(locale, "button-compare"), "train.report", adapter.id)
    if adapter.status == AdapterStatus.REJECTED:
        return say(locale, "admin-training-rejected", why=verdict_of(core, locale, adapter)), [[compare]]
    assistant = await Assistant.get(id=adapter.assistant_id)
    back = button(say(locale, "button-back-to-base"), "base", assistant.id)
    trial = await trial_of(assistant)
    if trial and trial.adapter_id == adapter.id:
        live = button(say(locale, "button-make-live"), "train.live", adapter.id)
        return say(locale, "admin-training-trial", answers=ENOUGH_ANSWERS), [[compare], [live], [back]]
    if assistant.live_adapter_id == adapter.id:
        return say(locale, "admin-training-done"), [[compare], [back]]
    return say(locale, "admin-training-kept"), [[compare]]


async def state_of(talk: Talk, assistant: Assistant) -> tuple[str, list[Row]]:
    """Which model answers now, and what can be done about it."""
    trial = await trial_of(assistant)
    back: Row = [talk.button("button-back-to-base", "base", assistant.id)]
    if trial:
        so_far = await tried_so_far(trial)
        said = talk.words("admin-training-trying", done=so_far.answers, all=ENOUGH_ANSWERS)
        compare = talk.button("button-compare", "train.report", trial.adapter_id)
        return said, [[compare], [talk.button("button-make-live", "train.live", trial.adapter_id)], back]
    if assistant.live_adapter_id is None:
        judged = [one for one in await adapters_of(assistant) if one.metrics.get("report")][:1]
        return talk.words("admin-training-base"), [
            [talk.button("button-compare-last", "train.report", one.id)] for one in judged
        ]
    return talk.words("admin-training-live"), [
        [talk.button("button-compare", "train.report", assistant.live_adapter_id)],
        back,
    ]


async def show_report(talk: Talk, press: Press) -> None:
    adapter = await own_adapter(talk, press)
    report = adapter.metrics.get("report")
    if not report:
        await talk.say(talk.words("gate-no-report"), [talk.button("button-training", "training")])
        return
    lines = [talk.words("gate-title", count=report["judged"]), ""]
    figures = report["figures"]
    lines += [_figure(talk, key, figures[figure]) for figure, key in SHARES.items() if figure in figures]
    lines += ["", verdict_of(talk.core, talk.locale, adapter)]
    lines += [_sample(talk, one) for one in report["samples"]]
    await _show_chart(talk, adapter, report)
    page = talk.link("button-report-page", address_of_report(talk.core, adapter.id))
    await talk.say(
        "\n".join(lines),
        [page] if talk.core.settings.public_url else [],
        [talk.button("button-training", "training"), talk.button("button-menu", "menu")],
    )


async def _show_chart(talk: Talk, adapter: LoraAdapter, report: dict[str, Any]) -> None:
    """The picture of it; a report reads well without, so nothing depends on it."""
    png = await asyncio.to_thread(draw, adapter.training_logs, report, talk.words)
    try:
        await talk.outbound.send_picture(talk.place, png, "training.png")
    except (TelegramBadRequest, Unavailable) as refusal:
        log.warning("the chart of training %s was not taken: %s", adapter.id, refusal)


def _figure(talk: Talk, key: str, one: dict[str, float]) -> str:
    now, new = round(100 * one["now"]), round(100 * one["new"])
    return f"{'🟢' if new > now else '⚪' if new == now else '🔻'} {talk.words(key)}: {now} % → {new} %"


def _sample(talk: Talk, one: dict[str, Any]) -> str:
    texts = {name: shortened(" ".join(str(text).split()), _LONGEST) or "—" for name, text in one.items()}
    return "\n" + talk.words("gate-sample", **texts)


async def make_live(talk: Talk, press: Press) -> None:
    """For everybody, without waiting for the trial's end. Raises `Conflict`, `AdapterMismatch`."""
    adapter = await own_adapter(talk, press)
    await activate_adapter(talk.core, await Assistant.get(id=adapter.assistant_id), adapter)
    back = talk.button("button-back-to-base", "base", adapter.assistant_id)
    await talk.say(talk.words("admin-training-now-live"), [back], [talk.button("button-menu", "menu")])


async def own_adapter(talk: Talk, press: Press) -> LoraAdapter:
    """The training of a button, in whichever of his assistants it is. Raises `NotFound`."""
    for assistant in await assistants_of(talk.actor):
        with suppress(NotFound):
            return await adapter_of(assistant, press.id or UUID(int=0))
    raise NotFound(what="adapter")
