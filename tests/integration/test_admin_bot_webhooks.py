"""An owner connects his CRM's address: adds it, tries it, chooses what it is told, finds what was lost, undoes."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from admin_bot import webhooks
from core.app import Core
from core.models import BotState, Delivery, DeliveryStatus, EndpointTrouble, WebhookEndpoint
from core.tenancy import actor_of
from core.webhooks.delivering import deliver_for_ever
from core.webhooks.endpoints import add_endpoint
from core.webhooks.events import payload_of
from core.webhooks.outbox import put_in_line
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.receiver import Receiver, receiver
from tests.telegram_server import Person
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
SECRET = re.compile(r"whsec_[\w+/=]{40,}")
WORDS = {
    "en": {
        "language": "English", "keys": "API keys", "hooks": "Events for programs", "new": "Add an address",
        "private": "must be a public web address", "http": "must begin with https://", "copied": "Secret copied",
        "hidden": "no longer shown here", "test": "Send a test", "well": "took the test: answer 204 in",
        "failed": "answered with error 500", "choose": "What to tell", "one": "Each message", "save": "Save the choice",
        "saved": "It holds for what happens from now on", "log": "What was sent", "lost": "Send the lost ones again: 1",
        "sending": "Sending again: 1", "off": "the address off", "is_off": "told nothing until", "on": "the address on",
        "is_on": "told what happens again", "secret": "New secret", "yes_secret": "Yes, make a new secret",
        "made": "The old one works for 24 hours", "delete": "Delete this address", "yes_delete": "Yes, delete",
        "deleted": "is deleted", "undo": "Undo", "undone": "Undone",
    },
    "ru": {
        "language": "Русский", "keys": "Ключи API", "hooks": "События для программ", "new": "Добавить адрес",
        "private": "нужен общедоступный адрес", "http": "должен начинаться с https://", "copied": "Секрет скопирован",
        "hidden": "здесь больше не показан", "test": "Отправить пробу", "well": "принял пробное событие: ответ 204 за",
        "failed": "ответил ошибкой 500", "choose": "О чём сообщать", "one": "Каждое сообщение", "save": "Сохранить",
        "saved": "что произойдёт с этой минуты", "log": "Что отправлено", "lost": "Отправить потерянное: 1",
        "sending": "Отправляю снова: 1", "off": "Выключить адрес", "is_off": "ничего не отправляю", "on": "Включить",
        "is_on": "снова уходят события", "secret": "Новый секрет", "yes_secret": "Да, сделать новый",
        "made": "Старый действует ещё 24 часа", "delete": "Удалить этот адрес", "yes_delete": "Да, удалить",
        "deleted": "удалён", "undo": "Отменить", "undone": "Отменено",
    },
}  # fmt: skip


@pytest.fixture
async def crm() -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


@pytest.fixture
async def office(house: Core, crm: Receiver) -> AsyncIterator[Core]:
    """The admin bot's Core, allowed to reach the test's receiver; its worker delivers."""
    from admin_bot.role import run

    core = replace(house, settings=house.settings.model_copy(update={"allowed_private_hosts": crm.host}))
    async with running(core, run(core, progress_every_s=0.1, pace=QUICK)), running(core, deliver_for_ever(core)):
        yield core
    await WebhookEndpoint.all().delete()


async def _hook(person: Person) -> WebhookEndpoint:
    return await WebhookEndpoint.get(assistant_id=(await assistant_of_person(person)).id)


async def _added(person: Person, crm: Receiver, words: dict[str, str]) -> str:
    """The address is there; its secret, still in the chat."""
    await person.says("/menu")
    await person.presses(words["keys"])
    await person.presses(words["hooks"])
    await person.presses(words["new"])
    await person.reads("webhook URL")
    await person.says(crm.url())
    shown = await person.reads("whsec_")
    found = SECRET.search(shown.text)
    assert found
    return found.group()


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_added_tried_limited_lost_and_found_renewed_deleted_and_back(
    office: Core, crm: Receiver, writes_to_admin_bot: MakePerson, language: str
) -> None:
    words = WORDS[language]
    olga = await started(writes_to_admin_bot(language), words["language"])
    await olga.says("/menu")
    await olga.presses(words["keys"])
    await olga.presses(words["hooks"])
    await olga.presses(words["new"])
    await olga.reads("webhook URL")
    await olga.says("localhost/hook")
    await olga.reads(words["private"])
    await olga.says("http://crm.example/hook")
    await olga.reads(words["http"])
    await olga.says(crm.url())
    shown = await olga.reads("whsec_")
    secret = SECRET.search(shown.text).group()  # type: ignore[union-attr]
    await olga.presses(words["copied"])
    await olga.reads(words["hidden"])
    assert not [one for one in olga.chat if secret in one.text]
    assert secret not in str(await BotState.all().values()), "kept nowhere"
    hook = await _hook(olga)
    assert hook.events == ["*"]

    await olga.presses(words["test"])
    await olga.reads(words["well"])
    assert crm.told[-1].verified_with(secret)["type"] == "endpoint.test"
    crm.answers["/hook"] = 500
    await olga.presses(words["test"])
    await olga.reads(words["failed"])

    await olga.presses(words["choose"])
    await olga.presses(words["one"])
    await olga.presses(words["save"])
    await olga.reads(words["saved"])
    assert "message.created" not in (await _hook(olga)).events
    assert "conversation.started" in (await _hook(olga)).events
    await olga.presses(words["undo"])
    await olga.reads(words["undone"])
    assert (await _hook(olga)).events == ["*"]

    lost = await Delivery.create(
        endpoint=hook,
        event="gap.recorded",
        payload=payload_of("gap.recorded", {"gap": {"id": str(uuid4())}}),
        status=DeliveryStatus.DEAD,
        error="webhook-error-status",
        response_status=500,
    )
    crm.answers["/hook"] = 204
    await olga.presses(words["hooks"])
    await olga.presses("127.0.0.1")
    await olga.presses(words["log"])
    listed = await olga.reads(words["failed"])
    assert "❌" in listed.text
    await olga.presses(words["lost"])
    await olga.reads(words["sending"])
    await _settled(lost)
    assert crm.told[-1].id == str(lost.id)

    await olga.presses("‹ 127.0.0.1")
    await olga.presses(words["off"])
    await olga.reads(words["is_off"])
    assert not (await _hook(olga)).active
    await olga.presses(words["on"])
    await olga.reads(words["is_on"])

    await olga.presses(words["secret"])
    await olga.presses(words["yes_secret"])
    renewed = await olga.reads(words["made"])
    assert SECRET.search(renewed.text).group() != secret  # type: ignore[union-attr]
    await olga.presses(words["copied"])

    await olga.says("/menu")
    await olga.presses(words["keys"])
    await olga.presses(words["hooks"])
    await olga.presses("127.0.0.1")
    await olga.presses(words["delete"])
    await olga.presses(words["yes_delete"])
    await olga.reads(words["deleted"])
    assert not await WebhookEndpoint.filter(id=hook.id).exists()
    await olga.presses(words["undo"])

    async def is_back() -> bool:
        return await WebhookEndpoint.filter(id=hook.id).exists()

    await until(is_back)


async def _settled(delivery: Delivery) -> None:
    async def settled() -> bool:
        return await Delivery.filter(id=delivery.id, status=DeliveryStatus.DELIVERED).exists()

    await until(settled)


async def test_left_alone_the_secret_leaves_the_chat_by_itself(
    office: Core, crm: Receiver, writes_to_admin_bot: MakePerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "SHOWN_S", 1.0)
    olga = await started(writes_to_admin_bot())
    secret = await _added(olga, crm, WORDS["en"])
    await olga.reads("no longer shown here")
    assert not [one for one in olga.chat if secret in one.text]


async def test_nothing_ticked_cannot_be_saved_and_ticks_outlive_other_screens(
    office: Core, crm: Receiver, writes_to_admin_bot: MakePerson
) -> None:
    words = WORDS["en"]
    olga = await started(writes_to_admin_bot())
    await _added(olga, crm, words)
    await olga.presses(words["copied"])
    await olga.presses(words["choose"])
    shown = await olga.reads("Tap to tick")
    ticks = [one["callback_data"] for one in shown.buttons if ":hook.tick:" in one["callback_data"]]
    assert len(ticks) == 9, "what has no source yet is not offered"
    for data in ticks:
        await olga.presses_data(shown.message_id, data)
    await olga.presses(words["save"])
    await olga.reads("Tick at least one")
    assert (await _hook(olga)).events == ["*"]
    await olga.presses(words["one"])
    await olga.presses(words["save"])
    await olga.reads("It holds for what")
    await olga.reads("It is told 2 kinds of events")
    assert set((await _hook(olga)).events) == {"message.created", "lead.captured"}


@pytest.mark.parametrize(
    ("language", "told", "again", "well"),
    [
        (
            "English",
            "have switched it off. The address has taken nothing for a whole day.",
            "Try the address again",
            "All is well",
        ),
        (
            "Русский",
            "выключил этот адрес. Адрес целый день ничего не принимал.",
            "Попробовать адрес снова",
            "Всё в порядке",
        ),
    ],
)
async def test_an_address_that_was_switched_off_is_news_with_a_button_that_tries_again(
    office: Core, crm: Receiver, writes_to_admin_bot: MakePerson, language: str, told: str, again: str, well: str
) -> None:
    olga = await started(writes_to_admin_bot("ru" if language == "Русский" else "en"), language)
    rosa = await assistant_of_person(olga)
    user_id = (await _user_of(olga)).id
    hook, _ = await add_endpoint(office, await actor_of(user_id), rosa, crm.url())
    crm.answers["/hook"] = 500
    (delivery,) = await put_in_line([hook], payload_of("gap.recorded", {"gap": {"id": str(uuid4())}}))

    async def failed() -> bool:
        return await EndpointTrouble.filter(endpoint_id=hook.id).exists()

    await until(failed)
    await EndpointTrouble.filter(endpoint_id=hook.id).update(since=datetime.now(UTC) - timedelta(days=2))
    await Delivery.filter(id=delivery.id).update(run_after=datetime.now(UTC))
    await olga.reads(told)
    crm.answers["/hook"] = 204
    await olga.presses(again)
    await olga.reads(well)
    assert (await _hook(olga)).active
    await _settled(delivery)


async def _user_of(person: Person):  # type: ignore[no-untyped-def]
    from core.models import User

    return await User.get(telegram_id=person.id)


async def test_a_strangers_address_is_not_there(office: Core, crm: Receiver, writes_to_admin_bot: MakePerson) -> None:
    olga = await started(writes_to_admin_bot())
    await _added(olga, crm, WORDS["en"])
    hook = await _hook(olga)
    boris = await started(writes_to_admin_bot(name="Boris"))
    await boris.says("/menu")
    menu = await boris.reads("Copper Kettle")
    for do in ("hook", "hook.test", "hook.off", "hook.log", "hook.delete.yes", "hook.secret.yes", "hook.hide"):
        await boris.presses_data(menu.message_id, f"p:{do}:{hook.id.hex}:0")
    await boris.reads("out of date")
    assert (await _hook(olga)).active
    assert crm.told == []
