"""What an owner does about the passages under an answer: hides one, corrects one, takes either back, lists them all.

Looking is everybody's, changing a manager's. Buttons name the answer and the passage, so they work on old messages; a
passage that was read anew or deleted meanwhile is told of as that. Refuses to know how evidence looks: `evidence.py`.
"""

from uuid import UUID, uuid5

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message as TelegramMessage

from admin_bot.evidence import show_evidence
from admin_bot.keyboards import PAGE, Press, Row, button, shortened
from admin_bot.knowledge import turn_pages
from admin_bot.routes import on_message, on_press
from admin_bot.search import show_found
from admin_bot.talk import Talk
from core.app import Core
from core.errors import Conflict, NotFound
from core.models import Assistant, Document, Message, PassageRow, Role
from core.passage_edits import (
    LONGEST_WORDING,
    ListedEdit,
    correct_passage,
    correction_of,
    count_edits,
    count_idle_in,
    edits_of,
    hidden_by,
    hide_passage,
    own_text,
    take_back,
    whole_text,
)
from core.tenancy import find_answer, find_passage_edit, passage_of
from core.tracing import mark_of, passage_marked, question_behind

FIXING = "fixing"
FIXED = "fixed"
_LONGEST_SHOWN = 1500
_LONGEST_LISTED = 150


class Fixing(StatesGroup):
    text = State()


async def show_why(talk: Talk, press: Press) -> None:
    """The evidence as it is now; `press.page` is its page."""
    await show_evidence(talk, *await find_answer(talk.actor, press.id), page=press.page)


async def show_search(talk: Talk, press: Press) -> None:
    """All that the question finds, and how well each fits."""
    assistant, answer = await find_answer(talk.actor, press.id)
    _, question, _ = await question_behind(answer)
    if not question:
        raise NotFound(what="question")
    await talk.choose(assistant.id)
    talk.shown = None  # the evidence stays in sight
    await show_found(talk, question)


async def hide(talk: Talk, press: Press) -> None:
    assistant, answer, passage = await _meant(talk, press)
    if passage is None:
        return
    try:
        await hide_passage(passage, talk.actor)
    except Conflict:
        await show_evidence(talk, assistant, answer, said=talk.words("admin-try-corrected-already"), about=press.page)
        return
    undo = [talk.button("button-try-back", "try.back", answer.id, press.page)]
    await show_evidence(talk, assistant, answer, said=talk.words("admin-try-hidden"), undo=undo, about=press.page)


async def back(talk: Talk, press: Press) -> None:
    """Whatever was said about this passage no longer counts; said twice, nothing more happens."""
    assistant, answer, passage = await _meant(talk, press)
    if passage is None:
        return
    if edit := await hidden_by(passage) or await correction_of(passage):
        await take_back(talk.core, edit, talk.actor)
    await show_evidence(talk, assistant, answer, said=talk.words("admin-try-back"), about=press.page)


async def ask_wording(talk: Talk, press: Press) -> None:
    """The text of the passage, which he corrects in his next message."""
    assistant, answer, passage = await _meant(talk, press)
    if passage is None:
        return
    if await hidden_by(passage):
        await show_evidence(talk, assistant, answer, said=talk.words("admin-try-hidden-already"), about=press.page)
        return
    await talk.state.update_data({FIXING: {"answer": str(answer.id), "passage": str(passage.id)}})
    await talk.state.set_state(Fixing.text)
    text = talk.words("admin-fix", where=_where(passage), text=shortened(own_text(passage), 2 * _LONGEST_SHOWN))
    await talk.say(text, [talk.button("button-cancel", "fix.drop", answer.id)])


async def take_wording(talk: Talk, message: TelegramMessage) -> None:
    """Before and after, to be saved by a button."""
    wording = (message.text or "").strip()
    if len(wording) > LONGEST_WORDING:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_WORDING, length=len(wording)))
        return
    fixing = (await talk.state.get_data()).get(FIXING) or {}
    assistant, answer = await find_answer(talk.actor, UUID(fixing.get("answer", UUID(int=0).hex)))
    await talk.expect_nothing()
    try:
        passage = await passage_of(assistant, UUID(fixing["passage"]))
    except NotFound:
        await show_evidence(talk, assistant, answer, said=talk.words("admin-try-gone"))
        return
    rewrite = talk.button("button-fix-anew", "try.fix", answer.id, mark_of(passage.id))
    if whole_text(passage, wording) == passage.text:
        await talk.say(talk.words("admin-fix-same"), [rewrite, talk.button("button-cancel", "fix.drop", answer.id)])
        return
    proposal = uuid5(answer.id, f"{passage.id} {wording}")
    await talk.state.update_data({FIXED: {**fixing, "id": str(proposal), "wording": wording}})
    card = talk.words(
        "admin-fix-card",
        where=_where(passage),
        before=shortened(own_text(passage), _LONGEST_SHOWN),
        after=shortened(wording, _LONGEST_SHOWN),
    )
    save = talk.button("button-save", "fix.save", proposal)
    await talk.say(card, [save, rewrite], [talk.button("button-cancel", "fix.drop", answer.id)])


async def save(talk: Talk, press: Press) -> None:
    """The last card's; an older one's button is out of date. Saving twice is saving once."""
    fixed = (await talk.state.get_data()).get(FIXED) or {}
    if fixed.get("id") != str(press.id):
        raise NotFound(what="correction")
    assistant, answer = await find_answer(talk.actor, UUID(fixed["answer"]))
    try:
        passage = await passage_of(assistant, UUID(fixed["passage"]))
        edit = await correct_passage(talk.core, passage, fixed["wording"], talk.actor)
    except NotFound:
        await show_evidence(talk, assistant, answer, said=talk.words("admin-try-gone"))
        return
    except Conflict:
        await show_evidence(talk, assistant, answer, said=talk.words("admin-try-hidden-already"))
        return
    row = await PassageRow.filter(document_id=edit.correction_id).select_related("document").first()
    undo = [talk.button("button-try-back", "try.back", answer.id, mark_of(row.id))] if row else []
    await talk.show(
        talk.words("admin-fix-saved", source=row.document.title if row else ""),
        [talk.button("button-again", "try.again", answer.id)],
        undo,
        [talk.button("button-edits", "edits", count=await count_edits(assistant)), talk.button("button-menu", "menu")],
    )


async def drop(talk: Talk, press: Press) -> None:
    """He does not want to correct it after all."""
    await talk.expect_nothing()
    assistant, answer = await find_answer(talk.actor, press.id)
    await show_evidence(talk, assistant, answer, said=talk.words("admin-cancelled"))


async def list_edits(talk: Talk, press: Press) -> None:
    await _show_edits(talk, await talk.assistant(), press.page)


async def take_back_listed(talk: Talk, press: Press) -> None:
    """From the list; of whichever of his assistants."""
    edit = await find_passage_edit(talk.actor, press.id)
    assistant = await talk.choose(edit.assistant_id)
    await take_back(talk.core, edit, talk.actor)
    await _show_edits(talk, assistant, press.page, talk.words("admin-try-back"))


async def outdated(core: Core, document: Document, locale: str) -> tuple[str, list[Row]]:
    """What to add to the message that a document is ready: that his words on it are about an earlier text."""
    count = await count_idle_in(document)
    if not count:
        return "", []
    label = core.texts.say(locale, "button-edits-idle", count=count)
    return core.texts.say(locale, "admin-edits-idle", count=count), [[button(label, "edits")]]


async def _show_edits(talk: Talk, assistant: Assistant, page: int, said: str = "") -> None:
    await talk.expect_nothing()
    total = await count_edits(assistant)
    page = min(max(page, 0), max(0, total - 1) // PAGE)
    shown = list(enumerate(await edits_of(assistant, limit=PAGE, offset=page * PAGE), page * PAGE + 1))
    head = talk.words("admin-edits" if shown else "admin-edits-none", assistant=assistant.name)
    rows: list[Row] = [
        [talk.button(_label(one), "edit.back", one.edit.id, page, number=number)] for number, one in shown
    ]
    last = [
        talk.button("button-documents", "docs"),
        talk.button("button-ask", "ask"),
        talk.button("button-menu", "menu"),
    ]
    lines = [_listed(talk, number, one) for number, one in shown]
    await talk.show(
        "\n\n".join(filter(None, [said, head, *lines])), *rows, turn_pages(talk, "edits", page, total), last
    )


def _label(one: ListedEdit) -> str:
    return "button-own-words-back-numbered" if one.edit.wording else "button-use-again"


def _listed(talk: Talk, number: int, one: ListedEdit) -> str:
    edit = one.edit
    facts: dict[str, str | int] = {"number": number, "where": edit.document_name, "text": _short(edit.text)}
    if edit.wording:
        lines = [talk.words("admin-edit-corrected", after=_short(edit.wording), **facts)]
    else:
        lines = [talk.words("admin-edit-hidden", **facts)]
    if not one.applies:
        lines.append(talk.words("admin-edit-idle"))
    return "\n".join(lines)


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), _LONGEST_LISTED)


def _where(passage: PassageRow) -> str:
    return str(passage.document.title or passage.document.filename)


async def _meant(talk: Talk, press: Press) -> tuple[Assistant, Message, PassageRow | None]:
    """The answer and the passage of a button. Where that passage is there no more, he is told so here."""
    assistant, answer = await find_answer(talk.actor, press.id)
    passage = await passage_marked(assistant, press.page)
    if passage is None:
        await show_evidence(talk, assistant, answer, said=talk.words("admin-try-gone"))
    return assistant, answer, passage


def setup() -> Router:
    router = Router(name="trying")
    on_message(router, Role.MANAGER, take_wording, StateFilter(Fixing.text), F.text)
    on_press(router, Role.OPERATOR, "try.why", show_why)
    on_press(router, Role.OPERATOR, "try.found", show_search)
    on_press(router, Role.MANAGER, "try.hide", hide)
    on_press(router, Role.MANAGER, "try.back", back)
    on_press(router, Role.MANAGER, "try.fix", ask_wording)
    on_press(router, Role.MANAGER, "fix.save", save)
    on_press(router, Role.OPERATOR, "fix.drop", drop)
    on_press(router, Role.OPERATOR, "edits", list_edits)
    on_press(router, Role.MANAGER, "edit.back", take_back_listed)
    return router
