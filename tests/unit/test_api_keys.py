from datetime import UTC, datetime, timedelta

import pytest

from core.accounts import user_of_telegram
from core.api_keys import PREFIX, api_key_named, api_keys_of, issue_api_key, revoke_api_key
from core.errors import ApiKeyExpired, Invalid, Unauthenticated
from core.models import ApiKey, Assistant, User
from core.tenancy import actor_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def user() -> User:
    return await user_of_telegram(1, "Shop", "en")


@pytest.fixture
async def rosa(user: User) -> Assistant:
    return await Assistant.create(tenant_id=(await actor_of(user.id)).tenant_id, name="Rosa")


async def test_a_key_opens_its_own_assistant(user: User, rosa: Assistant) -> None:
    row, key = await issue_api_key(rosa, user.id, "site", ["chat"])
    known = await api_key_named(key)

    assert known.id == row.id
    assert known.assistant.id == rosa.id
    assert known.scopes == ["chat"]


async def test_the_database_holds_only_the_hash_and_a_beginning(user: User, rosa: Assistant) -> None:
    _, key = await issue_api_key(rosa, user.id, "site", ["chat"])

    stored = (await ApiKey.all().values())[0]
    assert key not in str(stored)
    assert key.removeprefix(PREFIX)[8:] not in str(stored)
    assert key.startswith(stored["prefix"])


async def test_an_expired_key_says_so(user: User, rosa: Assistant) -> None:
    _, key = await issue_api_key(rosa, user.id, "site", ["chat"], datetime.now(UTC) + timedelta(hours=1))
    await api_key_named(key)
    await ApiKey.all().update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    with pytest.raises(ApiKeyExpired):
        await api_key_named(key)


async def test_a_revoked_key_is_refused_from_the_next_request_on(user: User, rosa: Assistant) -> None:
    row, key = await issue_api_key(rosa, user.id, "site", ["chat"])
    await revoke_api_key(row)

    with pytest.raises(Unauthenticated):
        await api_key_named(key)
    assert await api_keys_of(rosa) == []


@pytest.mark.parametrize("nonsense", ["", "lcb_", "lcb_nobodymadethis", "ключ"])
async def test_a_key_that_nobody_issued_opens_nothing(rosa: Assistant, nonsense: str) -> None:
    with pytest.raises(Unauthenticated):
        await api_key_named(nonsense)


@pytest.mark.parametrize("scopes", [[], ["admin"], ["chat", "admin"]])
async def test_unknown_and_missing_scopes_are_refused(user: User, rosa: Assistant, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        await issue_api_key(rosa, user.id, "site", scopes)


async def test_owners_see_when_a_key_was_last_used(user: User, rosa: Assistant) -> None:
    row, key = await issue_api_key(rosa, user.id, "site", ["chat"])
    assert row.last_used_at is None
    await api_key_named(key)

    await row.refresh_from_db()
    assert row.last_used_at is not None
