"""What the assistant knows: files and texts come in, are watched while they are read, and are listed."""

from pathlib import Path

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import ContentType, InlineKeyboardButton, Message

from admin_bot.downloading import FileLost, FileTooBig, download
from admin_bot.keyboards import PAGE, Press, Row, button, keyboard, page_of, shortened
from admin_bot.progress import Watched
from admin_bot.routes import on_button, on_command, on_message, on_press
from admin_bot.talk import Talk
from core.document_state import describe_failure
from core.documents import documents_of
from core.errors import DocumentRejected, NotFound
from core.models import Document, DocumentStatus, Role
from core.passage_edits import count_edits
from core.receiving import receive_file, receive_text
from core.sites import sites_of
from core.telegram.formatting import Rich
from core.tenancy import assistant_of

PASTED = "pasted"
_DECORATION = " \t#*:.-=_~+|•—–"


class Pasting(StatesGroup):
    text = State()


async def take_file(talk: Talk, message: Message) -> None:
    """A file, whatever else was being talked about."""
    await receive(talk, message)


async def receive(talk: Talk, message: Message, instead_of: Document | None = None) -> None:
    """As the next version of the document `instead_of`, or of the one of that name. One without a name replaces no
    other."""
    if message.document is None:
        return
    assistant = await talk.assistant()
    name = message.document.file_name or talk.words("admin-file-unnamed")
    told = await talk.say(talk.words("admin-file-receiving", name=name))
    try:
        arrived = await download(talk.core, message.document, message.bot)
        replaces = bool(message.document.file_name)
        if instead_of:
            assistant = await assistant_of(talk.actor, instead_of.assistant_id)
        document = await receive_file(
            talk.core, assistant, name, arrived, replaces=replaces, instead_of=instead_of, by=talk.actor
        )
    except FileTooBig:
        await _end(talk, told, talk.words("admin-file-too-big", name=name))
    except FileLost:
        await _end(talk, told, talk.words("admin-file-lost", name=name))
    except DocumentRejected as error:
        reason = talk.core.texts.explain(talk.locale, error)
        await _end(talk, told, talk.words("admin-file-refused", name=name, reason=reason))
    else:
        await _follow(talk, told, document, name)


async def _follow(talk: Talk, told: int, document: Document, name: str) -> None:
    if document.status == DocumentStatus.INDEXED:
        await _end(talk, told, talk.words("admin-file-known", name=name))
        return
    replaces = document.content_hash if document.next_hash else ""
    await talk.progress.follow(talk.chat_id, told, Watched("document", document.id, talk.locale, name, replaces))


async def _end(talk: Talk, told: int, text: str) -> None:
    """The last word about a file, in the message that told of it."""
    rows = [[talk.button("button-documents", "docs"), talk.button("button-menu", "menu")]]
    if not await talk.outbound.edit(talk.chat_id, told, Rich(text), keyboard(rows)):
        await talk.say(text, *rows)


async def ask_text(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Pasting.text)
    await talk.show(talk.words("admin-paste"), [talk.button("button-cancel", "cancel")])


async def take_text(talk: Talk, message: Message) -> None:
    await talk.expect_nothing()
    await remember_text(talk, message.text or "")


async def remember_pasted(talk: Talk) -> None:
    """A long text was sent without a word of what it is, and he said: a document."""
    text = str((await talk.state.get_data()).get(PASTED, ""))
    if not text:
        raise NotFound(what="text")
    await talk.state.update_data({PASTED: ""})
    await remember_text(talk, text)


async def remember_text(talk: Talk, text: str) -> None:
    """The first line that says something is the title: a line, not half of the text."""
    assistant = await talk.assistant()
    title = title_of(text) or talk.words("admin-text-unnamed")
    # Two texts that begin alike ("Good day!") are two texts: only files are replaced by their names.
    document = await receive_text(talk.core, assistant, title.replace("/", "-"), text, replaces=False, by=talk.actor)
    told = await talk.say(talk.words("admin-file-waiting", name=title))
    await _follow(talk, told, document, title)


def title_of(text: str) -> str:
    """Of the first line with a letter or a digit, without its decoration; empty when there is none."""
    lines = (line.strip(_DECORATION) for line in text.splitlines())
    return shortened(next((line for line in lines if any(map(str.isalnum, line))), ""), 60)


async def list_documents(talk: Talk, press: Press) -> None:
    await show_documents(talk, press.page)


async def show_documents(talk: Talk, page: int = 0, said: str = "", undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    assistant = await talk.assistant()
    sites = await sites_of(assistant)
    # Pages of a site are told of as the site: there may be hundreds.
    documents = [document for document in await documents_of(assistant) if document.kind != "page"]
    add = (
        talk.button("button-sites", "sites", count=len(sites)) if sites else talk.button("button-add-site", "site.add")
    )
    edits = await count_edits(assistant)
    put_aside = [talk.button("button-edits", "edits", count=edits)] if edits else []
    compare = [talk.button("button-compare-documents", "docs.compare")] if len(documents) + len(sites) > 1 else []
    last = [[talk.button("button-paste", "paste"), add], put_aside, compare, [talk.button("button-menu", "menu")]]
    if not documents:
        key = "admin-documents-sites" if sites else "admin-documents-none"
        await talk.show("\n\n".join(filter(None, (said, talk.words(key)))), undo, *last)
        return
    shown = page_of(documents, page)
    lines = [line_of(talk, document) for document in shown]
    head = "\n\n".join(filter(None, (said, talk.words("admin-documents", assistant=assistant.name))))
    rows = [[button(name_of(one), "doc", one.id, page)] for one in shown]
    await talk.show("\n".join([head, "", *lines]), undo, *rows, turn_pages(talk, "docs", page, len(documents)), *last)


def line_of(talk: Talk, document: Document) -> str:
    name = name_of(document)
    if document.status == DocumentStatus.PAUSED:
        return talk.words("admin-document-line-paused", name=name)
    if document.status == DocumentStatus.CANCELLED:
        return talk.words("admin-document-line-stopped", name=name)
    reason = describe_failure(talk.core, document, talk.locale)
    if reason and document.status in (DocumentStatus.FAILED, DocumentStatus.INDEXED):
        return talk.words("admin-document-line-failed", name=name, reason=reason)
    if document.status == DocumentStatus.INDEXED:
        return talk.words("admin-document-line-ready", name=name)
    if reason:
        return talk.words("admin-document-line-waits", name=name, reason=reason)
    return talk.words("admin-document-line-busy", name=name)


async def refuse_other_things(talk: Talk) -> None:
    """Photos, voice messages, stickers: not yet."""
    await talk.say(talk.words("admin-not-a-file"), [talk.button("button-paste", "paste")])


def name_of(document: Document) -> str:
    """What the owner called it; a pasted text's file name is ours, its title is his."""
    return Path(document.filename).stem if document.kind == "text" else document.filename


def turn_pages(talk: Talk, do: str, page: int, total: int) -> list[InlineKeyboardButton]:
    before = [talk.button("button-less", do, page=page - 1)] if page > 0 else []
    after = [talk.button("button-more", do, page=page + 1)] if (page + 1) * PAGE < total else []
    return before + after


def setup() -> Router:
    router = Router(name="knowledge")
    on_message(router, Role.MANAGER, take_file, F.document)
    on_message(router, Role.MANAGER, take_text, StateFilter(Pasting.text), F.text)
    on_command(router, Role.OPERATOR, refuse_other_things, F.content_type != ContentType.TEXT)
    on_button(router, Role.MANAGER, "paste", ask_text)
    on_button(router, Role.MANAGER, "remember", remember_pasted)
    on_press(router, Role.OPERATOR, "docs", list_documents)
    return router
