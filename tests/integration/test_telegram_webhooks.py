"""A bot that gets its updates by webhook: by the same inbox, so that changing the way loses and doubles nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from core.app import Core
from core.channel_care import pause
from core.channel_modes import change_mode, webhook_secret
from core.inbox import accept_event, unfinished_events
from core.models import Assistant, Change, Channel, ChannelState, Membership, ProcessedEvent
from core.telegram.connection import open_bot
from core.telegram.polling import work_on_updates
from core.telegram.webhook import Address, Timing, Webhook
from core.tenancy import Actor, actor_of
from core.undoing import undo
from tests.conftest import MakeAssistant
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.subprocesses import free_port
from tests.telegram_server import Person, TelegramServer
from tests.waiting import until

PUBLIC = "https://shop.example"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
QUICK = Timing(look=0.2, again=0.1, longest_pause=0.2)


@pytest.fixture
def public_house(house: Core, telegram: TelegramServer) -> Core:
    """The house with an address in the world, which Telegram finds."""
    port = free_port()
    telegram.queues.leads_to[PUBLIC] = f"http://127.0.0.1:{port}"
    return replace(house, settings=house.settings.model_copy(update={"public_url": PUBLIC, "port": port}))


@pytest.fixture
async def at_work(public_house: Core) -> AsyncIterator[str]:
    """Its bots and its web server run; where the server is here."""
    from api.role import run
    from bots.registry import Registry

    async with running(public_house, run(public_house)), running(public_house, Registry(public_house, 0.1).run()):
        yield f"http://127.0.0.1:{public_house.settings.port}"


async def _owner_of(assistant: Assistant) -> Actor:
    return await actor_of((await Membership.get(tenant_id=assistant.tenant_id)).user_id)


async def _by_webhook(core: Core, rosa: Assistant, channel: Channel, telegram: TelegramServer, token: str) -> None:
    await change_mode(core.settings, await _owner_of(rosa), channel, "webhook")

    async def stands() -> bool:
        return bool(telegram.queues.orders.get(token, {}).get("url"))

    await until(stands, 15)


async def test_a_bot_by_webhook_answers_and_telegram_is_not_asked(
    public_house: Core,
    at_work: str,
    assistant: MakeAssistant,
    connect: Connect,
    customer: MakeCustomer,
    telegram: TelegramServer,
) -> None:
    rosa = await assistant(greeting="Welcome!")
    channel = await connect(rosa)
    ann = customer(channel)
    await _by_webhook(public_house, rosa, channel, telegram, ann.token)
    await ann.says("/start")
    await ann.reads("Welcome!")
    order = telegram.queues.orders[ann.token]
    assert order["url"] == f"{PUBLIC}/telegram/{channel.id}"
    assert ann.token not in order["url"]
    assert order["drop_pending_updates"] in (False, "false")
    assert order["secret_token"] == webhook_secret(public_house.keyring, channel.id)
    assert not telegram.is_polled(ann.token)
    assert (await Channel.get(id=channel.id)).state == ChannelState.RUNNING


async def test_changing_the_way_amidst_messages_loses_and_doubles_nothing(
    public_house: Core,
    at_work: str,
    assistant: MakeAssistant,
    connect: Connect,
    customer: MakeCustomer,
    telegram: TelegramServer,
) -> None:
    rosa = await assistant(greeting="Welcome!")
    channel = await connect(rosa)
    actor = await _owner_of(rosa)
    people = [customer(channel) for _ in range(40)]

    async def write() -> None:
        for ann in people:
            await ann.says("/start")
            await asyncio.sleep(0.1)
            if not telegram.is_polled(ann.token):  # Telegram brings again what was not taken
                await telegram.deliver_updates(token=ann.token)

    writing = public_house.background.start(write(), "customers")
    for mode in ("webhook", "polling", "webhook", "polling"):
        await asyncio.sleep(0.9)
        await change_mode(public_house.settings, actor, channel, mode)
    await asyncio.wait({writing})

    async def answered() -> bool:
        return all(ann.chat for ann in people)

    await until(answered, 30)
    await asyncio.sleep(1)
    assert [[one.text for one in ann.chat] for ann in people] == [["Welcome!"]] * len(people)
    assert await ProcessedEvent.filter(source=f"telegram:{channel.id}").count() == len(people)
    assert {"setWebhook", "deleteWebhook", "getUpdates"} <= {call.method for call in telegram.calls}


async def test_an_update_that_comes_by_both_ways_is_answered_once(
    public_house: Core,
    at_work: str,
    assistant: MakeAssistant,
    connect: Connect,
    customer: MakeCustomer,
    telegram: TelegramServer,
) -> None:
    rosa = await assistant(greeting="Welcome!")
    channel = await connect(rosa)
    ann = customer(channel)
    await _by_webhook(public_house, rosa, channel, telegram, ann.token)
    number = await ann.says("/start")
    await ann.reads("Welcome!")
    again = {"update_id": number, "message": {"message_id": 1, "date": 1, "chat": {"id": ann.id, "type": "private"}}}
    telegram.deliver_again(ann.token, again)
    await change_mode(public_house.settings, await _owner_of(rosa), channel, "polling")

    async def taken() -> bool:
        return not telegram.queues._state(ann.token).updates or telegram.queues._state(ann.token).polling

    await until(taken, 15)
    bob = customer(channel)
    await bob.says("/start")
    await bob.reads("Welcome!")
    assert len(ann.chat) == 1


async def test_what_another_process_has_accepted_is_answered(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    rosa = await assistant(greeting="Welcome!")
    channel = await connect(rosa)
    ann = customer(channel)
    await ann.says("/start")
    await ann.reads("Welcome!")
    message = {"message_id": 7, "date": 1, "chat": {"id": ann.id, "type": "private"}, "text": "/start"}
    update = {"update_id": 900, "message": message | {"from": {"id": ann.id, "is_bot": False, "first_name": "Ann"}}}
    await accept_event(f"telegram:{channel.id}", "900", update)

    async def answered_again() -> bool:
        return len(ann.chat) == 2

    await until(answered_again, 10)


async def _post(url: str, channel: object, secret: str, **body: Any) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/telegram/{channel}", headers={HEADER: secret}, **body) as response,
    ):
        await response.read()
        return response.status


async def test_nobody_but_telegram_is_heard(
    public_house: Core,
    at_work: str,
    assistant: MakeAssistant,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rosa = await assistant()
    channel, unknown = await connect(rosa), "7f4df1a5-9c0a-4e0b-bb43-3a3b7d4c1a10"
    secret = webhook_secret(public_house.keyring, channel.id)
    update = {"update_id": 5, "poll": {}}
    with caplog.at_level(logging.WARNING, "api.telegram"):
        assert await _post(at_work, channel.id, "", json=update) == 404
        assert await _post(at_work, channel.id, "wrong", json=update) == 404
        assert await _post(at_work, channel.id, "wrong \u2603", json=update) == 404
        assert await _post(at_work, unknown, secret, json=update) == 404
        assert await _post(at_work, channel.id, secret, data=b"{" + b" " * 1_000_000) == 413
        assert await _post(at_work, channel.id, secret, data=b"{broken") == 400
        assert await _post(at_work, channel.id, secret, json=[1]) == 400
        assert await _post(at_work, channel.id, secret, json={"update_id": "5"}) == 400
        assert await _post(at_work, channel.id, secret, data=b"[" * 100_000) == 400
    assert len([one for one in caplog.messages if str(channel.id) in one]) == 3, "each kind once"
    assert not await ProcessedEvent.filter(source=f"telegram:{channel.id}").exists()
    await pause(await _owner_of(rosa), channel)
    assert await _post(at_work, channel.id, secret, json=update) == 503, "Telegram keeps it"
    assert not await unfinished_events(f"telegram:{channel.id}")


class Looking:
    """A webhook that is looked after, and what was reported of it."""

    def __init__(self, core: Core, telegram: TelegramServer, url: str) -> None:
        self.core, self.telegram, self.url, self.token = core, telegram, url, telegram.new_bot()
        self.reported: list[tuple[ChannelState, str]] = []

    async def run(self) -> None:
        async def handle(*_: object) -> None:
            pass

        async with open_bot(self.telegram.url, self.token) as bot:
            work = work_on_updates(bot, self.core.background, f"test:{self.token}", handle)
            address = Address(self.url, "secret")
            await Webhook(bot, work, address, lambda: ["message"], self.report, QUICK).run()

    async def report(self, state: ChannelState, code: str = "", **_facts: object) -> None:
        self.reported.append((state, code))

    async def reports(self, state: ChannelState, code: str = "") -> None:
        begun = len(self.reported)

        async def reported() -> bool:
            return (state, code) in self.reported[begun:]

        await until(reported, 10)


async def test_a_webhook_that_somebody_else_has_changed_is_set_again(house: Core, telegram: TelegramServer) -> None:
    looking = Looking(house, telegram, "http://127.0.0.1:9/ours")
    async with running(house, looking.run()):
        await looking.reports(ChannelState.RUNNING)
        for _ in range(2):
            await telegram.queues.set_webhook(looking.token, {"url": "https://foreign.example/hook"})

            async def mended() -> bool:
                return bool(telegram.queues.orders[looking.token]["url"] == looking.url)

            await until(mended, 10)
        await looking.reports(ChannelState.RUNNING)


async def test_deliveries_that_fail_are_told_in_words_until_they_succeed(
    house: Core, telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    looking = Looking(house, telegram, "http://127.0.0.1:9/ours")
    async with running(house, looking.run()):
        await looking.reports(ChannelState.RUNNING)
        await Person(telegram, looking.token).says("hello")
        await looking.reports(ChannelState.FAILED, "channel-webhook-unreachable")
        for said, code in (
            ("SSL error {error:0A000086:SSL routines::certificate verify failed}", "channel-webhook-certificate"),
            ("Wrong response from the webhook: 502 Bad Gateway", "channel-webhook-answer"),
        ):
            telegram.queues.failures[looking.token]["last_error_message"] = said
            await looking.reports(ChannelState.FAILED, code)
        telegram.queues._state(looking.token).updates.clear()
        await looking.reports(ChannelState.RUNNING)
    facts = {"address": "https://a.example", "status": "502", "reason": "no"}
    for code in ("unreachable", "certificate", "answer", "refused"):
        sentences = {house.texts.say(locale, f"channel-webhook-{code}", **facts) for locale in ("en", "ru")}
        assert len(sentences) == 2


async def test_an_address_that_telegram_does_not_take_is_reported(house: Core, telegram: TelegramServer) -> None:
    looking = Looking(house, telegram, "http://shop.example/not-encrypted")
    async with running(house, looking.run()):
        await looking.reports(ChannelState.FAILED, "channel-webhook-refused")
    telegram.violations.clear()


async def test_an_owner_chooses_the_way_over_rest_and_takes_it_back(
    house: Core, assistant: MakeAssistant, connect: Connect
) -> None:
    from api.app import create_app
    from core.accounts import ACCESS_LIFE, sign

    rosa = await assistant()
    channel = await connect(rosa)
    actor = await _owner_of(rosa)
    token = sign(house.keyring, "access", str(actor.user_id), ACCESS_LIFE)
    ask = {"headers": {"Authorization": f"Bearer {token}"}, "json": {"mode": "webhook"}}
    url = f"/api/v1/assistants/{rosa.id}/channels/{channel.id}"
    refused = await create_app(house, rate_limits=False).test_client().patch(url, **ask)
    assert refused.status_code == 422
    assert (await refused.get_json())["code"] == "error-webhook-needs-https"
    public = replace(house, settings=house.settings.model_copy(update={"public_url": PUBLIC}))
    changed = await create_app(public, rate_limits=False).test_client().patch(url, **ask)
    assert (await changed.get_json())["mode"] == "webhook"
    change = await Change.filter(subject_id=channel.id).order_by("-created_at").first()
    assert change
    await undo(public, actor, change)
    assert (await Channel.get(id=channel.id)).settings["mode"] == "polling"
    by_default = public.settings.model_copy(update={"telegram_updates": "webhook"})
    other = await connect(rosa)
    listed = (
        await create_app(replace(public, settings=by_default))
        .test_client()
        .get(f"/api/v1/assistants/{rosa.id}/channels", headers=ask["headers"])
    )
    modes = {one["id"]: one["mode"] for one in (await listed.get_json())["channels"]}
    assert modes == {str(channel.id): "polling", str(other.id): "webhook"}
