"""Sentences that were not used: the owner sees each, and why, and says whether to use it or to leave it out."""

from uuid import UUID

from aiogram import Router

from admin_bot.keyboards import Press, Row, button, shortened
from admin_bot.knowledge import name_of
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from core.app import Core
from core.models import Document, QuarantinedText, Role
from core.quarantine import TEXT, count_waiting, count_waiting_in, decide, leave_all_out, quarantine_of, waiting_in
from core.screening.screen import why
from core.tenancy import find_document, find_quarantined

AT_ONCE = 3
_LONGEST_QUOTE = 500


async def withheld(core: Core, document: Document, locale: str, name: str) -> tuple[str, list[Row]]:
    """What to add to the message that a document is ready: a sentence and a button, or nothing."""
    waiting = await count_waiting_in(document)
    if not waiting:
        return "", []
    label = core.texts.say(locale, "button-quarantine", count=waiting)
    said = core.texts.say(locale, "admin-quarantine-document", count=waiting, name=name)
    return said, [[button(label, "quarantine", document.id)]]


async def show_waiting(talk: Talk, press: Press) -> None:
    """Of the document of the button; without one, of the whole assistant."""
    document = await find_document(talk.actor, press.id) if press.id else None
    await _show(talk, document)


async def _show(talk: Talk, document: Document | None, said: str = "", undo: Row = ()) -> None:
    assistant = await talk.assistant()
    if document is None:
        waiting, count = await quarantine_of(assistant, limit=AT_ONCE), await count_waiting(assistant)
    else:
        waiting = await waiting_in(document, limit=AT_ONCE)
        count = await count_waiting_in(document)
    last = [talk.button("button-documents", "docs"), talk.button("button-menu", "menu")]
    if not waiting:
        await talk.show("\n\n".join(filter(None, (said, talk.words("admin-quarantine-none")))), undo, last)
        return
    key = "admin-quarantine-document" if document else "admin-quarantine-assistant"
    name = name_of(document) if document else assistant.name
    quotes = [_quote(talk, number, row) for number, row in enumerate(waiting, 1)]
    rows = [_choices(talk, number, row, document) for number, row in enumerate(waiting, 1)]
    all_out = []
    if document and count > AT_ONCE:
        all_out.append(talk.button("button-leave-all-out", "withheld.drop.all", document.id))
    text = "\n\n".join(filter(None, (said, talk.words(key, count=count, name=name), *quotes)))
    await talk.show(text, *rows, all_out, undo, last)


def _quote(talk: Talk, number: int, row: QuarantinedText) -> str:
    text = shortened(" ".join(row.text.split()), _LONGEST_QUOTE)
    return talk.words("admin-quarantine-quote", number=number, text=text, why=talk.words(why(row.reason)))


def _choices(talk: Talk, number: int, row: QuarantinedText, document: Document | None) -> Row:
    """`page` 1 remembers that only one document is being looked at."""
    one = 1 if document else 0
    return [
        talk.button("button-use-it", "withheld.keep", row.id, one, number=number),
        talk.button("button-leave-out", "withheld.drop", row.id, one, number=number),
    ]


async def keep(talk: Talk, press: Press) -> None:
    await _decide(talk, press, keep=True)


async def drop(talk: Talk, press: Press) -> None:
    await _decide(talk, press, keep=False)


async def _decide(talk: Talk, press: Press, *, keep: bool) -> None:
    row = await find_quarantined(talk.actor, press.id)
    await decide(talk.core, row, keep=keep, by=talk.actor)
    document = await find_document(talk.actor, row.document_id) if press.page else None
    said = talk.words("admin-quarantine-kept" if keep else "admin-quarantine-dropped", text=shortened(row.text, 100))
    label, do = ("button-leave-out-after-all", "withheld.drop") if keep else ("button-use-after-all", "withheld.keep")
    await _show(talk, document, said, [talk.button(label, do, row.id, press.page)])


async def drop_all(talk: Talk, press: Press) -> None:
    document = await find_document(talk.actor, press.id or UUID(int=0))
    count = await leave_all_out(talk.core, document, talk.actor)
    said = talk.words("admin-quarantine-dropped-all", count=count, name=name_of(document))
    await _show(talk, document, said, await talk.undo_row(document.id, TEXT))


def setup() -> Router:
    router = Router(name="quarantine")
    on_press(router, Role.MANAGER, "quarantine", show_waiting)
    on_press(router, Role.MANAGER, "withheld.keep", keep)
    on_press(router, Role.MANAGER, "withheld.drop", drop)
    on_press(router, Role.MANAGER, "withheld.drop.all", drop_all)
    return router
