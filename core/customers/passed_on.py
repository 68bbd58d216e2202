"""What of a customer was passed on: to programs, by webhooks, and to people, as files.

What has arrived elsewhere is not ours to erase; what we keep of it, and what has not been sent yet, is.
"""

from collections.abc import Collection
from uuid import UUID

from core.customers.words import Words
from core.models import Assistant, Attachment, Delivery, ShopperQuestion

_AT_ONCE = 500


async def erase_deliveries(assistant: Assistant, words: Words, gaps: Collection[UUID]) -> list[UUID]:
    """Ids of events about him that are gone, sent or not, with what was answered. Within a transaction."""
    about = {str(one) for one in (words.contact.id, *words.conversations, *gaps)}
    gone, start = list[UUID](), 0
    rows = Delivery.filter(endpoint__assistant_id=assistant.id).order_by("created_at", "id")
    while found := await rows.offset(start).limit(_AT_ONCE):
        gone += [row.id for row in found if about & _named_in(row)]
        start += len(found)
    for first in range(0, len(gone), _AT_ONCE):
        await Delivery.filter(id__in=gone[first : first + _AT_ONCE]).delete()
    return gone


def _named_in(delivery: Delivery) -> set[str]:
    """Ids of what it tells of: a conversation, a contact, a question (core/webhooks/events.py)."""
    return {str(one.get("id", "")) for one in delivery.payload.get("data", {}).values() if isinstance(one, dict)}


async def erase_attachments(words: Words) -> tuple[list[UUID], list[str]]:
    """Ids of files from and to him whose rows are gone, and the paths of those that are still to be removed. Within a
    transaction."""
    rows = [row for first in range(0, len(words.messages), _AT_ONCE) for row in await _of_turns(words, first)]
    for row in rows:
        await row.delete()
    return [row.id for row in rows], [row.path for row in rows if row.path]


async def _of_turns(words: Words, first: int) -> list[Attachment]:
    return await Attachment.filter(turn_id__in=words.messages[first : first + _AT_ONCE])


async def erase_shopper_questions(assistant: Assistant, words: Words) -> list[UUID]:
    """Ids of his questions among those that are asked every night. Within a transaction."""
    theirs = ShopperQuestion.filter(assistant_id=assistant.id, message_id__not_isnull=True)
    gone = [row.id for row in await theirs if row.message_id in set(words.messages) or words.holds(row.question)]
    await ShopperQuestion.filter(id__in=gone).delete()
    return gone
