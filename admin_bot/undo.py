"""Taking back what was done: by the button under each change (`Talk.undo_row`), or from the list of all of them."""

from aiogram import Router
from aiogram.types import InlineKeyboardButton

from admin_bot.change_words import action_words, change_words, screen_of
from admin_bot.keyboards import PAGE, Press, Row, button
from admin_bot.knowledge import name_of, turn_pages
from admin_bot.moments import moment_words
from admin_bot.progress import Watched
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from core.changes import AlreadyUndone, CannotUndo, ChangedSince, undoable_in
from core.document_changes import DOCUMENT
from core.farewell import WHOLE, erase_change
from core.models import Change, Document, DocumentStatus, Role
from core.team import must_be_in_team
from core.tenancy import change_of
from core.undoing import KINDS, may_undo, undo

AGAIN = 1
"""Travels where long lists have their page: what was taken back is done again after all."""


async def take_back(talk: Talk, press: Press) -> None:
    change = await change_of(talk.actor, press.id)
    await must_be_in_team(talk.actor, KINDS[change.kind].role)
    done = action_words(talk.core, talk.locale, change.event)
    try:
        again = await undo(talk.core, talk.actor, change)
    except AlreadyUndone:
        await talk.show(talk.words("admin-undone-already", what=done), *_ways_on(talk, change))
        return
    except (ChangedSince, CannotUndo) as error:
        reason = talk.core.texts.explain(talk.locale, error)
        await talk.show(talk.words("admin-not-undone", what=done, reason=reason), *_ways_on(talk, change))
        return
    if change.kind == WHOLE:
        await talk.expect_nothing()  # without it he was asked for a new one
    redo = [talk.button("button-redo", "undo", again.id, AGAIN)] if again and press.page != AGAIN else []
    said = talk.words("admin-redone") if press.page == AGAIN else talk.words("admin-undone", what=done)
    undo_it = await talk.undo_row(change.subject_id, change.kind) if press.page == AGAIN else []
    await talk.show(said, redo, undo_it, *_ways_on(talk, change))
    await _follow_reading(talk, change)


async def _follow_reading(talk: Talk, change: Change) -> None:
    """A document that comes back is read anew: he sees how far it is."""
    document = await Document.get_or_none(id=change.subject_id) if change.kind == DOCUMENT else None
    if document and document.status in (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING):
        name = name_of(document)
        told = await talk.say(talk.words("admin-file-waiting", name=name))
        await talk.progress.follow(talk.chat_id, told, Watched("document", document.id, talk.locale, name))


async def list_changes(talk: Talk, press: Press) -> None:
    """What can be taken back, newest first, a button each."""
    await talk.expect_nothing()
    page = max(press.page, 0)
    changes = await undoable_in(talk.actor.tenant_id, PAGE + 1, page * PAGE)
    if not changes:
        await talk.show(talk.words("admin-changes-none"), [talk.button("button-menu", "menu")])
        return
    days = round(talk.core.settings.undo_days)
    await talk.show(
        talk.words("admin-changes", days=days),
        *([_open(talk, change)] for change in changes[:PAGE] if may_undo(talk.actor, change)),
        turn_pages(talk, "changes", page, page * PAGE + len(changes)),
        [talk.button("button-menu", "menu")],
    )


def _open(talk: Talk, change: Change) -> InlineKeyboardButton:
    done = action_words(talk.core, talk.locale, change.event)
    return button(f"{done[:1].upper()}{done[1:]}", "change", change.id)


async def show_change(talk: Talk, press: Press) -> None:
    """When, what, before and after; and what may be done about it."""
    change = await change_of(talk.actor, press.id)
    await must_be_in_team(talk.actor, KINDS[change.kind].role)
    if change.undone_at:
        done = action_words(talk.core, talk.locale, change.event)
        await talk.show(talk.words("admin-undone-already", what=done), *_ways_on(talk, change))
        return
    when = moment_words(talk.core, talk.locale, change.created_at)
    await talk.show(
        f"{when}\n\n{change_words(talk.core, talk.locale, change)}",
        [talk.button("button-undo", "undo", change.id)],
        [talk.button("button-forget-change", "change.forget", change.id)],
        [talk.button("button-changes", "changes"), talk.button("button-menu", "menu")],
    )


async def show_last(talk: Talk) -> None:
    """Most likely he means what was changed last: its card, from which the list of all is a tap away."""
    await talk.expect_nothing()
    changes = await undoable_in(talk.actor.tenant_id, PAGE)
    mine = next((change for change in changes if may_undo(talk.actor, change)), None)
    if mine:
        await show_change(talk, Press(do="change", id=mine.id))
    else:
        await list_changes(talk, Press(do="changes"))


async def forget(talk: Talk, press: Press) -> None:
    """What was deleted is then gone for good."""
    change = await change_of(talk.actor, press.id)
    await must_be_in_team(talk.actor, KINDS[change.kind].role)
    await erase_change(talk.core, change)
    await talk.show(
        talk.words("admin-change-forgotten"),
        [talk.button("button-changes", "changes"), talk.button("button-menu", "menu")],
    )


def _ways_on(talk: Talk, change: Change) -> list[Row]:
    label, do = screen_of(change)
    return [[talk.button(label, do), talk.button("button-menu", "menu")]]


def setup() -> Router:
    router = Router(name="undo")
    on_press(router, Role.MANAGER, "undo", take_back)
    on_press(router, Role.MANAGER, "changes", list_changes)
    on_press(router, Role.MANAGER, "change", show_change)
    on_press(router, Role.MANAGER, "change.forget", forget)
    return router
