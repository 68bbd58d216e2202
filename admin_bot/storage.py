"""Where each owner stands in a conversation, in the database: a restart forgets nothing.

The bot's id is part of the key: aiogram's own key builder leaves it out, and two bots would share one memory.
"""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey

from core.models import BotState


class DatabaseStorage(BaseStorage):
    """aiogram's storage over the table `bot_states`."""

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await _write(key, state=state.state if isinstance(state, State) else state)

    async def get_state(self, key: StorageKey) -> str | None:
        row = await BotState.get_or_none(key=_name(key))
        return row.state if row else None

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await _write(key, data=dict(data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        row = await BotState.get_or_none(key=_name(key))
        return dict(row.data) if row else {}

    async def close(self) -> None:
        """The database is the Core's to close."""


def _name(key: StorageKey) -> str:
    return f"talk:{key.bot_id}:{key.chat_id}:{key.user_id}"


async def _write(key: StorageKey, **values: Any) -> None:
    _, created = await BotState.get_or_create(key=_name(key), defaults=values)
    if not created:
        await BotState.filter(key=_name(key)).update(**values)
