"""Answers in the owner's own words: taught as question and answer, listed, deleted. Some close a gap."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import InlineKeyboardButton, Message

from admin_bot.ask import ASKED, repeat
from admin_bot.keyboards import Press, Row, button, page_of, shortened
from admin_bot.knowledge import turn_pages
from admin_bot.morning_card import refresh_cards
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.app import Core
from core.askers import Tellings, count_askers, tellings_of
from core.changes import last_change_of
from core.errors import NotFound
from core.gaps import AlreadyAnswered, wordings_of_gap
from core.models import Gap, GapStatus, Role, VerifiedAnswer
from core.near_misses import near_misses_of
from core.tenancy import assistants_of, find_answer, verified_answer_of
from core.tracing import question_behind, ready_answer
from core.verified import (
    add_verified_answer,
    answer_gap,
    change_verified_answer,
    forget_verified_answer,
    verified_answers_of,
)

LONGEST_QUESTION = 500
LONGEST_ANSWER = 3000
_SHOWN_WORDINGS = 5
QUESTION = "question"
GAP = "gap"
TRIED = "tried"
_LONGEST_FOLLOWED_S = 900.0


class Teaching(StatesGroup):
    """`heard`: he has spoken it, and is asked whether it was understood."""

    question = State()
    answer = State()
    heard = State()


async def list_answers(talk: Talk, press: Press) -> None:
    await show_answers(talk, press.page)


async def show_answers(talk: Talk, page: int = 0, said: str = "", undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    answers = await verified_answers_of(assistant)
    last = [talk.button("button-add-answer", "answer.add"), talk.button("button-menu", "menu")]
    key = "admin-verified" if answers else "admin-verified-none"
    head = "\n\n".join(filter(None, (said, talk.words(key, assistant=assistant.name))))
    shown = page_of(answers, page)
    lines = [
        talk.words("admin-verified-line", question=shortened(one.question, 200), wordings=len(one.wordings or []))
        for one in shown
    ]
    rows = [
        [button(talk.words("button-delete-item", name=one.question), "answer.delete", one.id, page)] for one in shown
    ]
    text = "\n".join([head, "", *lines]) if lines else head
    near = len(await near_misses_of(assistant))
    almost = [talk.button("button-near-misses", "near", count=near)] if near else []
    await talk.show(text, undo, *rows, turn_pages(talk, "answers", page, len(answers)), almost, last)


async def ask_question(talk: Talk) -> None:
    await talk.assistant()
    await talk.state.set_state(Teaching.question)
    await talk.show(talk.words("admin-verified-question"), [talk.button("button-cancel", "answers")])


async def take_question(talk: Talk, message: Message) -> None:
    question = (message.text or "").strip()
    if len(question) > LONGEST_QUESTION:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_QUESTION, length=len(question)))
        return
    await ask_answer(talk, question)


async def teach_last(talk: Talk) -> None:
    """He has just asked it as a customer would and knows better."""
    question = str((await talk.state.get_data()).get(ASKED, ""))
    if question:
        await ask_answer(talk, question)
    else:
        await ask_question(talk)


async def ask_answer(talk: Talk, question: str, gap: Gap | None = None, tried: UUID | None = None) -> None:
    """`gap` is the customers' question that his answer closes, `tried` an answer that he saw when he tried it out."""
    await talk.assistant()
    if gap and gap.status == GapStatus.ANSWERED:
        await say_it_is_answered(talk, AlreadyAnswered())
        return
    question = await await_answer(talk, question, gap, tried)
    cancel = talk.button("button-cancel", "gaps" if gap else "answers")
    # A new message: the answer he is about to improve stays in sight.
    also = [text for text in wordings_of_gap(gap) if text != gap.question][:_SHOWN_WORDINGS] if gap else []
    said = (
        [talk.words("admin-gap-also", questions="\n".join(f"• {shortened(text, 200)}" for text in also))]
        if also
        else []
    )
    if askers := (await count_askers([gap.id])).get(gap.id) if gap else 0:
        said.append(talk.words("admin-gap-askers-wait", count=askers))
    await talk.say("\n\n".join([talk.words("admin-verified-answer", question=question), *said]), [cancel])


async def await_answer(talk: Talk, question: str, gap: Gap | None = None, tried: UUID | None = None) -> str:
    """What he says next is the answer to this; the question, as long as it may be."""
    question = question[:LONGEST_QUESTION]
    await talk.state.update_data({QUESTION: question, GAP: str(gap.id) if gap else "", TRIED: str(tried or "")})
    await talk.state.set_state(Teaching.answer)
    return question


async def take_answer(talk: Talk, message: Message) -> None:
    await save_answer(talk, (message.text or "").strip())


async def save_answer(talk: Talk, answer: str) -> None:
    """To what he was asked."""
    if len(answer) > LONGEST_ANSWER:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_ANSWER, length=len(answer)))
        return
    asked = await talk.state.get_data()
    if asked.get(TRIED):
        await talk.expect_nothing()
        await _replace(talk, UUID(asked[TRIED]), str(asked.get(QUESTION, "")), answer)
    elif asked.get(GAP):
        await save_answer_to_gap(talk, await talk.gap(UUID(asked[GAP])), answer)
    else:
        assistant = await talk.assistant()
        row = await add_verified_answer(talk.core, assistant, str(asked.get(QUESTION, "")), answer, by=talk.actor)
        await _say_it_is_saved(talk, row, talk.button("button-verified", "answers"))


async def save_answer_to_gap(talk: Talk, gap: Gap, answer: str) -> None:
    """Known at once; he sees how many customers are told it. Whatever else was asked of him is not waited for."""
    try:
        row = await answer_gap(talk.core, gap, answer, talk.actor)
    except AlreadyAnswered as error:
        await say_it_is_answered(talk, error)
    else:
        await _say_it_is_saved(talk, row, talk.button("button-gaps-left", "gaps"))
    await refresh_cards(talk, gap.id)


async def say_it_is_answered(talk: Talk, error: AlreadyAnswered) -> None:
    """Perhaps by somebody else of the business."""
    await talk.expect_nothing()
    said = talk.core.texts.explain(talk.locale, error)
    await talk.say(said, [talk.button("button-verified", "answers"), talk.button("button-menu", "menu")])


async def _say_it_is_saved(talk: Talk, row: VerifiedAnswer, back: InlineKeyboardButton) -> None:
    """Only now: what a killed process has not saved is taken again, as the answer that it is."""
    await talk.expect_nothing()
    undo, tellings = await talk.undo_row(row.id), await tellings_of(row.id)
    said = _saved(talk.core, talk.locale, tellings)
    shown = await talk.say(said, undo, [back, talk.button("button-menu", "menu")])
    if tellings.waiting:
        await talk.progress.follow(talk.chat_id, shown, Watched("telling", row.id, talk.locale, row.question[:80]))


def _saved(core: Core, locale: str, tellings: Tellings) -> str:
    counts = {
        "admin-told-soon": tellings.waiting,
        "admin-told": tellings.told,
        "admin-told-lost": tellings.lost,
    }
    told = "\n".join(core.texts.say(locale, key, count=count) for key, count in counts.items() if count)
    return "\n\n".join(filter(None, (core.texts.say(locale, "admin-verified-saved"), told)))


async def look_at_telling(core: Core, watched: Watched) -> Glimpse:
    """How many customers have the answer by now. Who cannot be told for long is told when his bot is back."""
    menu = button(core.texts.say(watched.locale, "button-menu"), "menu")
    gaps = button(core.texts.say(watched.locale, "button-gaps-left"), "gaps")
    if not await VerifiedAnswer.exists(id=watched.subject):
        return Glimpse(core.texts.say(watched.locale, "admin-telling-stopped"), ([gaps, menu],), over=True)
    tellings = await tellings_of(watched.subject)
    change = await last_change_of(watched.subject)
    undo = [button(core.texts.say(watched.locale, "button-undo"), "undo", change.id)] if change else []
    over = not tellings.waiting or watched.age_s > _LONGEST_FOLLOWED_S
    return Glimpse(_saved(core, watched.locale, tellings), (undo, [gaps, menu]), over=over)


async def replace_tried(talk: Talk, press: Press) -> None:
    """He has seen the answer to it and knows better."""
    assistant, tried = await find_answer(talk.actor, press.id)
    ready = await ready_answer(assistant, tried)
    _, question, _ = await question_behind(tried)
    if not question:
        raise NotFound(what="question")
    await talk.choose(assistant.id)
    await ask_answer(talk, ready.question if ready else question, tried=tried.id)


async def _replace(talk: Talk, tried_id: UUID, question: str, answer: str) -> None:
    """His words are the answer from now on: he sees it, asked again."""
    assistant, tried = await find_answer(talk.actor, tried_id)
    ready = await ready_answer(assistant, tried)
    if ready:
        await change_verified_answer(ready, answer, talk.actor)
    else:
        ready = await add_verified_answer(talk.core, assistant, question, answer, by=talk.actor)
    await talk.say(talk.words("admin-try-replaced"), await talk.undo_row(ready.id))
    await repeat(talk, tried.id)


async def confirm_delete(talk: Talk, press: Press) -> None:
    row = await own_answer(talk, press.id)
    await talk.show(
        talk.words("admin-verified-delete", question=row.question, answer=shortened(row.answer, 1000)),
        [
            talk.button("button-delete-yes", "answer.delete.yes", row.id, press.page),
            talk.button("button-keep", "answers", page=press.page),
        ],
    )


async def delete(talk: Talk, press: Press) -> None:
    row = await own_answer(talk, press.id)
    await forget_verified_answer(talk.core, row, talk.actor)
    await show_answers(talk, press.page, talk.words("admin-verified-deleted"), await talk.undo_row(row.id))


async def own_answer(talk: Talk, answer_id: UUID | None) -> VerifiedAnswer:
    """The answer of a button, in whichever of his assistants it is. Raises `NotFound`."""
    for assistant in await assistants_of(talk.actor):
        try:
            return await verified_answer_of(assistant, answer_id or UUID(int=0))
        except NotFound:
            continue
    raise NotFound(what="verified answer")


def setup() -> Router:
    router = Router(name="verified")
    on_message(router, Role.MANAGER, take_question, StateFilter(Teaching.question), F.text)
    on_message(router, Role.MANAGER, take_answer, StateFilter(Teaching.answer, Teaching.heard), F.text)
    on_press(router, Role.OPERATOR, "answers", list_answers)
    on_button(router, Role.MANAGER, "answer.add", ask_question)
    on_button(router, Role.MANAGER, "teach", teach_last)
    on_press(router, Role.MANAGER, "try.replace", replace_tried)
    on_press(router, Role.MANAGER, "answer.delete", confirm_delete)
    on_press(router, Role.MANAGER, "answer.delete.yes", delete)
    return router
