from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from core.accounts import user_of_telegram
from core.errors import NotFound, Refused
from core.models import (
    ApiKey,
    Assistant,
    Channel,
    Document,
    LoraAdapter,
    Membership,
    Role,
    User,
    VerifiedAnswer,
)  # fmt: skip
from core.tenancy import (
    Actor,
    actor_of,
    adapter_of,
    api_key_of,
    assistant_of,
    assistants_of,
    channel_of,
    document_of,
    verified_answer_of,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def anna() -> Actor:
    return await actor_of((await user_of_telegram(1, "Anna", "en")).id)


@pytest.fixture
async def boris() -> Actor:
    return await actor_of((await user_of_telegram(2, "Boris", "ru")).id)


async def _document(assistant: Assistant, _: Actor) -> Document:
    return await Document.create(assistant=assistant, filename="a.txt", content_hash="0" * 64)


async def _adapter(assistant: Assistant, _: Actor) -> LoraAdapter:
    return await LoraAdapter.create(assistant=assistant)


async def _channel(assistant: Assistant, _: Actor) -> Channel:
    return await Channel.create(assistant=assistant, kind="telegram", identity=str(uuid4()))


async def _api_key(assistant: Assistant, actor: Actor) -> ApiKey:
    return await ApiKey.create(
        user_id=actor.user_id, assistant=assistant, name="x", prefix="lcb_x", key_hash=uuid4().hex
    )


async def _verified(assistant: Assistant, _: Actor) -> VerifiedAnswer:
    return await VerifiedAnswer.create(assistant=assistant, question="?", answer="!")


async def test_an_assistant_of_another_business_does_not_exist(anna: Actor, boris: Actor) -> None:
    rosa = await Assistant.create(tenant_id=anna.tenant_id, name="Rosa")

    assert (await assistant_of(anna, rosa.id)).id == rosa.id
    assert [one.id for one in await assistants_of(anna)] == [rosa.id]
    assert await assistants_of(boris) == []
    with pytest.raises(NotFound) as foreign:
        await assistant_of(boris, rosa.id)
    with pytest.raises(NotFound) as unknown:
        await assistant_of(boris, uuid4())
    assert foreign.value.facts == unknown.value.facts


@pytest.mark.parametrize(
    ("make", "find"),
    [
        (_document, document_of),
        (_adapter, adapter_of),
        (_channel, channel_of),
        (_api_key, api_key_of),
        (_verified, verified_answer_of),
    ],
)
async def test_what_belongs_to_one_assistant_does_not_exist_for_another(
    anna: Actor,
    boris: Actor,
    make: Callable[[Assistant, Actor], Awaitable[Any]],
    find: Callable[[Assistant, Any], Awaitable[Any]],
) -> None:
    rosa = await Assistant.create(tenant_id=anna.tenant_id, name="Rosa")
    sister = await Assistant.create(tenant_id=anna.tenant_id, name="Sister")
    foreign = await Assistant.create(tenant_id=boris.tenant_id, name="Foreign")
    thing = await make(rosa, anna)

    assert (await find(rosa, thing.id)).id == thing.id
    for other in (sister, foreign):
        with pytest.raises(NotFound):
            await find(other, thing.id)


@pytest.mark.parametrize(
    ("role", "needed", "may"),
    [
        (Role.OWNER, Role.OWNER, True),
        (Role.OWNER, Role.OPERATOR, True),
        (Role.MANAGER, Role.OWNER, False),
        (Role.MANAGER, Role.MANAGER, True),
        (Role.OPERATOR, Role.MANAGER, False),
        (Role.OPERATOR, Role.OPERATOR, True),
    ],
)
async def test_a_role_may_do_what_lower_roles_may(role: Role, needed: Role, may: bool) -> None:
    actor = Actor(uuid4(), uuid4(), role)
    if may:
        actor.must_be(needed)
    else:
        with pytest.raises(Refused):
            actor.must_be(needed)


async def test_somebody_without_a_business_acts_nowhere() -> None:
    user = await User.create(email="nobody@example.com")
    assert not await Membership.filter(user_id=user.id).exists()

    with pytest.raises(NotFound):
        await actor_of(user.id)
