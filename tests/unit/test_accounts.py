import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import jwt
import pytest

from core.accounts import ACCESS_LIFE, log_in, log_out, refresh, register, sign, user_of_telegram, verify
from core.errors import EmailTaken, Invalid, TokenExpired, Unauthenticated, WrongPassword
from core.keyring import Keyring
from core.models import LoginSession, Membership, Role, Tenant, User

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


async def test_a_registered_owner_has_a_business_and_logs_in(keyring: Keyring) -> None:
    user = await register(" Anna@Example.com ", "a good password", "Anna's flowers")
    tokens = await log_in(keyring, "anna@example.COM", "a good password")

    membership = await Membership.get(user_id=user.id).select_related("tenant")
    assert membership.role == Role.OWNER
    assert membership.tenant.name == "Anna's flowers"
    assert UUID(verify(keyring, "access", tokens.access_token)["sub"]) == user.id
    assert tokens.expires_in == ACCESS_LIFE.total_seconds()


async def test_a_password_is_stored_only_as_argon2() -> None:
    user = await register("a@example.com", "a good password")

    assert user.hashed_password is not None
    assert user.hashed_password.startswith("$argon2id$")


async def test_one_e_mail_is_one_account_whatever_its_case() -> None:
    await register("a@example.com", "a good password")

    with pytest.raises(EmailTaken):
        await register("A@example.com", "another password")
    assert await Tenant.all().count() == 1


async def test_a_short_password_is_refused() -> None:
    with pytest.raises(Invalid):
        await register("a@example.com", "1234567")
    assert not await User.exists()


async def test_a_wrong_password_and_an_unknown_e_mail_look_the_same(keyring: Keyring) -> None:
    await register("a@example.com", "a good password")

    with pytest.raises(WrongPassword) as wrong:
        await log_in(keyring, "a@example.com", "a bad password")
    with pytest.raises(WrongPassword) as unknown:
        await log_in(keyring, "b@example.com", "a bad password")
    assert (wrong.value.code, wrong.value.facts) == (unknown.value.code, unknown.value.facts)


async def test_an_unknown_e_mail_costs_as_much_work_as_a_wrong_password(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: argon2 runs once in each case, with the same cost."""
    from core import accounts

    checked: list[str] = []

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            checked.append(hashed.rsplit("$", 2)[0])
            return real.verify(hashed, password)

    user = await register("a@example.com", "a good password")
    real = accounts._hasher
    monkeypatch.setattr(accounts, "_hasher", Counting())
    for email in ("a@example.com", "b@example.com"):
        with pytest.raises(WrongPassword):
            await log_in(keyring, email, "a bad password")

    assert checked == [str(user.hashed_password).rsplit("$", 2)[0]] * 2


async def test_somebody_who_came_by_telegram_has_no_password_to_guess(keyring: Keyring) -> None:
    user = await user_of_telegram(77, "Boris", "ru")
    await User.filter(id=user.id).update(email="boris@example.com")

    with pytest.raises(WrongPassword):
        await log_in(keyring, "boris@example.com", "")


async def test_a_telegram_account_is_one_person_even_when_he_writes_twice_at_once() -> None:
    users = await asyncio.gather(*(user_of_telegram(78, "Boris", "ru") for _ in range(5)))

    assert len({user.id for user in users}) == 1
    assert await Tenant.all().count() == 1


async def test_a_refresh_token_works_once_and_gives_a_new_pair(keyring: Keyring) -> None:
    await register("a@example.com", "a good password")
    first = await log_in(keyring, "a@example.com", "a good password")
    second = await refresh(keyring, first.refresh_token)
    third = await refresh(keyring, second.refresh_token)

    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3


async def test_a_copied_refresh_token_ends_the_whole_login(keyring: Keyring) -> None:
    await register("a@example.com", "a good password")
    first = await log_in(keyring, "a@example.com", "a good password")
    other = await log_in(keyring, "a@example.com", "a good password")
    second = await refresh(keyring, first.refresh_token)

    with pytest.raises(Unauthenticated):
        await refresh(keyring, first.refresh_token)
    with pytest.raises(Unauthenticated):
        await refresh(keyring, second.refresh_token)
    await refresh(keyring, other.refresh_token)  # his other device stays logged in


async def test_of_two_uses_at_once_only_one_wins(keyring: Keyring) -> None:
    await register("a@example.com", "a good password")
    tokens = await log_in(keyring, "a@example.com", "a good password")

    results = await asyncio.gather(*(refresh(keyring, tokens.refresh_token) for _ in range(4)), return_exceptions=True)

    assert sum(not isinstance(result, BaseException) for result in results) <= 1
    assert all(isinstance(r, Unauthenticated) for r in results if isinstance(r, BaseException))


async def test_an_old_refresh_token_has_expired(keyring: Keyring) -> None:
    await register("a@example.com", "a good password")
    tokens = await log_in(keyring, "a@example.com", "a good password")
    await LoginSession.all().update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    with pytest.raises(TokenExpired):
        await refresh(keyring, tokens.refresh_token)


async def test_after_logging_out_no_token_of_that_login_refreshes(keyring: Keyring) -> None:
    await register("a@example.com", "a good password")
    first = await log_in(keyring, "a@example.com", "a good password")
    second = await refresh(keyring, first.refresh_token)
    await log_out(second.refresh_token)
    await log_out("nobody issued this")

    with pytest.raises(Unauthenticated):
        await refresh(keyring, second.refresh_token)


async def test_refresh_tokens_are_stored_as_hashes(keyring: Keyring) -> None:
    await register("a@example.com", "a good password")
    tokens = await log_in(keyring, "a@example.com", "a good password")

    assert tokens.refresh_token not in str(await LoginSession.all().values())


async def test_an_access_token_is_good_for_its_purpose_and_time_only(keyring: Keyring, tmp_path: Path) -> None:
    good = sign(keyring, "access", "somebody", timedelta(minutes=1))

    assert verify(keyring, "access", good)["sub"] == "somebody"
    with pytest.raises(Unauthenticated):
        verify(keyring, "visitor", good)
    with pytest.raises(Unauthenticated):
        verify(Keyring.open(tmp_path / "other keys"), "access", good)
    with pytest.raises(TokenExpired):
        verify(keyring, "access", sign(keyring, "access", "somebody", timedelta(seconds=-1)))


async def test_a_token_without_a_signature_is_refused(keyring: Keyring) -> None:
    body = {"sub": "somebody", "aud": "access", "exp": datetime.now(UTC) + timedelta(minutes=1)}
    unsigned = jwt.encode(body, None, algorithm="none")

    with pytest.raises(Unauthenticated):
        verify(keyring, "access", unsigned)
    for nonsense in ("", "a.b.c", "Bearer", "ключ"):
        with pytest.raises(Unauthenticated):
            verify(keyring, "access", nonsense)
