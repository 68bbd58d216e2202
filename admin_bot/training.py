"""Training: started, followed in one message with percent and time left, stopped, taken back."""

from aiogram import Router

from admin_bot.keyboards import Press, Row, button
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_button, on_press
from admin_bot.talk import Talk
from admin_bot.training_report import ending, make_live, own_adapter, show_report, state_of
from core.app import Core
from core.errors import Conflict, NotFound, TooLittleData
from core.learning.data_set import gather
from core.models import AdapterStatus, LoraAdapter, Role
from core.telegram.formatting import Rich
from core.tenancy import assistants_of
from core.training import UNFINISHED, adapters_of, back_to_base, cancel_training, request_training


async def show_training(talk: Talk, said: str = "") -> None:
    """How things stand; a training under way is followed in this very message."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    running = [one for one in await adapters_of(assistant) if one.status in UNFINISHED]
    if running:
        watched = Watched("training", running[0].id, talk.locale, assistant.name)
        glimpse = await look_at_training(talk.core, watched)
        told = await talk.show(glimpse.text, *glimpse.rows)
        await talk.progress.follow(talk.chat_id, told, watched)
        return
    found = await gather(talk.core, assistant)
    state, rows = await state_of(talk, assistant)
    card = talk.words("admin-training", assistant=assistant.name, state=state)
    await talk.show(
        f"{said}\n\n{card}" if said else card,
        [talk.button("button-start-training", "train")],
        [talk.button("button-examples-count", "ex", count=found.taught)],
        *rows,
        [talk.button("button-menu", "menu")],
    )


async def open_training(talk: Talk) -> None:
    await show_training(talk)


async def start(talk: Talk) -> None:
    """Raises `TooLittleData`; a training under way is shown instead of a second one."""
    assistant = await talk.assistant()
    try:
        await request_training(talk.core, assistant)
    except Conflict:
        await talk.say(talk.words("admin-training-under-way"))
    except TooLittleData:
        # More documents would not help where the model does not write the owner's language.
        if talk.model_writes_his_language:
            raise
        await talk.say(talk.words("admin-training-language"), [talk.button("button-menu", "menu")])
    else:
        await show_training(talk)


async def look_at_training(core: Core, watched: Watched) -> Glimpse:
    """How far it is, for the message that tells of it."""
    adapter = await LoraAdapter.get_or_none(id=watched.subject)
    menu = button(core.texts.say(watched.locale, "button-menu"), "menu")
    if adapter is None:
        return Glimpse(core.texts.say(watched.locale, "admin-training-cancelled"), ([menu],), over=True)
    if adapter.status in UNFINISHED:
        stop = button(core.texts.say(watched.locale, "button-cancel-training"), "train.stop", adapter.id)
        patience = core.texts.say(watched.locale, "admin-training-wait")
        return Glimpse(f"{_progress(core, adapter, watched.locale)}\n{patience}", ([stop],))
    text, rows = await _ending(core, adapter, watched.locale)
    return Glimpse(text, (*rows, [menu]), over=True, loud=True)


def _progress(core: Core, adapter: LoraAdapter, locale: str) -> str:
    if adapter.status == AdapterStatus.QUEUED:
        return core.texts.say(locale, "admin-training-queued")
    if adapter.status == AdapterStatus.EVALUATING:
        return core.texts.say(locale, "admin-training-checking")
    steps = [line for line in adapter.training_logs if "percent" in line]
    if not steps:
        return core.texts.say(locale, "admin-training-started")
    percent, left = int(steps[-1]["percent"]), steps[-1].get("eta_s")
    if left is None:
        return core.texts.say(locale, "admin-training-progress", percent=percent)
    return core.texts.say(locale, "admin-training-progress-left", percent=percent, minutes=round(float(left) / 60))


async def _ending(core: Core, adapter: LoraAdapter, locale: str) -> tuple[str, list[Row]]:
    if adapter.status in {AdapterStatus.COMPLETED, AdapterStatus.REJECTED}:
        return await ending(core, adapter, locale)
    if adapter.status == AdapterStatus.CANCELLED:
        return core.texts.say(locale, "admin-training-cancelled"), []
    code = adapter.error_code if core.texts.knows(adapter.error_code) else "error-training-failed"
    return "⚠️ " + core.texts.say(locale, code, **{"reason": "", **adapter.error_facts}), []


async def stop(talk: Talk, press: Press) -> None:
    """What follows the training says that it was stopped."""
    try:
        await cancel_training(await own_adapter(talk, press))
    except Conflict:
        await show_training(talk, talk.words("admin-training-over"))


async def to_base(talk: Talk, press: Press) -> None:
    """One tap, and it counts from the next answer on."""
    own = {assistant.id: assistant for assistant in await assistants_of(talk.actor)}
    if press.id not in own:
        raise NotFound(what="assistant")
    await back_to_base(talk.core, own[press.id])
    await talk.say(Rich(talk.words("admin-back-to-base")), [talk.button("button-menu", "menu")])


def setup() -> Router:
    router = Router(name="training")
    on_button(router, Role.MANAGER, "training", open_training)
    on_button(router, Role.MANAGER, "train", start)
    on_press(router, Role.MANAGER, "train.stop", stop)
    on_press(router, Role.MANAGER, "train.report", show_report)
    on_press(router, Role.MANAGER, "train.live", make_live)
    on_press(router, Role.MANAGER, "base", to_base)
    return router
