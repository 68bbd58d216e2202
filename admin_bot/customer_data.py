"""Everything about one customer: found by his name, sent as a file, erased when his name is typed."""

import asyncio
import json
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.keyboards import PAGE, Press, button
from admin_bot.people_words import known_of
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.channel_names import PREVIEW
from core.customers.erasing import Receipt, erase_customer, preview
from core.customers.export import contacts_of, customer_for, write_everything
from core.errors import NotFound
from core.models import Contact, Conversation, Role
from core.models import Message as Said
from core.receiving import new_upload
from core.team import must_be_in_team

ERASING = "erasing"


class Customers(StatesGroup):
    name = State()
    erasing = State()


async def list_customers(talk: Talk) -> None:
    """The newest ones; typing a name finds the others."""
    await _list(talk, "")


async def find(talk: Talk, message: Message) -> None:
    await _list(talk, (message.text or "").strip())


async def _list(talk: Talk, named: str) -> None:
    assistant = await talk.assistant()
    found = [one for one in await contacts_of(assistant, named) if one.channel != PREVIEW][:PAGE]
    await talk.state.set_state(Customers.name)
    rows = [[button(name_of(one), "customer", one.id)] for one in found]
    if named:
        said = talk.words("admin-customers-found" if found else "admin-customers-none", name=named)
    else:
        said = talk.words("admin-customers" if found else "admin-customers-nobody", assistant=assistant.name)
    await talk.show(said, *rows, [talk.button("button-cancel", "cancel")])


async def show(talk: Talk, press: Press) -> None:
    """Who he is, and what can be done with what is kept of him."""
    contact = await _customer(talk, press.id, Role.MANAGER)
    await talk.expect_nothing()
    said = await Said.filter(conversation__contact_id=contact.id).count()
    talks = await Conversation.filter(contact_id=contact.id).count()
    facts: dict[str, str | int] = {
        "name": name_of(contact),
        "since": f"{contact.created_at:%d.%m.%Y}",
        "talks": talks,
        "messages": said,
    }
    kind = contact.channel.partition(":")[0]
    place = talk.words(f"admin-people-place-{kind if kind in ('telegram', 'web') else 'api'}")
    known = await known_of(talk.core, talk.locale, contact)
    await talk.show(
        f"{talk.words('admin-customer', place=place, **facts)}\n{known}".rstrip(),
        [talk.button("button-customer-file", "customer.file", contact.id)],
        [talk.button("button-customer-erase", "customer.erase", contact.id)],
        [talk.button("button-customers", "customers"), talk.button("button-menu", "menu")],
    )


async def send_file(talk: Talk, press: Press) -> None:
    """All that is kept of him, as a zip of a text and JSON."""
    contact = await _customer(talk, press.id, Role.MANAGER)
    place = await write_everything(talk.core, contact, talk.locale)
    try:
        await talk.outbound.send_file(talk.place, place, f"customer-{str(contact.id)[:8]}.zip")
    finally:
        await asyncio.to_thread(place.unlink, missing_ok=True)
    await talk.say(talk.words("admin-customer-sent", name=name_of(contact)), [talk.button("button-menu", "menu")])


async def ask_for_name(talk: Talk, press: Press) -> None:
    """What will go, and what will not, before it does."""
    contact = await _customer(talk, press.id, Role.OWNER)
    foreseen = await preview(contact)
    lines = [
        talk.words(
            "admin-customer-erase",
            name=name_of(contact),
            **{kind: foreseen.erased[kind] for kind in ("conversations", "messages", "questions")},
        ),
        *_kept(talk, foreseen),
        talk.words("admin-customer-erase-here"),
        "",
        talk.words("admin-customer-erase-type", name=name_of(contact)),
    ]
    await talk.state.update_data({ERASING: str(contact.id)})
    await talk.state.set_state(Customers.erasing)
    await talk.show("\n".join(lines), [talk.button("button-cancel", "cancel")])


async def take_name(talk: Talk, message: Message) -> None:
    """His answer erases the customer, or is another name."""
    chosen = str((await talk.state.get_data()).get(ERASING, ""))
    if not chosen:
        await talk.expect_nothing()
        raise NotFound(what="customer")
    contact = await _customer(talk, UUID(chosen), Role.OWNER)
    if " ".join((message.text or "").split()).casefold() != " ".join(name_of(contact).split()).casefold():
        cancel = [talk.button("button-cancel", "cancel")]
        await talk.say(talk.words("admin-customer-other-name", name=name_of(contact)), cancel)
        return
    await talk.state.update_data({ERASING: ""})
    await talk.expect_nothing()
    receipt = await erase_customer(talk.core, talk.actor, contact.assistant, contact)
    await _send_receipt(talk, receipt)
    lines = [talk.words("admin-customer-erased", receipt=str(receipt.id)[:8]), *_kept(talk, receipt)]
    await talk.say("\n".join(lines), [talk.button("button-menu", "menu")])


async def _send_receipt(talk: Talk, receipt: Receipt) -> None:
    """Numbers and a hash: nothing of the customer."""
    text = talk.words("customer-receipt", id=str(receipt.id), at=f"{receipt.at:%Y-%m-%d %H:%M} UTC")
    place = new_upload(talk.core)
    written = f"{text}\n\n{json.dumps(receipt.as_json(), ensure_ascii=False, indent=1)}\n"
    await asyncio.to_thread(place.write_text, written, "utf-8")
    try:
        await talk.outbound.send_file(talk.place, place, f"receipt-{str(receipt.id)[:8]}.txt")
    finally:
        await asyncio.to_thread(place.unlink, missing_ok=True)


def _kept(talk: Talk, receipt: Receipt) -> list[str]:
    """What repeats his words and is the owner's own."""
    keys = {"ready_answers": "admin-customer-kept-answers", "trainings": "admin-customer-kept-trainings"}
    return [talk.words(key, count=receipt.kept[kind]) for kind, key in keys.items() if receipt.kept[kind]]


async def _customer(talk: Talk, contact_id: UUID | None, role: Role) -> Contact:
    """Of whichever of his businesses; there he acts. Raises `NotFound`, `RoleNeeded`."""
    talk.actor, contact = await customer_for(talk.user.id, contact_id)
    await must_be_in_team(talk.actor, role)
    return contact


def name_of(contact: Contact) -> str:
    """Who has no name is called as his channel calls him."""
    return str(contact.name.strip() or contact.key)[:60]


def setup() -> Router:
    router = Router(name="customer_data")
    on_message(router, Role.OWNER, take_name, StateFilter(Customers.erasing), F.text)
    on_message(router, Role.MANAGER, find, StateFilter(Customers.name), F.text)
    on_button(router, Role.MANAGER, "customers", list_customers)
    on_press(router, Role.MANAGER, "customer", show)
    on_press(router, Role.MANAGER, "customer.file", send_file)
    on_press(router, Role.OWNER, "customer.erase", ask_for_name)
    return router
