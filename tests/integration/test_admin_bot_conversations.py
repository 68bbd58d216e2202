"""Each conversation with an owner: what he says, what he reads, and what it changes."""

from pathlib import Path

import pytest

from core.app import Core
from core.documents import documents_of
from core.models import VerifiedAnswer
from core.policy import Length, Policy, policy_of
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, named, started
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until


async def test_somebody_new_who_does_not_say_start_is_welcomed_all_the_same(
    admin_bot: None, writes_to_admin_bot: MakePerson
) -> None:
    ivan = writes_to_admin_bot("ru")
    await ivan.says("Привет")
    assert (await ivan.reads_new()).text.startswith("Здравствуйте!")


async def test_the_language_can_be_changed_at_any_time(olga: Person) -> None:
    await olga.says("/menu")
    await olga.reads("Documents: none yet")
    await olga.presses("Русский")
    await olga.reads("Документов пока нет")
    await olga.presses("English")
    await olga.reads("Documents: none yet")


async def test_a_second_assistant_and_the_way_back(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("New assistant")
    await olga.reads("What shall the new assistant be called?")
    await olga.says("Tea School")
    await olga.reads("“Tea School” is ready to learn")
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.reads("Whichever you choose")
    await olga.presses("Copper Kettle")
    await olga.reads("Now working with “Copper Kettle”")


async def test_a_name_of_a_mile_is_asked_for_again(admin_bot: None, writes_to_admin_bot: MakePerson) -> None:
    olga = writes_to_admin_bot()
    await olga.says("/start")
    await olga.presses("English")
    await olga.presses("Skip for now")
    await olga.reads("What is your business called?")
    await olga.says("x" * 121)
    await olga.reads("120 characters at most")
    await olga.says("Kettle")
    await olga.reads("“Kettle” is ready to learn")


async def test_documents_are_listed_and_deleted_after_a_question(
    olga: Person, worker: None, shop_documents: list[Path]
) -> None:
    await olga.sends_file(named(shop_documents, "faq.txt"))
    await olga.reads("faq.txt: done", 60)
    await olga.presses("Documents")
    await olga.reads("✅ faq.txt")
    await olga.presses("faq.txt")
    await olga.presses("🗑 Delete")
    await olga.reads("Delete “faq.txt”?")
    await olga.presses("No, keep")
    await olga.reads("Since ")
    await olga.presses("🗑 Delete")
    await olga.presses("Yes, delete")
    await olga.reads("the assistant no longer knows it")
    assert await documents_of(await assistant_of_person(olga)) == []


async def test_a_pasted_text_becomes_a_document(olga: Person, worker: None) -> None:
    await olga.presses("Paste text")
    await olga.reads("Paste the text in one message")
    await olga.says("Parking\n\nThere are three free places in the yard behind the shop.")
    await olga.reads("Parking: done", 60)
    await olga.says("Is there parking?")
    await olga.reads("Sources\n• Parking", 40)


async def test_a_long_text_may_be_a_document_or_a_question(olga: Person, worker: None) -> None:
    text = "Opening hours\n\n" + "We are open from Tuesday to Saturday. " * 20
    await olga.says(text)
    await olga.reads("Shall I remember it")
    await olga.presses("Remember it")
    await olga.reads("Opening hours: done", 60)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.txt", b"", "There is no text in this file"),
        ("program.pdf", b"MZ\x90\x00" + b"\x00" * 200, "I cannot read this kind of file"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_in_plain_words(
    olga: Person, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    await olga.sends_file(file)
    told = await olga.reads(sentence)
    assert name in told.text


@pytest.mark.parametrize("size", [20_300_000, 60_000_000])
async def test_a_file_that_telegram_does_not_hand_over_to_bots_has_a_step_that_can_be_taken(
    olga: Person, tmp_path: Path, size: int
) -> None:
    file = tmp_path / "book.pdf"
    file.write_bytes(b"%PDF-1.7")
    await olga.sends_file(file, size=size)
    told = await olga.reads("book.pdf is over 20 MB")
    assert "Split it" in told.text
    assert "http" not in told.text


async def test_a_file_larger_than_announced_is_not_swallowed(olga: Person, tmp_path: Path) -> None:
    file = tmp_path / "liar.txt"
    file.write_bytes(b"tea " * 5_250_000)
    await olga.sends_file(file, size=1000)
    await olga.reads("is over 20 MB", 30)


async def test_a_photo_or_a_voice_is_not_a_document(olga: Person) -> None:
    await olga.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 2})
    await olga.reads("I learn from documents")


async def test_the_same_file_twice_is_told(olga: Person, worker: None, shop_documents: list[Path]) -> None:
    await olga.sends_file(named(shop_documents, "faq.txt"))
    await olga.reads("faq.txt: done", 60)
    await olga.sends_file(named(shop_documents, "faq.txt"))
    await olga.reads("was already here")


async def test_nothing_can_be_tried_before_something_is_known(olga: Person) -> None:
    await olga.says("When are you open?")
    await olga.reads("The assistant knows nothing yet")


async def test_an_answer_nobody_knew_is_taught_on_the_spot(
    olga: Person, worker: None, shop_documents: list[Path]
) -> None:
    await olga.sends_file(named(shop_documents, "faq.txt"))
    await olga.reads("faq.txt: done", 60)
    await olga.says("Do you repair bicycles on Mars?")
    await olga.reads("an honest “I don’t know”", 40)
    await olga.presses("Write the right answer")
    await olga.reads("Question: Do you repair bicycles on Mars?")
    await olga.says("No, only kettles, and only on Earth.")
    await olga.reads("Remembered")
    await olga.says("Do you repair bicycles on Mars?")
    await olga.reads("Your own ready answer")
    assert any(one.text == "No, only kettles, and only on Earth." for one in olga.chat)
    await olga.says("/menu")
    await olga.presses("Ready answers")
    await olga.presses("🗑 Do you repair")
    await olga.reads("Delete this answer?")
    await olga.presses("Yes, delete")
    await olga.reads("No ready answers yet")
    assert not await VerifiedAnswer.filter(assistant_id=(await assistant_of_person(olga)).id).exists()


@pytest.mark.parametrize(
    ("what", "typed"), [("Tone", "Like an old friend"), ("Greeting", "Hi there!"), ("Contact", "@olga")]
)
async def test_how_it_speaks_is_shown_before_and_after_and_saved_on_a_button(
    olga: Person, what: str, typed: str
) -> None:
    await olga.says("/menu")
    await olga.presses("Tone and greeting")
    await olga.reads("How “Copper Kettle” speaks")
    await olga.presses(what)
    await olga.presses("Cancel")
    await olga.reads("What shall we change?")
    await olga.presses(what)
    await olga.says(typed)
    await olga.reads(f"Before: not set\nAfter: {typed}")
    await olga.presses("Save")
    card = await olga.reads("Saved.")
    assert f": {typed}" in card.text
    assistant = await assistant_of_person(olga)
    assert typed in {assistant.persona, assistant.greeting, assistant.answer_policy.get("contact")}


async def test_a_tone_can_be_chosen_instead_of_described(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Tone and greeting")
    await olga.reads("How “Copper Kettle” speaks")
    await olga.presses("Tone")
    await olga.presses("Friendly")
    await olga.reads("After: Warm and friendly")


async def test_topics_are_taken_one_a_line_shown_before_and_after_and_can_be_taken_back(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Tone and greeting")
    await olga.presses("Not about…")
    await olga.reads("One topic a line")
    await olga.says("• politics\n\n- medical advice\npolitics")
    await olga.reads("Before: not set\nAfter: politics\nmedical advice")
    await olga.presses("Save")
    await olga.reads("Not about: politics, medical advice")
    await olga.presses("decline kindly")
    await _policy_becomes(olga, Policy(forbidden_topics=("politics", "medical advice"), forbidden_calls_person=True))

    await olga.presses("Not about…")
    await olga.presses("None")
    await olga.reads("After: not set")
    await olga.presses("Save")
    await olga.reads("Not about: not set")
    assert policy_of(await assistant_of_person(olga)).forbidden_topics == ()
    await olga.presses("Only about…")
    await olga.says("\n".join(f"topic {number}" for number in range(21)))
    await olga.reads("20 topics at most, and these are 21")
    await olga.says("x" * 121)
    await olga.reads("120 characters at most")
    assert policy_of(await assistant_of_person(olga)).allowed_topics == ()


async def test_length_and_small_talk_are_switched_by_their_buttons(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Tone and greeting")
    for pressed, length, small_talk in (
        ("Answers: medium", Length.LONG, True),
        ("Answers: detailed", Length.SHORT, True),
        ("Answers: short", Length.MEDIUM, True),
        ("Small talk: yes", Length.MEDIUM, False),
    ):
        await olga.presses(pressed)
        if pressed.startswith("Answers"):
            await olga.presses("Save")
        await _policy_becomes(olga, Policy(length=length, small_talk=small_talk))


async def _policy_becomes(person: Person, policy: Policy) -> None:
    async def is_so() -> bool:
        return policy_of(await assistant_of_person(person)) == policy

    await until(is_so)


async def test_a_button_of_another_owners_things_does_nothing(
    olga: Person, writes_to_admin_bot: MakePerson, house: Core, worker: None, shop_documents: list[Path]
) -> None:
    await olga.sends_file(named(shop_documents, "faq.txt"))
    await olga.reads("faq.txt: done", 60)
    [document] = await documents_of(await assistant_of_person(olga))
    ivan = await started(writes_to_admin_bot(), name="Tea School")
    menu = await ivan.reads("Tea School")
    for do in ("doc.delete", "doc.delete.yes"):
        await ivan.presses_data(menu.message_id, f"p:{do}:{document.id.hex}:0")
        await ivan.reads("This button is out of date")
    assert await documents_of(await assistant_of_person(olga)) == [document]


async def test_a_button_from_nobody_knows_when_shows_how_things_stand(olga: Person) -> None:
    menu = await olga.reads("Copper Kettle")
    await olga.presses_data(menu.message_id, "something:old")
    await olga.reads("This button is out of date")


async def test_a_group_gets_no_word_about_anybodys_business(olga: Person, telegram: TelegramServer) -> None:
    await olga.sends(text="/menu", chat={"id": -77, "type": "supergroup", "title": "Team"})
    await olga.says("/help")
    await olga.reads("What I can do")
    assert not [one for one in telegram.shown if one.chat_id == -77]
    assert not [one for one in olga.chat if "Documents:" in one.text]


async def test_save_on_an_older_card_saves_nothing_else(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Tone and greeting")
    await olga.presses("Contact")
    await olga.reads("Whom shall a customer turn to")
    await olga.says("@olga")
    older = await olga.reads("After: @olga")
    save = older.buttons[0]["callback_data"]
    await olga.says("/menu")
    await olga.presses("Tone and greeting")
    await olga.presses("Greeting")
    await olga.says("Hi there!")
    await olga.reads("After: Hi there!")
    await olga.presses_data(older.message_id, save)
    await olga.reads("This button is out of date")
    assistant = await assistant_of_person(olga)
    assert (assistant.greeting, assistant.answer_policy) == ("", {})
