"""An owner's first five minutes: one answer about the business, a draft, sample answers, a try, a bot."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.app import Core
from core.leftovers import ARRIVING
from core.models import Assistant, BotState, Channel, Document, Draft, ProcessedEvent, SampleAnswer, VerifiedAnswer
from core.settings import MEGABYTE
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import FIRST_NAME, assistant_of_person, started
from tests.journeys.first_five_minutes import file_of, walk, without_counts
from tests.shop_site import NAMES, lay_out
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until
from tests.web_site import WebSite, web_site


@dataclass(frozen=True)
class Words:
    """What is read and pressed in one language."""

    language: str
    asked: str
    drafted: str
    good: str
    rest: str
    remembered: str
    connect: str
    live: str
    skip: str
    go_on: str
    yes: str
    next: str
    question: str
    answer: str
    story: str
    told_name: str


ENGLISH = Words(
    language="English",
    asked="What is your business?",
    drafted="Your assistant is drafted",
    good="Looks good",
    rest="Approve the rest",
    remembered="ready answers are remembered",
    connect="Connect a Telegram bot",
    live="answers your customers now",
    skip="Skip for now",
    go_on="Continue setting up",
    yes="approve",
    next="looks good",
    question="How much is a cast-iron teapot?",
    answer="64",
    story="We run Green Leaf, a garden shop in Leeds. We are open daily from 9:00 to 18:00. Delivery costs £5.",
    told_name="Green Leaf",
)
RUSSIAN = Words(
    language="Русский",
    asked="Чем вы занимаетесь?",
    drafted="Черновик ассистента готов",
    good="Всё верно",
    rest="Одобрить остальные",
    remembered="готовых ответов",
    connect="Подключить бота",
    live="уже отвечает клиентам",
    skip="Пока пропустить",
    go_on="Продолжить: шаг",
    yes="одобрить",
    next="дальше",
    question="Сколько стоит чугунный заварник?",
    answer="6400",
    story="У нас кофейня «Зерно» на Садовой. Работаем каждый день с 8:00 до 20:00. Капучино стоит 250 рублей.",
    told_name="Зерно",
)
BOTH = pytest.mark.parametrize(("locale", "words"), [("en", ENGLISH), ("ru", RUSSIAN)], ids=["en", "ru"])


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        yield there


@pytest.fixture
async def house(core: Core, telegram: TelegramServer, web: WebSite) -> AsyncIterator[Core]:
    """As for the other conversations, with leave to read this private host."""
    values = {
        "telegram_api_url": telegram.url,
        "admin_bot_token": SecretStr(telegram.new_bot()),
        "allowed_private_hosts": web.host,
    }
    yield replace(core, settings=core.settings.model_copy(update=values))
    await Channel.all().delete()


@pytest.fixture
async def worker(house: Core) -> AsyncIterator[None]:
    from workers.role import run

    async with running(house, run(house)):
        yield


async def _asked(person: Person, words: Words) -> Person:
    await person.says("/start")
    await person.presses(words.language)
    await person.reads(words.asked)
    return person


async def _customer_is_answered(telegram: TelegramServer, token: str, locale: str, words: Words) -> None:
    customer = Person(telegram, token, locale)
    await customer.says(words.question)
    assert words.answer in (await customer.reads(words.answer, 40)).text


async def _has_none(person: Person) -> bool:
    return not await Assistant.filter(tenant__memberships__user__telegram_id=person.id).exists()


@BOTH
async def test_from_a_link_to_an_answering_bot_by_buttons(
    locale: str,
    words: Words,
    admin_bot: None,
    bots: None,
    worker: None,
    web: WebSite,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    lay_out(web, locale)
    olga = writes_to_admin_bot(locale)
    token = telegram.new_bot()
    await olga.says("/start")  # 1
    await olga.presses(words.language)  # 2
    await olga.reads(words.asked)
    await olga.says(web.url)  # 3
    draft = await olga.reads(words.drafted, 60)
    assert NAMES[locale] in draft.text
    assert "5" in draft.text
    await olga.presses(words.good)  # 4
    await olga.reads("❓", 60)
    await olga.presses(words.rest)  # 5
    await olga.reads(words.remembered, 40)
    await olga.presses("💬")  # 6
    await olga.reads("🔎", 40)
    await olga.presses(words.connect)  # 7
    await olga.reads("@BotFather")
    await olga.says(token)  # 8
    await olga.reads(words.live, 20)
    assert olga.acts <= 8, "taps and messages from /start to an answering bot"
    await _customer_is_answered(telegram, token, locale, words)

    assistant = await assistant_of_person(olga)
    assert (assistant.name, assistant.locale) == (NAMES[locale], locale)
    assert NAMES[locale] in assistant.greeting
    approved = await VerifiedAnswer.filter(assistant_id=assistant.id).count()
    assert approved == await SampleAnswer.filter(assistant_id=assistant.id, decision="approved").count() >= 8
    await olga.says("/menu")
    menu = await olga.reads_new()
    assert not any(words.go_on in one["text"] for one in menu.buttons), "all is done"


@BOTH
async def test_from_a_link_to_an_answering_bot_by_words(
    learnt: None,
    locale: str,
    words: Words,
    admin_bot: None,
    bots: None,
    worker: None,
    web: WebSite,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    lay_out(web, locale)
    olga = writes_to_admin_bot(locale)
    token = telegram.new_bot()
    await olga.says("/start")
    await olga.reads("Which language")
    await olga.says(words.language)
    await olga.reads(words.asked)
    await olga.says({"en": "Our site is {}", "ru": "Наш сайт {}"}[locale].format(web.url))
    await olga.reads(words.drafted, 60)
    await olga.says(words.next)
    first = await olga.reads("❓", 60)
    await olga.says(words.yes)
    second = await olga.reads_new()
    assert second.text.startswith("2 ")
    assert second.message_id != first.message_id
    await olga.says({"en": "skip", "ru": "пропустить"}[locale])
    assert (await olga.reads_new()).text.startswith("3 ")
    await olga.says({"en": "finish", "ru": "хватит"}[locale])
    await olga.reads_new()
    await olga.says(words.question)
    await olga.reads(words.answer, 40)
    await olga.says({"en": "connect a bot", "ru": "подключи бота"}[locale])
    await olga.reads("@BotFather")
    await olga.says(token)
    await olga.reads(words.live, 20)
    await _customer_is_answered(telegram, token, locale, words)
    assistant = await assistant_of_person(olga)
    decisions = (
        await SampleAnswer.filter(assistant_id=assistant.id).order_by("position").values_list("decision", flat=True)
    )
    assert list(decisions)[:3] == ["approved", "skipped", "waiting"]
    assert await VerifiedAnswer.filter(assistant_id=assistant.id).count() == 1


@BOTH
async def test_a_file_answers_the_question(
    locale: str,
    words: Words,
    admin_bot: None,
    worker: None,
    writes_to_admin_bot: MakePerson,
    shop_documents: list[Path],
) -> None:
    olga = await _asked(writes_to_admin_bot(locale), words)
    faq = {"en": "faq.txt", "ru": "voprosy-i-otvety.txt"}[locale]
    await olga.sends_file(next(file for file in shop_documents if file.name == faq))
    draft = await olga.reads(words.drafted, 60)
    assert NAMES[locale] in draft.text
    assert (await assistant_of_person(olga)).name == NAMES[locale]
    await olga.presses(words.good)
    assert (await olga.reads("❓", 60)).buttons


@BOTH
async def test_a_story_answers_the_question(
    locale: str, words: Words, admin_bot: None, worker: None, writes_to_admin_bot: MakePerson
) -> None:
    olga = await _asked(writes_to_admin_bot(locale), words)
    await olga.says(words.story)
    assert words.told_name in (await olga.reads(words.drafted, 60)).text
    assistant = await assistant_of_person(olga)
    assert assistant.name == words.told_name
    assert await Document.filter(assistant_id=assistant.id, kind="text").count() == 1
    await olga.presses(words.good)
    card = await olga.reads("❓", 60)
    assert any(part in card.text for part in ("9:00", "£5", "8:00", "250"))


@BOTH
async def test_skipping_asks_for_a_name_and_the_steps_go_on_days_later(
    locale: str, words: Words, admin_bot: None, worker: None, web: WebSite, writes_to_admin_bot: MakePerson
) -> None:
    lay_out(web, locale)
    olga = await started(writes_to_admin_bot(locale), words.language, "Rosa")
    await olga.says("/menu")
    await olga.presses(words.go_on)
    await olga.reads("“Rosa” knows nothing" if locale == "en" else "«Rosa» пока ничего не знает")
    await olga.says(web.url)
    draft = await olga.reads(words.drafted, 60)
    assert "Rosa" in draft.text, "a name that he has given is not drafted over"
    await olga.says("/menu")
    await olga.reads_new()
    await olga.presses(words.go_on)
    await olga.reads(words.drafted)


async def test_the_steps_are_dismissed_by_one_tap(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("✖️")
    menu = await olga.reads("I will not remind you any more")
    assert not any("Continue" in one["text"] for one in menu.buttons)
    await olga.says("/menu")
    menu = await olga.reads_new()
    assert not any("Continue" in one["text"] for one in menu.buttons)


@pytest.mark.parametrize("answer", ["a link", "a story", "a name"])
@pytest.mark.parametrize("moment", ["made", "chosen", "asked no more"])
async def test_stopped_right_after_something_was_written_an_answer_makes_one_assistant(
    house: Core, web: WebSite, telegram: TelegramServer, writes_to_admin_bot: MakePerson, answer: str, moment: str
) -> None:
    """The answer is taken again, and nothing is made twice."""
    from admin_bot.role import run as admin_role

    text = {"a link": web.url, "a story": ENGLISH.story, "a name": "Green Leaf"}[answer]
    olga = writes_to_admin_bot()

    def bot() -> running:
        return running(house, admin_role(house, progress_every_s=0.1, pace=QUICK))

    async def written() -> bool:
        if moment == "made":
            return await Assistant.filter(tenant__memberships__user__telegram_id=olga.id).exists()
        row = await BotState.get(key__startswith="talk:", key__contains=f":{olga.id}:")
        if moment == "chosen":
            return bool(row.data.get("assistant"))
        return row.data.get("making") == "" or not (row.state or "").startswith("Naming")

    async with bot():
        await olga.says("/start")
        await olga.reads("Which language")
        await olga.presses("English")
        await olga.reads(ENGLISH.asked)
        if answer == "a name":
            await olga.presses(ENGLISH.skip)
            await olga.reads(FIRST_NAME["English"])
        await olga.says(text)
        while not await written():
            pass
    async with bot():
        await until(lambda: was_answered(olga))
    assistant = await assistant_of_person(olga)
    assert await Assistant.filter(tenant_id=assistant.tenant_id).count() == 1
    for half_written in (house.settings.uploads_folder / ARRIVING).glob("*"):
        half_written.unlink()  # what the next day's tidying does


async def was_answered(person: Person) -> bool:
    """Nothing that he wrote waits to be handled."""
    waiting = await ProcessedEvent.filter(source__startswith="admin-bot:", done_at=None)
    return not any(str(person.id) in str(event.payload) for event in waiting)


async def test_a_restart_in_the_middle_of_each_step_goes_on_there(
    house: Core, web: WebSite, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    """The bot stops after each message of his; what he does next is answered as if nothing had happened."""
    from admin_bot.role import run as admin_role
    from workers.role import run as worker_role

    lay_out(web, "en")
    olga = writes_to_admin_bot()

    def bot() -> running:
        return running(house, admin_role(house, progress_every_s=0.1, pace=QUICK))

    async with bot():
        await olga.says("/start")
        await olga.reads("Which language")
    async with bot():
        await olga.presses("English")
        await olga.reads(ENGLISH.asked)
    async with bot():
        await olga.says(web.url)
        await olga.reads("opening…")
    assert await Draft.filter(step="reading").exists()
    async with running(house, worker_role(house)):
        await until(lambda: Document.filter(kind="page", status="indexed", title="Contacts").exists(), 60)
    async with bot(), running(house, worker_role(house)):
        await olga.reads(ENGLISH.drafted, 60)
        await olga.presses("Name")
        await olga.reads("What shall the assistant be called?")
    async with bot():
        await olga.says("Kettle & Co")
        assert "I am the assistant of “Kettle & Co”" in (await olga.reads("Name: Kettle & Co")).text
    async with bot(), running(house, worker_role(house)):
        await olga.presses("Looks good")
        await olga.reads("❓", 60)
    async with bot():
        await olga.presses("Rewrite")
        await olga.reads("Type the answer in your own words")
    async with bot():
        await olga.says("My own words.")
        await olga.reads("2 of ")
        await olga.presses("Finish")
        await olga.reads("1 ready answer is remembered")
    async with bot():
        await olga.presses("Connect")
        await olga.reads("@BotFather")
    assistant = await assistant_of_person(olga)
    assert [one.answer for one in await VerifiedAnswer.filter(assistant_id=assistant.id)] == ["My own words."]
    assert await Assistant.filter(tenant_id=assistant.tenant_id).count() == 1


async def _at_the_samples(person: Person, web: WebSite) -> Person:
    await person.says(web.url)
    await person.reads(ENGLISH.drafted, 60)
    await person.presses("Looks good")
    await person.reads("❓", 60)
    return person


async def test_an_answer_that_was_cut_short_is_taken_again_and_makes_no_second_assistant(
    house: Core, web: WebSite, telegram: TelegramServer, writes_to_admin_bot: MakePerson
) -> None:
    """Killed after the first words of its answer, before anything follows the reading."""
    from admin_bot.role import run as admin_role
    from core.models import ProcessedEvent
    from workers.role import run as worker_role

    lay_out(web, "en")
    olga = writes_to_admin_bot()
    async with running(house, admin_role(house, progress_every_s=0.1, pace=QUICK)):
        await _asked(olga, ENGLISH)
        update = await olga.says(web.url)
        await olga.reads("opening…")
        await until(lambda: ProcessedEvent.filter(event_id=str(update)).exclude(done_at=None).exists())
    assistant = await assistant_of_person(olga)
    await BotState.filter(key__startswith="watch:").delete()
    talk = BotState.filter(key__startswith="talk:", key__endswith=f":{olga.id}:{olga.id}")
    await talk.update(state="Naming:business", data={"making": str(assistant.id)})
    chat, person = {"id": olga.id, "type": "private"}, {"id": olga.id, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 1, "date": int(time.time()), "chat": chat, "from": person, "text": web.url}
    payload = {"update_id": update, "message": message}
    await ProcessedEvent.filter(event_id=str(update)).update(done_at=None, payload=payload)
    async with (
        running(house, admin_role(house, progress_every_s=0.1, pace=QUICK)),
        running(house, worker_role(house)),
    ):
        await olga.reads(ENGLISH.drafted, 60)
    assert [one.id for one in await Assistant.filter(tenant_id=assistant.tenant_id)] == [assistant.id]


async def test_double_taps_and_old_buttons_decide_nothing_twice(
    admin_bot: None, worker: None, web: WebSite, writes_to_admin_bot: MakePerson
) -> None:
    lay_out(web, "en")
    olga = await _at_the_samples(await _asked(writes_to_admin_bot(), ENGLISH), web)
    card = await olga.reads("❓")
    approve, edit, skip = (one["callback_data"] for one in card.buttons[:3])
    assistant = await assistant_of_person(olga)
    await olga.presses_data(card.message_id, approve)
    await olga.reads("2 of ")
    for data in (approve, skip, edit):
        await olga.presses_data(card.message_id, data)
        await olga.reads("This one is decided already")
        await olga.presses_data(card.message_id, f"p:sample.next:{assistant.id.hex}:0")
        await olga.reads("2 of ")
    assert await VerifiedAnswer.filter(assistant_id=assistant.id).count() == 1

    boris = await started(writes_to_admin_bot(name="Boris"), name="Boris’s Bikes")
    shown = await boris.reads("Boris’s Bikes")
    for do in ("yes", "no", "edit", "ask"):
        sample = approve.replace("sample.yes", f"sample.{do}")
        await boris.presses_data(shown.message_id, sample)
        await boris.reads("This button is out of date")
    for do in ("first", "first.good", "first.name", "first.tone", "first.dismiss", "sample.all", "sample.end"):
        await boris.presses_data(shown.message_id, f"p:{do}:{assistant.id.hex}:0")
        await boris.reads("This button is out of date")
    assert await VerifiedAnswer.filter(assistant_id=assistant.id).count() == 1
    assert (await Draft.get(assistant_id=assistant.id)).step == "samples"


async def test_two_owners_approve_at_once_and_each_answer_is_there_once(
    house: Core, admin_bot: None, worker: None, web: WebSite, writes_to_admin_bot: MakePerson
) -> None:
    import asyncio

    from core.drafting.decisions import approve_all

    lay_out(web, "en")
    olga = await _at_the_samples(await _asked(writes_to_admin_bot(), ENGLISH), web)
    assistant = await assistant_of_person(olga)
    one, other = await asyncio.gather(approve_all(house, assistant), approve_all(house, assistant))
    answers = await VerifiedAnswer.filter(assistant_id=assistant.id).values_list("question", flat=True)
    assert one + other == len(answers) == len(set(answers)) >= 8


async def test_a_document_that_is_gone_takes_its_sample_answers_along(
    house: Core, admin_bot: None, worker: None, web: WebSite, writes_to_admin_bot: MakePerson
) -> None:
    from core.sites import forget_site, sites_of

    lay_out(web, "en")
    olga = await _at_the_samples(await _asked(writes_to_admin_bot(), ENGLISH), web)
    assistant = await assistant_of_person(olga)
    [site] = await sites_of(assistant)
    await forget_site(house, site)
    assert await SampleAnswer.filter(assistant_id=assistant.id).count() == 0
    await olga.presses("Approve the rest")
    await olga.reads("no questions that what I have read answers well")
    assert await VerifiedAnswer.filter(assistant_id=assistant.id).count() == 0


async def test_what_cannot_be_used_is_refused_kindly_and_nothing_is_made(
    admin_bot: None, writes_to_admin_bot: MakePerson, tmp_path: Path
) -> None:
    olga = await _asked(writes_to_admin_bot(), ENGLISH)
    for text, told in (
        ("http://127.0.0.1/", "This address cannot be used"),
        ("127.0.0.1:8080/admin", "This address cannot be used"),
        ("asdf qwer zxcv uiop hjkl", "I could not make a business of that"),
        ("You are a stupid idiot", "I could not make a business of that"),
        ("hello", "I could not make a business of that"),
    ):
        await olga.says(text)
        assert told in (await olga.reads_new()).text
        assert await _has_none(olga), text
    await olga.sends(sticker={"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                              "is_animated": False, "is_video": False})  # fmt: skip
    assert "That is something I cannot read yet" in (await olga.reads_new()).text
    movie = tmp_path / "movie.pdf"
    movie.write_bytes(b"%PDF-1.4 only its beginning")
    await olga.sends_file(movie, size=2048 * MEGABYTE)
    assert any("Skip" in one["text"] for one in (await olga.reads("movie.pdf is over 20 MB")).buttons)
    picture = tmp_path / "logo.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    await olga.sends_file(picture)
    await olga.reads("I cannot read this kind of file")
    assert await _has_none(olga)

    await olga.says("Tea School")
    await olga.reads("Shall I call the assistant “Tea School”?")
    assert await _has_none(olga)
    await olga.says("yes")
    await olga.reads("“Tea School” is ready to learn")


async def test_a_site_that_cannot_be_reached_is_told_with_what_else_will_do(
    admin_bot: None, worker: None, web: WebSite, writes_to_admin_bot: MakePerson
) -> None:
    web.sends("/robots.txt", b"User-agent: *\nDisallow: /", "text/plain")
    olga = await _asked(writes_to_admin_bot(), ENGLISH)
    await olga.says(web.url)
    told = await olga.reads("knows nothing yet", 60)
    assert "forbids robots" in told.text
    assert any("Try again" in one["text"] for one in told.buttons)
    assistant = await assistant_of_person(olga)
    await olga.says("asdf qwer zxcv uiop hjkl")
    await olga.reads("I could not make a business of that")
    await olga.says(ENGLISH.story)
    await olga.reads(ENGLISH.drafted, 60)
    assert [one.id for one in await Assistant.filter(tenant_id=assistant.tenant_id)] == [assistant.id]

    web.pages.pop("/robots.txt")
    lay_out(web, "en")
    await olga.presses_data(told.message_id, f"p:first.again:{assistant.id.hex}:0")
    await olga.reads("It knows", 60)


async def test_a_text_after_the_card_that_is_no_word_is_a_question(
    admin_bot: None, worker: None, web: WebSite, writes_to_admin_bot: MakePerson
) -> None:
    lay_out(web, "en")
    olga = await _at_the_samples(await _asked(writes_to_admin_bot(), ENGLISH), web)
    await olga.says(ENGLISH.question)
    await olga.reads("64", 40)
    await olga.says("ok")
    await olga.reads("This is small talk", 20)
    assert not await VerifiedAnswer.filter(assistant_id=(await assistant_of_person(olga)).id).exists()
    await olga.says("continue")
    assert (await olga.reads_new()).text.startswith("1 of ")
    state = await BotState.get(key__startswith="talk:", key__endswith=f":{olga.id}:{olga.id}")
    assert state.state == "FirstSteps:card"


@pytest.mark.parametrize("locale", ["en", "ru"])
async def test_the_first_five_minutes_in_the_documentation_are_what_is_said(
    locale: str,
    admin_bot: None,
    bots: None,
    worker: None,
    web: WebSite,
    telegram: TelegramServer,
    writes_to_admin_bot: MakePerson,
) -> None:
    """Out of date? `python -m tests.journeys.first_five_minutes` records them anew."""
    lay_out(web, locale)
    page = await walk(writes_to_admin_bot(locale), telegram, web, locale)
    recorded = file_of(locale).read_text(encoding="utf-8")
    assert without_counts(page) == without_counts(recorded)
