"""The message that tells how far the reading of a document is, and the button that stops it."""

from uuid import UUID

from aiogram import Router
from aiogram.types import InlineKeyboardButton

from admin_bot.keyboards import Press, button
from admin_bot.progress import Glimpse, Watched
from admin_bot.quarantine import withheld
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from admin_bot.trying import outdated
from core.app import Core
from core.changes import last_change_of
from core.document_changes import DOCUMENT
from core.document_state import describe_failure, seconds_left
from core.documents import cancel_reading
from core.models import Document, DocumentStatus, Role
from core.tenancy import find_document

WORTH_TELLING_S = 15.0
"""A step that ends sooner needs no "time left"."""


async def look_at_document(core: Core, watched: Watched) -> Glimpse:
    """How far the reading is, for the message that tells of it."""
    document = await Document.get_or_none(id=watched.subject)

    def words(key: str, **facts: str | int) -> str:
        return core.texts.say(watched.locale, key, name=watched.name, **facts)

    def a_button(key: str, do: str, subject: UUID | None = None) -> InlineKeyboardButton:
        return button(core.texts.say(watched.locale, key), do, subject)

    others = [a_button("button-documents", "docs"), a_button("button-menu", "menu")]
    if document is None:
        return Glimpse(words("admin-file-gone"), ([a_button("button-menu", "menu")],), over=True)
    if document.status == DocumentStatus.CANCELLED:
        return Glimpse(words("admin-file-stopped"), (others,), over=True)
    if document.status == DocumentStatus.PAUSED:
        return Glimpse(words("admin-document-line-paused"), (others,), over=True)
    if _newer_was_stopped(document, watched):
        return Glimpse(words("admin-file-newer-stopped"), (others,), over=True)
    if document.status in (DocumentStatus.FAILED, DocumentStatus.INDEXED):
        said, look = await withheld(core, document, watched.locale, watched.name)
        problem = describe_failure(core, document, watched.locale)
        if document.error_code:
            newer = document.status == DocumentStatus.INDEXED  # the sentence says itself what became of it
            key = "admin-file-refused" if newer else "admin-file-failed"
            return Glimpse(words(key, reason=problem), (*look, others), over=True)
        key = "admin-file-ready" if document.version == 1 else "admin-file-replaced"
        lost, list_them = await outdated(core, document, watched.locale)
        text = "\n\n".join(filter(None, (words(key, passages=document.passage_count), problem, said, lost)))
        change = await last_change_of(document.id, DOCUMENT)
        undo = [a_button("button-undo", "undo", change.id)] if change else []
        if document.version > 1:
            undo.append(a_button("button-shopper-short", "shopper.run"))
        return Glimpse(text, (*look, *list_them, [a_button("button-connect", "connect")], undo, others), over=True)
    stop = ([a_button("button-stop-reading", "doc.stop", document.id)],)
    return Glimpse(_step(core, document, watched), stop)


def _newer_was_stopped(document: Document, watched: Watched) -> bool:
    """The content that was to be followed by a newer one still answers, and none is being read."""
    unread = document.status == DocumentStatus.INDEXED and not document.error_code and not document.next_hash
    return unread and watched.replaces == document.content_hash


def _step(core: Core, document: Document, watched: Watched) -> str:
    """Waiting, reading pages or remembering passages; how long still, when it is long. Or why it cannot go on now."""
    if document.error_code:
        reason = describe_failure(core, document, watched.locale)
        return core.texts.say(watched.locale, "admin-document-line-waits", name=watched.name, reason=reason)
    seconds = seconds_left(document) or 0.0
    facts: dict[str, str | int] = {"name": watched.name, "left": ""}
    if seconds >= WORTH_TELLING_S:
        facts["left"] = core.texts.say(watched.locale, "time-left", minutes=round(seconds / 60))
    if document.status == DocumentStatus.UPLOADED:
        key = "admin-file-newer" if document.next_hash else "admin-file-waiting"
    elif document.embedding_since:
        key, done, total = "admin-file-remembering", document.passages_done, max(1, document.passage_count)
        facts |= {"done": done, "total": total, "percent": 100 * done // total}
    elif document.pages_done:
        key = "admin-file-reading-pages"
        facts |= {"done": document.pages_done, "total": document.page_count}
    else:
        key = "admin-file-reading"
    return core.texts.say(watched.locale, key, **facts)


async def stop_reading(talk: Talk, press: Press) -> None:
    """The watched message itself tells that it was stopped; one that is over already, too."""
    await cancel_reading(talk.core, await find_document(talk.actor, press.id))


def setup() -> Router:
    router = Router(name="reading")
    on_press(router, Role.MANAGER, "doc.stop", stop_reading)
    return router
