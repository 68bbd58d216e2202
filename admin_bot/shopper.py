"""The room of the mystery shopper: the last run in plain words, one now, its results, on and off at night."""

from aiogram import Router

from admin_bot.keyboards import Press, Row, button
from admin_bot.moments import moment_words
from admin_bot.progress import Glimpse, Watched
from admin_bot.proposing import PENDING
from admin_bot.routes import on_button, on_press
from admin_bot.shopper_words import counts_words, result_words, undoable_of
from admin_bot.talk import Talk
from admin_bot.undo import take_back
from admin_bot.verified import ask_answer
from core.app import Core
from core.assistants import change_assistant
from core.models import Assistant, Role, RunKind, RunState, ShopperResult, ShopperRun
from core.policy import policy_of
from core.shopper.judging import Verdict
from core.shopper.questions import shoppers_list
from core.shopper.runs import (
    UNDER_WAY,
    Counts,
    accept,
    counted,
    last_run,
    results_of,
    start_run,
    stop_run,
)
from core.shopper.whose import find_result, find_run
from core.telegram.formatting import Rich

WATCH = "shopper"
"""What a message that follows a run is called."""


async def open_shopper(talk: Talk) -> None:
    await show_shopper(talk)


async def show_shopper(talk: Talk, said: str = "", undo: Row = ()) -> None:
    """Raises `NoAssistant`."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    run, questions = await last_run(assistant), await shoppers_list(assistant)
    parts = [said, talk.words("admin-shopper", assistant=assistant.name)]
    if run:
        when = moment_words(talk.core, talk.locale, run.finished_at or run.created_at)
        found = counts_words(talk.core, talk.locale, counted(await results_of(run)))
        parts.append(f"{talk.words('admin-shopper-last', when=when, count=run.questions)}\n{found}")
    else:
        parts.append(talk.words("admin-shopper-never"))
    nightly = str(policy_of(assistant).nightly_check).lower()
    await talk.show(
        "\n\n".join(filter(None, parts)),
        undo,
        [talk.button("button-shopper-run", "shopper.run")],
        [talk.button("button-shopper-results", "shopper.results", run.id)] if run else [],
        [talk.button("button-shopper-list", "shopper.list", count=len(questions))],
        [talk.button("button-shopper-nightly", "shopper.nightly", on=nightly)],
        [talk.button("button-menu", "menu")],
    )


async def run_now(talk: Talk) -> None:
    """Its message follows it, across restarts. Raises `NothingToAsk`, `Unavailable`."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    run = await start_run(talk.core, assistant)
    await follow_run(talk, run, assistant)


async def follow_run(talk: Talk, run: ShopperRun, assistant: Assistant, card: int = 0) -> None:
    """`card` is that of the settings that are tried out (proposing.py)."""
    watched = Watched(WATCH, run.id, talk.locale, assistant.name, replaces=str(card) if card else "")
    glimpse = await look_at_run(talk.core, watched)
    shown = await talk.say(glimpse.text, *glimpse.rows)
    await talk.progress.follow(talk.chat_id, shown, watched)


async def look_at_run(core: Core, watched: Watched) -> Glimpse:
    """How far it is; at the end what came of it, in a new message."""
    say, locale = core.texts.say, watched.locale
    run = await ShopperRun.get_or_none(id=watched.subject)
    menu = button(say(locale, "button-menu"), "menu")
    if run is None:
        return Glimpse(say(locale, "admin-shopper-gone"), ([menu],), over=True)
    results = await results_of(run)
    if run.state in UNDER_WAY:
        key = "admin-shopper-asking" if run.state is RunState.ASKING else "admin-shopper-soon"
        text = say(locale, key, name=watched.name, done=len(results), count=run.questions)
        return Glimpse(text, ([button(say(locale, "button-shopper-stop"), "shopper.stop", run.id)],))
    if run.state is not RunState.DONE:
        key = "admin-shopper-stopped" if run.state is RunState.STOPPED else "admin-shopper-failed"
        again = button(say(locale, "button-shopper"), "shopper")
        return Glimpse(say(locale, key, done=len(results), count=run.questions), ([again, menu],), over=True)
    text, rows = _ending(core, locale, watched, run, counted(results))
    return Glimpse(text, rows, over=True, loud=True)


def _ending(core: Core, locale: str, watched: Watched, run: ShopperRun, counts: Counts) -> tuple[str, tuple[Row, ...]]:
    say = core.texts.say
    changes = run.kind is RunKind.CHANGE
    head = say(
        locale, "admin-shopper-checked" if changes else "admin-shopper-done", name=watched.name, count=counts.asked
    )
    hint = "admin-shopper-all-well" if not counts[Verdict.WORSE] else ""
    text = "\n\n".join(filter(None, (head, counts_words(core, locale, counts), say(locale, hint) if hint else "")))
    look = [button(say(locale, "button-shopper-results"), "shopper.look", run.id)]
    if changes and watched.replaces:
        return text, (look, _save_row(core, locale, run, int(watched.replaces)))
    last = [button(say(locale, "button-shopper"), "shopper"), button(say(locale, "button-menu"), "menu")]
    return text, (look, last)


def _save_row(core: Core, locale: str, run: ShopperRun, card: int) -> Row:
    """The same buttons as on the card itself."""
    save = button(core.texts.say(locale, "button-save"), "persona.save", run.assistant_id, card)
    return [save, button(core.texts.say(locale, "button-shopper-not"), "persona")]


async def stop(talk: Talk, press: Press) -> None:
    """The message that follows it says so."""
    await stop_run(await find_run(talk.actor, press.id))


async def look(talk: Talk, press: Press) -> None:
    """The message with the counts stays, and so do the buttons under it."""
    run = await find_run(talk.actor, press.id)
    talk.shown = None
    await show_result(talk, run)


async def show_results(talk: Talk, press: Press) -> None:
    await show_result(talk, await find_run(talk.actor, press.id), press.page)


async def show_result(talk: Talk, run: ShopperRun, at: int = 0, said: str = "") -> None:
    """One at a time, the worst first."""
    results = await results_of(run)
    back = [talk.button("button-shopper", "shopper"), talk.button("button-menu", "menu")]
    if not results:
        await talk.show(talk.words("admin-shopper-gone"), back)
        return
    at = min(max(at, 0), len(results) - 1)
    one = results[at]
    head = talk.words("admin-shopper-place", number=at + 1, count=len(results))
    words = await result_words(talk.core, talk.locale, one)
    less = [talk.button("button-less", "shopper.results", run.id, at - 1)] if at else []
    more = [talk.button("button-more", "shopper.results", run.id, at + 1)] if at + 1 < len(results) else []
    from_head = "\n\n".join(filter(None, (said, head)))
    await talk.show(Rich(f"{from_head}\n\n") + words, *await _what_to_do(talk, run, one, at), [*less, *more], back)


async def _what_to_do(talk: Talk, run: ShopperRun, one: ShopperResult, at: int) -> list[Row]:
    """About what got worse; and, before settings are saved, whether they are."""
    if run.kind is RunKind.CHANGE:
        pending = (await talk.state.get_data()).get(PENDING) or {}
        is_proposed = (pending.get("assistant"), pending.get("settings")) == (str(run.assistant_id), run.settings)
        return [_save_row(talk.core, talk.locale, run, int(pending["card"]))] if is_proposed else []
    if one.verdict != Verdict.WORSE or one.accepted:
        return []
    undo = [talk.button("button-undo", "shopper.undo", one.id)] if await undoable_of(one) else []
    return [
        undo,
        [talk.button("button-shopper-answer", "shopper.answer", one.id)],
        [talk.button("button-shopper-fine", "shopper.fine", one.id, at)],
    ]


async def find_fine(talk: Talk, press: Press) -> None:
    """Later answers are compared with this one; the next result follows."""
    result = await find_result(talk.actor, press.id)
    await accept(result)
    await show_result(talk, await find_run(talk.actor, result.run_id), press.page, talk.words("admin-shopper-fine"))


async def answer_himself(talk: Talk, press: Press) -> None:
    result = await find_result(talk.actor, press.id)
    await talk.choose(result.run.assistant_id)
    await ask_answer(talk, result.question.question)


async def undo_cause(talk: Talk, press: Press) -> None:
    """What was changed is taken back as under any change; the result stays in sight."""
    result = await find_result(talk.actor, press.id)
    talk.shown = None
    await undo_cause_of(talk, result)


async def undo_cause_of(talk: Talk, result: ShopperResult) -> None:
    """Somebody may have been quicker."""
    if change := await undoable_of(result):
        await take_back(talk, Press(do="undo", id=change.id))
    else:
        await talk.say(talk.words("admin-shopper-undone"), [talk.button("button-shopper-run", "shopper.run")])


async def switch_nightly(talk: Talk) -> None:
    assistant = await talk.assistant()
    wanted = not policy_of(assistant).nightly_check
    await change_assistant(talk.actor, assistant, answer_policy=assistant.answer_policy | {"nightly_check": wanted})
    said = talk.words("admin-shopper-nightly", on=str(wanted).lower())
    await show_shopper(talk, said, await talk.undo_row(assistant.id))


def setup() -> Router:
    router = Router(name="shopper")
    on_button(router, Role.MANAGER, "shopper", open_shopper)
    on_button(router, Role.MANAGER, "shopper.run", run_now)
    on_press(router, Role.MANAGER, "shopper.stop", stop)
    on_press(router, Role.MANAGER, "shopper.look", look)
    on_press(router, Role.MANAGER, "shopper.results", show_results)
    on_press(router, Role.MANAGER, "shopper.fine", find_fine)
    on_press(router, Role.MANAGER, "shopper.answer", answer_himself)
    on_press(router, Role.MANAGER, "shopper.undo", undo_cause)
    on_button(router, Role.MANAGER, "shopper.nightly", switch_nightly)
    return router
