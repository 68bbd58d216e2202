"""An answer on its way to the customer: its parts in order, each once; an edit's in the place of the earlier answer's.

A restart goes on with what is missing.
"""

from functools import partial
from typing import Any

from aiogram.types import InlineKeyboardMarkup

from bots.telegram.desk import Desk
from bots.telegram.telling import buttons_of
from core.attempts import until_the_database_is_back
from core.background import unbroken
from core.inbox import keep_progress
from core.models import ProcessedEvent
from core.telegram.formatting import Rich
from core.telegram.outbound import Place


async def show_parts(desk: Desk, event: ProcessedEvent, place: Place) -> tuple[int, ...]:
    """Those that were not shown yet; ids of the messages that they are. Raises `ChatClosed`, `Unavailable`."""
    progress: dict[str, Any] = event.result or {}
    parts, over, ours = progress["parts"], progress.get("over") or [], list[int]()
    for number in range(progress["sent"], len(parts)):
        below = buttons_of(progress.get("below")) if number + 1 == len(parts) else None
        instead_of = over[number] if number < len(over) else None
        progress = {**progress, "sent": number + 1}
        part = Rich.from_record(parts[number])
        ours.append(await unbroken(_show_and_note(desk, place, part, below, instead_of, event, progress)))
    for left_over in over[len(parts) :] if ours else []:
        await desk.outbound.delete(place.chat_id, left_over)
    return tuple(ours)


async def _show_and_note(
    desk: Desk,
    place: Place,
    part: Rich,
    below: InlineKeyboardMarkup | None,
    instead_of: int | None,
    event: ProcessedEvent,
    progress: dict[str, Any],
) -> int:
    """They belong together: what was shown and is not noted would be shown again."""
    shown = await _show(desk, place, part, below, instead_of)
    await until_the_database_is_back(partial(keep_progress, event, progress), f"update {event.event_id}")
    return shown


async def _show(
    desk: Desk, place: Place, part: Rich, below: InlineKeyboardMarkup | None, instead_of: int | None
) -> int:
    if instead_of and await desk.outbound.edit(place.chat_id, instead_of, part, below):
        return instead_of
    return await desk.outbound.send_part(place, part, below)
