"""Sample answers, one at a time: approved, rewritten, skipped, or all the rest at once; then on to trying it.

Whose turn it is stands in the database, so any button goes on where things are, however old it is.
"""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import InlineKeyboardButton, Message

from admin_bot import ask
from admin_bot.business import FirstSteps, stand_by
from admin_bot.keyboards import Press, Row, button, shortened
from admin_bot.progress import Glimpse, Watched
from admin_bot.routes import on_message, on_press
from admin_bot.talk import Talk
from admin_bot.verified import LONGEST_ANSWER
from core.app import Core
from core.drafting.decisions import approve, approve_all, skip
from core.drafting.steps import go_on, waiting
from core.models import Assistant, Document, Draft, DraftStep, Role, SampleAnswer, SampleDecision, SamplesState
from core.tenancy import assistant_of, find_sample

SAMPLE = "sample"
"""In his data: the sample answer that stands before him, or that he rewrites."""
_TO_TRY = 2
_LONGEST_SHOWN = 1500


async def look_at_samples(core: Core, watched: Watched) -> Glimpse:
    """Until they are made; then the first one."""
    draft = await Draft.get_or_none(assistant_id=watched.subject).select_related("assistant")
    if draft is None:
        menu = button(core.texts.say(watched.locale, "button-menu"), "menu")
        return Glimpse(core.texts.say(watched.locale, "admin-draft-gone"), ([menu],), over=True)
    if draft.samples is not SamplesState.MADE:
        return _being_made(core, draft.assistant, watched.locale)
    left = await waiting(draft.assistant)
    if left:
        text, rows = await _card(core, draft.assistant, left, watched.locale)
    else:
        text, rows = await _end(core, draft.assistant, watched.locale)
    return Glimpse(text, tuple(rows), over=True, loud=True)


def _being_made(core: Core, assistant: Assistant, locale: str) -> Glimpse:
    end = button(core.texts.say(locale, "button-skip"), "sample.end", assistant.id)
    return Glimpse(core.texts.say(locale, "admin-samples-making"), ([end],))


async def show_next(talk: Talk, assistant: Assistant, said: str = "") -> None:
    """The next one to decide about, what is being made, or what comes after the last."""
    await stand_by(talk)
    draft = await Draft.get_or_none(assistant_id=assistant.id)
    if draft and draft.samples is SamplesState.MAKING:
        glimpse = _being_made(talk.core, assistant, talk.locale)
        told = await talk.show(glimpse.text, *glimpse.rows)
        await talk.state.update_data({SAMPLE: ""})
        if not await talk.progress.is_followed(talk.chat_id, "samples", assistant.id):
            watched = Watched("samples", assistant.id, talk.locale, assistant.name)
            await talk.progress.follow(talk.chat_id, told, watched)
        return
    left = await waiting(assistant)
    if not left:
        await end(talk, assistant, said)
        return
    await talk.state.update_data({SAMPLE: str(left[0].id)})
    text, rows = await _card(talk.core, assistant, left, talk.locale)
    await talk.show("\n\n".join(filter(None, (said, text))), *rows)


async def _card(core: Core, assistant: Assistant, left: list[SampleAnswer], locale: str) -> tuple[str, list[Row]]:
    """The first of those that are `left`."""

    def a_button(key: str, do: str, about: UUID, **facts: int) -> InlineKeyboardButton:
        return button(core.texts.say(locale, key, **facts), do, about)

    sample, total = left[0], await SampleAnswer.filter(assistant_id=assistant.id).count()
    document = await Document.get(id=sample.document_id)
    text = core.texts.say(
        locale,
        "admin-sample",
        number=total - len(left) + 1,
        total=total,
        question=sample.question,
        answer=shortened(sample.answer, _LONGEST_SHOWN),
        document=document.title or document.filename,
    )
    if len(left) == total:
        text = f"{text}\n\n{core.texts.say(locale, 'admin-sample-hint')}"
    return text, [
        [a_button("button-sample-yes", "sample.yes", sample.id)],
        [
            a_button("button-sample-edit", "sample.edit", sample.id),
            a_button("button-sample-no", "sample.no", sample.id),
        ],
        [a_button("button-sample-all", "sample.all", assistant.id, count=len(left))] if len(left) > 1 else [],
        [a_button("button-sample-end", "sample.end", assistant.id)],
    ]


async def take_yes(talk: Talk, press: Press) -> None:
    await say_yes(talk, await find_sample(talk.actor, press.id))


async def say_yes(talk: Talk, sample: SampleAnswer) -> None:
    decided = await approve(talk.core, sample.assistant, sample, by=talk.actor)
    await show_next(talk, sample.assistant, "" if decided else talk.words("admin-sample-decided"))


async def take_no(talk: Talk, press: Press) -> None:
    await say_no(talk, await find_sample(talk.actor, press.id))


async def say_no(talk: Talk, sample: SampleAnswer) -> None:
    decided = await skip(sample)
    await show_next(talk, sample.assistant, "" if decided else talk.words("admin-sample-decided"))


async def ask_answer(talk: Talk, press: Press) -> None:
    sample = await find_sample(talk.actor, press.id)
    if sample.decision is not SampleDecision.WAITING:
        await show_next(talk, sample.assistant, talk.words("admin-sample-decided"))
        return
    await talk.state.update_data({SAMPLE: str(sample.id)})
    await talk.state.set_state(FirstSteps.answer)
    cancel = talk.button("button-cancel", "sample.next", sample.assistant_id)
    # A new message: the answer that he rewrites stays in sight.
    await talk.say(talk.words("admin-sample-edit", question=sample.question), [cancel])


async def take_sample_answer(talk: Talk, message: Message) -> None:
    answer = (message.text or "").strip()
    if len(answer) > LONGEST_ANSWER:
        await talk.say(talk.words("admin-too-long", limit=LONGEST_ANSWER, length=len(answer)))
        return
    sample = await shown_sample(talk)
    decided = await approve(talk.core, sample.assistant, sample, answer, talk.actor)
    said = talk.words("admin-verified-saved") if decided else talk.words("admin-sample-decided")
    await show_next(talk, sample.assistant, said)


async def shown_sample(talk: Talk) -> SampleAnswer:
    """The one that he was shown or rewrites. Raises `NotFound`."""
    chosen = (await talk.state.get_data()).get(SAMPLE)
    return await find_sample(talk.actor, UUID(chosen) if chosen else UUID(int=0))


async def before_him(talk: Talk, assistant: Assistant) -> SampleAnswer:
    """The one that stands before him: the first came by itself, when they were made. Raises `NotFound`."""
    left = await waiting(assistant)
    if left and not (await talk.state.get_data()).get(SAMPLE):
        await talk.state.update_data({SAMPLE: str(left[0].id)})
    return await shown_sample(talk)


async def show(talk: Talk, press: Press) -> None:
    await show_next(talk, await assistant_of(talk.actor, press.id or UUID(int=0)))


async def take_all(talk: Talk, press: Press) -> None:
    await say_all(talk, await assistant_of(talk.actor, press.id or UUID(int=0)))


async def say_all(talk: Talk, assistant: Assistant) -> None:
    async with talk.outbound.typing(talk.place):
        await approve_all(talk.core, assistant, talk.actor)
    await show_next(talk, assistant)


async def finish(talk: Talk, press: Press) -> None:
    await end(talk, await assistant_of(talk.actor, press.id or UUID(int=0)))


async def end(talk: Talk, assistant: Assistant, said: str = "") -> None:
    """On to trying it, however many were decided."""
    await stand_by(talk)
    text, rows = await _end(talk.core, assistant, talk.locale)
    await talk.show("\n\n".join(filter(None, (said, text))), *rows)


async def _end(core: Core, assistant: Assistant, locale: str) -> tuple[str, list[Row]]:
    await go_on(assistant, [DraftStep.DRAFT, DraftStep.SAMPLES], DraftStep.TRYING)
    samples = SampleAnswer.filter(assistant_id=assistant.id).order_by("position")
    approved = await samples.filter(decision=SampleDecision.APPROVED)
    made = bool(approved) or await samples.exists()
    first = (
        core.texts.say(locale, "admin-samples-done", count=len(approved))
        if made
        else core.texts.say(locale, "admin-samples-none")
    )
    ask_these: list[Row] = [
        [button(core.texts.say(locale, "button-sample-ask", question=one.question), "sample.ask", one.id)]
        for one in (approved or await waiting(assistant))[:_TO_TRY]
    ]
    return f"{first}\n\n{core.texts.say(locale, 'admin-first-try')}", [
        *ask_these,
        [button(core.texts.say(locale, "button-connect"), "first.connect", assistant.id)],
        [button(core.texts.say(locale, "button-menu"), "menu")],
    ]


async def try_one(talk: Talk, press: Press) -> None:
    """He asks it as his customer would."""
    sample = await find_sample(talk.actor, press.id)
    await talk.choose(sample.assistant_id)
    await talk.expect_nothing()
    await ask.answer(talk, sample.question)


def setup() -> Router:
    router = Router(name="samples")
    on_message(router, Role.MANAGER, take_sample_answer, StateFilter(FirstSteps.answer), F.text)
    on_press(router, Role.MANAGER, "sample.yes", take_yes)
    on_press(router, Role.MANAGER, "sample.no", take_no)
    on_press(router, Role.MANAGER, "sample.edit", ask_answer)
    on_press(router, Role.MANAGER, "sample.next", show)
    on_press(router, Role.MANAGER, "sample.all", take_all)
    on_press(router, Role.MANAGER, "sample.end", finish)
    on_press(router, Role.MANAGER, "sample.ask", try_one)
    return router
