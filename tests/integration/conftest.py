"""A Telegram beside the Core: its server, the bots' role, and owners' and customers' ways to write to them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from core.telegram.pacing import Pace
from tests.telegram_server import Person, TelegramServer, telegram_server
from tests.waiting import until

if TYPE_CHECKING:
    from core.app import Core
    from core.models import Assistant, Channel
    from tests.conftest import MakeAssistant, MakeOwner, Owner

Connect = Callable[["Assistant"], Awaitable["Channel"]]
MakeCustomer = Callable[..., Person]
MakePerson = Callable[..., Person]

QUICK = Pace(chat=50.0, burst=10)
"""Waiting for Telegram's limits is a test of its own; the others need not."""
NO_MONDAY = datetime(2026, 12, 4, 12, tzinfo=UTC)
"""Letters about the week are written on Mondays, to everybody in the database that all tests share."""


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with telegram_server() as server:
        yield server


@pytest.fixture
async def house(core: "Core", telegram: TelegramServer) -> AsyncIterator["Core"]:
    """The Core, pointed at this test's Telegram. Its bots are forgotten afterwards."""
    from core.models import Channel

    values = {"telegram_api_url": telegram.url, "admin_bot_token": SecretStr(telegram.new_bot())}
    yield replace(core, settings=core.settings.model_copy(update=values))
    await Channel.all().delete()


@pytest.fixture
async def bots(house: "Core") -> AsyncIterator[None]:
    """The role of customers' bots, looking for changes ten times a second."""
    from bots.registry import Registry

    async with running(house, Registry(house, every_s=0.1).run()):
        yield


@pytest.fixture
def connect(house: "Core", telegram: TelegramServer) -> Connect:
    """Connects a new bot to an assistant, as its owner would."""
    from core.channels import connect_telegram
    from core.models import Membership
    from core.tenancy import actor_of

    async def make(assistant: "Assistant") -> "Channel":
        membership = await Membership.get(tenant_id=assistant.tenant_id)
        actor = await actor_of(membership.user_id)
        return await connect_telegram(house, actor, assistant, telegram.new_bot())

    return make


@pytest.fixture
def customer(house: "Core", telegram: TelegramServer) -> MakeCustomer:
    """Somebody who writes to the bot of a channel."""
    from core.channels import token_of

    def make(channel: "Channel", language: str = "en") -> Person:
        return Person(telegram, token_of(house, channel), language)

    return make


@pytest.fixture
async def learnt(core: "Core") -> None:
    """Before the bot starts, so that it need not learn wishes while it is written to."""
    from core.intents.reader import IntentReader

    await IntentReader(core.embedder, core.settings.models_folder).learn()


@pytest.fixture
async def admin_bot(house: "Core") -> AsyncIterator[None]:
    """The admin bot, telling of progress ten times a second."""
    from admin_bot.role import run

    async with running(house, run(house, progress_every_s=0.1, pace=QUICK, clock=lambda: NO_MONDAY)):
        yield


@pytest.fixture
def writes_to_admin_bot(house: "Core", telegram: TelegramServer) -> MakePerson:
    """Somebody who has never written to the admin bot."""
    token = house.settings.admin_bot_token
    assert token

    def make(language: str = "en", name: str = "Ann") -> Person:
        return Person(telegram, token.get_secret_value(), language, name=name)

    return make


@pytest.fixture
async def olga(admin_bot: None, writes_to_admin_bot: MakePerson) -> Person:
    """An owner with her first assistant, in English."""
    from tests.integration.owners import started

    return await started(writes_to_admin_bot())


@pytest.fixture
async def nobody_is_left_waiting(core: "Core") -> AsyncIterator[None]:
    """All tests share one database, and an admin bot tells of everybody who waits for a person."""
    from core.models import Conversation, ConversationState

    await Conversation.all().update(state=ConversationState.ASSISTANT)
    yield
    await Conversation.all().update(state=ConversationState.ASSISTANT)


@pytest.fixture
async def anna(owner: "MakeOwner") -> "Owner":
    return await owner()


@pytest.fixture
async def rosa(core: "Core", anna: "Owner", assistant: "MakeAssistant") -> "Assistant":
    """Anna's. Knows where the shop is, and nothing else."""
    from core.verified import add_verified_answer

    made = await assistant(anna)
    await add_verified_answer(core, made, "Where is the shop?", "At 12 Mill Lane.")
    return made


class running:  # noqa: N801 - reads as a verb where it is used
    """A role that runs while the block does, and is stopped as a process stops it."""

    def __init__(self, core: "Core", role: Awaitable[None]) -> None:
        self._core = core
        self._role = role

    async def __aenter__(self) -> None:
        self._task = self._core.background.start(self._role, "role of the tests")

    async def __aexit__(self, *_error: object) -> None:
        self._task.cancel()

        async def ended() -> bool:
            return self._task.done()

        await until(ended, 30)
