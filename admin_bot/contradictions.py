"""Where documents contradict each other: both sentences side by side, and "which is right?"."""

from uuid import UUID

from aiogram import Router

from admin_bot.keyboards import Press, Row, shortened
from admin_bot.routes import on_button, on_press
from admin_bot.talk import Talk
from core.contradictions.settling import (
    AlreadySettled,
    Side,
    Unsettled,
    contradictions_of,
    look_for_contradictions,
    say_both_are_right,
    settle,
)
from core.models import Role
from core.passage_edits import subject_of
from core.tenancy import find_contradiction

_LONGEST_QUOTE = 400


async def compare(talk: Talk) -> None:
    """Look for them now; in an hour it would have happened by itself."""
    assistant = await talk.assistant()
    async with talk.outbound.typing(talk.place):
        await look_for_contradictions(talk.core, assistant)
    await show_next(talk)


async def list_them(talk: Talk, press: Press) -> None:
    await show_next(talk, press.page)


async def show_next(talk: Talk, at: int = 0, said: str = "", undo: Row = ()) -> None:
    """One at a time, so that the choice is plain. `undo` takes back what has just been done."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    found = await contradictions_of(assistant)
    last = [talk.button("button-documents", "docs"), talk.button("button-menu", "menu")]
    if not found:
        none = talk.words("admin-contradictions-none", assistant=assistant.name)
        await talk.show("\n\n".join(filter(None, (said, none))), undo, last)
        return
    at = min(max(at, 0), len(found) - 1)
    one = found[at]
    head = talk.words("admin-contradiction", number=at + 1, count=len(found), told=one.row.told)
    quotes = [_quote(talk, number, side) for number, side in enumerate(one.sides, 1)]
    text = "\n\n".join(filter(None, (said, head, *quotes, talk.words("admin-contradiction-ask"))))
    await talk.show(text, undo, *_choices(talk, one, at, len(found)), last)


def _quote(talk: Talk, number: int, side: Side) -> str:
    document = side.passage.document
    return talk.words(
        "admin-contradiction-quote",
        number=number,
        where=document.title or document.filename,
        quote=shortened(" ".join(side.quote.split()), _LONGEST_QUOTE),
    )


def _choices(talk: Talk, one: Unsettled, at: int, total: int) -> list[Row]:
    less = [talk.button("button-less", "clashes", page=at - 1)] if at else []
    more = [talk.button("button-more", "clashes", page=at + 1)] if at + 1 < total else []
    return [
        [
            talk.button("button-side-right", "clash.first", one.row.id, at, number=1),
            talk.button("button-side-right", "clash.second", one.row.id, at, number=2),
        ],
        [talk.button("button-both-right", "clash.both", one.row.id, at)],
        [*less, *more],
    ]


async def choose(talk: Talk, press: Press) -> None:
    """`press.do` is clash.first or clash.second: which is right."""
    row = await find_contradiction(talk.actor, press.id)
    await talk.choose(row.assistant_id)
    found = next((one for one in await contradictions_of(row.assistant) if one.row.id == row.id), None)
    first = press.do == "clash.first"
    try:
        await settle(talk.core, row, first_is_right=first, by=talk.actor)
    except AlreadySettled:
        await show_next(talk, press.page, talk.words("admin-contradiction-settled-already"))
        return
    undo: Row = []
    if found:
        wrong = found.sides[1 if first else 0].passage
        undo = await talk.undo_row(subject_of(row.assistant_id, wrong.content_hash))
    await show_next(talk, press.page, talk.words("admin-contradiction-settled"), undo)


async def both(talk: Talk, press: Press) -> None:
    row = await find_contradiction(talk.actor, press.id or UUID(int=0))
    await talk.choose(row.assistant_id)
    await say_both_are_right(row, talk.actor)
    await show_next(talk, press.page, talk.words("admin-contradiction-both"), await talk.undo_row(row.id))


def setup() -> Router:
    router = Router(name="contradictions")
    on_press(router, Role.MANAGER, "clashes", list_them)
    on_button(router, Role.MANAGER, "docs.compare", compare)
    on_press(router, Role.MANAGER, "clash.first", choose)
    on_press(router, Role.MANAGER, "clash.second", choose)
    on_press(router, Role.MANAGER, "clash.both", both)
    return router
