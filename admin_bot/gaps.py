"""Questions that nobody could answer: the owner sees them, most asked first, and answers or dismisses each."""

from aiogram import Router

from admin_bot.keyboards import PAGE, Press, Row, page_of, shortened
from admin_bot.knowledge import turn_pages
from admin_bot.morning_card import refresh_cards, wants_mornings
from admin_bot.near_misses import choices, decide, proposal
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from admin_bot.verified import ask_answer
from core.askers import count_askers
from core.gaps import dismiss_gap, gaps_of, question_key, wordings_of_gap
from core.models import Gap, NearMiss, Role
from core.near_misses import near_misses_of
from core.tenancy import find_gap

_LONGEST_QUESTION = 200


async def list_gaps(talk: Talk, press: Press) -> None:
    await show_gaps(talk, press.page)


async def show_gaps(talk: Talk, page: int = 0, said: str = "", undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    gaps = await gaps_of(assistant)
    page = min(page, max(0, len(gaps) - 1) // PAGE)
    key = "admin-gaps" if gaps else "admin-gaps-none"
    head = "\n\n".join(filter(None, (said, talk.words(key, assistant=assistant.name))))
    shown = list(enumerate(page_of(gaps, page), page * PAGE + 1))
    askers = await count_askers([gap.id for _, gap in shown])
    known = {near.question_key: near for near in await near_misses_of(assistant)} if shown else {}
    lines, rows = list[str](), list[Row]()
    for number, gap in shown:
        lines.append(_line(talk, number, gap, askers.get(gap.id, 0)))
        rows.append(_choices(talk, number, gap, page))
        if near := _near(gap, known):
            lines.append(proposal(talk, near))
            rows.append(choices(talk, "gap.near", number, near, page))
    text = "\n".join([head, "", *lines]) if shown else head
    wanted = await wants_mornings(talk)
    mornings = (
        talk.button("button-morning-off", "morning.off") if wanted else talk.button("button-morning-on", "morning.on")
    )
    last = [talk.button("button-menu", "menu")]
    await talk.show(text, undo, *rows, turn_pages(talk, "gaps", page, len(gaps)), [mornings], last)


def _line(talk: Talk, number: int, gap: Gap, askers: int) -> str:
    question = shortened(" ".join(gap.question.split()), _LONGEST_QUESTION)
    line = talk.words("admin-gap-line", number=number, question=question, asked=gap.asked)
    return line + (talk.words("admin-gap-askers", count=askers) if askers else "")


def _near(gap: Gap, known: dict[str, NearMiss]) -> NearMiss | None:
    """The ready answer that one of its wordings nearly got."""
    return next((known[key] for text in wordings_of_gap(gap) if (key := question_key(text)) in known), None)


def _choices(talk: Talk, number: int, gap: Gap, page: int) -> Row:
    return [
        talk.button("button-gap-answer", "gap.answer", gap.id, page, number=number),
        talk.button("button-gap-dismiss", "gap.dismiss", gap.id, page, number=number),
    ]


async def answer(talk: Talk, press: Press) -> None:
    gap = await find_gap(talk.actor, press.id)
    await ask_answer(talk, gap.question, gap)


async def dismiss(talk: Talk, press: Press) -> None:
    gap = await find_gap(talk.actor, press.id)
    await dismiss_gap(gap, talk.actor)
    said = talk.words("admin-gap-dismissed", question=shortened(" ".join(gap.question.split()), 100))
    await show_gaps(talk, press.page, said, await talk.undo_row(gap.id))
    await refresh_cards(talk, gap.id)


async def decide_near_miss(talk: Talk, press: Press) -> None:
    await show_gaps(talk, press.page, await decide(talk, press))


def setup() -> Router:
    router = Router(name="gaps")
    on_press(router, Role.MANAGER, "gaps", list_gaps)
    on_press(router, Role.MANAGER, "gap.answer", answer)
    on_press(router, Role.MANAGER, "gap.dismiss", dismiss)
    on_press(router, Role.MANAGER, "gap.near.", decide_near_miss)
    return router
