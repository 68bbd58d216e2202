"""An owner makes a key for his CRM: shown once, taken out of the chat, used by a program, revoked."""

import re
from typing import Any

import pytest

from admin_bot import keys
from core.api_keys import api_key_named
from core.app import Core
from core.errors import Unauthenticated
from core.models import ApiKey, AuditEvent, BotState
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
KEY = re.compile(r"lcb_[\w-]{40,}")
WORDS = {
    "en": ("English", "API keys", "New key", "Everything a program may do", "Copied", "no longer shown", "Yes, revoke"),
    "ru": ("Русский", "Ключи API", "Новый ключ", "Всё, что может", "Скопировано", "не показан", "Да, отозвать"),
}


async def _made(person: Person, language: str) -> tuple[int, str]:
    """The message that shows a new key, and the key."""
    _, menu, new, scope, *_ = WORDS[language]
    await person.says("/menu")
    await person.presses(menu)
    await person.presses(new)
    await person.reads("CRM")
    await person.says("CRM of the shop")
    await person.presses(scope)
    shown = await person.reads("lcb_")
    found = KEY.search(shown.text)
    assert found
    return shown.message_id, found.group()


def _in_chat(person: Person, key: str) -> bool:
    return any(key in one.text for one in person.chat)


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_made_shown_once_used_and_revoked(
    admin_bot: None, house: Core, writes_to_admin_bot: MakePerson, api: Any, language: str
) -> None:
    olga = await started(writes_to_admin_bot(language), WORDS[language][0])
    message_id, key = await _made(olga, language)
    rosa = await assistant_of_person(olga)
    row = await ApiKey.get(assistant_id=rosa.id)
    assert (row.name, set(row.scopes)) == ("CRM of the shop", {"chat", "crm", "read", "write"})
    assert key not in str(await BotState.all().values()), "kept nowhere"
    listed = await api.get(f"/api/v1/assistants/{rosa.id}/documents", headers={"Authorization": f"Bearer {key}"})
    assert listed.status_code == 200

    await olga.presses(WORDS[language][4])
    hidden = await olga.reads(WORDS[language][5])
    assert hidden.message_id == message_id
    assert not _in_chat(olga, key)

    await olga.presses(WORDS[language][1])
    await olga.presses("CRM of the shop")
    await olga.presses(WORDS[language][6])

    async def gone() -> bool:
        return not await ApiKey.filter(id=row.id).exists()

    await until(gone)
    with pytest.raises(Unauthenticated):
        await api_key_named(key)
    done = AuditEvent.filter(tenant_id=rosa.tenant_id, action__in=["issue api key", "revoke api key"])
    assert await done.count() == 2


async def test_left_alone_the_key_leaves_the_chat_by_itself(olga: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SHOWN_S", 1.0)
    message_id, key = await _made(olga, "en")
    hidden = await olga.reads("no longer shown")
    assert hidden.message_id == message_id
    assert not _in_chat(olga, key)


async def test_a_second_tap_makes_no_second_key(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("API keys")
    await olga.presses("New key")
    await olga.reads("What is the key for?")
    await olga.says("CRM")
    asked = await olga.reads("What may “CRM” do?")
    data = next(one["callback_data"] for one in asked.buttons if "chat" in one["callback_data"])
    await olga.presses_data(asked.message_id, data)
    await olga.reads("lcb_")
    await olga.presses_data(asked.message_id, data)
    await olga.reads("To revoke one, press it.")
    assert await ApiKey.filter(assistant_id=(await assistant_of_person(olga)).id).count() == 1
