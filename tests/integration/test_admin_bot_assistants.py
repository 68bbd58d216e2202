"""An owner's assistants as such: deleted with care, opened to everybody, limited in number."""

from core.app import Core
from core.assistants import MOST_ASSISTANTS
from core.hidden import NOBODY
from core.models import Assistant, Document
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person


async def test_an_assistant_is_deleted_when_its_name_is_typed(olga: Person) -> None:
    kettle = await assistant_of_person(olga)
    await Document.create(assistant=kettle, filename="a.txt", content_hash="a")
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("Delete “Copper Kettle”")
    asked = await olga.reads("Delete “Copper Kettle”?")
    assert "documents (1)" in asked.text
    await olga.says("yes, please")
    await olga.reads("That is another name, so nothing was deleted")
    assert await Assistant.filter(id=kettle.id).exists()
    await olga.says("  copper   kettle ")
    await olga.reads("“Copper Kettle” is deleted")
    await olga.reads("You have no assistant yet")
    assert not await Assistant.filter(id=kettle.id).exclude(tenant_id=NOBODY).exists()
    await olga.says("Tea School")
    await olga.presses("Yes, that is the name")
    await olga.reads("“Tea School” is ready to learn")


async def test_cancelling_keeps_the_assistant_and_the_next_text_is_a_question(olga: Person) -> None:
    kettle = await assistant_of_person(olga)
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("Delete “Copper Kettle”")
    await olga.reads("To delete it, type its name")
    await olga.presses("Cancel")
    await olga.reads("nothing was changed")
    await olga.says("Copper Kettle")
    await olga.reads("The assistant knows nothing yet")
    assert await Assistant.filter(id=kettle.id).exists()


async def test_another_owners_assistant_is_neither_deleted_nor_opened(
    olga: Person, writes_to_admin_bot: MakePerson
) -> None:
    kettle = await assistant_of_person(olga)
    ivan = await started(writes_to_admin_bot(), name="Tea School")
    menu = await ivan.reads("Tea School")
    for do in ("assistant.delete", "page.on"):
        await ivan.presses_data(menu.message_id, f"p:{do}:{kettle.id.hex}:0")
        await ivan.reads("This button is out of date")
    assert not (await Assistant.get(id=kettle.id)).public_page


async def test_an_old_button_of_somebody_whose_last_assistant_is_gone_leads_to_a_new_one(olga: Person) -> None:
    kettle = await assistant_of_person(olga)
    document = await Document.create(assistant=kettle, filename="a.txt", content_hash="a")
    shown = await olga.reads("Copper Kettle")
    await kettle.delete()
    await olga.presses_data(shown.message_id, f"p:doc.delete:{document.id.hex}:0")
    assert "Which language" in (await olga.reads_new()).text
    await olga.presses_data(shown.message_id, "something:old")
    assert "Which language" in (await olga.reads_new()).text


async def test_the_page_for_everybody_is_opened_and_closed_by_a_button(olga: Person, house: Core) -> None:
    kettle = await assistant_of_person(olga)
    address = f"{house.settings.address}/a/{kettle.id}"
    await olga.says("/menu")
    await olga.presses("Public page")
    assert address not in (await olga.reads("is closed")).text
    await olga.presses("Open the page")
    assert address in (await olga.reads("anybody can ask right in the browser. Give")).text
    assert (await Assistant.get(id=kettle.id)).public_page
    await olga.presses("Close the page")
    await olga.reads("is closed")
    assert not (await Assistant.get(id=kettle.id)).public_page


async def test_one_assistant_too_many_is_told_with_what_is_limited(olga: Person) -> None:
    kettle = await assistant_of_person(olga)
    for number in range(MOST_ASSISTANTS - 1):
        await Assistant.create(tenant_id=kettle.tenant_id, name=f"Kettle {number}")
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("New assistant")
    await olga.reads("What shall the new assistant be called?")
    await olga.says("Tea School")
    await olga.reads(f"There can be {MOST_ASSISTANTS} assistants at most")


def test_the_front_page_names_the_button_that_opens_the_page(core: Core) -> None:
    for locale in ("en", "ru"):
        assert core.texts.say(locale, "button-public-page") in core.texts.say(locale, "web-start-public")
