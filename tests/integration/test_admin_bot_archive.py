"""Owners save an assistant as a file and bring it back, bring back a deleted one, and see and erase a customer."""

import asyncio
import io
import zipfile
from pathlib import Path

import pytest

from core.app import Core
from core.changes import last_change_of
from core.dialog import answer_message
from core.errors import NotFound
from core.farewell import WHOLE
from core.hidden import NOBODY
from core.messages import Incoming
from core.models import (
    Archive,
    ArchiveKind,
    ArchiveStatus,
    Assistant,
    Contact,
    Membership,
    Message,
    Role,
    User,
)
from core.receiving import receive_text
from core.verified import add_verified_answer
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("worker")


async def _file(telegram: TelegramServer, beginning: str) -> tuple[str, bytes]:
    async def there() -> tuple[str, bytes] | None:
        return next(((one.name, one.data) for one in telegram.files if one.name.startswith(beginning)), None)

    found = await until(there, 20)
    assert found
    return found


async def _saved(person: Person, telegram: TelegramServer, save: str, get: str) -> bytes:
    await person.says("/menu")
    await person.presses("🔀")
    await person.presses(save)
    await person.presses(get)
    return (await _file(telegram, ""))[1]


async def test_an_assistant_is_saved_and_restored_by_sending_the_file(
    olga: Person, house: Core, telegram: TelegramServer, tmp_path: Path
) -> None:
    kettle = await assistant_of_person(olga)
    await add_verified_answer(house, kettle, "Are dogs welcome?", "Yes, on a lead.")
    await receive_text(house, kettle, "Prices", "The violet room costs 17 euros a night.")
    data = await _saved(olga, telegram, "Save as a file", "Send me the file")
    await olga.reads("Keep this file")
    file = tmp_path / "kettle.zip"
    await asyncio.to_thread(file.write_bytes, data)
    await olga.sends_file(file)
    await olga.reads("This file holds the assistant “Copper Kettle”")
    await olga.presses("Yes, restore")
    await olga.reads("“Copper Kettle” is restored")
    await olga.presses("Work with it")

    async def restored() -> Assistant | None:
        return await Assistant.filter(tenant_id=kettle.tenant_id).exclude(id=kettle.id).first()

    copy = await until(restored)
    assert copy
    reply = await answer_message(house, Incoming(copy.id, "api", "x", "Are dogs welcome?"))
    assert reply.text == "Yes, on a lead."


async def test_the_same_in_russian_also_for_somebody_who_has_no_assistant_yet(
    admin_bot: None, writes_to_admin_bot: MakePerson, telegram: TelegramServer, tmp_path: Path
) -> None:
    ivan = await started(writes_to_admin_bot("ru", "Иван"), "Русский", "Медный чайник")
    data = await _saved(ivan, telegram, "Сохранить файлом", "Прислать файл")
    await ivan.reads("Сохраните этот файл")
    file = tmp_path / "chajnik.zip"
    await asyncio.to_thread(file.write_bytes, data)
    petr = writes_to_admin_bot("ru", "Пётр")
    await petr.says("/start")
    await petr.presses("Русский")
    await petr.reads("Чем вы занимаетесь")
    await petr.sends_file(file)
    await petr.reads("В этом файле ассистент «Медный чайник»")
    await petr.presses("Да, восстановить")
    await petr.reads("Ассистент «Медный чайник» восстановлен")
    assert (await assistant_of_person(petr)).name == "Медный чайник"


async def test_a_zip_that_is_no_archive_and_one_that_is_too_large_are_explained(olga: Person, tmp_path: Path) -> None:
    other = tmp_path / "photos.zip"
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("photo.jpg", b"x")
    await olga.sends_file(other)
    await olga.reads("This archive cannot be restored")
    await olga.sends_file(other, size=30_000_000)
    await olga.reads("Telegram hands bots files up to 20 MB")
    shown = await olga.reads("Telegram hands bots files up to 20 MB")
    await olga.presses_data(shown.message_id, "p:archive.restore::0")
    await olga.reads("This button is out of date")


async def test_a_file_too_large_for_telegram_is_given_by_a_link_or_told_where_it_lies(
    olga: Person, house: Core
) -> None:
    kettle = await assistant_of_person(olga)
    user = await User.get(telegram_id=olga.id)
    archive = await Archive.create(
        tenant_id=kettle.tenant_id,
        assistant=kettle,
        kind=ArchiveKind.EXPORT,
        status=ArchiveStatus.DONE,
        name=kettle.name,
        asked_by=user.id,
        size_bytes=70_000_000,
    )
    house.settings.archives_folder.mkdir(exist_ok=True)
    (house.settings.archives_folder / f"{archive.id}.zip").write_bytes(b"large")
    await olga.presses_data(olga.chat[-1].message_id, f"p:archive.get:{archive.id.hex}:0")
    assert f"archives/{archive.id}.zip" in (await olga.reads("The file has 70 MB")).text


async def test_a_deleted_assistant_is_brought_back_by_one_tap(olga: Person, house: Core) -> None:
    kettle = await assistant_of_person(olga)
    await add_verified_answer(house, kettle, "Are dogs welcome?", "Yes, on a lead.")
    incoming = Incoming(kettle.id, "api", "x", "Are dogs welcome?")
    await answer_message(house, incoming)
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("Delete “Copper Kettle”")
    await olga.reads("To delete it, type its name")
    await olga.says("Copper Kettle")
    assert "For 7 days it can be brought back" in (await olga.reads("is deleted")).text
    with pytest.raises(NotFound):
        await answer_message(house, incoming)
    await olga.presses("Undo")

    async def back() -> bool:
        return not await Assistant.filter(id=kettle.id, tenant_id=NOBODY).exists()

    await until(back)
    assert (await answer_message(house, incoming)).text == "Yes, on a lead."
    assert await Message.filter(conversation__assistant_id=kettle.id).count() == 4, "with its conversations"


async def test_erased_for_good_it_is_gone(olga: Person, house: Core) -> None:
    kettle = await assistant_of_person(olga)
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("Delete “Copper Kettle”")
    await olga.reads("To delete it, type its name")
    await olga.says("Copper Kettle")
    await olga.reads("is deleted")
    change = await last_change_of(kettle.id, WHOLE)
    assert change
    await olga.presses_data(olga.chat[-1].message_id, f"p:change:{change.id.hex}:0")
    await olga.presses("for good")

    async def gone() -> bool:
        return not await Assistant.filter(id=kettle.id).exists()

    await until(gone)


async def _visited(house: Core, kettle: Assistant) -> Contact:
    await answer_message(house, Incoming(kettle.id, "telegram:7", "77", "Do you sell the Zorblatt?", "Mr Vexmoor"))
    return await Contact.get(assistant_id=kettle.id, key="77")


async def test_a_customer_is_found_shown_and_erased(olga: Person, house: Core, telegram: TelegramServer) -> None:
    contact = await _visited(house, await assistant_of_person(olga))
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("👥 Customers")
    await olga.reads("Customers of “Copper Kettle”")
    await olga.says("nobody at all")
    await olga.reads("I know no customer called “nobody at all”")
    await olga.says("vexmoor")
    await olga.presses("Mr Vexmoor")
    assert "messages: 2" in (await olga.reads("👤 Mr Vexmoor")).text
    await olga.presses("Everything as a file")
    name, data = await _file(telegram, "customer-")
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert "Zorblatt" in opened.read("customer.txt").decode()
    assert "Vexmoor" not in name
    await olga.presses("Erase this customer")
    await olga.reads("To erase, type the name: Mr Vexmoor")
    await olga.says("Mr Other")
    await olga.reads("That is another name, so nothing was erased")
    assert await Contact.filter(id=contact.id).exists()
    await olga.says("mr  vexmoor")
    await olga.reads("Done: nothing is kept of this customer any more")
    _, receipt = await _file(telegram, "receipt-")
    assert b"sha256_of_ids" in receipt
    assert b"Vexmoor" not in receipt
    assert not await Contact.filter(id=contact.id).exists()


async def test_in_russian_a_manager_sees_a_customer_and_may_not_erase_him(
    admin_bot: None, writes_to_admin_bot: MakePerson, house: Core, telegram: TelegramServer
) -> None:
    ivan = await started(writes_to_admin_bot("ru", "Иван"), "Русский", "Медный чайник")
    contact = await _visited(house, await assistant_of_person(ivan))
    await Membership.filter(user__telegram_id=ivan.id).update(role=Role.MANAGER)
    await ivan.says("/menu")
    await ivan.presses("🔀")
    await ivan.presses("👥 Клиенты")
    await ivan.presses("Mr Vexmoor")
    card = await ivan.reads("Откуда пишет")
    assert [one["text"] for one in card.buttons if "Стереть" in one["text"]] == []
    await ivan.presses("Всё одним файлом")
    await _file(telegram, "customer-")
    await ivan.presses_data(card.message_id, f"p:customer.erase:{contact.id.hex}:0")
    await ivan.reads("владелец")
    assert await Contact.filter(id=contact.id).exists()


async def test_a_strangers_customer_and_archive_are_old_buttons(
    olga: Person, writes_to_admin_bot: MakePerson, house: Core
) -> None:
    kettle = await assistant_of_person(olga)
    contact = await _visited(house, kettle)
    clara = await started(writes_to_admin_bot(name="Clara"), name="Clara’s Cakes")
    for do, key in (
        ("archive.make", kettle.id),
        ("archive.get", kettle.id),
        ("customer", contact.id),
        ("customer.file", contact.id),
        ("customer.erase", contact.id),
    ):
        await clara.presses_data(clara.chat[-1].message_id, f"p:{do}:{key.hex}:0")
        shown = await clara.reads("“Clara’s Cakes”\n")
        assert shown.text.startswith("This button is out of date"), do
    assert await Contact.filter(id=contact.id).exists()
