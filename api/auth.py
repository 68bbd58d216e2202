"""Registration, login, and the tokens that come of it."""

from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr
from quart import Blueprint
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import public
from api.context import the_core
from api.limits import for_passwords, per_minute
from core import accounts

blueprint = Blueprint("auth", __name__)
Password = Annotated[SecretStr, Field(min_length=1, max_length=200)]


class Credentials(BaseModel):
    email: Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    password: Password


class Registration(Credentials):
    business: Annotated[str, Field(max_length=120)] = ""


class RefreshToken(BaseModel):
    refresh_token: Annotated[str, Field(min_length=1, max_length=200)]


class TokenPair(BaseModel):
    """`expires_in` is the access token's life in seconds. A refresh token works once."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - a kind of token, not one


@blueprint.post("/auth/register")
@rate_limit(limits=for_passwords())
@public
@validate_request(Registration)
@validate_response(TokenPair, 201)
async def register(data: Registration) -> tuple[TokenPair, int]:
    """Make an account with a business of its own, and log in."""
    password = data.password.get_secret_value()
    await accounts.register(data.email, password, data.business)
    return _pair(await accounts.log_in(the_core().keyring, data.email, password)), 201


@blueprint.post("/auth/login")
@rate_limit(limits=for_passwords())
@public
@validate_request(Credentials)
@validate_response(TokenPair)
async def login(data: Credentials) -> TokenPair:
    """Get tokens for an e-mail and a password."""
    return _pair(await accounts.log_in(the_core().keyring, data.email, data.password.get_secret_value()))


@blueprint.post("/auth/refresh")
@rate_limit(limits=per_minute(60))
@public
@validate_request(RefreshToken)
@validate_response(TokenPair)
async def refresh(data: RefreshToken) -> TokenPair:
    """Get a new pair for a refresh token. One used twice ends the whole login: somebody copied it."""
    return _pair(await accounts.refresh(the_core().keyring, data.refresh_token))


@blueprint.post("/auth/logout")
@rate_limit(limits=per_minute(60))
@public
@validate_request(RefreshToken)
async def logout(data: RefreshToken) -> tuple[str, int]:
    """End the login that a refresh token belongs to."""
    await accounts.log_out(data.refresh_token)
    return "", 204


def _pair(tokens: accounts.Tokens) -> TokenPair:
    return TokenPair(**asdict(tokens))
