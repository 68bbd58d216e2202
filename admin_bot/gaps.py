"""Questions that nobody could answer: the owner sees them, most asked first, and answers or dismisses each."""

from aiogram import Router

from admin_bot.keyboards import PAGE, Press, Row, page_of, shortened
from admin_bot.knowledge import turn_pages
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from admin_bot.verified import ask_answer
from core.conversations import close_gap, gaps_of
from core.models import Gap, GapStatus
from core.tenancy import find_gap

_LONGEST_QUESTION = 200


async def list_gaps(talk: Talk, press: Press) -> None:
    await show_gaps(talk, press.page)


async def show_gaps(talk: Talk, page: int = 0, said: str = "") -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    gaps = await gaps_of(assistant)
    page = min(page, max(0, len(gaps) - 1) // PAGE)
    key = "admin-gaps" if gaps else "admin-gaps-none"
    head = "\n\n".join(filter(None, (said, talk.words(key, assistant=assistant.name))))
    shown = list(enumerate(page_of(gaps, page), page * PAGE + 1))
    text = "\n".join([head, "", *(_line(talk, number, gap) for number, gap in shown)]) if shown else head
    rows = [_choices(talk, number, gap, page) for number, gap in shown]
    await talk.show(text, *rows, turn_pages(talk, "gaps", page, len(gaps)), [talk.button("button-menu", "menu")])


def _line(talk: Talk, number: int, gap: Gap) -> str:
    question = shortened(" ".join(gap.question.split()), _LONGEST_QUESTION)
    return talk.words("admin-gap-line", number=number, question=question, asked=gap.asked)


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
    await close_gap(gap, GapStatus.DISMISSED)
    said = talk.words("admin-gap-dismissed", question=shortened(" ".join(gap.question.split()), 100))
    await show_gaps(talk, press.page, said)


def setup() -> Router:
    router = Router(name="gaps")
    on_press(router, "gaps", list_gaps)
    on_press(router, "gap.answer", answer)
    on_press(router, "gap.dismiss", dismiss)
    return router
