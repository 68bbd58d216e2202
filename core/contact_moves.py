"""A group that has become another chat: its people go on with their conversations there.

Telegram makes a supergroup of a group, and tells both chats of it (https://core.telegram.org/bots/api#message,
`migrate_to_chat_id`). Moving again changes nothing.
"""

from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.contact_notes import rename_silence
from core.models import Contact, Conversation


async def move_chat(assistant_id: UUID, channel: str, old: int, new: int) -> None:
    """All contacts whose keys begin with the old chat. Who has written in the new one already is one contact with
    himself."""
    there = Q(key=str(old)) | Q(key__startswith=f"{old}:")
    async with in_transaction():
        for contact in await Contact.filter(there, assistant_id=assistant_id, channel=channel):
            key = f"{new}{contact.key.removeprefix(str(old))}"
            await rename_silence(channel, contact.key, key)
            here = await Contact.get_or_none(assistant_id=assistant_id, channel=channel, key=key)
            if here is None:
                await Contact.filter(id=contact.id).update(key=key)
                continue
            await Conversation.filter(contact_id=contact.id).update(contact_id=here.id)
            await Contact.filter(id=contact.id).delete()
