"""Why this answer? The owner sees which passages a question finds, how well each fits, and whether that is enough."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message

from admin_bot.ask import ASKED
from admin_bot.keyboards import shortened
from admin_bot.routes import on_button, on_message, on_words_after
from admin_bot.talk import Talk
from core.models import Role
from core.retrieval import judged, look_up
from core.search.sufficiency import Finding, judge, threshold_of
from core.small_talk import small_talk_in
from core.verified import Match, nearest_verified

SHOWN = 3
LONGEST_QUESTION = 500
LONGEST_TEXT = 350


class Searching(StatesGroup):
    question = State()


async def ask_question(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Searching.question)
    await talk.show(talk.words("admin-search"), [talk.button("button-cancel", "cancel")])


async def take_question(talk: Talk, message: Message) -> None:
    await talk.expect_nothing()
    await show_found(talk, message.text or "")


async def search_for(talk: Talk, question: str) -> None:
    """The command, alone or with a question behind it."""
    if question:
        await talk.expect_nothing()
        await show_found(talk, question)
    else:
        await ask_question(talk)


async def explain_last(talk: Talk) -> None:
    """He has just asked it as a customer would and wonders about the answer."""
    question = str((await talk.state.get_data()).get(ASKED, ""))
    if question:
        talk.shown = None  # the answer stays in sight
        await show_found(talk, question)
    else:
        await ask_question(talk)


async def show_found(talk: Talk, question: str) -> None:
    """What customers get before any search, or the best passages, how sure each is, and whether that is enough."""
    assistant = await talk.assistant()
    question = question.strip()[:LONGEST_QUESTION]
    await talk.state.update_data({ASKED: question})
    rows = (
        [talk.button("button-search-again", "search"), talk.button("button-teach", "teach")],
        [talk.button("button-menu", "menu")],
    )
    if small_talk_in(question, assistant.name):
        await talk.show(talk.words("admin-tier-courtesy"), *rows)
        return
    nearest = next(iter(await nearest_verified(talk.core, assistant, question, 1)), None)
    needed = threshold_of(assistant)
    found = await look_up(talk.core, assistant.id, question, SHOWN)
    finding = await judged(found, needed)
    each = [await judge(found.index.embedder, found.vector, question, [one], needed) for one in finding.passages]
    parts = [_line(talk, number, one) for number, one in enumerate(each, start=1)]
    if parts:
        parts.insert(0, talk.words("admin-search-found", question=question))
    if nearest and nearest.would_match:
        answer = shortened(" ".join(nearest.answer.answer.split()), LONGEST_TEXT)
        parts.insert(0, talk.words("admin-search-verified", answer=answer))
    elif not parts:
        parts = [talk.words("admin-search-none", question=question)]
    else:
        key = "admin-search-enough" if finding.sufficient else "admin-search-not-enough"
        parts.append(talk.words(key, confidence=f"{finding.confidence:.2f}", needed=f"{needed:.2f}"))
    if nearest and not nearest.would_match:
        parts.append(_nearest(talk, nearest))
    await talk.show("\n\n".join(parts), *rows)


def _nearest(talk: Talk, match: Match) -> str:
    """The ready answer that comes nearest, and why customers do not get it."""
    return talk.words(
        "admin-search-nearest",
        question=shortened(" ".join(match.wording.split()), LONGEST_TEXT),
        similarity=f"{match.similarity:.2f}",
        needed=f"{match.needed:.2f}",
        why=talk.words(f"verified-why-{match.why_not}"),
    )


def _line(talk: Talk, number: int, finding: Finding) -> str:
    passage = finding.passages[0]
    where = passage.document
    if passage.page:
        where = talk.words("admin-search-page", document=passage.document, page=passage.page)
    if finding.sufficient:
        fits = talk.words("admin-search-fits")
    else:
        fits = talk.words("admin-search-may-fit" if finding.confidence >= finding.needed / 2 else "admin-search-misses")
    return talk.words(
        "admin-search-passage",
        number=number,
        where=where,
        fits=fits,
        percent=round(100 * finding.confidence),
        text=shortened(" ".join(passage.text.split()), LONGEST_TEXT),
    )


def setup() -> Router:
    router = Router(name="search")
    on_words_after(router, Role.OPERATOR, "search", search_for)
    on_message(router, Role.OPERATOR, take_question, StateFilter(Searching.question), F.text)
    on_button(router, Role.OPERATOR, "search", ask_question)
    on_button(router, Role.OPERATOR, "search.last", explain_last)
    return router
