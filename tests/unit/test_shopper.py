"""Two answers side by side: what counts as worse, better, changed and the same, in Russian and English."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.messages import Tier
from core.shopper.judging import Judgement, Reason, Verdict, judge
from core.shopper.nights import night_of
from core.shopper.questions import is_impersonal
from core.shopper.standing_back import when_quiet
from core.shopper.told import Source, Told
from core.shopper.word_diff import Mark, word_diff
from core.turn_taking import _in_line

NOW = datetime(2026, 11, 30, 1, tzinfo=UTC)
SHOP = Source(UUID(int=1), "prices.pdf", "hash", "passage")


def told(text: str, tier: Tier = Tier.GROUNDED, reason: str = "", seconds: float = 1.0) -> Told:
    return Told(text, tier, reason, NOW, (SHOP,), seconds)


def _judged(question: str, before: str, after: str, nearness: float = 0.95) -> Judgement:
    return judge(question, told(before), told(after), nearness)


@pytest.mark.parametrize(
    ("question", "before", "after", "verdict", "reasons"),
    [
        ("How much is delivery?", "Delivery costs 5 euros.", "Delivery costs 7 euros.", "worse", [Reason.FACTS]),
        ("Сколько стоит доставка?", "Доставка стоит 300 рублей.", "Доставка стоит 350 рублей.", "worse",
         [Reason.FACTS]),
        ("When are you open?", "We are open from 9:00 to 18:00.", "We are open every day.", "worse", [Reason.FACTS]),
        ("Как вам позвонить?", "Звоните: +7 495 123-45-67.", "Звоните нам.", "worse", [Reason.FACTS]),
        ("Как вам позвонить?", "Телефон +7 495 123-45-67.", "Телефон 8 (495) 123-45-67.", "same", []),
        ("When is the sale?", "The sale ends on 5 May.", "The sale ends on 6 May.", "worse", [Reason.FACTS]),
        ("Есть ли у вас чайники?", "Да, медные чайники.", "Yes, copper kettles.", "worse", [Reason.LANGUAGE]),
        ("Do you have kettles?", "Да, медные чайники.", "Yes, copper kettles.", "better", [Reason.LANGUAGE]),
        ("How much is delivery?", "Delivery costs 5 euros.", "Delivery costs 5 euros, in 3 days.", "changed",
         [Reason.FACTS]),
        ("Do you take cards?", "We accept cards.", "We do not accept cards.", "changed", [Reason.TURNED]),
        ("Принимаете карты?", "Мы принимаем карты.", "Мы не принимаем карты.", "changed", [Reason.TURNED]),
        ("How much is delivery?", "Delivery costs  5 euros.", "Delivery costs 5\neuros.", "same", []),
        ("How much is delivery?", "Delivery costs 5 euros.", "You pay five euros for delivery.", "same", []),
    ],
)  # fmt: skip
def test_facts_language_and_yes_or_no_decide_and_words_alone_do_not(
    question: str, before: str, after: str, verdict: str, reasons: list[Reason]
) -> None:
    assert _judged(question, before, after) == Judgement(Verdict(verdict), tuple(reasons))


def test_other_words_are_a_change_only_where_they_mean_something_else() -> None:
    assert _judged("Where are you?", "In the old mill.", "By the river.", 0.8).reasons == (Reason.WORDS,)
    assert _judged("Where are you?", "In the old mill.", "At the old mill.", 0.99).verdict is Verdict.SAME


@pytest.mark.parametrize(
    ("before", "after", "verdict", "reason"),
    [
        (Tier.GROUNDED, Tier.REFUSED, Verdict.WORSE, Reason.REFUSED),
        (Tier.VERIFIED, Tier.HANDED_OVER, Verdict.WORSE, Reason.HANDED_OVER),
        (Tier.VERIFIED, Tier.QUOTED, Verdict.WORSE, Reason.WEAKER),
        (Tier.GROUNDED, Tier.QUOTED, Verdict.WORSE, Reason.WEAKER),
        (Tier.QUOTED, Tier.GROUNDED, Verdict.BETTER, Reason.STRONGER),
        (Tier.QUOTED, Tier.VERIFIED, Verdict.BETTER, Reason.OWN_WORDS),
        (Tier.REFUSED, Tier.QUOTED, Verdict.BETTER, Reason.ANSWERED),
        (Tier.REFUSED, Tier.HANDED_OVER, Verdict.CHANGED, Reason.HANDED_OVER),
    ],
)
def test_which_way_of_answering_spoke_counts(before: Tier, after: Tier, verdict: Verdict, reason: Reason) -> None:
    found = judge("Where?", told("In the mill.", before), told("In the old mill.", after), 1.0)
    assert (found.verdict, found.reasons) == (verdict, (reason,))


def test_the_clock_changes_no_handing_over_and_an_owners_new_price_is_no_harm_where_he_had_not_spoken() -> None:
    today = told("A person answers today at 14:00.", Tier.HANDED_OVER, "a person was called: asked")
    tomorrow = told("A person answers tomorrow at 9:00.", Tier.HANDED_OVER, "a person was called: asked")
    assert judge("A person?", today, tomorrow, 0.9).verdict is Verdict.SAME
    found = judge("How much?", told("5 euros.", Tier.QUOTED), told("Six euros.", Tier.VERIFIED), 0.9)
    assert found.verdict is Verdict.BETTER
    found = judge("How much?", told("5 euros.", Tier.VERIFIED), told("Six euros.", Tier.VERIFIED), 0.9)
    assert found == Judgement(Verdict.WORSE, (Reason.FACTS,))


def test_a_source_that_is_gone_counts_only_where_the_answer_is_another_one() -> None:
    before, after = told("In the old mill."), told("At the old mill.")
    assert judge("Where?", before, after, 1.0, gone={SHOP.id}).reasons == (Reason.SOURCE,)
    assert judge("Where?", before, before, 1.0, gone={SHOP.id}).verdict is Verdict.SAME
    assert judge("Where?", before, after, 1.0, gone={uuid4()}).verdict is Verdict.SAME


def test_slowness_is_told_apart_and_a_first_answer_is_new() -> None:
    slow = judge("Where?", told("In the mill."), told("In the mill.", seconds=3.4), 1.0)
    assert (slow.verdict, slow.slower) == (Verdict.SAME, True)
    assert judge("Where?", None, told("In the mill."), 1.0) == Judgement(Verdict.NEW)


def test_what_was_told_survives_the_database() -> None:
    one = told("In the mill.", reason="verified answer 7")
    assert Told.from_record(one.record()) == one
    assert one.ready_answer == "7"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Delivery costs 5 euros.", "Delivery costs 7 euros today.", "Delivery costs [-5 euros. -][+7 euros today.+]"),
        ("Доставка стоит 300 рублей по городу.", "Доставка стоит 350 рублей по городу.",
         "Доставка стоит [-300 -][+350 +]рублей по городу."),
        ("One two", "One two", "One two"),
        ("", "All new", "[+All new+]"),
        ("All gone", "", "[-All gone-]"),
        ("One two", "One", "One [-two-]"),
    ],
)  # fmt: skip
def test_a_diff_reads_as_what_is_gone_and_what_is_new(before: str, after: str, expected: str) -> None:
    marks = {Mark.KEPT: "{}", Mark.GONE: "[-{}-]", Mark.NEW: "[+{}+]"}
    assert "".join(marks[mark].format(text) for mark, text in word_diff(before, after)) == expected


@pytest.mark.parametrize(
    ("text", "impersonal"),
    [
        ("How long does delivery take?", True),
        ("Сколько стоит чайник на 2 литра?", True),
        ("Is it 1500 roubles?", True),
        ("Write to ann@example.com please", False),
        ("Call me at +7 912 345 67 89", False),
        ("Where is order 48213?", False),
        ("Напишите мне @anna_k", False),
        ("Меня зовут Анна, где мой чай?", False),
        ("Где мой заказ?", False),
        ("Look at https://example.com/x", False),
    ],
)
def test_a_question_by_which_somebody_can_be_known_is_never_taken(text: str, impersonal: bool) -> None:
    assert is_impersonal(text) is impersonal


def test_a_night_begins_at_three_where_the_business_is() -> None:
    assert night_of(datetime(2026, 11, 30, 23, 30, tzinfo=UTC), "Europe/Moscow") is None
    begun = night_of(datetime(2026, 12, 1, 0, 5, tzinfo=UTC), "Europe/Moscow")
    assert begun is not None
    assert begun.date().isoformat() == "2026-12-01"
    assert night_of(datetime(2026, 12, 1, 2, 59, tzinfo=UTC), "UTC") is None
    assert night_of(datetime(2026, 12, 1, 20, 0, tzinfo=UTC), "UTC") is not None


async def test_he_breaks_off_when_a_customer_writes_and_asks_again_when_it_is_quiet(database: Path) -> None:
    begun: list[float] = []
    loop = asyncio.get_running_loop()

    async def ask() -> str:
        begun.append(loop.time())
        await asyncio.sleep(0.3)
        return "told"

    async def customer() -> float:
        await asyncio.sleep(0.1)
        async with _in_line((uuid4(), "api", "vera")):
            await asyncio.sleep(0.5)
        return loop.time()

    async with asyncio.TaskGroup() as group:
        asking, answered = group.create_task(when_quiet(ask)), group.create_task(customer())
    assert asking.result() == "told"
    assert len(begun) == 2
    assert begun[1] >= answered.result(), "not before the customer has his answer"
