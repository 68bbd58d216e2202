"""Bots start, stop and change while the product runs, each by itself; owners see how each of them is."""

import asyncio
from dataclasses import replace

import pytest

from core.app import Core
from core.channels import connect_telegram, disconnect, token_of
from core.errors import BotTaken, Unavailable, WrongBotToken
from core.models import Assistant, Channel, ChannelState, Membership
from core.tenancy import Actor, actor_of
from tests.conftest import MakeAssistant
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.telegram_server import TelegramServer
from tests.waiting import until


async def _state(channel: Channel, state: ChannelState) -> Channel:
    async def so() -> Channel | None:
        return await Channel.get_or_none(id=channel.id, state=state)

    return await until(so, 15)


async def _owner_of(assistant: Assistant) -> Actor:
    return await actor_of((await Membership.get(tenant_id=assistant.tenant_id)).user_id)


async def test_a_bot_connected_while_we_run_goes_live_without_a_restart(
    bots: None, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    channel = await connect(await assistant(greeting="Hello from the new bot!"))
    ann = customer(channel)
    await ann.says("/start")
    await ann.reads("Hello from the new bot!", timeout_s=10)
    await _state(channel, ChannelState.RUNNING)


async def test_two_bots_at_once_answer_each_for_its_own_assistant(
    bots: None, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    ann = customer(await connect(await assistant(greeting="This is Rosa.")))
    bob = customer(await connect(await assistant(greeting="This is Igor.")))
    await asyncio.gather(ann.says("/start"), bob.says("/start"))
    assert (await ann.reads_new()).text == "This is Rosa."
    assert (await bob.reads_new()).text == "This is Igor."


async def test_a_disconnected_bot_falls_silent(
    bots: None, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer, telegram: TelegramServer
) -> None:
    rosa = await assistant(greeting="Hello!")
    channel = await connect(rosa)
    ann = customer(channel)
    await ann.says("/start")
    await ann.reads("Hello!")
    await disconnect(await _owner_of(rosa), channel)

    async def deaf() -> bool:
        return not telegram.is_polled(ann.token)

    await until(deaf, 10)
    await ann.says("/start")
    assert len(ann.chat) == 1


async def test_a_revoked_token_is_reported_and_disturbs_no_other_bot(
    bots: None,
    house: Core,
    assistant: MakeAssistant,
    connect: Connect,
    customer: MakeCustomer,
    telegram: TelegramServer,
) -> None:
    rosa = await assistant(greeting="Rosa is back.")
    broken, healthy = await connect(rosa), await connect(await assistant(greeting="Hello!"))
    await _state(broken, ChannelState.RUNNING)
    ann, bob = customer(broken), customer(healthy)
    name = telegram.names.pop(ann.token)
    await ann.says("/start")
    failed = await _state(broken, ChannelState.FAILED)
    assert failed.error_code == "error-wrong-bot-token"
    asked = len([call for call in telegram.calls if call.token == ann.token])
    await bob.says("/start")
    await bob.reads("Hello!")
    await asyncio.sleep(0.5)
    assert len([call for call in telegram.calls if call.token == ann.token]) == asked, "not tried again"
    # The owner takes a new token for the same bot.
    renewed = ann.token[:-5] + "fresh"
    telegram.names[renewed] = name
    await connect_telegram(house, await _owner_of(rosa), rosa, renewed)
    await _state(broken, ChannelState.RUNNING)


async def test_a_channel_that_breaks_is_reported_and_disturbs_no_other_bot(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    broken, healthy = await connect(await assistant()), await connect(await assistant(greeting="Hello!"))
    await Channel.filter(id=broken.id).update(secrets=house.keyring.seal({"nonsense": ""}))
    assert (await _state(broken, ChannelState.FAILED)).error_code == "channel-broken"
    bob = customer(healthy)
    await bob.says("/start")
    await bob.reads("Hello!")


async def test_a_secret_of_another_installation_is_reported(
    bots: None, house: Core, assistant: MakeAssistant, connect: Connect
) -> None:
    from core.keyring import Keyring

    channel = await connect(await assistant())
    foreign = Keyring(b"another installation's master key").seal({"token": token_of(house, channel)})
    await Channel.filter(id=channel.id).update(secrets=foreign)
    assert (await _state(channel, ChannelState.FAILED)).error_code == "error-wrong-master-key"


async def test_every_reported_code_is_a_sentence_in_both_languages(core: Core) -> None:
    codes = (
        "channel-unreachable channel-read-elsewhere channel-broken error-wrong-bot-token error-wrong-master-key".split()
    )
    assert all(core.texts.knows(code) for code in codes)


async def test_a_wrong_token_is_refused_before_it_is_stored(house: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    owner = await _owner_of(rosa)
    for token in ("not a token", "123456789:nobodyIssuedThisOne"):
        with pytest.raises(WrongBotToken):
            await connect_telegram(house, owner, rosa, token)
    assert not await Channel.filter(assistant_id=rosa.id).exists()


async def test_a_bot_serves_one_assistant(house: Core, assistant: MakeAssistant, connect: Connect) -> None:
    rosa, igor = await assistant(), await assistant()
    token = token_of(house, await connect(rosa))
    with pytest.raises(BotTaken):
        await connect_telegram(house, await _owner_of(igor), igor, token)
    admin = house.settings.admin_bot_token
    assert admin
    with pytest.raises(BotTaken):
        await connect_telegram(house, await _owner_of(igor), igor, admin.get_secret_value())


async def test_a_telegram_that_is_away_is_no_wrong_token(house: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    away = replace(house, settings=house.settings.model_copy(update={"telegram_api_url": "http://127.0.0.1:9"}))
    with pytest.raises(Unavailable):
        await connect_telegram(away, await _owner_of(rosa), rosa, "700000:" + "A" * 35)


async def test_a_cancelled_role_stops_all_bots_at_once(
    house: Core, assistant: MakeAssistant, connect: Connect, telegram: TelegramServer
) -> None:
    from bots.registry import Registry

    channels = [await connect(await assistant()) for _ in range(3)]
    tokens = [token_of(house, channel) for channel in channels]
    loop = asyncio.get_running_loop()
    async with running(house, Registry(house, every_s=0.1).run()):
        for channel in channels:
            await _state(channel, ChannelState.RUNNING)
        stopping = loop.time()
    assert loop.time() - stopping < 3

    async def silent() -> bool:
        return not any(telegram.is_polled(token) for token in tokens)

    await until(silent, 3)
