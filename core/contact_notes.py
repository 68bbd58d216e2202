"""What is known of a customer beside his words: whence he came, and that he wants the assistant to be silent.

Rows of `bot_states` that name his contact, so that erasing him takes them along (core/customers/traces.py).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from core.models import BotState, Contact

LONGEST_SOURCE = 64
"""https://core.telegram.org/bots/features#deep-linking"""
_NO_SOURCE = re.compile(r"[^\w.:-]+")


@dataclass(frozen=True, slots=True)
class Notes:
    source: str = ""
    silent: bool = False


async def contact_here(assistant_id: UUID, channel: str, key: str, name: str) -> Contact:
    """The contact, made if he has said nothing yet."""
    contact, _ = await Contact.get_or_create(
        assistant_id=assistant_id, channel=channel, key=key, defaults={"name": name[:200]}
    )
    return contact


def source_in(words: str) -> str:
    """What a link says of where it stood, without what such links cannot carry; empty for none."""
    return _NO_SOURCE.sub("", words)[:LONGEST_SOURCE]


async def note_source(contact: Contact, source: str) -> None:
    """Whence he came last."""
    data = {"contact": str(contact.id), "source": source}
    await BotState.update_or_create(key=_source_key(contact.id), defaults={"data": data})


async def silence(contact: Contact) -> None:
    """The assistant says nothing to him until `end_silence`; again changes nothing."""
    key = _silence_key(contact.channel, contact.key)
    await BotState.get_or_create(key=key, defaults={"data": {"contact": str(contact.id)}})


async def end_silence(channel: str, key: str) -> None:
    await BotState.filter(key=_silence_key(channel, key)).delete()


async def rename_silence(channel: str, old_key: str, new_key: str) -> None:
    """He is called otherwise there now."""
    if not await is_silent(channel, new_key):
        await BotState.filter(key=_silence_key(channel, old_key)).update(key=_silence_key(channel, new_key))


async def is_silent(channel: str, key: str) -> bool:
    """Whether whoever is called `key` in this channel wants to hear nothing from the assistant."""
    return await BotState.filter(key=_silence_key(channel, key)).exists()


async def notes_of(contacts: Collection[Contact]) -> dict[UUID, Notes]:
    """Of each of them."""
    keys = [key for one in contacts for key in (_source_key(one.id), _silence_key(one.channel, one.key))]
    rows = {row.key: row for row in await BotState.filter(key__in=keys)} if keys else {}
    found = {}
    for one in contacts:
        source = rows.get(_source_key(one.id))
        silent = _silence_key(one.channel, one.key) in rows
        found[one.id] = Notes(str(source.data.get("source", "")) if source else "", silent)
    return found


def _source_key(contact_id: UUID) -> str:
    return f"source:{contact_id}"


def _silence_key(channel: str, key: str) -> str:
    return f"silent:{channel}:{key}"
