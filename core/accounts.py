"""People and their proofs: registration, passwords, access and refresh tokens. Knows no HTTP and no Telegram."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.errors import EmailTaken, Invalid, TokenExpired, Unauthenticated, WrongPassword
from core.keyring import Keyring, hash_token
from core.models import LoginSession, Membership, Role, Tenant, User
from core.texts import LOCALES

ACCESS_LIFE = timedelta(minutes=30)
REFRESH_LIFE = timedelta(days=30)
VISITOR_LIFE = timedelta(hours=12)
PASSWORD_LENGTH = 8
EMAIL_LENGTH = 254

_hasher = PasswordHasher()
# Checked when nobody has that e-mail, so that answering takes as long as for a real account.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class Tokens:
    """`expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


async def register(email: str, password: str, business: str = "") -> User:
    """A new person with a business of his own. Raises `EmailTaken`, `Invalid`."""
    email = email.strip().lower()
    if len(email) > EMAIL_LENGTH:  # small letters may be more than the capitals were
        raise Invalid(field="email", reason="invalid-too-long", most=EMAIL_LENGTH)
    if len(password) < PASSWORD_LENGTH:
        raise Invalid(field="password", reason="invalid-too-short", least=PASSWORD_LENGTH)
    hashed = await asyncio.to_thread(_hasher.hash, password)
    try:
        async with in_transaction():
            user = await User.create(email=email, hashed_password=hashed)
            tenant = await Tenant.create(name=(business or email.partition("@")[0])[:120])
            await Membership.create(user=user, tenant=tenant, role=Role.OWNER)
    except IntegrityError as error:
        raise EmailTaken(email=email) from error
    return user


async def user_of_telegram(telegram_id: int, name: str, locale: str) -> User:
    """The person behind a Telegram account; his first message makes him an owner of a new business."""
    user = await User.get_or_none(telegram_id=telegram_id)
    if user:
        return user
    try:
        async with in_transaction():
            user = await User.create(telegram_id=telegram_id, locale=locale)
            await open_business(user, name)
    except IntegrityError:  # two first messages at once
        user = await User.get(telegram_id=telegram_id)
    return user


async def person_of_telegram(telegram_id: int, locale: str) -> User:
    """The person behind a Telegram account, who need not have a business: he comes by somebody's invitation."""
    try:
        user, _ = await User.get_or_create(telegram_id=telegram_id, defaults={"locale": locale})
    except IntegrityError:  # two first messages at once
        user = await User.get(telegram_id=telegram_id)
    return user


async def open_business(user: User, name: str) -> None:
    """A business of his own, for somebody who works nowhere; who works somewhere has what he has."""
    async with in_transaction():
        await User.filter(id=user.id).select_for_update().first()
        if not await Membership.filter(user_id=user.id).exists():
            tenant = await Tenant.create(name=name[:120] or str(user.telegram_id))
            await Membership.create(user=user, tenant=tenant, role=Role.OWNER)


async def choose_locale(user: User, locale: str) -> User:
    """The language in which we talk to him from now on. Raises `Invalid`."""
    if locale not in LOCALES:
        raise Invalid(field="locale", reason="invalid-choice", choices=", ".join(LOCALES))
    user.locale = locale
    await user.save(update_fields=["locale"])
    return user


async def log_in(keyring: Keyring, email: str, password: str) -> Tokens:
    """Raises `WrongPassword`, the same for an unknown e-mail."""
    user = await User.get_or_none(email=email.strip().lower())
    hashed = user.hashed_password if user and user.hashed_password else _NOBODY
    try:
        await asyncio.to_thread(_hasher.verify, hashed, password)
    except VerificationError as error:
        raise WrongPassword from error
    if user is None:
        raise WrongPassword
    return await _issue(keyring, user.id, uuid4())


async def refresh(keyring: Keyring, refresh_token: str) -> Tokens:
    """A new pair for an unused refresh token. A used one ends its family: two people hold it."""
    session = await LoginSession.get_or_none(token_hash=hash_token(refresh_token))
    now = datetime.now(UTC)
    if session is None:
        raise Unauthenticated
    if session.expires_at < now:
        raise TokenExpired
    if not await LoginSession.filter(id=session.id, used_at=None).update(used_at=now):
        await LoginSession.filter(family=session.family).delete()
        raise Unauthenticated
    return await _issue(keyring, session.user_id, session.family)


async def log_out(refresh_token: str) -> None:
    """End the login that this token belongs to; an unknown token is fine."""
    session = await LoginSession.get_or_none(token_hash=hash_token(refresh_token))
    if session:
        await LoginSession.filter(family=session.family).delete()


async def _issue(keyring: Keyring, user_id: UUID, family: UUID) -> Tokens:
    token = secrets.token_urlsafe(32)
    await LoginSession.create(
        user_id=user_id, family=family, token_hash=hash_token(token), expires_at=datetime.now(UTC) + REFRESH_LIFE
    )
    access = sign(keyring, "access", str(user_id), ACCESS_LIFE)
    return Tokens(access, token, int(ACCESS_LIFE.total_seconds()))


def sign(keyring: Keyring, purpose: str, subject: str, life: timedelta, **claims: str) -> str:
    """A JWT (HS256) for one purpose: an access token never passes for a visitor's, nor the reverse."""
    now = datetime.now(UTC)
    body = {"sub": subject, "aud": purpose, "iat": now, "exp": now + life, **claims}
    return jwt.encode(body, keyring.derive("tokens"), algorithm="HS256")


def verify(keyring: Keyring, purpose: str, token: str) -> dict[str, str]:
    """The claims of a token made by `sign`. Raises `TokenExpired`, `Unauthenticated`."""
    try:
        claims: dict[str, str] = jwt.decode(
            token, keyring.derive("tokens"), algorithms=["HS256"], audience=purpose, options={"require": ["exp", "sub"]}
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenExpired from error
    except jwt.InvalidTokenError as error:
        raise Unauthenticated from error
    return claims


async def set_password(user: User, password: str) -> None:
    """Change a password unless it is that one already; a change ends all logins. Raises `Invalid`."""
    if len(password) < PASSWORD_LENGTH:
        raise Invalid(field="password", reason="invalid-too-short", least=PASSWORD_LENGTH)
    try:
        if user.hashed_password:
            await asyncio.to_thread(_hasher.verify, user.hashed_password, password)
            return
    except VerificationError:
        await LoginSession.filter(user_id=user.id).delete()
    user.hashed_password = await asyncio.to_thread(_hasher.hash, password)
    await user.save(update_fields=["hashed_password"])
