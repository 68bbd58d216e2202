"""When the next message may go: Telegram's limits kept before it has to remind us, and its refusals obeyed exactly.

Limits: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import asyncio
from dataclasses import dataclass

_REMEMBERED_CHATS = 5_000


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a second: of the bot, of one chat, of one group. `burst`: how many may go at once after a silence.

    A group takes 20 a minute: 18 at this pace, and two more that the burst lets go at its beginning.
    """

    bot: float = 30.0
    chat: float = 1.0
    group: float = 18 / 60
    burst: int = 3


class Pacer:
    """One bot's turns. Reserves slots (the generic cell rate algorithm), so waiting callers do not pile up."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._bot_next = 0.0
        self._chat_next: dict[int, float] = {}
        self._held: dict[int, float] = {}
        self._all_held = 0.0

    async def turn(self, chat_id: int) -> None:
        """Wait until a message may go to this chat."""
        now = asyncio.get_running_loop().time
        while True:
            if (wait := self.held_for(chat_id)) > 0:
                await asyncio.sleep(wait)
                continue
            if (wait := self._reserve(chat_id, now())) > 0:
                await asyncio.sleep(wait)
            if self.held_for(chat_id) <= 0:
                return

    def hold(self, chat_id: int, seconds: float) -> None:
        """Telegram said "not before". A second chat refused meanwhile means that the limit is the whole bot's."""
        now = asyncio.get_running_loop().time()
        others = any(until > now for chat, until in self._held.items() if chat != chat_id)
        self._held[chat_id] = max(self._held.get(chat_id, 0.0), now + seconds)
        if others:
            self._all_held = max(self._all_held, now + seconds)

    def held_for(self, chat_id: int) -> float:
        """Seconds until Telegram takes messages for this chat again."""
        return max(self._held.get(chat_id, 0.0), self._all_held) - asyncio.get_running_loop().time()

    def _reserve(self, chat_id: int, now: float) -> float:
        """Take the next slots of the bot and of the chat; seconds until both have come."""
        if len(self._chat_next) > _REMEMBERED_CHATS:
            self._chat_next = {chat: at for chat, at in self._chat_next.items() if at > now}
            self._held = {chat: until for chat, until in self._held.items() if until > now}
        every = 1 / (self._pace.chat if chat_id > 0 else self._pace.group)
        chat_at = max(self._chat_next.get(chat_id, 0.0), now)
        self._chat_next[chat_id] = chat_at + every
        bot_at = max(self._bot_next, now)
        self._bot_next = bot_at + 1 / self._pace.bot
        return max(bot_at, chat_at - every * (self._pace.burst - 1)) - now
