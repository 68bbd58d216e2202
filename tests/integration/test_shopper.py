"""The mystery shopper on the real product: what was broken is found, with its cause, and nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.app import Core
from core.assistants import change_assistant
from core.changes import last_change_of
from core.dialog import answer_message
from core.documents import forget_document
from core.messages import Incoming, Tier
from core.models import (
    Assistant,
    Contact,
    Conversation,
    Document,
    Gap,
    Job,
    Message,
    NearMiss,
    QuestionSource,
    RunKind,
    RunState,
    ShopperQuestion,
    ShopperResult,
    ShopperRun,
)
from core.shopper import runs as shopper_runs
from core.shopper.asking import ask
from core.shopper.causes import Cause
from core.shopper.judging import NEAR, Reason, Verdict
from core.shopper.nights import Nights, is_due
from core.shopper.questions import (
    MOST,
    MOST_OF_CUSTOMERS,
    AskedAlready,
    ListIsFull,
    add_own_question,
    refresh_list,
    shoppers_list,
    take_off,
)
from core.shopper.runs import NothingToAsk, accept, counted, last_run, results_of, start_run
from core.undoing import undo
from core.verified import add_verified_answer, change_verified_answer, verified_answers_of
from tests.conftest import MakeAssistant, Owner, Teach
from tests.integration.shopping import customer_asked, done, on_the_list, shopped, verdicts
from tests.waiting import until

DELIVERY = "How long does delivery take?"
RETURNS = "Can I return a kettle?"
CARE = "How do I clean a copper kettle?"
DOSTAVKA = "Сколько стоит доставка?"
WHERE = "Where is the shop?"


@pytest.fixture
async def shop(
    core: Core, anna: Owner, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> Assistant:
    """Knows all of the demo's documents but the care guides, and where it is; its list has five questions."""
    made = await assistant(anna)
    files = [file for file in shop_documents if file.suffix != ".docx"]
    await teach(made, *files)
    await add_verified_answer(core, made, WHERE, "At 12 Mill Lane.", by=anna.actor)
    await on_the_list(core, made, DELIVERY, DOSTAVKA, RETURNS)
    return made


def _cause(row: ShopperResult) -> Cause:
    return Cause.from_record(row.causes[0])


async def test_two_runs_without_a_change_say_that_all_is_the_same(core: Core, shop: Assistant) -> None:
    assert set(verdicts(await shopped(core, shop)).values()) == {Verdict.NEW}
    for _ in range(2):
        assert set(verdicts(await shopped(core, shop)).values()) == {Verdict.SAME}


async def test_nothing_is_kept_of_what_is_asked(core: Core, shop: Assistant) -> None:
    kept: tuple[Any, ...] = (Contact, Conversation, Message, Gap, NearMiss)
    before = [await model.all().count() for model in kept]
    await on_the_list(core, shop, "What colour are elephants?", "Can I talk to a person?")
    results = await shopped(core, shop)
    assert results["What colour are elephants?"].after["tier"] == Tier.REFUSED
    assert results["Can I talk to a person?"].after["tier"] == Tier.HANDED_OVER
    assert [await model.all().count() for model in kept] == before


async def test_a_deleted_document_is_found_with_its_cause_and_taken_back(
    core: Core, anna: Owner, shop: Assistant
) -> None:
    first = await shopped(core, shop)
    document = await Document.get(assistant_id=shop.id, filename="delivery-and-returns.pdf")
    cited = [question for question, row in first.items() if str(document.id) in str(row.after["sources"])]
    await forget_document(core, document, anna.actor)
    results = await shopped(core, shop)
    worse = {question for question, row in results.items() if row.verdict == Verdict.WORSE}
    assert cited
    assert set(cited) <= worse
    assert worse == {DELIVERY, RETURNS}, "for the one it was cited, for the other another passage is the best one now"
    change = await last_change_of(document.id)
    assert change
    for question in worse:
        assert _cause(results[question]).change == change.id
        assert _cause(results[question]).sure
    assert results[DOSTAVKA].verdict == results[WHERE].verdict == Verdict.SAME
    await undo(core, anna.actor, change)

    async def is_back() -> bool:
        return await Document.filter(id=document.id, status="indexed").exists()

    await until(is_back, 60)
    assert set(verdicts(await shopped(core, shop)).values()) == {Verdict.SAME}


async def test_a_changed_answer_and_a_forbidden_topic_are_told_apart_until_they_are_accepted(
    core: Core, anna: Owner, shop: Assistant
) -> None:
    await change_verified_answer((await verified_answers_of(shop))[0], "At 12 Mill Lane, from 9 to 17.", anna.actor)
    assert verdicts(await shopped(core, shop))[WHERE] == Verdict.NEW
    await change_verified_answer((await verified_answers_of(shop))[0], "At 14 Mill Lane, from 9 to 17.", anna.actor)
    results = await shopped(core, shop)
    assert {question for question, row in results.items() if row.verdict == Verdict.WORSE} == {WHERE}
    assert results[WHERE].reasons == [Reason.FACTS]
    change = await last_change_of((await verified_answers_of(shop))[0].id)
    assert change
    assert _cause(results[WHERE]) == Cause(change=change.id, sure=True)

    again = await shopped(core, shop)
    assert again[WHERE].verdict == Verdict.WORSE
    assert again[WHERE].known, "the owner has heard of it"
    await accept(again[WHERE])
    assert set(verdicts(await shopped(core, shop)).values()) == {Verdict.SAME}

    policy = {**shop.answer_policy, "forbidden_topics": ["delivery"]}
    await change_assistant(anna.actor, await Assistant.get(id=shop.id), answer_policy=policy)
    results = await shopped(core, shop)
    worse = {question for question, row in results.items() if row.verdict == Verdict.WORSE}
    assert DELIVERY in worse
    assert WHERE not in worse
    topics = await last_change_of(shop.id)
    assert topics
    for question in worse:
        assert results[question].reasons == [Reason.REFUSED]
        assert _cause(results[question]) == Cause(change=topics.id, sure=True)
    await undo(core, anna.actor, topics)
    assert set(verdicts(await shopped(core, shop)).values()) == {Verdict.SAME}


async def test_a_change_right_after_an_undo_is_the_cause_and_the_undo_is_not(
    core: Core, anna: Owner, rosa: Assistant, worker: None
) -> None:
    await shopped(core, rosa)
    [row] = await verified_answers_of(rosa)
    await change_verified_answer(row, "At 14 Mill Lane.", anna.actor)
    change = await last_change_of(row.id)
    assert change
    await undo(core, anna.actor, change)
    [row] = await verified_answers_of(rosa)
    await change_verified_answer(row, "At 16 Mill Lane.", anna.actor)
    newest = await last_change_of(row.id)
    assert newest
    results = await shopped(core, rosa)
    assert [Cause.from_record(one) for one in results[WHERE].causes] == [Cause(change=newest.id, sure=True)]


async def test_before_settings_are_saved_all_questions_are_compared_and_nothing_is_moved(
    core: Core, shop: Assistant
) -> None:
    await shopped(core, shop)
    settings = {"answer_policy": {"forbidden_topics": ["delivery"]}}
    run = await done(await start_run(core, shop, RunKind.CHANGE, settings=settings))
    results = await results_of(run)
    assert results[0].question.question == DELIVERY
    assert results[0].verdict == Verdict.WORSE
    assert counted(results)[Verdict.WORSE] >= 1
    assert counted(results)[Verdict.SAME] >= 1
    assert "forbidden_topics" not in (await Assistant.get(id=shop.id)).answer_policy
    assert set(verdicts(await shopped(core, shop)).values()) == {Verdict.SAME}
    newest = await last_run(shop)
    assert newest
    assert newest.kind is RunKind.ASKED


async def test_a_customer_who_writes_is_answered_first(core: Core, shop: Assistant) -> None:
    await shopped(core, shop)
    alone = await answer_message(core, Incoming(shop.id, "api", "alone", DELIVERY))
    run = await start_run(core, shop)
    took = []
    for number in range(3):
        async with asyncio.timeout(20):
            reply = await answer_message(core, Incoming(shop.id, "api", f"customer {number}", DELIVERY))
        assert reply.text == alone.text
        took.append(reply.timings["total_s"])
        await asyncio.sleep(0.1)
    assert sorted(took)[1] < alone.timings["total_s"] * 2 + 0.5
    run = await done(run)
    assert {row.verdict for row in await results_of(run)} == {Verdict.SAME}


async def test_a_run_that_is_cut_in_the_middle_goes_on_and_doubles_nothing(
    core: Core, shop: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def slowly(core: Core, assistant: Assistant, question: str) -> Any:
        asked.append(question)
        if len(asked) == 3:
            await asyncio.sleep(60)  # until it is cancelled
        return await ask(core, assistant, question)

    monkeypatch.setattr(shopper_runs, "ask", slowly)
    questions = await refresh_list(core, shop)
    run = await ShopperRun.create(assistant_id=shop.id, kind=RunKind.ASKED, questions=len(questions))
    first = core.background.start(shopper_runs.ask_questions(core, run.id), "a run that is cut")

    async def third() -> bool:
        return len(asked) == 3

    await until(third, 30)
    first.cancel()
    await asyncio.wait({first})
    assert await ShopperResult.filter(run_id=run.id).count() == 2
    both = [shopper_runs.ask_questions(core, run.id) for _ in range(2)]
    await asyncio.gather(*both)
    run = await ShopperRun.get(id=run.id)
    assert run.state is RunState.DONE
    results = await results_of(run)
    assert len(results) == len({row.question_id for row in results}) == len(questions) == run.questions


async def test_a_night_has_one_run_and_only_when_something_changed(core: Core, anna: Owner, shop: Assistant) -> None:
    await Assistant.filter(id=shop.id).update(created_at=datetime.now(UTC) - timedelta(days=9))
    others = Assistant.exclude(id=shop.id)
    ids = await others.values_list("id", flat=True)
    night = datetime.now(UTC).replace(hour=3, minute=30) + timedelta(days=1)
    first, second = Nights(core), Nights(core)
    for look in (first, second):
        look._over.update(dict.fromkeys(ids, night.date()))  # other tests' assistants sleep
    await asyncio.gather(first.look(night), second.look(night))
    run = await done(await ShopperRun.get(assistant_id=shop.id))
    assert (run.kind, run.night) == (RunKind.NIGHT, night.date().isoformat())
    assert await Job.filter(subject_id=run.id).count() == 1
    fresh = await Assistant.get(id=shop.id)
    assert not await is_due(core, fresh, night + timedelta(days=1))
    assert await is_due(core, fresh, night + timedelta(days=8)), "once a week in any case"
    await change_assistant(anna.actor, fresh, persona="Brief.")
    assert await is_due(core, fresh, night + timedelta(days=1))
    await change_assistant(anna.actor, fresh, answer_policy={**fresh.answer_policy, "nightly_check": False})
    tomorrow = Nights(core)
    tomorrow._over.update(dict.fromkeys(ids, (night + timedelta(days=1)).date()))
    await tomorrow.look(night + timedelta(days=1))
    assert await ShopperRun.filter(assistant_id=shop.id).count() == 1


async def test_an_assistant_that_cannot_be_looked_at_keeps_the_shopper_from_no_other(
    core: Core, anna: Owner, shop: Assistant, assistant: MakeAssistant
) -> None:
    long_ago, night = datetime.now(UTC) - timedelta(days=9), datetime.now(UTC).replace(hour=3, minute=30)
    night += timedelta(days=3)
    broken = await assistant(anna)
    await Assistant.filter(id=broken.id).update(created_at=long_ago, answer_policy={"threshold": "broken"})
    await Assistant.filter(id=shop.id).update(created_at=long_ago + timedelta(hours=1))
    nights = Nights(core)
    others = await Assistant.exclude(id__in=[shop.id, broken.id]).values_list("id", flat=True)
    nights._over.update(dict.fromkeys(others, night.date()))  # other tests' assistants sleep
    await nights.look(night)
    assert await ShopperRun.filter(assistant_id=shop.id, night=night.date().isoformat()).exists()
    await Assistant.filter(id=broken.id).update(answer_policy={})


async def test_the_list_takes_each_question_once_by_meaning_and_nobodys_secrets(core: Core, shop: Assistant) -> None:
    for text in (
        "Do you sell green tea?",
        "do you sell green tea",
        "Where is your shop?",
        "Where is order 48213?",
        "And on Sundays?",
    ):
        await customer_asked(shop, text)
    listed = await refresh_list(core, shop)
    theirs = [row.question for row in listed if row.source is QuestionSource.CUSTOMER]
    assert sorted(theirs) == ["And on Sundays?", "do you sell green tea"], "the newest wording"
    assert [row.id for row in await refresh_list(core, shop)] == [row.id for row in listed], "it stays as it is"
    with pytest.raises(AskedAlready):
        await add_own_question(core, shop, "How long does the delivery take?")
    tea = next(row for row in listed if "green tea" in row.question)
    await take_off(tea)
    assert tea.id not in {row.id for row in await refresh_list(core, shop)}, "it does not come back"


async def test_a_customers_question_goes_with_him_and_all_goes_with_the_assistant(core: Core, shop: Assistant) -> None:
    message = await customer_asked(shop, "Do you sell green tea?")
    results = await shopped(core, shop)
    mine = results["Do you sell green tea?"]
    conversation = await Conversation.get(id=message.conversation_id)
    await Contact.filter(id=conversation.contact_id).delete()
    assert not await ShopperQuestion.filter(id=mine.question_id).exists()
    assert not await ShopperResult.filter(id=mine.id).exists()
    run = await ShopperRun.get(id=mine.run_id)
    await Assistant.filter(id=shop.id).delete()
    assert not await ShopperRun.filter(id=run.id).exists()
    assert not await ShopperQuestion.filter(assistant_id=shop.id).exists()


async def test_an_empty_list_and_a_full_one_say_so(core: Core, rosa: Assistant, assistant: MakeAssistant) -> None:
    with pytest.raises(NothingToAsk):
        await start_run(core, await assistant())
    for number in range(MOST):
        await ShopperQuestion.create(
            assistant_id=rosa.id, source=QuestionSource.OWN, question=f"Question {number}?", question_key=str(number)
        )
    with pytest.raises(ListIsFull):
        await add_own_question(core, rosa, "Do you deliver to Germany?")
    await ShopperQuestion.filter(assistant_id=rosa.id).update(source=QuestionSource.CUSTOMER)
    await add_own_question(core, rosa, "Do you deliver to Germany?")
    assert len(await shoppers_list(rosa)) == MOST
    assert MOST_OF_CUSTOMERS < MOST


async def test_only_so_many_runs_are_kept(core: Core, rosa: Assistant, worker: None) -> None:
    for _ in range(shopper_runs.KEPT_RUNS + 3):
        await ShopperRun.create(assistant_id=rosa.id, kind=RunKind.ASKED, state=RunState.DONE)
    await shopped(core, rosa)
    assert await ShopperRun.filter(assistant_id=rosa.id).count() == shopper_runs.KEPT_RUNS


SAME = """Delivery takes three days.|We deliver within three days.
You pay five euros for delivery.|Delivery costs five euros.
You can return a kettle within 14 days.|Kettles may be returned within 14 days.
Доставка занимает три дня.|Мы доставим за три дня.
Чайник можно вернуть в течение 14 дней.|Вернуть чайник можно за 14 дней.
Мы находимся на Мельничной, 12.|Наш адрес: Мельничная, 12.
We accept cards and cash.|You can pay by card or in cash.
Wash it by hand with warm water.|It should be washed by hand in warm water."""
OTHER = """Delivery takes three days.|We sell kettles and teapots.
In the old mill.|By the river.
We deliver all over the country.|We deliver only in the city.
Wash it by hand with warm water.|Polish it with a soft cloth.
Доставка по всей стране.|Доставка только по городу.
Мойте руками.|Протирайте мягкой тканью.
Чайник можно вернуть.|Чайник можно обменять.
Мы открыты каждый день.|Мы закрыты по выходным.
You can return a kettle.|You can exchange a kettle for another one."""


async def test_nearness_tells_other_words_from_another_meaning(core: Core) -> None:
    near: dict[str, list[float]] = {}
    for name, pairs in (("same", SAME), ("other", OTHER)):
        for pair in pairs.splitlines():
            one, other = await core.embedder.embed_passages(pair.split("|"))
            near.setdefault(name, []).append(float(np.dot(one, other)))
    assert min(near["same"]) >= NEAR
    assert sum(cosine >= NEAR for cosine in near["other"]) <= 2, "to return and to exchange are near"
