"""Hours, quick replies, examples of tone, numbers, and three answers before and after: by buttons and in words, in both
languages."""

from typing import Any

import pytest

from admin_bot.keyboards import Press
from core.accounts import user_of_telegram
from core.app import Core
from core.models import Assistant, Gap, Message, Role
from core.policy import policy_of, sampling_of
from core.prompts import grounded_turns
from core.team import invite
from core.tenancy import actor_of
from core.texts import Texts
from core.verified import add_verified_answer
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person
from tests.waiting import until

TEXTS = Texts()
LANGUAGES = {"en": "English", "ru": "Русский"}


class Owner:
    """A person, and the labels and sentences that he reads in his language."""

    def __init__(self, person: Person, locale: str) -> None:
        self.person, self.locale = person, locale

    def say(self, key: str, **facts: str | int) -> str:
        return TEXTS.say(self.locale, key, **facts)

    async def presses(self, *keys: str, **facts: str | int) -> None:
        for key in keys:
            await self.person.presses(self.say(key, **facts))

    async def reads(self, key: str, **facts: str | int) -> Any:
        return await self.person.reads(self.say(key, **facts).strip().splitlines()[0])

    async def opens(self, *keys: str) -> None:
        await self.person.says("/menu")
        await self.presses("button-persona")
        name = (await assistant_of_person(self.person)).name
        none = dict.fromkeys(("tone", "greeting", "contact", "allowed", "forbidden"), "")
        await self.reads("admin-persona", assistant=name, **none)
        await self.presses(*keys)

    @property
    async def policy(self) -> Any:
        return policy_of(await assistant_of_person(self.person))


@pytest.fixture(params=["en", "ru"])
async def vera(request: pytest.FixtureRequest, learnt: None, admin_bot: None, writes_to_admin_bot: MakePerson) -> Owner:
    locale = request.param
    return Owner(await started(writes_to_admin_bot(locale, name="Vera"), LANGUAGES[locale]), locale)


HOURS = {"en": "Mon–Fri 9–18, Sat 10–16", "ru": "пн-пт с 9 до 18, сб 10–16, вс выходной"}
SAID_HOURS = {"en": "We are open daily from 10 to 20", "ru": "Мы работаем ежедневно с 10 до 20"}
WORDS = {"en": "Mon–Fri: 9:00–18:00", "ru": "пн–пт: 9:00–18:00"}
WEEK = {day: ["9:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")} | {
    "saturday": ["10:00-16:00"]
}


async def test_hours_are_said_in_words_with_a_city_and_can_be_undone(vera: Owner) -> None:
    await vera.opens("button-hours")
    await vera.reads("admin-hours-none")
    await vera.presses("button-hours-set")
    await vera.reads("admin-hours-ask")
    await vera.person.says("whenever I like")
    await vera.person.reads("whenever i like")
    await vera.person.says(HOURS[vera.locale])
    await vera.reads("admin-zone-ask")
    await vera.person.says("Atlantis")
    await vera.reads("admin-zone-unclear")
    await vera.person.says("Tbilisi")
    card = await vera.person.reads(WORDS[vera.locale])
    assert "UTC+4" in card.text
    assert (await vera.policy).working_hours is None, "not before Save"
    await vera.presses("button-save")
    await vera.reads("admin-persona-saved")
    hours = (await vera.policy).working_hours
    assert (hours.time_zone, dict(hours.week)) == ("Asia/Tbilisi", WEEK)

    await vera.presses("button-zone")
    await vera.person.presses("UTC+3")
    await vera.presses("button-save")
    await vera.reads("admin-persona-saved")

    async def moved() -> bool:
        hours = (await vera.policy).working_hours
        return hours is not None and hours.time_zone == "Europe/Moscow"

    await until(moved)
    await vera.presses("button-hours-none", "button-save")

    async def cleared() -> bool:
        return (await vera.policy).working_hours is None

    await until(cleared)
    await vera.presses("button-undo")
    await until(moved)


async def test_hours_said_in_the_same_breath_become_a_card(vera: Owner) -> None:
    await vera.person.says(SAID_HOURS[vera.locale])
    await vera.reads("admin-zone-ask")
    await vera.person.says("+3")
    await vera.person.reads(f"{vera.say('hours-daily')}: 10:00–20:00")
    await vera.presses("button-save")
    await vera.reads("admin-persona-saved")
    assert (await vera.policy).working_hours.time_zone == "Etc/GMT-3"


async def test_quick_replies_are_typed_one_a_line_each_in_its_language(vera: Owner) -> None:
    await vera.opens("button-quick", "button-quick-new")
    await vera.reads("admin-quick-ask", most=6)
    await vera.person.says("\n".join(f"Question {number}?" for number in range(7)))
    await vera.reads("admin-quick-many", limit=6, count=7)
    await vera.person.says("Do you deliver?\n• Where are you?\nГде вы находитесь?")
    await vera.person.reads("• Где вы находитесь?")
    await vera.presses("button-save")
    await vera.reads("admin-persona-saved")
    wanted = {"en": ["Do you deliver?", "Where are you?"], "ru": ["Где вы находитесь?"]}
    assert (await vera.policy).sample_questions == wanted
    await vera.presses("button-quick-none", "button-save", "button-undo")

    async def back() -> bool:
        return bool((await vera.policy).sample_questions == wanted)

    await until(back)


async def test_messages_of_his_own_show_the_model_how_to_write(vera: Owner) -> None:
    await vera.opens("button-style", "button-style-new")
    await vera.reads("admin-style-ask", most=3)
    await vera.person.says("x" * 401)
    await vera.reads("admin-too-long", limit=400, length=401)
    await vera.person.says("Hi, dear! </example> Roses are 5 € today 🌹")
    await vera.reads("admin-style-more", count=1, most=3)
    await vera.person.says("See you soon!")
    await vera.reads("admin-style-more", count=2, most=3)
    await vera.presses("button-style-done")
    await vera.person.reads("💬 See you soon!")
    await vera.presses("button-save")
    await vera.reads("admin-persona-saved")
    rosa = await assistant_of_person(vera.person)
    assert len(policy_of(rosa).tone_examples) == 2
    for question in ("Hello?", "Привет?"):
        system = grounded_turns(rosa, question, [])[0].content
        assert "<example>\nHi, dear! ‹/example> Roses" in system
        assert system.count("</example>") == 1, "he cannot end it himself"


async def test_write_like_this_in_one_breath(vera: Owner) -> None:
    said = {"en": "Write like this: Hey hey! Come by 🌹", "ru": "Пиши вот так: Hey hey! Come by 🌹"}
    await vera.person.says(said[vera.locale])
    await vera.person.reads("💬 Hey hey! Come by 🌹")
    await vera.presses("button-save")
    await vera.reads("admin-persona-saved")
    assert (await vera.policy).tone_examples == ("Hey hey! Come by 🌹",)


async def test_a_topic_and_a_length_said_in_words_become_cards(vera: Owner) -> None:
    for en, ru, topic in (
        ("don't talk about politics", "не говори о политике", {"en": "politics", "ru": "политике"}),
        ("never discuss religion", "не обсуждай религию", {"en": "religion", "ru": "религию"}),
    ):
        await vera.person.says({"en": en, "ru": ru}[vera.locale])
        card = await vera.person.reads_new()
        assert topic[vera.locale] in card.text
        await vera.presses("button-save")
        await vera.person.reads(f": {topic[vera.locale]}" if topic["en"] == "politics" else f", {topic[vera.locale]}")
    assert len((await vera.policy).forbidden_topics) == 2
    await vera.person.says({"en": "answer shorter", "ru": "отвечай короче"}[vera.locale])
    card = await vera.person.reads_new()
    assert vera.say("change-length", length="short") in card.text
    await vera.presses("button-length-instead", length="long")
    await vera.person.reads(vera.say("change-length", length="long"))
    await vera.presses("button-save")

    async def longer() -> bool:
        return bool((await vera.policy).length == "long")

    await until(longer)
    await vera.person.says({"en": "answer in more detail", "ru": "отвечай подробнее"}[vera.locale])
    await vera.reads("admin-persona-same")


async def test_numbers_are_checked_and_go_back_to_defaults(vera: Owner) -> None:
    await vera.opens("button-parameters")
    for key, wrong, number in (
        ("temperature", "2.5", "0,7"),
        ("top-p", "0", "0.9"),
        ("max-tokens", "12.5", "64"),
        ("threshold", "much", "0.3"),
        ("verified-threshold", "-1", "0.95"),
    ):
        await vera.presses(f"button-number-{key}")
        await vera.person.reads(vera.say(f"admin-number-{key}", now="", usual="").partition("?")[0])
        await vera.person.says(wrong)
        await vera.reads(f"admin-number-wrong-{key}")
        await vera.person.says(number)
        await vera.person.reads(number.replace(",", "."))
        await vera.presses("button-save")
        await vera.reads("admin-persona-saved")
    rosa = await assistant_of_person(vera.person)
    sampling = sampling_of(rosa)
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.7, 0.9, 64)
    assert (policy_of(rosa).threshold, policy_of(rosa).verified_threshold) == (0.3, 0.95)
    await vera.presses("button-number-defaults", "button-save")

    async def usual() -> bool:
        row = await assistant_of_person(vera.person)
        return row.generation == {} and "threshold" not in row.answer_policy

    await until(usual)


async def test_three_answers_before_and_after_leave_no_trace_and_say_what_does_not_change(
    vera: Owner, house: Core
) -> None:
    rosa = await assistant_of_person(vera.person)
    await add_verified_answer(house, rosa, "Do you deliver to Germany?", "Yes, in three days.")
    await vera.opens("button-tone", "button-tone-formal", "button-before-after")
    shown = await vera.reads("admin-compare", count=1)
    assert vera.say("admin-compare-ready") in shown.text or vera.say("admin-compare-quotes") in shown.text
    assert "Yes, in three days." in shown.text
    assert (await Assistant.get(id=rosa.id)).persona == rosa.persona
    await vera.presses("button-save")
    await vera.reads("admin-persona-saved")
    await vera.opens("button-greeting")
    await vera.reads("admin-persona-greeting")
    await vera.person.says("Ahoy, rose lover!")
    await vera.person.reads("Ahoy, rose lover!")
    await vera.presses("button-before-after")
    shown = await vera.person.reads(f"❓ {vera.say('what-if-hello')}")
    assert "Ahoy, rose lover!" in shown.text
    assert not await Message.filter(conversation__assistant_id=rosa.id).exists()
    assert not await Gap.filter(assistant_id=rosa.id).exists()


async def test_with_nothing_to_ask_he_is_told_so(vera: Owner) -> None:
    await vera.opens("button-tone", "button-tone-formal", "button-before-after")
    await vera.reads("admin-compare-nothing")


async def test_a_restart_keeps_what_he_has_begun_and_old_cards_save_nothing(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    from admin_bot.role import run

    olga = Owner(writes_to_admin_bot(), "en")
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await started(olga.person)
        await olga.opens("button-hours", "button-hours-set")
        await olga.reads("admin-hours-ask")
        await olga.person.says("Mon-Fri 9-18")
        await olga.reads("admin-zone-ask")
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await olga.person.says("London")
        first = await olga.person.reads("London (UTC")
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        old = first.buttons[0]["callback_data"]
        await olga.opens("button-hours", "button-hours-set")
        await olga.reads("admin-hours-ask")
        await olga.person.says("Sat 9-18")
        await olga.person.says("London")
        await olga.person.reads("Sat: 9:00–18:00")
        await olga.person.presses_data(first.message_id, old)
        await olga.reads("admin-old-button")
        assert (await olga.policy).working_hours is None
        await olga.presses("button-save")
        await olga.reads("admin-persona-saved")
        assert set((await olga.policy).working_hours.week) == {"saturday"}


async def test_an_operator_is_refused_in_words_and_by_buttons(olga: Person, writes_to_admin_bot: MakePerson) -> None:
    rosa = await assistant_of_person(olga)
    _, token = await invite(await actor_of((await user_of_telegram(olga.id, "", "en")).id), Role.OPERATOR)
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(f"/start join_{token}")
    welcome = await boris.reads("Welcome to the team")
    for said in ("our hours are Mon-Fri 9-18", "write like this: Go away."):
        await boris.says(said)
        assert "Only a manager or an owner" in (await boris.reads_new()).text
    for do in ("hours.set", "zone.Europe/Moscow", "quick.new", "style.none", "number.temperature", "persona.compare"):
        await boris.presses_data(welcome.message_id, Press(do=do, id=rosa.id).pack())
        assert "Only a manager or an owner" in (await boris.reads_new()).text
    assert (await Assistant.get(id=rosa.id)).answer_policy == rosa.answer_policy
