"""One guard for every fetch of a stranger's address: nothing private is reached, every trap ends in bounded time."""

import asyncio
import contextlib
import gzip
import ssl
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import errors
from core.fetching import Fetcher, FetchLimits, open_fetcher
from core.settings import Settings

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
QUICK = FetchLimits(connect_s=2.0, window_s=0.5, least_bytes=1_024)
PUBLIC = "93.184.216.34"


@dataclass
class Site:
    """A site that answers byte for byte what a test gives it. `asked` keeps each request as it came.

    With a `greeting` it speaks first and hangs up.
    """

    port: int = 0
    greeting: bytes = b""
    answers: dict[str, bytes | Answer] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.greeting)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not self.greeting:
                request = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(request)
                answer = self.answers.get(request.split()[1].decode(), _page(b"", "404 Not Found"))
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await answer(writer)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def _site(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    site, tasks = Site(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await site.serve(reader, writer)
        finally:
            writer.transport.abort()
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield site
        finally:
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with _site() as site:
        yield site


@pytest.fixture
async def neighbour() -> AsyncIterator[Site]:
    """Another service of the same machine, which nobody allowed."""
    async with _site() as site:
        site.answers["/"] = _page(b"secret")
        yield site


@pytest.fixture
def settings(site: Site) -> Settings:
    return Settings(_env_file=None, allowed_private_hosts=site.host, public_url="https://bot.example")


@pytest.fixture
async def fetcher(settings: Settings) -> AsyncIterator[Fetcher]:
    async with open_fetcher(settings, limits=QUICK) as fetcher:
        yield fetcher


def _page(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def _redirect(target: str, status: str = "302 Found") -> bytes:
    return _page(b"moved", status, f"Location: {target}")


def _forever(head: bytes, piece: bytes, pause_s: float = 0.0) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return answer


async def _ends(fetching: Awaitable[object], error: type[errors.ProductError], within_s: float = 3.0) -> None:
    """It fails with this error, and soon."""
    started = time.monotonic()
    with pytest.raises(error) as caught:
        await fetching
    assert type(caught.value) is error
    assert time.monotonic() - started < within_s


async def test_a_page_comes_back_with_what_the_site_said_of_it(site: Site, fetcher: Fetcher) -> None:
    headers = ("Content-Type: text/HTML; charset=Windows-1251", 'ETag: "7"', "Vary: a", "vary: b")
    site.answers["/%D0%B0?b=1"] = _page("Цены".encode("cp1251"), "200 OK", *headers)
    page = await fetcher.fetch(f"{site.url}/а?b=1#top", headers={"If-None-Match": '"6"'})
    assert (page.url, page.status) == (f"{site.url}/%D0%B0?b=1", 200)
    assert (page.content_type, page.charset) == ("text/html", "windows-1251")
    assert page.body.decode("cp1251") == "Цены"
    assert (page.headers["etag"], page.headers["vary"]) == ('"7"', "a, b")
    assert b'If-None-Match: "6"' in site.asked[0]


async def test_headers_in_no_known_encoding_are_readable_text(site: Site, fetcher: Fetcher) -> None:
    strange = b"X-Robots-Tag: noindex\r\nLast-Modified: \xe9t\xe9\r\nX-Robots-Tag: other: \xff\r\n"
    site.answers["/"] = _page(b"hello").replace(b"Content-Length", strange + b"Content-Length")
    site.answers["/old"] = _redirect("/NEW").replace(b"/NEW", b"/caf\xe9")
    page = await fetcher.fetch(site.url)

    assert page.headers["last-modified"] == "\ufffdt\ufffd"
    assert page.robots == ("noindex", "other: \ufffd"), "each line for itself"
    assert (await fetcher.fetch(f"{site.url}/old")).status == 404


async def test_a_site_learns_who_asks_and_whom_to_write_to(site: Site, fetcher: Fetcher) -> None:
    await fetcher.fetch(site.url)
    assert b"User-Agent: LLMChatBot/1.0 (+https://bot.example)\r\n" in site.asked[0]


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "304 Not Modified"])
async def test_a_site_that_says_no_is_an_answer_too(site: Site, fetcher: Fetcher, status: str) -> None:
    site.answers["/"] = _page(b"", status)
    assert (await fetcher.fetch(site.url)).status == int(status[:3])


async def test_a_redirect_within_what_is_allowed_is_followed(site: Site, fetcher: Fetcher) -> None:
    site.answers |= {"/": _redirect("/ru/?a=1#x", "308 Permanent Redirect"), "/ru/?a=1": _page(b"hi")}
    page = await fetcher.fetch(site.url)
    assert (page.url, page.body) == (f"{site.url}/ru/?a=1", b"hi")


@pytest.mark.parametrize(
    "target",
    [
        *("http://127.0.0.1/", "//localhost/", "http://[::1]/", "http://2130706433/", "http://127.1/", "http://0/"),
        *("http://169.254.169.254/latest/meta-data/", "http://metadata.google.internal/", "http://[::ffff:127.0.0.1]/"),
        *("file:///etc/passwd", "ftp://example.com/", "javascript:alert(1)", "http://a@example.com/", "http://[::1/"),
        *("https://example.com:22/", "\\\\127.0.0.1\\", "http://\udc80/"),
    ],
)
async def test_a_redirect_to_a_private_address_is_not_followed(site: Site, fetcher: Fetcher, target: str) -> None:
    site.answers["/"] = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % target.encode(
        "utf-8", "surrogateescape"
    )
    await _ends(fetcher.fetch(site.url), errors.AddressRefused)


async def test_another_port_of_an_allowed_host_is_not_allowed(site: Site, neighbour: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _redirect(neighbour.url)
    await _ends(fetcher.fetch(site.url), errors.AddressRefused)
    await _ends(fetcher.fetch(neighbour.url), errors.AddressRefused)
    assert not neighbour.asked


async def test_redirects_end_after_five(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _redirect("/")
    await _ends(fetcher.fetch(site.url), errors.TooManyRedirects)
    assert len(site.asked) == 6


async def test_a_secret_header_does_not_follow_to_another_host(site: Site, neighbour: Site) -> None:
    settings = Settings(_env_file=None, allowed_private_hosts="127.0.0.1")
    site.answers["/"] = _redirect(neighbour.url)
    async with open_fetcher(settings, limits=QUICK) as fetcher:
        await fetcher.fetch(site.url, headers={"Authorization": "Bearer x", "If-None-Match": '"6"'})
    assert b"Bearer x" in site.asked[0]
    assert b"Bearer x" not in neighbour.asked[0]
    assert b"If-None-Match" in neighbour.asked[0]


async def test_cookies_are_not_kept(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _page(b"", "200 OK", "Set-Cookie: who=owner; Path=/")
    await fetcher.fetch(site.url)
    await fetcher.fetch(site.url)
    assert not any(b"cookie" in request.lower() for request in site.asked)


async def test_no_proxy_of_the_environment_is_used(
    site: Site, neighbour: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, neighbour.url)
    async with open_fetcher(settings, limits=QUICK) as fetcher:
        await fetcher.fetch(site.url)
    assert site.asked
    assert not neighbour.asked


async def test_a_body_is_sent_once_and_never_redirected(site: Site, fetcher: Fetcher) -> None:
    site.answers |= {"/hook": _redirect("/other", "307 Temporary Redirect"), "/other": _page(b"")}
    answer = await fetcher.fetch(f"{site.url}/hook", method="POST", body=b"")
    assert (answer.status, len(site.asked)) == (307, 1)


@dataclass
class Names:
    """A DNS that gives each name its answers, one after the other, the last for ever; and a network that notes who
    would have been called instead of calling strangers."""

    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)

    async def look_up(self, host: str) -> list[str]:
        self.lookups.append(host)
        answers = self.answers[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def connect(self, sock: object, address: tuple[str, int]) -> None:
        self.called.append(address[0])
        raise ConnectionRefusedError


@pytest.fixture
async def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", names.connect)
    return names


@pytest.fixture
async def looking_up(names: Names, settings: Settings) -> AsyncIterator[Fetcher]:
    async with open_fetcher(settings, limits=QUICK, look_up=names.look_up) as fetcher:
        yield fetcher


async def test_a_name_that_changes_its_mind_leads_only_where_it_was_checked(names: Names, looking_up: Fetcher) -> None:
    names.answers["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
    await _ends(looking_up.fetch("http://rebind.example/"), errors.SiteUnreachable)
    assert (names.lookups, names.called) == (["rebind.example"], [PUBLIC])
    await _ends(looking_up.fetch("http://rebind.example/"), errors.AddressRefused)
    assert (names.lookups, names.called) == (["rebind.example"] * 2, [PUBLIC])


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::1"], ["2606:4700::1", "::ffff:127.0.0.1"], ["169.254.169.254"]],
)
async def test_a_name_with_a_single_private_address_is_not_called(
    names: Names, looking_up: Fetcher, addresses: list[str]
) -> None:
    names.answers["mixed.example"] = [addresses]
    await _ends(looking_up.fetch("http://mixed.example/"), errors.AddressRefused)
    assert not names.called


async def test_a_public_name_that_leads_to_an_allowed_private_host_is_refused(
    site: Site, names: Names, looking_up: Fetcher
) -> None:
    names.answers["rebind.example"] = [["127.0.0.1"]]
    await _ends(looking_up.fetch(f"http://rebind.example:{site.port}/"), errors.AddressRefused)
    await _ends(looking_up.fetch("http://rebind.example/"), errors.AddressRefused)
    assert not names.called


async def test_a_private_name_that_the_operator_named_is_called(names: Names) -> None:
    settings = Settings(_env_file=None, allowed_private_hosts="wiki")
    names.answers["wiki"] = [["10.0.0.7"]]
    async with open_fetcher(settings, limits=QUICK, look_up=names.look_up) as fetcher:
        await _ends(fetcher.fetch("http://wiki/"), errors.SiteUnreachable)
    assert names.called == ["10.0.0.7"]


async def test_a_name_that_nobody_knows_is_said_so(fetcher: Fetcher) -> None:
    await _ends(fetcher.fetch("http://no-such-shop.invalid/"), errors.SiteNotFound, within_s=20)


async def test_a_name_server_that_never_answers_is_given_up(settings: Settings) -> None:
    async def look_up(host: str) -> list[str]:
        await asyncio.sleep(60)
        return [host]

    async with open_fetcher(settings, look_up=look_up) as fetcher:
        await _ends(fetcher.fetch("http://slow.example/", limit_s=0.3), errors.SiteSilent)


async def test_nobody_at_home_is_said_so(settings: Settings) -> None:
    async with _site() as gone:
        settings = settings.model_copy(update={"allowed_private_hosts": gone.host})
    async with open_fetcher(settings, limits=QUICK) as fetcher:
        await _ends(fetcher.fetch(gone.url), errors.SiteUnreachable)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


async def test_a_slow_drip_ends_before_its_time(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _forever(HEAD + b"Content-Length: 100000\r\n\r\n", b"x", 0.05)
    await _ends(fetcher.fetch(site.url, limit_s=20), errors.SiteSilent)


async def test_a_fast_enough_drip_ends_with_the_whole_time(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _forever(HEAD + b"Content-Length: 10000000\r\n\r\n", b"x" * 4_096, 0.05)
    await _ends(fetcher.fetch(site.url, limit_s=1), errors.SiteSilent)


async def test_headers_that_drip_end_with_the_whole_time(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _forever(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.02)
    await _ends(fetcher.fetch(site.url, limit_s=0.5), errors.SiteSilent)


async def test_a_chain_of_slow_redirects_has_one_time_for_all(site: Site, fetcher: Fetcher) -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(_redirect("/"))

    site.answers["/"] = slowly
    await _ends(fetcher.fetch(site.url, limit_s=0.5), errors.SiteSilent, within_s=1.0)


@pytest.mark.parametrize(
    "answer",
    [
        _forever(HEAD + b"\r\n", b"x" * 65_536),
        _forever(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
        _forever(HEAD + b"Content-Length: 99999999999\r\n\r\n", b"x"),
    ],
    ids=["until the end", "chunked", "announced"],
)
async def test_an_endless_page_is_too_large(site: Site, fetcher: Fetcher, answer: Answer) -> None:
    site.answers["/"] = answer
    await _ends(fetcher.fetch(site.url, max_bytes=2_000_000), errors.PageTooLarge)


async def test_a_page_of_just_the_limit_is_whole(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _page(b"x" * 1_000_000)
    assert len((await fetcher.fetch(site.url, max_bytes=1_000_000)).body) == 1_000_000


def _bomb(megabytes: int, wbits: int) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return b"".join(packing.compress(bytes(1_000_000)) for _ in range(megabytes)) + packing.flush()


@pytest.mark.parametrize(("name", "wbits"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
async def test_a_bomb_stops_at_the_limit_as_unpacked(site: Site, fetcher: Fetcher, name: str, wbits: int) -> None:
    packed = _bomb(100, wbits)
    assert len(packed) < 200_000
    site.answers["/"] = _page(packed, "200 OK", f"Content-Encoding: {name}")
    tracemalloc.start()
    try:
        await _ends(fetcher.fetch(site.url, max_bytes=1_000_000), errors.PageTooLarge)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


async def test_many_little_bombs_in_a_row_stop_too(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _page(gzip.compress(bytes(100_000)) * 500, "200 OK", "Content-Encoding: gzip")
    await _ends(fetcher.fetch(site.url, max_bytes=1_000_000), errors.PageTooLarge)


async def test_a_packed_page_is_unpacked(site: Site, fetcher: Fetcher) -> None:
    site.answers["/"] = _page(gzip.compress("Доставка".encode()), "200 OK", "Content-Encoding: gzip")
    assert (await fetcher.fetch(site.url)).body.decode() == "Доставка"


@pytest.mark.parametrize(
    "answer",
    [
        _forever(HEAD, b"X-Header: 1\r\n"),
        _forever(HEAD + b"X-Header: ", b"x" * 65_536),
        HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(1_000)) + b"\r\n",
        b"HTTP/1.1 OK two hundred\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        _page(b"not packed at all", "200 OK", "Content-Encoding: gzip"),
        _page(b"\x0b\x02\x80hello\x03", "200 OK", "Content-Encoding: br"),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\nhello",
        HEAD + b"Content-Length: -5\r\n\r\nhello",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    ],
    ids=["flood", "long", "many", "status", "ssh", "no gzip", "brotli", "chunks", "minus", "twice"],
)
async def test_an_answer_that_breaks_the_rules_is_broken(site: Site, fetcher: Fetcher, answer: bytes | Answer) -> None:
    site.answers["/"] = answer
    await _ends(fetcher.fetch(site.url, limit_s=2), errors.SiteBroken)


async def test_a_page_shorter_than_announced_is_broken(site: Site, fetcher: Fetcher) -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\nhello")
        await writer.drain()
        writer.close()

    site.answers["/"] = hang_up
    await _ends(fetcher.fetch(site.url), errors.SiteBroken)


async def test_what_follows_an_answer_is_not_taken_for_the_next(site: Site, fetcher: Fetcher) -> None:
    site.answers |= {"/": _page(b"first") + _page(b"smuggled"), "/second": _page(b"second")}
    assert (await fetcher.fetch(site.url)).body == b"first"
    assert (await fetcher.fetch(f"{site.url}/second")).body == b"second"


async def test_a_site_that_speaks_no_tls_is_said_so(site: Site, fetcher: Fetcher) -> None:
    site.greeting = b"220 mail.example ESMTP\r\n"
    await _ends(fetcher.fetch(site.url.replace("http:", "https:")), errors.SiteInsecure)


def _certificate_of(name: str, folder: Path) -> ssl.SSLContext:
    """A certificate that its owner signed himself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(name))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "site.pem").write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "site.pem")
    return context


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path) -> None:
    async with _site(_certificate_of("127.0.0.1", tmp_path)) as site:
        settings = Settings(_env_file=None, allowed_private_hosts=site.host)
        async with open_fetcher(settings, limits=QUICK) as fetcher:
            await _ends(fetcher.fetch(f"https://{site.host}/"), errors.SiteInsecure)
        assert not site.asked
