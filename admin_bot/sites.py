"""Web sites: an address becomes knowledge, is watched while it is read, read again, put on a schedule, deleted."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import Press, Row, button, page_of
from admin_bot.knowledge import PASTED, show_documents, turn_pages
from admin_bot.progress import Watched
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.site_card import card_of, look_at_site, more_pages
from admin_bot.talk import Talk
from core.crawling.addresses import looks_like_address, shown
from core.errors import NotFound
from core.models import Role, Site
from core.sites import add_site, cancel_site, change_site, forget_site, request_reading, sites_of
from core.tenancy import find_site


class Adding(StatesGroup):
    address = State()


async def offer(talk: Talk, message: Message) -> None:
    """An address and nothing else was sent: most likely the site, perhaps a question about it."""
    await talk.assistant()
    text = (message.text or "").strip()
    await talk.state.update_data({PASTED: text})
    await talk.say(
        talk.words("admin-site-offer", name=shown_short(text)),
        [talk.button("button-read-site", "site.pasted")],
        [talk.button("button-ask-this", "ask.pasted"), talk.button("button-menu", "menu")],
    )


async def read_pasted(talk: Talk) -> None:
    """He said: yes, read it. Raises `NotFound` when the address is forgotten."""
    text = str((await talk.state.get_data()).get(PASTED, ""))
    if not text:
        raise NotFound(what="address")
    await read(talk, text)


async def ask_address(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Adding.address)
    await talk.show(talk.words("admin-site-ask"), [talk.button("button-cancel", "cancel")])


async def take_address(talk: Talk, message: Message) -> None:
    text = (message.text or "").strip()
    if not looks_like_address(text):
        await talk.say(talk.words("admin-site-no-address"), [talk.button("button-cancel", "cancel")])
        return
    await read(talk, text)


async def read(talk: Talk, address: str) -> None:
    """From now on one message tells how far it is. Raises `AddressRefused`."""
    site, _ = await add_site(talk.core, await talk.assistant(), address, by=talk.actor)
    await talk.expect_nothing()
    await follow(talk, site)


async def follow(talk: Talk, site: Site) -> None:
    watched = Watched("site", site.id, talk.locale, shown_short(site.url))
    glimpse = await look_at_site(talk.core, watched)
    told = await talk.show(glimpse.text, *glimpse.rows)
    await talk.progress.follow(talk.chat_id, told, watched)


async def list_sites(talk: Talk, press: Press) -> None:
    assistant = await talk.assistant()
    sites = await sites_of(assistant)
    if not sites:
        await ask_address(talk)
        return
    rows: list[Row] = [[button(shown_short(site.url), "site", site.id)] for site in page_of(sites, press.page)]
    await talk.show(
        talk.words("admin-sites", assistant=assistant.name),
        *rows,
        turn_pages(talk, "sites", press.page, len(sites)),
        [talk.button("button-add-site", "site.add")],
        [talk.button("button-documents", "docs"), talk.button("button-menu", "menu")],
    )


async def show(talk: Talk, press: Press) -> None:
    await show_card(talk, await find_site(talk.actor, press.id))


async def show_card(talk: Talk, site: Site) -> None:
    text, rows = await card_of(talk.core, site, talk.locale)
    await talk.show(text, *rows)


async def read_again(talk: Talk, press: Press) -> None:
    site = await find_site(talk.actor, press.id)
    await request_reading(talk.core.queue, site)
    await follow(talk, site)


async def read_more(talk: Talk, press: Press) -> None:
    """The limit was too low for this site."""
    site = await find_site(talk.actor, press.id)
    await change_site(site, max_pages=more_pages(site), by=talk.actor)
    await request_reading(talk.core.queue, site)
    await follow(talk, site)


async def set_schedule(talk: Talk, press: Press) -> None:
    """The hours travel where long lists have their page."""
    site = await find_site(talk.actor, press.id)
    await show_card(talk, await change_site(site, every_hours=press.page, by=talk.actor))


async def stop(talk: Talk, press: Press) -> None:
    """What follows the reading says that it was stopped."""
    site = await find_site(talk.actor, press.id)
    if not await cancel_site(talk.core, site):
        await show_card(talk, site)


async def confirm_delete(talk: Talk, press: Press) -> None:
    site = await find_site(talk.actor, press.id)
    await talk.show(
        talk.words("admin-site-delete", name=shown_short(site.url)),
        [talk.button("button-delete-yes", "site.delete.yes", site.id), talk.button("button-keep", "site", site.id)],
    )


async def delete(talk: Talk, press: Press) -> None:
    site = await find_site(talk.actor, press.id)
    name = shown_short(site.url)
    await forget_site(talk.core, site, talk.actor)
    said = talk.words("admin-site-deleted", name=name)
    await show_documents(talk, 0, said, await talk.undo_row(site.id))


def shown_short(address: str) -> str:
    """An address as people say it, short enough for a sentence."""
    name = shown(address)
    return name if len(name) <= 60 else name[:59] + "…"


def setup() -> Router:
    router = Router(name="sites")
    on_message(router, Role.MANAGER, take_address, StateFilter(Adding.address), F.text)
    on_message(router, Role.MANAGER, offer, StateFilter(None), F.text.func(looks_like_address))
    on_button(router, Role.MANAGER, "site.pasted", read_pasted)
    on_button(router, Role.MANAGER, "site.add", ask_address)
    on_press(router, Role.OPERATOR, "sites", list_sites)
    on_press(router, Role.OPERATOR, "site", show)
    on_press(router, Role.MANAGER, "site.again", read_again)
    on_press(router, Role.MANAGER, "site.more", read_more)
    on_press(router, Role.MANAGER, "site.every", set_schedule)
    on_press(router, Role.MANAGER, "site.stop", stop)
    on_press(router, Role.MANAGER, "site.delete", confirm_delete)
    on_press(router, Role.MANAGER, "site.delete.yes", delete)
    return router
