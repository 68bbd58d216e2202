import itertools
from typing import Any

import pytest

from api.app import create_app
from core.app import Core

_numbers = itertools.count(1)


@pytest.fixture
def person() -> dict[str, str]:
    return {"email": f"anna{next(_numbers)}@example.com", "password": "correct horse"}


async def test_registering_gives_tokens_that_open_an_own_empty_business(api: Any, person: dict[str, str]) -> None:
    answer = await api.post("/api/v1/auth/register", json=person)
    tokens = await answer.get_json()

    assert answer.status_code == 201
    assert tokens["expires_in"] == 1800
    mine = await api.get("/api/v1/assistants", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert await mine.get_json() == {"assistants": []}


async def test_an_email_registers_once_whatever_its_case(api: Any, person: dict[str, str]) -> None:
    await api.post("/api/v1/auth/register", json=person)
    again = await api.post("/api/v1/auth/register", json={**person, "email": person["email"].upper()})

    assert again.status_code == 409
    assert (await again.get_json())["code"] == "error-email-taken"


async def test_a_wrong_password_and_an_unknown_email_look_the_same(api: Any, person: dict[str, str]) -> None:
    await api.post("/api/v1/auth/register", json=person)
    wrong = await api.post("/api/v1/auth/login", json={**person, "password": "wrong horse"})
    unknown = await api.post("/api/v1/auth/login", json={**person, "email": "nobody@example.com"})

    bodies = [await answer.get_json() for answer in (wrong, unknown)]
    assert [answer.status_code for answer in (wrong, unknown)] == [401, 401]
    assert bodies[0]["detail"] == bodies[1]["detail"]
    assert wrong.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_short_password_is_refused_with_its_field(api: Any, person: dict[str, str]) -> None:
    answer = await api.post("/api/v1/auth/register", json={**person, "password": "short"})

    assert answer.status_code == 422
    assert (await answer.get_json())["field"] == "password"


async def test_a_refresh_token_works_once_and_used_twice_it_ends_the_login(api: Any, person: dict[str, str]) -> None:
    first = await (await api.post("/api/v1/auth/register", json=person)).get_json()
    second = await (await api.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})).get_json()
    stolen = await api.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]})
    ended = await api.post("/api/v1/auth/refresh", json={"refresh_token": second["refresh_token"]})

    assert stolen.status_code == 401
    assert ended.status_code == 401


async def test_after_logout_the_refresh_token_is_worth_nothing(api: Any, person: dict[str, str]) -> None:
    tokens = await (await api.post("/api/v1/auth/register", json=person)).get_json()
    out = await api.post("/api/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    after = await api.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})

    assert out.status_code == 204
    assert after.status_code == 401


async def test_guessing_passwords_is_slowed_down(core: Core, person: dict[str, str]) -> None:
    api = create_app(core).test_client()
    guesses = 0
    while (answer := await api.post("/api/v1/auth/login", json=person)).status_code == 401:
        guesses += 1
        assert guesses < 40  # a slow machine earns a further guess every six seconds

    assert answer.status_code == 429
    assert guesses >= 10
    assert int(answer.headers["Retry-After"]) > 0
    assert (await answer.get_json())["code"] == "error-too-many-requests"


@pytest.mark.parametrize("header", ["", "Bearer ", "Basic YTpi", "Bearer not-a-token", "Bearer lcb_unknown"])
async def test_without_valid_credentials_nothing_is_shown(api: Any, header: str) -> None:
    answer = await api.get("/api/v1/assistants", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
