"""How often somebody may ask: a limit on every route, by address, or by the key or token that is presented.

Behind a reverse proxy set TRUSTED_PROXIES, or all visitors share the proxy's address. Knows no route.
"""

import hashlib
import logging
from datetime import UTC, datetime, timedelta

from quart import current_app, request
from quart_rate_limiter import RateLimit, RateLimiter
from quart_rate_limiter.redis_store import RedisStore
from quart_rate_limiter.store import RateLimiterStoreABC
from redis.exceptions import RedisError

from api.context import the_core
from core.api_keys import PREFIX
from core.settings import Settings

log = logging.getLogger(__name__)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_SWEEP_AT = 10_000


async def by_address() -> str:
    """The client's address: the peer's, or what the outermost trusted proxy saw."""
    hops = the_core().settings.trusted_proxies
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if hops and forwarded:
        return forwarded[-min(hops, len(forwarded))]
    return request.remote_addr or "unknown"


async def by_token() -> str:
    """Who presents this key or token; without one, the address."""
    token = request.headers.get("Authorization", "")
    return hashlib.sha256(token.encode()).hexdigest()[:32] if token else await by_address()


async def _is_program() -> bool:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").startswith(PREFIX)


async def _is_visitor() -> bool:
    return not await _is_program()


def per_minute(count: int) -> list[RateLimit]:
    """So many requests a minute from one address."""
    return [RateLimit(count, MINUTE, by_address)]


def for_passwords() -> list[RateLimit]:
    """Where guessing would pay."""
    return [RateLimit(10, MINUTE, by_address), RateLimit(100, HOUR, by_address)]


def for_chat() -> list[RateLimit]:
    """A program speaks for many customers from one address; a visitor speaks for himself."""
    return [
        RateLimit(600, MINUTE, by_token, _is_visitor),
        RateLimit(1200, MINUTE, by_address, _is_visitor),
        RateLimit(60, MINUTE, by_token, _is_program),
        RateLimit(120, MINUTE, by_address, _is_program),
    ]


class Limiter(RateLimiter):
    """The library's, which knows routes alone; what matches no route is limited, too, all of it together."""

    async def _before_request(self) -> None:
        await super()._before_request()
        if request.url_rule is None and current_app.config["QUART_RATE_LIMITER_ENABLED"]:
            limits = per_minute(120)
            await self._raise_on_rejection("nowhere", limits)
            await self._update_limits("nowhere", limits)


class BoundedMemoryStore(RateLimiterStoreABC):
    """Inside the process. Times that have passed are dropped, so strangers cannot fill the memory."""

    def __init__(self) -> None:
        self._times: dict[str, datetime] = {}

    async def before_serving(self) -> None:
        """Nothing to connect to."""

    async def get(self, key: str, default: datetime) -> datetime:
        return self._times.get(key, default)

    async def set(self, key: str, tat: datetime) -> None:
        if len(self._times) >= _SWEEP_AT:
            now = datetime.now(UTC)
            self._times = {known: time for known, time in self._times.items() if time > now}
        self._times[key] = tat

    async def after_serving(self) -> None:
        """Nothing to give back."""


class SharedStore(RateLimiterStoreABC):
    """In Redis, for all processes. When Redis is away each process counts for itself: limits never stop the service."""

    def __init__(self, url: str) -> None:
        self._redis = RedisStore(url, socket_timeout=1.0, socket_connect_timeout=1.0)
        self._memory = BoundedMemoryStore()

    async def before_serving(self) -> None:
        await self._redis.before_serving()

    async def get(self, key: str, default: datetime) -> datetime:
        try:
            return await self._redis.get(key, default)
        except RedisError:
            log.warning("rate limits: Redis does not answer, counting in memory")
            return await self._memory.get(key, default)

    async def set(self, key: str, tat: datetime) -> None:
        await self._memory.set(key, tat)
        try:
            await self._redis.set(key, tat)
        except RedisError:
            log.warning("rate limits: Redis does not answer, counting in memory")

    async def after_serving(self) -> None:
        await self._redis.after_serving()


def open_store(settings: Settings) -> RateLimiterStoreABC:
    return SharedStore(settings.redis_url) if settings.redis_url else BoundedMemoryStore()
