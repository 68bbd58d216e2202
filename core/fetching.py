"""The one guard for every fetch of an address that an owner or a stranger's page gave. Refuses to trust either side.

Only public addresses, each redirect checked anew, and the connection made to the very address that was checked:
the name is looked up once, all its answers must be public, and nothing looks it up again. Every answer is bounded in
time, pace and size as unpacked. What the operator's settings name (models, Telegram) is not fetched here.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from core import errors
from core.addresses import check_address, is_allowed, is_public, private_hosts
from core.settings import MEGABYTE, Settings
from core.storable import storable

PRODUCT = "LLMChatBot"
"""How we call ourselves in the User-Agent; robots.txt addresses us by this word."""

_LOOKUPS_AT_ONCE = 8
_REDIRECTS = (301, 302, 303, 307, 308)
# Headers that may follow a redirect to another host: they carry no secret.
_HARMLESS = {"accept", "accept-language", "if-modified-since", "if-none-match"}

LookUp = Callable[[str], Awaitable[list[str]]]
"""A host's name to its IP addresses. Raises `OSError` when there are none."""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What no site may exceed, whatever the caller allows. An answer that brings less than `least_bytes` in each
    `window_s` is given up: it would hold a place for the whole of its time. `header_bytes` bounds one header."""

    connect_s: float = 10.0
    window_s: float = 5.0
    least_bytes: int = 1_024
    redirects: int = 5
    header_bytes: int = 32_768


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status. `url` is the last one, after redirects; names of `headers` are in lower case.

    `robots` are the lines of X-Robots-Tag: joined as repeated headers are, they would no longer say whom each is for.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content_type: str
    charset: str
    body: bytes
    robots: tuple[str, ...] = ()


class Fetcher:
    """Opens public addresses. Made by `open_fetcher`; safe to use from many tasks at once."""

    def __init__(self, session: aiohttp.ClientSession, allowed: frozenset[str], limits: FetchLimits) -> None:
        self._session = session
        self._allowed = allowed
        self._limits = limits

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 10 * MEGABYTE,
        limit_s: float = 30.0,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Fetched:
        """Ask for `url`, following redirects of a GET or HEAD (from https to http too: nothing secret is sent).

        Raises `AddressRefused` for a private or malformed address, also when a redirect or the name leads there;
        a `FetchFailed` when no whole answer of at most `max_bytes`, unpacked, came within `limit_s`.
        """
        try:
            async with asyncio.timeout(limit_s):
                return await self._follow(
                    check_address(url, self._allowed), method, dict(headers or {}), body, max_bytes
                )
        except (aiohttp.ClientError, OSError) as error:
            raise _failure(error) from error

    async def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, limit_s: float, max_bytes: int
    ) -> Fetched:
        """Hand `body` over, on a connection of its own, and do not follow redirects.

        The answer's status is what counts. It must come within `limit_s`; of the answer's body, what comes soon after
        that is kept, cut at `max_bytes`. Raises `AddressRefused`, `FetchFailed` as `fetch` does.
        """
        checked = URL(check_address(url, self._allowed))
        # A connection that was kept may be gone when it is used again: a failure that says nothing about the address.
        own = {**headers, "Connection": "close"}
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(limit_s):
                    asking = self._session.post(checked, headers=own, data=body, allow_redirects=False)
                    response = await stack.enter_async_context(asking)
                content = await self._beginning(response, max_bytes)
                return Fetched(url, response.status, {}, response.content_type, _charset(response), content)
        except (aiohttp.ClientError, OSError) as error:
            raise _failure(error) from error

    async def _beginning(self, response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
        content = bytearray()
        with suppress(aiohttp.ClientError, OSError):  # the rest never comes: the status has
            async with asyncio.timeout(self._limits.window_s):
                while len(content) < max_bytes and (piece := await response.content.readany()):
                    content += piece
        return bytes(content[:max_bytes])

    async def _follow(
        self, url: str, method: str, headers: dict[str, str], body: bytes | None, max_bytes: int
    ) -> Fetched:
        follows = method in ("GET", "HEAD")
        for _ in range(self._limits.redirects + 1):
            async with self._session.request(
                method, URL(url), headers=headers, data=body, allow_redirects=False
            ) as response:
                target = storable(response.headers.get("Location", "")) if response.status in _REDIRECTS else ""
                if not target or not follows:
                    return await self._take(url, response, max_bytes)
                response.close()  # the page of a redirect is read by nobody
            if _origin(new := check_address(_join(url, target), self._allowed)) != _origin(url):
                headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
            url = new
        raise errors.TooManyRedirects

    async def _take(self, url: str, response: aiohttp.ClientResponse, max_bytes: int) -> Fetched:
        headers: dict[str, str] = {}
        for name, value in response.headers.items():
            known = headers.get(name.lower())
            headers[name.lower()] = storable(value) if known is None else f"{known}, {storable(value)}"
        robots = tuple(storable(line) for line in response.headers.getall("X-Robots-Tag", ()))
        content = await self._read(response, max_bytes)
        return Fetched(url, response.status, headers, response.content_type, _charset(response), content, robots)

    async def _read(self, response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
        """The unpacked body. aiohttp unpacks piece by piece, no further than what is read here."""
        content = bytearray()
        if response.method != "HEAD" and (response.content_length or 0) > max_bytes:
            raise _too_large(max_bytes)
        while not response.content.at_eof():
            enough = len(content) + self._limits.least_bytes
            async with asyncio.timeout(self._limits.window_s):
                while len(content) < enough and (piece := await response.content.readany()):
                    content += piece
                    if len(content) > max_bytes:
                        raise _too_large(max_bytes)
        return bytes(content)


@asynccontextmanager
async def open_fetcher(
    settings: Settings, *, limits: FetchLimits | None = None, look_up: LookUp | None = None
) -> AsyncIterator[Fetcher]:
    """A fetcher for as long as the caller needs it. No proxy of the environment, no cookies."""
    limits, allowed = limits or FetchLimits(), private_hosts(settings.allowed_private_hosts)
    # Threads of their own: names that are never answered must not hold those that the rest of the product uses.
    threads = ThreadPoolExecutor(_LOOKUPS_AT_ONCE, "names")
    resolver = GuardedResolver(allowed, look_up or partial(_look_up, threads))
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent(settings), "Accept-Encoding": "gzip, deflate"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_s),
            max_line_size=limits.header_bytes,
            max_field_size=limits.header_bytes,
            trust_env=False,
        ) as session:
            yield Fetcher(session, allowed, limits)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def user_agent(settings: Settings) -> str:
    """Who asks, so that a site's owner can tell and, in robots.txt, refuse."""
    return f"{PRODUCT}/1.0 (+{settings.public_url})" if settings.public_url else f"{PRODUCT}/1.0"


class GuardedResolver(AbstractResolver):
    """Asked once for each new connection; aiohttp connects to nothing else than what this returns.

    Addresses written as numbers do not come here: `check_address` has judged them.
    """

    def __init__(self, allowed: frozenset[str], look_up: LookUp) -> None:
        self._allowed = allowed
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`. Raises `AddressRefused` if a single one of them is not public."""
        addresses = await self._look_up(host)
        if not addresses:
            raise OSError(f"{host} has no address")
        if not is_allowed(host, port, self._allowed) and not all(is_public(address) for address in addresses):
            raise errors.AddressRefused(reason=f"{host} leads to an address that is not public")
        return [_connectable(host, port, address) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


async def _look_up(threads: ThreadPoolExecutor, host: str) -> list[str]:
    """As this machine knows names: its name servers, /etc/hosts."""
    ask = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in await asyncio.get_running_loop().run_in_executor(threads, ask)]


def _connectable(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return {
        "hostname": host,
        "host": address,
        "port": port,
        "family": family,
        "proto": 0,
        "flags": socket.AI_NUMERICHOST,
    }


def _join(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise errors.AddressRefused(reason=f"redirect cannot be read: {error}") from None


def _origin(url: str) -> URL:
    return URL(url).origin()


def _charset(response: aiohttp.ClientResponse) -> str:
    return (response.charset or "").strip("'\" ").lower()


def _too_large(max_bytes: int) -> errors.FetchFailed:
    return errors.PageTooLarge(limit_mb=max(max_bytes // MEGABYTE, 1))


def _failure(error: Exception) -> errors.FetchFailed:
    """What happened, in the words of our own tree."""
    if isinstance(error, TimeoutError):
        return errors.SiteSilent()
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return errors.SiteNotFound()
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return errors.SiteInsecure()
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ClientResponseError):
        return errors.SiteBroken()
    return errors.SiteUnreachable()
