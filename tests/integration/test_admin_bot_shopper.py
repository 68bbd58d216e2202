"""An owner and the mystery shopper: by day, before settings are saved, and the morning after something got worse."""

from datetime import UTC, datetime, timedelta

import pytest

from admin_bot.keyboards import Press
from admin_bot.role import run
from core.accounts import user_of_telegram
from core.app import Core
from core.models import (
    Assistant,
    BotState,
    Document,
    DocumentStatus,
    QuestionSource,
    RunKind,
    RunState,
    ShopperQuestion,
    ShopperResult,
    ShopperRun,
    VerifiedAnswer,
)
from core.receiving import receive_text
from core.shopper.runs import start_run
from core.tenancy import Actor, actor_of
from core.verified import add_verified_answer, change_verified_answer
from tests.conftest import Owner
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.integration.shopping import done, on_the_list, shopped
from tests.telegram_server import Person, Shown
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting", "worker")
WHERE, GDE = "Where is the shop?", "Где находится магазин?"


async def _knows(core: Core, person: Person, question: str, answer: str) -> Assistant:
    assistant = await assistant_of_person(person)
    await add_verified_answer(core, assistant, question, answer, by=await _actor(person))
    return assistant


async def _actor(person: Person) -> Actor:
    return await actor_of((await user_of_telegram(person.id, "", "en")).id)


def _noon() -> datetime:
    return datetime.now(UTC).replace(hour=12)


async def _was_at_night(run: ShopperRun) -> None:
    """As if it had been asked before this morning; until then no morning looks at it (`_Morning`)."""
    await ShopperRun.filter(id=run.id).update(
        finished_at=_noon() - timedelta(hours=1), started_at=_noon() - timedelta(hours=9)
    )


class _Morning:
    """The admin bot's clock: far from every night until it is noon."""

    def __init__(self) -> None:
        self.has_come = False

    def __call__(self) -> datetime:
        return _noon() if self.has_come else _noon() + timedelta(days=3)


def _styles(shown: Shown) -> set[str]:
    return {str(entity["type"]) for entity in shown.entities}


async def test_an_owner_checks_changes_an_answer_sees_the_difference_and_says_that_it_is_fine(
    house: Core, olga: Person
) -> None:
    assistant = await _knows(house, olga, WHERE, "At 12 Mill Lane.")
    await olga.says("/menu")
    await olga.presses("🕵️")
    await olga.reads("I have not asked yet")
    await olga.presses("Check my assistant now")
    await olga.reads(
        "I have asked “Copper Kettle” 1 question:\n\n🆕 1 was asked for the first time\n\nNothing got worse."
    )
    [answer] = await VerifiedAnswer.filter(assistant_id=assistant.id)
    await change_verified_answer(answer, "At 14 Mill Lane.", await _actor(olga))
    await olga.presses("Check the answers")
    await olga.reads("Last time")
    await olga.presses("Check my assistant now")
    await olga.reads("🔻 1 answer got worse")
    await olga.presses("Look at the answers")
    shown = await olga.reads("🔻 Worse: other numbers, prices, dates or contacts.")
    assert "Answer 1 of 1\n\n❓ Where is the shop?" in shown.text
    assert "At 12 14 Mill Lane." in shown.text
    assert {"strikethrough", "bold", "underline"} <= _styles(shown)
    assert "🔎 Because of: changed the ready answer to “Where is the shop?”" in shown.text
    await olga.presses("It is fine so")
    await olga.reads("from now on I compare with this answer")
    assert (await ShopperQuestion.get(assistant_id=assistant.id)).baseline["text"] == "At 14 Mill Lane."
    again = await shopped(house, assistant)
    assert {row.verdict for row in again.values()} == {"same"}


async def test_the_list_is_shown_lengthened_and_shortened_and_the_nights_switched_off_and_on(
    house: Core, olga: Person
) -> None:
    assistant = await _knows(house, olga, WHERE, "At 12 Mill Lane.")
    await olga.says("/menu")
    await olga.presses("🕵️")
    await olga.presses("📋")
    await olga.reads("1. Where is the shop? — ready answer")
    await olga.presses("Add a question")
    await olga.says("Is it?")
    await olga.reads("too short for a question")
    await olga.says("Do you deliver to Germany?")
    await olga.reads("2. Do you deliver to Germany? — yours")
    await olga.presses("Add a question")
    await olga.says("do you deliver to germany")
    await olga.reads("I already ask this: “Do you deliver to Germany?”")
    await olga.presses("Where is the shop?")
    await olga.reads("I do not ask “Where is the shop?” any more.")
    assert [row.question for row in await ShopperQuestion.filter(assistant_id=assistant.id, is_off=False)] == [
        "Do you deliver to Germany?"
    ]
    await olga.presses("Check the answers")
    await olga.presses("Every night: on")
    await olga.reads("I do not check at night any more")
    assert (await Assistant.get(id=assistant.id)).answer_policy["nightly_check"] is False
    await olga.presses("Undo")
    await olga.reads("↩️")

    async def back_on() -> bool:
        return (await Assistant.get(id=assistant.id)).answer_policy.get("nightly_check", True)

    await until(back_on)


@pytest.mark.parametrize(
    ("language", "locale", "text", "question", "topic", "check", "told", "look", "why", "save"),
    [
        ("English", "en", "Delivery to Germany takes 3 days and costs 12 euros.",
         "How long does delivery to Germany take?",
         "delivery", "Check on all questions", "1 question, as it is and as it would be. Nothing is saved yet",
         "Look at the answers", "🔻 Worse: no answer any more", "✅ Save"),
        ("Русский", "ru", "Доставка в Германию занимает 3 дня и стоит 12 евро.", "Сколько идёт доставка в Германию?",
         "доставка", "Проверить на всех", "1 вопрос — как сейчас и как было бы. Пока ничего не сохранено.",
         "Посмотреть ответы", "🔻 Стало хуже: ответа больше нет", "✅ Сохранить"),
    ],
)  # fmt: skip
async def test_before_settings_are_saved_all_questions_are_compared(
    house: Core,
    admin_bot: None,
    writes_to_admin_bot: MakePerson,
    language: str,
    locale: str,
    text: str,
    question: str,
    topic: str,
    check: str,
    told: str,
    look: str,
    why: str,
    save: str,
) -> None:
    olga = await started(writes_to_admin_bot(locale), language)
    assistant = await assistant_of_person(olga)
    document = await receive_text(house, assistant, "Delivery", text)

    async def is_read() -> bool:
        return (await Document.get(id=document.id)).status == DocumentStatus.INDEXED

    await until(is_read, 30)
    await on_the_list(house, assistant, question)
    await shopped(house, assistant)
    await olga.presses_data(olga.chat[-1].message_id, Press(do="persona.forbidden").pack())
    await olga.says(topic)
    await olga.presses(check)
    card = await olga.reads(told)
    assert save in str(card.buttons)
    await olga.presses(look)
    await olga.reads(why)
    assert not (await Assistant.get(id=assistant.id)).answer_policy
    await olga.presses(save)

    async def saved() -> bool:
        return bool((await Assistant.get(id=assistant.id)).answer_policy.get("forbidden_topics"))

    await until(saved)
    again = await shopped(house, assistant)
    assert {row.verdict for row in again.values()} == {"same"}, "what he has seen and saved is what he wants"


@pytest.mark.parametrize(
    ("language", "locale", "question", "night", "worse", "because", "undo", "undone", "all_same"),
    [
        ("English", "en", WHERE, "Last night I asked “Copper Kettle” 1 question. One answer got worse:",
         "🔻 Worse: other numbers", "Because of: changed the ready answer", "1: undo", "↩️", "1 is the same"),
        ("Русский", "ru", GDE, "Ночью я задал ассистенту «Copper Kettle» 1 вопрос. Один ответ стал хуже:",
         "🔻 Стало хуже: другие числа", "Причина: изменён готовый ответ", "1: вернуть", "↩️",
         "Без изменений 1 ответ"),
    ],
)  # fmt: skip
async def test_in_the_morning_he_hears_once_of_what_got_worse_and_takes_the_change_back(
    house: Core,
    writes_to_admin_bot: MakePerson,
    language: str,
    locale: str,
    question: str,
    night: str,
    worse: str,
    because: str,
    undo: str,
    undone: str,
    all_same: str,
) -> None:
    morning = _Morning()
    async with running(house, run(house, progress_every_s=0.02, pace=QUICK, clock=morning)):
        olga = await started(writes_to_admin_bot(locale), language)
        assistant = await _knows(house, olga, question, "Mill Lane 12.")
        await shopped(house, assistant)
        [answer] = await VerifiedAnswer.filter(assistant_id=assistant.id)
        await change_verified_answer(answer, "Mill Lane 14.", await _actor(olga))
        first = await done(await start_run(house, assistant, RunKind.NIGHT, night="2026-11-29"))
        await _was_at_night(first)
        morning.has_come = True
        shown = await olga.reads(night)
        assert worse in shown.text
        assert because in shown.text
        assert "Mill Lane 12. 14." in shown.text
    async with running(house, run(house, progress_every_s=0.02, pace=QUICK, clock=_noon)):
        second = await done(await start_run(house, assistant, RunKind.NIGHT, night="2026-11-30"))
        await _was_at_night(second)
        assert (await ShopperResult.get(run_id=second.id)).known
        await olga.presses(undo)
        await olga.reads(undone)

        async def restored() -> bool:
            return (await VerifiedAnswer.get(id=answer.id)).answer == "Mill Lane 12."

        await until(restored)
        again = await shopped(house, assistant)
        assert {row.verdict for row in again.values()} == {"same"}
        assert len([one for one in olga.chat if night in one.text]) == 1, "told once, and the same trouble not again"
    rows = await BotState.filter(key__startswith="shopper:", key__endswith=f":{olga.id}")
    assert [row.state for row in rows] == ["done"]


async def test_he_writes_his_own_answer_from_the_message_of_the_morning(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    async with running(house, run(house, progress_every_s=0.02, pace=QUICK, clock=_noon)):
        olga = await started(writes_to_admin_bot())
        assistant = await _knows(house, olga, WHERE, "At 12 Mill Lane.")
        await shopped(house, assistant)
        await VerifiedAnswer.filter(assistant_id=assistant.id).delete()
        night = await done(await start_run(house, assistant, RunKind.NIGHT, night="2026-11-29"))
        await _was_at_night(night)
        await olga.reads("🔻 Worse: no answer any more.")
        await olga.presses("1: answer")
        await olga.reads("Where is the shop?")
        await olga.says("In Mill Lane, number 12.")
        await olga.reads("Remembered")
        assert (await VerifiedAnswer.get(assistant_id=assistant.id)).answer == "In Mill Lane, number 12."
        await olga.presses("1: fine")
        await olga.reads("from now on I compare with this answer")


async def test_a_stranger_sees_and_changes_nothing_of_it(
    house: Core, olga: Person, anna: Owner, rosa: Assistant
) -> None:
    run_of_rosa = await ShopperRun.create(assistant_id=rosa.id, kind=RunKind.ASKED, questions=3)
    result_question = await ShopperQuestion.create(
        assistant_id=rosa.id, source=QuestionSource.OWN, question="Where?", question_key="where"
    )
    told = {"text": "A secret", "tier": "quoted", "reason": "", "seconds": 1.0, "sources": []}
    result = await ShopperResult.create(run=run_of_rosa, question=result_question, place=0, verdict="worse", after=told)
    for do, subject in (
        *((do, result.id) for do in ("shopper.fine", "shopper.answer", "shopper.undo")),
        *((do, result.id) for do in ("night.fine", "night.answer", "night.undo")),
        ("shopper.stop", run_of_rosa.id),
        ("shopper.look", run_of_rosa.id),
        ("shopper.results", run_of_rosa.id),
        ("night.results", run_of_rosa.id),
        ("shopper.off", result_question.id),
    ):
        await olga.says("/menu")
        menu = await olga.reads_new()
        await olga.presses_data(menu.message_id, Press(do=do, id=subject).pack())

        async def is_told(shown: Shown = menu) -> bool:
            return "This button is out of date" in shown.text

        await until(is_told)
    assert (await ShopperRun.get(id=run_of_rosa.id)).state is RunState.WAITING
    assert not (await ShopperQuestion.get(id=result_question.id)).is_off
    assert not (await ShopperResult.get(id=result.id)).accepted
    assert not [one for one in olga.chat if "A secret" in one.text]
