"""Trying the assistant out: under each answer what it stands on, and what the owner does about it, right there."""

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from admin_bot.keyboards import Press
from core.app import Core
from core.dialog import answer_message
from core.documents import documents_of, forget_document
from core.messages import Incoming
from core.models import (
    Assistant,
    Author,
    Contact,
    Document,
    Job,
    JobStatus,
    Message,
    PassageEdit,
    PassageRow,
    Role,
    User,
    VerifiedAnswer,
)
from core.passage_edits import count_edits, hide_passage
from core.receiving import new_upload, receive_file
from core.team import invite
from core.tenancy import actor_of, passage_of
from core.tracing import mark_of
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person, Shown
from tests.waiting import until
from workers.role import do_job


@dataclass(frozen=True)
class Spoken:
    """The same conversation in one language: what a document says, what is asked, and what an owner reads."""

    title: str
    rooms: str
    breakfast: str
    question: str
    corrected: str
    unknown: str
    menu: str
    hide: str
    undo: str
    fix: str
    again: str
    replace: str
    save: str
    hidden: str
    back: str
    nearest: str
    lacks: tuple[str, str]
    card: tuple[str, str]
    saved: str
    source: str
    own_words: str
    to_document: str
    replaced: str
    ready: str
    edits: str
    use_again: str

    @property
    def text(self) -> str:
        return f"{self.rooms}\n\n{self.breakfast}"


EN = Spoken(
    title="Rooms",
    rooms="# Rooms\n\nThe violet room costs 17 euros a night. It looks to the garden, and its bath is its own.",
    breakfast="# Breakfast\n\nBreakfast is served from seven to ten in the winter garden, with bread, eggs and tea.",
    question="What does the violet room cost?",
    corrected="The violet room costs 23 euros a night, with a view of the garden.",
    unknown="Do you rent out bicycles?",
    menu="Documents",
    hide="Hide passage",
    undo="Undo",
    fix="✏️ Fix",
    again="Ask again",
    replace="Replace with my answer",
    save="Save",
    hidden="Hidden: nobody is told this from now on",
    back="Undone: what the document says counts again",
    nearest="Nearest in the documents:",
    lacks=("— it says nothing about", "“bicycles”"),
    card=("Before:", "After:"),
    saved="Saved: your words answer from now on",
    source="Correction to “Rooms”",
    own_words="Corrected by you: these are your words",
    to_document="Back to the document",
    replaced="Remembered: customers get your words from now on",
    ready="It answers the question “What does the violet room cost?”",
    edits="Hidden and corrected: 1",
    use_again="1: use again",
)
RU = Spoken(
    title="Номера",
    rooms="# Номера\n\nФиолетовый номер стоит 1700 рублей за ночь. Он выходит окнами в сад, есть кровать и ванна.",
    breakfast="# Завтрак\n\nЗавтрак подают с семи до десяти в зимнем саду: хлеб, яйца, фрукты, чай и свежий кофе.",
    question="Сколько стоит фиолетовый номер?",
    corrected="Фиолетовый номер стоит 2300 рублей за ночь, окна выходят в сад.",
    unknown="Есть ли у вас прокат велосипедов?",
    menu="Документы",
    hide="Скрыть фрагмент",
    undo="Вернуть",
    fix="✏️ Исправить",
    again="Спросить ещё раз",
    replace="Заменить моим ответом",
    save="Сохранить",
    hidden="Скрыто: этого больше никому не скажут",
    back="Вернул: снова действует то, что написано в документе",
    nearest="Ближе всего в документах:",
    lacks=("— здесь ничего нет про", "«велосипедов»"),
    card=("Было:", "Станет:"),
    saved="Сохранил: теперь отвечают ваши слова",
    source="Поправка к «Номера»",
    own_words="Исправлено вами: это ваши слова",
    to_document="Как в документе",
    replaced="Запомнил: теперь клиенты получат ваши слова",
    ready="Он отвечает на вопрос «Сколько стоит фиолетовый номер?»",
    edits="Скрыто и исправлено: 1",
    use_again="1: снова брать",
)


def _price(spoken: Spoken) -> tuple[str, str]:
    return ("17 euros", "23 euros") if spoken is EN else ("1700 рублей", "2300 рублей")


@pytest.fixture(params=[EN, RU], ids=["en", "ru"])
def spoken(request: pytest.FixtureRequest) -> Spoken:
    given: Spoken = request.param
    return given


@pytest.fixture
async def owner_of(admin_bot: None, writes_to_admin_bot: MakePerson, house: Core, spoken: Spoken) -> Person:
    """An owner who speaks this language, and whose assistant has read a document in it."""
    if spoken is EN:
        person = await started(writes_to_admin_bot())
    else:
        person = await started(writes_to_admin_bot("ru"), "Русский", "Медный чайник")
    await _learn(house, await assistant_of_person(person), spoken.text)
    return person


@pytest.fixture
async def anna(olga: Person, house: Core) -> Person:
    """Olga, whose assistant has read a document."""
    await _learn(house, await assistant_of_person(olga), EN.text)
    return olga


async def _learn(core: Core, assistant: Assistant, text: str, name: str = "rooms.md") -> Document:
    arrived = new_upload(core)
    arrived.write_text(text, encoding="utf-8")
    document = await receive_file(core, assistant, name, arrived)
    for job in await Job.filter(subject_id=document.id, status=JobStatus.QUEUED):
        await do_job(core, job.id)
    return document


async def _edits_are(count: int, person: Person) -> None:
    async def so() -> bool:
        return await count_edits(await assistant_of_person(person)) == count

    await until(so)


async def _customer_reads(core: Core, person: Person, question: str) -> str:
    """What a customer who has never asked before gets."""
    assistant = await assistant_of_person(person)
    return (await answer_message(core, Incoming(assistant.id, "web", uuid4().hex, question))).text


async def _evidence(person: Person, spoken: Spoken = EN) -> Shown:
    """The newest evidence, once it is there."""
    await person.reads_new()

    async def there() -> Shown | None:
        newest = person.chat[-1]
        return newest if any(spoken.again in button["text"] for button in newest.buttons) else None

    return await until(there, 40)


def _button(shown: Shown, label: str) -> str:
    return str(next(one["callback_data"] for one in shown.buttons if label in one["text"]))


def _labels(shown: Shown) -> str:
    return " | ".join(one["text"] for one in shown.buttons)


async def test_under_an_answer_stands_on_what_it_stands_and_a_hidden_passage_answers_nobody(
    owner_of: Person, spoken: Spoken, house: Core
) -> None:
    old, _ = _price(spoken)
    await owner_of.says(spoken.question)
    shown = await _evidence(owner_of, spoken)
    assert f"1. {spoken.title}\n" in shown.text
    assert old in shown.text

    hide = _button(shown, spoken.hide)
    await owner_of.presses(spoken.hide)
    hidden = await owner_of.reads(spoken.hidden)
    assert hidden.message_id == shown.message_id
    assert spoken.undo in _labels(hidden)
    assert old not in await _customer_reads(house, owner_of, spoken.question)
    await owner_of.presses(spoken.again)
    await owner_of.reads(spoken.nearest, 40)
    await owner_of.says("/menu")
    await owner_of.presses(spoken.menu)
    await owner_of.presses(spoken.edits)
    await owner_of.presses(spoken.use_again)
    await owner_of.reads(spoken.back)
    assert old in await _customer_reads(house, owner_of, spoken.question)

    await owner_of.presses_data(shown.message_id, hide)
    await _edits_are(1, owner_of)
    await owner_of.presses_data(shown.message_id, hide.replace("try.hide", "try.back"))
    await _edits_are(0, owner_of)
    assert old in await _customer_reads(house, owner_of, spoken.question)


async def test_a_passage_is_corrected_with_a_card_and_cited_as_the_owners_words(
    owner_of: Person, spoken: Spoken, house: Core
) -> None:
    old, new = _price(spoken)
    await owner_of.says(spoken.question)
    await _evidence(owner_of, spoken)
    await owner_of.presses(spoken.fix)
    await owner_of.reads(old)
    await owner_of.says(spoken.corrected)
    card = await owner_of.reads(spoken.card[1])
    assert spoken.card[0] in card.text
    assert old in card.text
    assert new in card.text
    assert new not in await _customer_reads(house, owner_of, spoken.question), "nothing before he has saved it"

    await owner_of.presses(spoken.save)
    assert spoken.source in (await owner_of.reads(spoken.saved)).text
    assert new in await _customer_reads(house, owner_of, spoken.question)
    await owner_of.presses(spoken.again)
    shown = await owner_of.reads(spoken.own_words, 40)
    assert spoken.source in shown.text
    await owner_of.presses(spoken.to_document)
    await owner_of.reads(spoken.back)
    assert old in await _customer_reads(house, owner_of, spoken.question)


async def test_an_answer_is_replaced_and_asked_again_by_itself(owner_of: Person, spoken: Spoken, house: Core) -> None:
    await owner_of.says(spoken.question)
    await _evidence(owner_of, spoken)
    await owner_of.presses(spoken.replace)
    await owner_of.reads(spoken.question)
    await owner_of.says(spoken.corrected)
    await owner_of.reads(spoken.replaced)
    shown = await owner_of.reads(spoken.ready, 40)
    assert any(one.text == spoken.corrected for one in owner_of.chat)
    assert await _customer_reads(house, owner_of, spoken.question) == spoken.corrected

    assert spoken.replace in _labels(shown)
    await owner_of.presses(spoken.replace)
    await owner_of.reads(spoken.question)
    await owner_of.says("42.")

    async def changed() -> bool:
        return [row.answer for row in await VerifiedAnswer.filter(question=spoken.question)] == ["42."]

    await until(changed)
    assert await _customer_reads(house, owner_of, spoken.question) == "42."


async def test_what_was_near_and_what_it_lacks(owner_of: Person, spoken: Spoken) -> None:
    await owner_of.says(spoken.unknown)
    shown = await owner_of.reads(spoken.nearest, 40)

    assert all(part in shown.text for part in spoken.lacks), shown.text


async def test_asking_on_is_a_conversation_and_asking_again_is_somebody_new(anna: Person) -> None:
    assistant = await assistant_of_person(anna)

    async def conversations() -> list[int]:
        contacts = await Contact.filter(assistant_id=assistant.id, channel="preview").order_by("created_at")
        counts = [Message.filter(conversation__contact_id=one.id, author=Author.CUSTOMER).count() for one in contacts]
        return [await count for count in counts]

    await anna.says(EN.question)
    await _evidence(anna)
    await anna.says("When is breakfast served?")
    await _evidence(anna)
    assert await conversations() == [2]
    await anna.presses("Ask again")
    await _evidence(anna)
    assert await conversations() == [2, 1]
    await anna.presses("Start over")
    await anna.reads("nothing has been said yet")
    await anna.says(EN.question)
    await _evidence(anna)
    assert await conversations() == [2, 1, 1]


async def test_a_follow_up_is_asked_again_with_what_was_said_before_it(anna: Person, house: Core) -> None:
    assistant = await assistant_of_person(anna)
    await _learn(
        house, assistant, "The amber room costs 99 euros a night, the largest of all, with its own balcony.", "b.txt"
    )
    await anna.says(EN.question)
    await _evidence(anna)
    await anna.says("And the amber one?")
    shown = await _evidence(anna)
    assert "99 euros" in shown.text
    await anna.presses("Ask again")
    again = await _evidence(anna)
    assert again.message_id != shown.message_id
    assert "99 euros" in again.text


async def test_two_taps_at_once_hide_once_and_the_message_stays_right(anna: Person) -> None:
    await anna.says(EN.question)
    shown = await _evidence(anna)
    hide = _button(shown, EN.hide)
    for _ in range(2):
        await anna.presses_data(shown.message_id, hide)
    await anna.reads(EN.hidden)

    assert await count_edits(await assistant_of_person(anna)) == 1


async def test_a_restart_in_the_middle_of_a_correction_forgets_nothing(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    from admin_bot.role import run

    person = writes_to_admin_bot()
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await started(person)
        await _learn(house, await assistant_of_person(person), EN.text)
        await person.says(EN.question)
        shown = await _evidence(person)
        await person.presses(EN.fix)
        await person.reads("Send me the whole text as it should be")
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await person.says(EN.corrected)
        await person.reads("After:")
    async with running(house, run(house, progress_every_s=0.1, pace=QUICK)):
        await person.presses("Save")
        await person.reads(EN.saved)
        await person.presses_data(shown.message_id, _button(shown, EN.hide))
        told = await person.reads("This passage is corrected already")

    assert told.message_id == shown.message_id
    assert "23 euros" in await _customer_reads(house, person, EN.question)


async def test_buttons_about_a_passage_that_is_gone_say_so(anna: Person, house: Core) -> None:
    await anna.says(EN.question)
    shown = await _evidence(anna)
    await anna.presses(EN.fix)
    await anna.reads("Send me the whole text as it should be")
    (document,) = await documents_of(await assistant_of_person(anna))
    await forget_document(house, document)
    await anna.says(EN.corrected)
    await anna.reads("This passage has changed or been deleted since")
    await anna.presses_data(shown.message_id, _button(shown, EN.hide))
    told = await anna.reads("This text has changed or been deleted since")

    assert "This passage has changed or been deleted since" in told.text
    assert EN.hide not in _labels(told)
    assert not await PassageEdit.filter(assistant_id=document.assistant_id).exists()


async def test_an_older_card_saves_nothing(anna: Person, house: Core) -> None:
    await anna.says(EN.question)
    await _evidence(anna)
    cards = list[tuple[int, str]]()
    for wording in ("The violet room costs 1 euro.", EN.corrected):
        await anna.presses(EN.fix)
        await anna.reads("Send me the whole text as it should be")
        await anna.says(wording)
        card = await anna.reads(f"After:\n{wording}")
        cards.append((card.message_id, _button(card, "Save")))
    await anna.presses_data(*cards[0])
    await anna.reads("This button is out of date")
    assert "17 euros" in await _customer_reads(house, anna, EN.question)
    for _ in range(2):
        await anna.presses_data(*cards[1])
        await anna.reads(EN.saved)
    assert "23 euros" in await _customer_reads(house, anna, EN.question)


async def test_an_operator_looks_and_asks_and_changes_nothing(anna: Person, writes_to_admin_bot: MakePerson) -> None:
    _, token = await invite(await actor_of((await User.get(telegram_id=anna.id)).id), Role.OPERATOR)
    boris = writes_to_admin_bot(name="Boris")
    await boris.says(f"/start join_{token}")
    await boris.reads("Welcome to the team")
    await anna.says(EN.question)
    hers = await _evidence(anna)
    await boris.says(EN.question)
    his = await _evidence(boris)
    assert "17 euros" in his.text
    for label in (EN.hide, "Fix", "Replace"):
        assert label not in _labels(his)
    for label in (EN.hide, "Fix", "Replace"):
        await boris.presses_data(his.message_id, _button(hers, label))
        assert "Only a manager or an owner can do this" in (await boris.reads_new()).text
    assert await count_edits(await assistant_of_person(anna)) == 0


async def test_another_owners_answers_and_passages_do_not_exist(
    anna: Person, writes_to_admin_bot: MakePerson, house: Core
) -> None:
    await anna.says(EN.question)
    hers = await _evidence(anna)
    assistant = await assistant_of_person(anna)
    row = await PassageRow.filter(assistant_id=assistant.id, text__contains="17 euros").get()
    edit = await hide_passage(await passage_of(assistant, row.id), None)
    clara = await started(writes_to_admin_bot(name="Clara"), name="Clara’s Cakes")
    await _learn(house, await assistant_of_person(clara), EN.text)
    await clara.says(EN.question)
    own = _button(await _evidence(clara), EN.hide)
    asked = [_button(hers, label) for label in (EN.hide, EN.fix, EN.again, EN.replace)]
    for data in (*asked, Press(do="edit.back", id=edit.id).pack()):
        await clara.presses_data(clara.chat[-1].message_id, data)
        assert (await clara.reads("“Clara’s Cakes”\n")).text.startswith("This button is out of date"), data
    mixed = Press.unpack(own).model_copy(update={"page": mark_of(row.id)})
    await clara.presses_data(clara.chat[-1].message_id, mixed.pack())
    await clara.reads("This passage has changed or been deleted since")

    assert await PassageEdit.filter(assistant_id=assistant.id).count() == 1
    assert await count_edits(await assistant_of_person(clara)) == 0


async def test_a_newer_version_that_says_something_else_is_told(
    anna: Person, worker: None, house: Core, tmp_path: Path
) -> None:
    await anna.says(EN.question)
    await _evidence(anna)
    await anna.presses(EN.hide)
    await anna.reads(EN.hidden)
    file = tmp_path / "rooms.md"
    file.write_text(EN.text.replace("17 euros", "31 euros"), encoding="utf-8")
    await anna.sends_file(file)
    told = await anna.reads("One passage that you had hidden or corrected stands no longer in the document", 60)
    assert "Have a look (1)" in _labels(told)
    await anna.presses("Have a look")
    await anna.reads("The document no longer says this, so nothing is changed by it")
    assert "31 euros" in await _customer_reads(house, anna, EN.question)
