"""A customer who erases himself in the channel where he writes. Refuses to know how the channel asks him.

What he asks for is named by an id that stays the same over a restart, so he gets the receipts of what was erased
before it, too.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from tortoise.expressions import Q

from core.app import Core
from core.customers.erasing import ERASED, Receipt, erase, preview
from core.models import Assistant, AuditEvent, Contact

BY_CUSTOMER = "customer"
"""Who has erased him, in the list of changes."""
_LONGEST_WISH = 60
_WISH = re.compile(
    r"(?:please |could you |can you |i want (?:you )?to )?(?:delete|erase|remove) (?:all )?(?:of )?my "
    r"(?:data|personal data|information|messages|history)(?: please)?"
    r"|(?:пожалуйста )?(?:прошу |хочу )?(?:удалите|удали|удалить|сотрите|сотри|стереть) (?:все )?мои "
    r"(?:персональные |личные )?(?:данные|сообщения)(?: пожалуйста)?"
)


def asks_to_be_erased(text: str) -> bool:
    """In plain words, and nothing else beside them."""
    words = " ".join(re.findall(r"\w+", text.lower().replace("ё", "е")))
    return len(words) <= _LONGEST_WISH and _WISH.fullmatch(words) is not None


async def contacts_of_person(assistant_id: UUID, channel: str, person: str) -> list[Contact]:
    """Everywhere in a channel where he writes as himself: in private, and in groups (keys that end with his id)."""
    his = Q(key=person) | Q(key__endswith=f":{person}")
    return await Contact.filter(his, assistant_id=assistant_id, channel=channel).order_by("created_at")


async def foreseen(contacts: Sequence[Contact]) -> Counter[str]:
    """Kind of thing -> how many would be gone."""
    gone = Counter[str]()
    for contact in contacts:
        gone += (await preview(contact)).erased
    return gone


async def erase_himself(core: Core, assistant: Assistant, contacts: Sequence[UUID], request: UUID) -> list[Receipt]:
    """A receipt for each contact, also for one that this request has erased already."""
    receipts = list[Receipt]()
    for contact_id in contacts:
        receipt_id = uuid5(request, str(contact_id))
        contact = await Contact.get_or_none(id=contact_id, assistant_id=assistant.id)
        if contact:
            receipts.append(await erase(core, assistant, contact, BY_CUSTOMER, receipt_id, spared=request))
        elif given := await AuditEvent.filter(action=ERASED, subject=str(receipt_id)).first():
            receipts.append(_as_given(given, receipt_id))
    return receipts


def _as_given(event: AuditEvent, receipt_id: UUID) -> Receipt:
    at: datetime = event.created_at
    told = {name: int(count) for name, count in event.details.items() if name != "sha256"}
    return Receipt(receipt_id, at, Counter(told), hash=str(event.details.get("sha256", "")))
