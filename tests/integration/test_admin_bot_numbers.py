"""How it goes, in words and a picture: for an owner in either language, and for whoever else works there."""

import pytest

from core.app import Core
from core.gaps import count_question
from core.models import Assistant, Membership, Role, User
from core.team import invite
from core.tenancy import actor_of
from tests.integration.conftest import MakePerson
from tests.integration.counted import said_to
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Fault, Person
from tests.waiting import until

JOURNEYS = [
    (
        "English",
        ["“Copper Kettle”", "In 7 days 2 customers asked 4 questions in 3 conversations. 2 got an answer (50 %).",
         "↑ More questions: in the 7 days before there were 1", "↓ Answers are found less often: it was 100 %",
         "✅ Answered: in your own words 1, from documents 1", "🤷 Not answered: not known 1",
         "🙋 Called a person: the customer was upset 1", "👍 1 · 👎 0",
         "⏱ Usually answers in 0.4 s, nearly always within 1.2 s", "🔎 Asked about most: delivery (2)",
         "❗ 1 question still has no answer. Asked most: “Do you buy old kettles?”"],
        "Numbers", "Today", "Today 1 customer asked 2 questions in 1 conversation. 1 got an answer (50 %).",
        "Month", "In 30 days 2 customers asked 5 questions in 4 conversations. 3 got an answer (60 %).",
        "Unanswered questions: 1", "1. Do you buy old kettles?",
    ),
    (
        "Русский",
        ["«Copper Kettle»", "За 7 дней 2 клиента задали 4 вопроса в 3 разговорах. Ответ нашёлся на 2 (50 %).",
         "↑ Вопросов больше: за 7 дней до этого было 1", "↓ Ответы находятся реже: было 100 %",
         "✅ Ответил: вашими словами — 1, по документам — 1", "🤷 Не ответил: не знал — 1",
         "🙋 Позвал человека: клиент рассердился — 1", "👍 1 · 👎 0",
         "⏱ Обычно отвечает за 0,4 с, почти всегда не дольше 1,2 с", "🔎 Чаще всего спрашивают: доставка (2)",
         "❗ 1 вопрос всё ещё без ответа. Чаще всего спрашивают: «Do you buy old kettles?»"],
        "Цифры", "Сегодня", "Сегодня 1 клиент задал 2 вопроса в 1 разговоре. Ответ нашёлся на 1 (50 %).",
        "Месяц", "За 30 дней 2 клиента задали 5 вопросов в 4 разговорах. Ответ нашёлся на 3 (60 %).",
        "Вопросы без ответа: 1", "1. Do you buy old kettles?",
    ),
]  # fmt: skip


async def _story_of(assistant: Assistant) -> None:
    """Two questions today, two on earlier days, one the week before; one of them without an answer."""
    answered, unknown = ("Do you deliver?", "verified", "a ready one"), ("Do you buy old kettles?", "refused", "no")
    await said_to(assistant, "vera", answered, unknown, seconds=0.4)
    await said_to(assistant, "ivan", ("Доставка есть?", "grounded", "supported"), days_ago=2, seconds=1.2, score=1)
    await said_to(assistant, "ivan", ("You cheat!", "handed_over", "a person was called: angry"), days_ago=3)
    await said_to(assistant, "ivan", ("Is it warm?", "quoted", ""), days_ago=9)
    await count_question(assistant.id, "Do you buy old kettles?")


@pytest.mark.parametrize(
    ("language", "week", "numbers", "today", "told_today", "month", "told_month", "next_step", "listed"), JOURNEYS
)
async def test_an_owner_reads_how_it_went_and_goes_on_to_what_has_no_answer(
    admin_bot: None,
    writes_to_admin_bot: MakePerson,
    language: str,
    week: list[str],
    numbers: str,
    today: str,
    told_today: str,
    month: str,
    told_month: str,
    next_step: str,
    listed: str,
) -> None:
    olga = await started(writes_to_admin_bot(), language)
    await _story_of(await assistant_of_person(olga))
    await olga.says("/menu")
    await olga.presses(numbers)
    shown = await olga.reads(week[1])
    assert [part for part in week if part not in shown.text] == []
    assert len(olga.server.calls_of("sendPhoto", olga.id)) == 1

    await olga.presses(today)
    await olga.reads(told_today)
    await olga.presses(month)
    await olga.reads(told_month)
    assert shown.message_id not in {one.message_id for one in olga.chat}, "what stood there before is gone"
    assert len(olga.server.calls_of("sendPhoto", olga.id)) == 3

    async def only_the_newest_is_left() -> bool:
        return len(olga.server.calls_of("deleteMessage", olga.id)) >= 5

    await until(only_the_newest_is_left)  # the menu, two texts, two pictures
    await olga.presses(next_step)
    await olga.reads(listed)


async def test_where_nothing_was_asked_it_is_said_kindly_with_a_next_step(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Numbers")
    shown = await olga.reads("Nobody has asked anything in 7 days.")
    assert shown.buttons[0]["text"] == "💬 Try it"
    await olga.presses("Today")
    await olga.reads("Nobody has asked anything today yet.")
    assert olga.server.calls_of("sendPhoto", olga.id) == []


async def test_what_an_owner_tries_out_is_not_counted(olga: Person) -> None:
    await said_to(await assistant_of_person(olga), "olga", ("Do you deliver?", "refused", ""), channel="preview")
    await olga.says("/menu")
    await olga.presses("Numbers")
    await olga.reads("Nobody has asked anything in 7 days.")


async def test_without_the_picture_the_words_are_enough(olga: Person) -> None:
    await _story_of(await assistant_of_person(olga))
    olga.server.faults.append(Fault("sendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    await olga.says("/menu")
    await olga.presses("Numbers")
    await olga.reads("In 7 days 2 customers asked 4 questions")
    await olga.presses("Today")
    await olga.reads("Today 1 customer asked 2 questions")


async def test_one_assistant_or_all_of_a_business(olga: Person) -> None:
    kettle = await assistant_of_person(olga)
    tea = await Assistant.create(tenant_id=kettle.tenant_id, name="Tea School")
    await said_to(kettle, "vera", ("Do you deliver?", "quoted", ""))
    await said_to(tea, "vera", ("When is the lesson?", "quoted", ""), ("How much?", "quoted", ""))
    await olga.says("/menu")
    await olga.presses("Numbers")
    await olga.reads("“Copper Kettle”\n\nIn 7 days 1 customer asked 1 question")
    await olga.presses("All assistants together")
    await olga.reads("All assistants\n\nIn 7 days 2 customers asked 3 questions in 2 conversations. 3 got an answer")
    await olga.presses("Today")
    await olga.reads("All assistants\n\nToday 2 customers asked 3 questions")
    await olga.presses("Tea School")
    await olga.reads("“Tea School”\n\nToday 1 customer asked 2 questions in 1 conversation. 2 got an answer (100 %).")


async def test_an_operator_looks_and_has_nothing_to_change(olga: Person, writes_to_admin_bot: MakePerson) -> None:
    await _story_of(await assistant_of_person(olga))
    owner = await User.get(telegram_id=olga.id)
    _, token = await invite(await actor_of(owner.id), Role.OPERATOR)
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(f"/start join_{token}")
    await boris.reads("Welcome to the team")
    await boris.says("/menu")
    await boris.presses("Numbers")
    shown = await boris.reads("In 7 days 2 customers asked 4 questions")
    labels = " ".join(one["text"] for one in shown.buttons)
    assert "Today" in labels
    assert "Unanswered" not in labels
    assert "Monday" not in labels


async def test_numbers_of_another_business_are_an_old_button(olga: Person, writes_to_admin_bot: MakePerson) -> None:
    kettle = await assistant_of_person(olga)
    await _story_of(kettle)
    ivan = await started(writes_to_admin_bot(), name="Tea School")
    menu = await ivan.reads("Tea School")
    for do in ("numbers.week", "numbers.gaps", "numbers.business"):
        await ivan.presses_data(menu.message_id, f"p:{do}:{kettle.id.hex}:0")
        shown = await ivan.reads("This button is out of date")
        assert "Copper Kettle" not in shown.text
    assert await Membership.filter(tenant_id=kettle.tenant_id).count() == 1


async def test_numbers_are_asked_for_in_words_with_the_time_that_was_said(
    learnt: None, olga: Person, house: Core
) -> None:
    await _story_of(await assistant_of_person(olga))
    for text, told in (
        ("how did it go this week", "In 7 days 2 customers asked"),
        ("show me statistics for today", "Today 1 customer asked"),
        ("статистика за месяц", "In 30 days 2 customers asked"),
        ("statistics for all assistants", "All assistants"),
    ):
        await olga.says(text)
        await olga.reads(told)
