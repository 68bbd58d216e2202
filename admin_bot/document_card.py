"""One document: how it stands, what was read of it, and all that can be done with it."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, Row, shortened
from admin_bot.knowledge import line_of, name_of, receive, show_documents
from admin_bot.moments import moment_words
from admin_bot.progress import Watched
from admin_bot.routes import on_message, on_press
from admin_bot.talk import Talk
from core.document_changes import DOCUMENT
from core.documents import forget_document, passages_of
from core.models import Document, DocumentStatus, PassageRow, Role
from core.pausing import pause_document, resume_document, retry_document
from core.quarantine import count_waiting_in
from core.tenancy import find_document

AT_ONCE = 3
"""Passages in a message: each may be as long as a paragraph."""
_LONGEST_PASSAGE = 900
REPLACED = "replaced"
_UNREAD = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)


class Replacing(StatesGroup):
    file = State()


async def show(talk: Talk, press: Press) -> None:
    await talk.expect_nothing()
    await show_card(talk, await find_document(talk.actor, press.id))


async def show_card(talk: Talk, document: Document, said: str = "", undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    facts = talk.words(
        "admin-document-card",
        when=moment_words(talk.core, talk.locale, document.created_at),
        passages=document.passage_count,
        version=document.version,
    )
    hint = talk.words("admin-document-hint") if document.kind == "file" else ""
    withheld = await count_waiting_in(document)
    await talk.show(
        "\n\n".join(filter(None, (said, f"{line_of(talk, document)}\n{facts}", hint))),
        undo,
        [talk.button("button-quarantine", "quarantine", document.id, count=withheld)] if withheld else [],
        [talk.button("button-passages", "doc.text", document.id)] if document.passage_count else [],
        _what_to_do(talk, document),
        [talk.button("button-delete-this", "doc.delete", document.id)],
        [talk.button("button-documents", "docs"), talk.button("button-menu", "menu")],
    )


def _what_to_do(talk: Talk, document: Document) -> Row:
    """By how it stands."""
    if document.kind == "page":
        return []
    replace = [talk.button("button-replace-document", "doc.replace", document.id)] if document.kind == "file" else []
    if document.status == DocumentStatus.PAUSED:
        return [talk.button("button-resume", "doc.use", document.id), *replace]
    if document.status in _UNREAD:
        return [talk.button("button-stop-reading", "doc.stop", document.id)]
    if document.status in (DocumentStatus.FAILED, DocumentStatus.CANCELLED):
        return [talk.button("button-retry", "doc.retry", document.id), *replace]
    return [talk.button("button-pause", "doc.pause", document.id), *replace]


async def show_text(talk: Talk, press: Press) -> None:
    """What was read of it, in its order, some passages at a time."""
    document = await find_document(talk.actor, press.id)
    passages = await passages_of(document)
    last = max(0, (len(passages) - 1) // AT_ONCE)
    page = min(max(press.page, 0), last)
    shown = passages[page * AT_ONCE : (page + 1) * AT_ONCE]
    back = [talk.button("button-back-to", "doc", document.id, name=shortened(name_of(document), 25))]
    if not shown:
        await talk.show(talk.words("admin-passages-none", name=name_of(document)), back)
        return
    head = talk.words("admin-passages", name=name_of(document), page=page + 1, pages=last + 1)
    less = [talk.button("button-less", "doc.text", document.id, page - 1)] if page else []
    more = [talk.button("button-more", "doc.text", document.id, page + 1)] if page < last else []
    await talk.show("\n\n".join([head, *(_passage(talk, one) for one in shown)]), [*less, *more], back)


def _passage(talk: Talk, row: PassageRow) -> str:
    where = [row.heading.strip()] if row.heading.strip() else []
    where += [talk.words("admin-passage-page", page=row.page)] if row.page else []
    said = f"{row.question}\n{row.text}" if row.question else row.text
    return "\n".join(filter(None, ("▫️ " + " · ".join(where) if where else "▫️", shortened(said, _LONGEST_PASSAGE))))


async def pause(talk: Talk, press: Press) -> None:
    document = await find_document(talk.actor, press.id)
    await pause_document(talk.core, document, talk.actor)
    said = talk.words("admin-document-paused", name=name_of(document))
    await show_card(talk, document, said, await talk.undo_row(document.id, DOCUMENT))


async def use_again(talk: Talk, press: Press) -> None:
    document = await find_document(talk.actor, press.id)
    await resume_document(talk.core, document, talk.actor)
    await _watch(talk, document)


async def retry(talk: Talk, press: Press) -> None:
    document = await find_document(talk.actor, press.id)
    await retry_document(talk.core, document)
    await _watch(talk, document)


async def _watch(talk: Talk, document: Document) -> None:
    """The card becomes the message that tells how far the reading is."""
    if document.status not in _UNREAD:
        await show_card(talk, document)
        return
    name = name_of(document)
    told = await talk.show(talk.words("admin-file-waiting", name=name))
    await talk.progress.follow(talk.chat_id, told, Watched("document", document.id, talk.locale, name))


async def ask_file(talk: Talk, press: Press) -> None:
    document = await find_document(talk.actor, press.id)
    await talk.state.set_state(Replacing.file)
    await talk.state.update_data({REPLACED: str(document.id)})
    await talk.show(
        talk.words("admin-replace", name=name_of(document)), [talk.button("button-cancel", "doc", document.id)]
    )


async def remind(talk: Talk, _message: Message) -> None:
    """He wrote something, and a file was asked for."""
    chosen = (await talk.state.get_data()).get(REPLACED)
    document = await find_document(talk.actor, UUID(chosen) if chosen else None)
    await talk.say(
        talk.words("admin-replace", name=name_of(document)), [talk.button("button-cancel", "doc", document.id)]
    )


async def take_file(talk: Talk, message: Message) -> None:
    """Whatever it is called, it is the next version of the document that he chose."""
    chosen = (await talk.state.get_data()).get(REPLACED)
    await talk.expect_nothing()
    await receive(talk, message, await find_document(talk.actor, UUID(chosen)) if chosen else None)


async def confirm_delete(talk: Talk, press: Press) -> None:
    document = await find_document(talk.actor, press.id)
    await talk.show(
        talk.words("admin-document-delete", name=name_of(document)),
        [
            talk.button("button-delete-yes", "doc.delete.yes", document.id, press.page),
            talk.button("button-keep", "doc", document.id),
        ],
    )


async def delete(talk: Talk, press: Press) -> None:
    document = await find_document(talk.actor, press.id)
    await forget_document(talk.core, document, talk.actor)
    said = talk.words("admin-document-deleted", name=name_of(document))
    undo = [*await talk.undo_row(document.id, DOCUMENT), talk.button("button-shopper-short", "shopper.run")]
    await show_documents(talk, press.page, said, undo)


def setup() -> Router:
    router = Router(name="document")
    on_message(router, Role.MANAGER, take_file, StateFilter(Replacing.file), F.document)
    on_message(router, Role.MANAGER, remind, StateFilter(Replacing.file), F.text)
    on_press(router, Role.OPERATOR, "doc", show)
    on_press(router, Role.OPERATOR, "doc.text", show_text)
    on_press(router, Role.MANAGER, "doc.pause", pause)
    on_press(router, Role.MANAGER, "doc.use", use_again)
    on_press(router, Role.MANAGER, "doc.retry", retry)
    on_press(router, Role.MANAGER, "doc.replace", ask_file)
    on_press(router, Role.MANAGER, "doc.delete", confirm_delete)
    on_press(router, Role.MANAGER, "doc.delete.yes", delete)
    return router
