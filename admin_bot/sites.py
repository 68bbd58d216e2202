"""Web sites: an address becomes knowledge, is watched while it is read, read again, put on a schedule, deleted."""

from collections.abc import Sequence

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
from core.crawling.addresses import addresses_in, only_addresses, shown
from core.errors import AddressRefused, NotFound, TooManySites
from core.models import Role, Site
from core.site_pausing import pause_site, resume_site
from core.sites import add_site, cancel_site, change_site, forget_site, request_reading, site_at, sites_of
from core.tenancy import find_site


class Adding(StatesGroup):
    address = State()


async def offer(talk: Talk, message: Message) -> None:
    """Addresses and nothing else: most likely his sites, perhaps a question about them."""
    await offer_in(talk, message.text or "")


async def offer_in(talk: Talk, text: str) -> None:
    """The addresses of a text that says little else. One that was read already has a card."""
    assistant = await talk.assistant()
    found = addresses_in(text)
    if len(found) == 1 and (known := await site_at(talk.core, assistant, found[0])):
        await show_card(talk, known)
        return
    await talk.state.update_data({PASTED: text.strip()})
    named = "\n".join(f"• {shown_short(one)}" for one in found)
    said = talk.words("admin-site-offer-many", count=len(found), names=named)
    await talk.say(
        said if len(found) > 1 else talk.words("admin-site-offer", name=shown_short(found[0])),
        [talk.button("button-read-sites" if len(found) > 1 else "button-read-site", "site.pasted")],
        [talk.button("button-ask-this", "ask.pasted"), talk.button("button-menu", "menu")],
    )


async def read_pasted(talk: Talk) -> None:
    """He said: yes, read it. Raises `NotFound` when the address is forgotten."""
    text = str((await talk.state.get_data()).get(PASTED, ""))
    if not addresses_in(text):
        raise NotFound(what="address")
    await read(talk, addresses_in(text))


async def ask_address(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Adding.address)
    await talk.show(talk.words("admin-site-ask"), [talk.button("button-cancel", "cancel")])


async def take_address(talk: Talk, message: Message) -> None:
    found = addresses_in(message.text or "")
    if not found:
        await talk.say(talk.words("admin-site-no-address"), [talk.button("button-cancel", "cancel")])
        return
    await read(talk, found)


async def read(talk: Talk, addresses: Sequence[str]) -> None:
    """From now on a message tells how far each is. Raises `AddressRefused` when that is the only one."""
    if len(addresses) == 1:
        site, _ = await add_site(talk.core, await talk.assistant(), addresses[0], by=talk.actor)
        await talk.expect_nothing()
        await follow(talk, site)
        return
    await talk.expect_nothing()
    await read_all(talk, addresses)


async def read_all(talk: Talk, addresses: Sequence[str]) -> None:
    """Each with a message of its own; of one that cannot be read it is said why, and the others are read."""
    assistant = await talk.assistant()
    for address in addresses:
        try:
            site, _ = await add_site(talk.core, assistant, address, by=talk.actor)
        except (AddressRefused, TooManySites) as error:
            reason = talk.core.texts.explain(talk.locale, error)
            await talk.say(talk.words("admin-site-failed", name=shown_short(address), reason=reason))
        else:
            await follow(talk, site, anew=True)


async def follow(talk: Talk, site: Site, *, anew: bool = False) -> None:
    """`anew`: in a new message, whatever stands before him."""
    watched = Watched("site", site.id, talk.locale, shown_short(site.url))
    glimpse = await look_at_site(talk.core, watched)
    told = await (talk.say if anew else talk.show)(glimpse.text, *glimpse.rows)
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


async def show_card(talk: Talk, site: Site, undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    text, rows = await card_of(talk.core, site, talk.locale)
    await talk.show(text, undo, *rows)


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


async def pause(talk: Talk, press: Press) -> None:
    site = await find_site(talk.actor, press.id)
    await pause_site(talk.core, site, talk.actor)
    await show_card(talk, site, await talk.undo_row(site.id))


async def use_again(talk: Talk, press: Press) -> None:
    site = await find_site(talk.actor, press.id)
    await resume_site(talk.core, site, talk.actor)
    await show_card(talk, site, await talk.undo_row(site.id))


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
    on_message(router, Role.MANAGER, offer, StateFilter(None), F.text.func(only_addresses))
    on_button(router, Role.MANAGER, "site.pasted", read_pasted)
    on_button(router, Role.MANAGER, "site.add", ask_address)
    on_press(router, Role.OPERATOR, "sites", list_sites)
    on_press(router, Role.OPERATOR, "site", show)
    on_press(router, Role.MANAGER, "site.again", read_again)
    on_press(router, Role.MANAGER, "site.more", read_more)
    on_press(router, Role.MANAGER, "site.every", set_schedule)
    on_press(router, Role.MANAGER, "site.stop", stop)
    on_press(router, Role.MANAGER, "site.pause", pause)
    on_press(router, Role.MANAGER, "site.use", use_again)
    on_press(router, Role.MANAGER, "site.delete", confirm_delete)
    on_press(router, Role.MANAGER, "site.delete.yes", delete)
    return router
