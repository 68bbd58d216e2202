"""An assistant as a file: made while its owner watches, sent to him, and restored from the file that he sends."""

import asyncio
from pathlib import Path
from uuid import UUID

from aiogram import F, Router
from aiogram.types import Message

from admin_bot.downloading import FileLost, FileTooBig, download
from admin_bot.keyboards import Press, Row, button
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.app import Core
from core.archive.archives import file_of, find_archive, link_to, request_export, request_restore
from core.archive.errors import ArchiveRejected
from core.archive.reading import name_in
from core.errors import NotFound, ProductError
from core.leftovers import ARRIVING
from core.models import Archive, ArchiveKind, ArchiveStatus, Role
from core.settings import MEGABYTE
from core.tenancy import assistant_of

SENT_LIMIT = 50 * MEGABYTE
"""What a bot may send: https://core.telegram.org/bots/api#senddocument"""
BROUGHT = "archive"
"""The file that he has sent and may have restored."""


async def show_about(talk: Talk) -> None:
    """What the file is for, to make it and to restore from it."""
    assistant = await talk.assistant()
    await talk.show(
        talk.words("admin-archive-about", name=assistant.name),
        [talk.button("button-archive", "archive.make", assistant.id)],
        [talk.button("button-menu", "menu")],
    )


async def make(talk: Talk, press: Press) -> None:
    """The message follows how far it is."""
    assistant = await assistant_of(talk.actor, press.id or UUID(int=0))
    archive = await request_export(talk.core, talk.actor, assistant)
    await _follow(talk, archive)


async def get(talk: Talk, press: Press) -> None:
    """The file itself, or how to come by it when it is too large for Telegram. Raises `ArchiveGone`."""
    archive = await find_archive(talk.actor, press.id)
    menu = [talk.button("button-menu", "menu")]
    place = await file_of(talk.core, archive)
    if archive.size_bytes <= SENT_LIMIT:
        await talk.outbound.send_file(talk.place, place, f"{_plain(archive.name)}-{archive.created_at:%Y-%m-%d}.zip")
        await talk.say(talk.words("admin-archive-sent"), menu)
        return
    size = -(-archive.size_bytes // MEGABYTE)
    if talk.core.settings.public_url:
        link = talk.link("button-archive-link", await link_to(talk.core, archive))
        await talk.say(talk.words("admin-archive-link", size=size), [link], menu)
        return
    await talk.say(talk.words("admin-archive-large", size=size, file=f"archives/{place.name}"), menu)


async def take_archive(talk: Talk, message: Message) -> None:
    """A zip file: does he want an assistant made of it?"""
    if message.document is None:
        return
    name = message.document.file_name or "archive.zip"
    try:
        arrived = await download(talk.core, message.document, message.bot)
    except FileTooBig:
        await talk.say(talk.words("admin-archive-too-big"), [talk.button("button-menu", "menu")])
        return
    except FileLost:
        await talk.say(talk.words("admin-file-lost", name=name), [talk.button("button-menu", "menu")])
        return
    try:
        inside = await asyncio.to_thread(name_in, arrived, talk.core.settings.max_archive_mb * MEGABYTE)
    except ArchiveRejected as error:
        await asyncio.to_thread(_remove, arrived)
        await talk.say(talk.core.texts.explain(talk.locale, error), [talk.button("button-menu", "menu")])
        return
    await talk.state.update_data({BROUGHT: arrived.name})
    await talk.say(
        talk.words("admin-archive-brought", name=inside),
        [talk.button("button-archive-restore", "archive.restore"), talk.button("button-cancel", "cancel")],
    )


async def restore(talk: Talk) -> None:
    """The file that he sent last; it waits for a day. Raises what `request_restore` does, and `NotFound`."""
    chosen = str((await talk.state.get_data()).get(BROUGHT, ""))
    place = talk.core.settings.uploads_folder / ARRIVING / chosen
    if not chosen.isalnum() or not await asyncio.to_thread(place.is_file):
        raise NotFound(what="archive")
    await talk.state.update_data({BROUGHT: ""})
    await _follow(talk, await request_restore(talk.core, talk.actor, place))


async def _follow(talk: Talk, archive: Archive) -> None:
    key = "admin-archive-making" if archive.kind == ArchiveKind.EXPORT else "admin-archive-restoring"
    told = await talk.show(talk.words(key, name=archive.name, percent=0))
    await talk.progress.follow(talk.chat_id, told, Watched("archive", archive.id, talk.locale, archive.name))


async def look_at_archive(core: Core, watched: Watched) -> Glimpse:
    """How far making or restoring is."""
    archive = await Archive.get_or_none(id=watched.subject)

    def words(key: str, **facts: str | int | float) -> str:
        return core.texts.say(watched.locale, key, name=watched.name, **facts)

    menu: Row = [button(words("button-menu"), "menu")]
    if archive is None:
        return Glimpse(words("error-archive-gone"), (menu,), over=True)
    if archive.status == ArchiveStatus.FAILED:
        error = ProductError(**archive.error_facts)
        return Glimpse(words(archive.error_code, **error.facts), (menu,), over=True)
    made = archive.kind == ArchiveKind.EXPORT
    if archive.status == ArchiveStatus.DONE and made:
        get_it: Row = [button(words("button-archive-get"), "archive.get", archive.id)]
        return Glimpse(words("admin-archive-ready"), (get_it, menu), over=True)
    if archive.status == ArchiveStatus.DONE:
        choose: Row = [button(words("button-archive-open"), "choose", archive.assistant_id)]
        return Glimpse(words("admin-archive-restored"), (choose, menu), over=True)
    percent = 100 * archive.done // max(1, archive.total)
    return Glimpse(words("admin-archive-making" if made else "admin-archive-restoring", percent=percent))


def _plain(name: str) -> str:
    """For the name of a file."""
    return "".join(letter if letter.isalnum() else "-" for letter in name).strip("-")[:60] or "assistant"


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)


def setup() -> Router:
    router = Router(name="archive")
    on_message(router, Role.MANAGER, take_archive, F.document.file_name.lower().endswith(".zip"))
    on_button(router, Role.MANAGER, "archive", show_about)
    on_press(router, Role.MANAGER, "archive.make", make)
    on_press(router, Role.MANAGER, "archive.get", get)
    on_button(router, Role.MANAGER, "archive.restore", restore)
    return router
