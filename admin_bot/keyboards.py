"""Buttons. What a button means is in its data, so that it still works after a restart and on old messages."""

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from core.models import Role

PAGE = 8
_LONGEST_LABEL = 40
T = TypeVar("T")

Row = Sequence[InlineKeyboardButton]


class Press(CallbackData, prefix="p"):
    """`do` names the action; `id` is the row it is about; `page` is for long lists."""

    do: str
    id: UUID | None = None
    page: int = 0


def button(label: str, do: str, id: UUID | None = None, page: int = 0) -> InlineKeyboardButton:  # noqa: A002 - the field of `Press`
    return InlineKeyboardButton(text=shortened(label), callback_data=Press(do=do, id=id, page=page).pack())


def link(label: str, url: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=shortened(label), url=url)


def keyboard(rows: Sequence[Row]) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup(inline_keyboard=[list(row) for row in rows if row]) if any(rows) else None


def page_of(items: Sequence[T], page: int) -> Sequence[T]:
    """The items of one page; a page that no longer exists gives the last one."""
    last = max(0, (len(items) - 1) // PAGE)
    start = min(max(page, 0), last) * PAGE
    return items[start : start + PAGE]


def shortened(text: str, longest: int = _LONGEST_LABEL) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def role_for(roles: Mapping[str, Role], do: str) -> Role:
    """The least role that may press a button of this name; `roles` also knows beginnings, which end in "."."""
    if do in roles:
        return roles[do]
    beginnings = [name for name in roles if name.endswith(".") and do.startswith(name)]
    return roles[max(beginnings, key=len)] if beginnings else Role.OPERATOR


def name_of_button(one: InlineKeyboardButton) -> str:
    """Empty for a link."""
    return Press.unpack(one.callback_data).do if one.callback_data else ""
