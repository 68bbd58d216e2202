"""Is a business's group in order? Asked of Telegram, said in the group when it has changed, kept for whoever asks.

What is missing is one thing at a time, with the one step that mends it. Refuses to know what is written in topics.
"""

import logging

from aiogram.types import InlineKeyboardMarkup

from admin_bot.group_words import one_button, standing_words
from core.app import Core
from core.models import PeopleGroup
from core.people_group import RIGHT, TOPICS, WRITING, lose_group, move_group, note_missing
from core.telegram.formatting import Rich
from core.telegram.forum import standing_in
from core.telegram.outbound import ChatClosed, Outbound, Place

log = logging.getLogger(__name__)


class Standings:
    """Of all groups of one admin bot."""

    def __init__(self, core: Core, outbound: Outbound, bot_id: int) -> None:
        self._core, self._outbound, self._bot_id = core, outbound, bot_id

    async def look(self, group: PeopleGroup, *, say: bool = False) -> None:
        """See how it is now; what is missing, or that all is well, is said when it changed, or with `say`. Raises
        `Unavailable`."""
        standing = await standing_in(self._outbound, group.chat_id, self._bot_id)
        if standing is None:
            await lose_group(self._bot_id, group.chat_id)
            return
        if standing.chat_id != group.chat_id and await move_group(self._bot_id, group.chat_id, standing.chat_id):
            group.chat_id = standing.chat_id
        missing = "" if standing.may_manage else RIGHT
        if not standing.has_topics:
            missing = TOPICS
        if standing.title and standing.title != group.title:
            await PeopleGroup.filter(id=group.id).update(title=standing.title[:255])
        await self.found(group, missing, say=say)

    async def found(self, group: PeopleGroup, missing: str, *, say: bool = False) -> None:
        """This is missing there, or nothing. Raises `Unavailable`."""
        if await note_missing(group, missing) or say:
            buttons = self._check_again(group) if missing else None
            try:
                said = standing_words(self._core, group, group.locale)
                await self._outbound.send(Place(group.chat_id), Rich(said), buttons)
            except ChatClosed:
                log.info("the bot may not write in group %s", group.chat_id)
                await note_missing(group, WRITING)

    def _check_again(self, group: PeopleGroup) -> InlineKeyboardMarkup | None:
        return one_button(self._core, group.locale, "button-group-check", "group.check", group.id)
