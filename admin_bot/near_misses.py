"""Questions that nearly got a ready answer: the owner says whether that answer is theirs, too. One tap each."""

from aiogram import Router

from admin_bot.keyboards import PAGE, Press, Row, page_of, shortened
from admin_bot.knowledge import turn_pages
from admin_bot.routes import on_press
from admin_bot.talk import Talk
from core.models import NearMiss, Role
from core.near_misses import dismiss_near_miss, near_misses_of
from core.tenancy import find_near_miss
from core.verified import accept_near_miss

_LONGEST_QUESTION = 200
YES = "yes"
NO = "no"


async def list_near_misses(talk: Talk, press: Press) -> None:
    await show_near_misses(talk, press.page)


async def show_near_misses(talk: Talk, page: int = 0, said: str = "") -> None:
    assistant = await talk.assistant()
    await talk.expect_nothing()
    near = await near_misses_of(assistant)
    page = min(page, max(0, len(near) - 1) // PAGE)
    shown = list(enumerate(page_of(near, page), page * PAGE + 1))
    key = "admin-near-misses" if near else "admin-near-misses-none"
    parts = [said, talk.words(key, assistant=assistant.name)]
    parts += [f"{_line(talk, number, row)}\n{proposal(talk, row)}" for number, row in shown]
    rows = [choices(talk, "near", number, row, page) for number, row in shown]
    last = [talk.button("button-verified", "answers"), talk.button("button-menu", "menu")]
    await talk.show("\n\n".join(filter(None, parts)), *rows, turn_pages(talk, "near", page, len(near)), last)


def proposal(talk: Talk, near: NearMiss) -> str:
    """What the owner is asked about it."""
    return talk.words("admin-near-miss", question=_short(near.answer.question), answer=shortened(near.answer.answer))


def choices(talk: Talk, do: str, number: int, near: NearMiss, page: int) -> Row:
    """Yes and no, as `do`.yes and `do`.no."""
    return [
        talk.button("button-near-yes", f"{do}.{YES}", near.id, page, number=number),
        talk.button("button-near-no", f"{do}.{NO}", near.id, page, number=number),
    ]


async def decide(talk: Talk, press: Press) -> str:
    """Do as he pressed; the sentence that says so. Raises `NotFound`, `TooManyWordings`, `Unavailable`."""
    near = await find_near_miss(talk.actor, press.id)
    if press.do.endswith(YES):
        await accept_near_miss(talk.core, near, talk.actor)
        return talk.words("admin-near-miss-accepted", question=_short(near.question))
    await dismiss_near_miss(near)
    return talk.words("admin-near-miss-dismissed", question=_short(near.question))


async def decide_in_list(talk: Talk, press: Press) -> None:
    await show_near_misses(talk, press.page, await decide(talk, press))


def _line(talk: Talk, number: int, near: NearMiss) -> str:
    return talk.words("admin-gap-line", number=number, question=_short(near.question), asked=near.asked)


def _short(question: str) -> str:
    return shortened(" ".join(question.split()), _LONGEST_QUESTION)


def setup() -> Router:
    router = Router(name="near_misses")
    on_press(router, Role.MANAGER, "near", list_near_misses)
    on_press(router, Role.MANAGER, "near.", decide_in_list)
    return router
