"""Addresses of a site's pages in one form each, so that no page is read twice. Refuses to open anything.

"The same site" is one host with its `www.` twin, over http or https, on one port. Subdomains are sites of their own:
`shop.example.com` is read when its owner sends that address.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from yarl import URL

LONGEST_ADDRESS = 1_000
_DEEPEST_PATH = 15
_SAME_SEGMENT_AT_MOST = 2
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
# A name of two words at least, the last of letters, or four numbers; then perhaps a port and a path. No spaces.
_TYPED = re.compile(
    rf"(?:(?:[\w-]{{1,63}}\.)+(?:[^\W\d_]{{2,24}}|xn--[a-z0-9-]+)|(?:{_BYTE}\.){{3}}{_BYTE})(?::\d{{1,5}})?(?:[/?#]\S*)?"
)
_TYPED_WITH_SCHEME = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
# Between words, where "prices.pdf" and "v1.2" stand, too: with a scheme, or under a name that sites have.
_SURELY_TYPED = re.compile(
    r"https?://\S+|www\.\S+|[\w.-]+\.(?:com|org|net|io|info|shop|store|online|app|biz|example|eu|de|fr|ie|uk|us|ca|ru|рф|"
    r"su|by|kz|ua)(?:/\S*)?",
    re.IGNORECASE,
)
_AROUND = ".,;:!?()«»“”\"'"
_NO_WORDS = re.compile(r"(?:and|и|а также|[-•*–—]|\d{1,2}[.)]?)", re.IGNORECASE)
_BESIDE_ADDRESSES = 9
# What a campaign, a counter or a session adds to an address; the page is the same without it.
_TRACKING = re.compile(
    r"utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|yclid|ysclid|msclkid|twclid|ttclid|igshid|srsltid|_openstat|_ga|_gl"
    r"|mc_cid|mc_eid|phpsessid|jsessionid|aspsessionid\w*|session_?id|cfid|cftoken",
    re.IGNORECASE,
)
_SESSION_VALUE = re.compile(r"s(?:id)?=[0-9a-f]{16,}", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE)
_NEVER_TEXT = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|bmp|tiff?|avif|heic|mp[34]|m4[av]|avi|mov|mkv|webm|og[gv]|wav|flac"
    r"|zip|rar|7z|t?gz|bz2|xz|tar|exe|msi|dmg|apk|iso|jar|css|js|mjs|map|json|xml|rss|atom|woff2?|ttf|otf|eot"
    r"|psd|ai|eps|dwg|pptx?|doc|xls|rtf|epub|fb2|ics|vcf)$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Home:
    """Where a site lives: its scheme, host and port, as its first page has them."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Home":
        """Raises `ValueError` for what is no address."""
        parsed = URL(url)
        return cls(parsed.scheme, parsed.raw_host or "", parsed.port or 0)

    @property
    def origin(self) -> str:
        """https://example.com, without the slash."""
        return str(URL.build(scheme=self.scheme, host=self.host, port=self.port).origin())

    def own(self, url: str) -> str | None:
        """The one form of an address of this site; None for an address of anybody else's, or for none at all."""
        try:
            parsed = URL(url.strip())
            if parsed.scheme not in ("http", "https") or not self._is_host(parsed):
                return None
            return canonical(str(parsed.with_scheme(self.scheme).with_host(self.host).with_port(self._port())))
        except ValueError:
            return None

    def _is_host(self, parsed: URL) -> bool:
        if _without_www((parsed.raw_host or "").removesuffix(".")) != _without_www(self.host):
            return False
        usual = {80, 443}
        return parsed.port == self.port or (parsed.port in usual and self.port in usual)

    def _port(self) -> int | None:
        return None if self.port == {"http": 80, "https": 443}[self.scheme] else self.port


def canonical(url: str) -> str:
    """Lower-case host, no default port, no fragment, no tracking, parameters in their alphabetical order.

    Raises `ValueError` for what is no address.
    """
    parsed = URL(url).with_fragment(None)
    if not parsed.raw_host:
        raise ValueError("no host")
    path = _SESSION_IN_PATH.sub("", parsed.raw_path) or "/"
    pairs = [pair for pair in parsed.raw_query_string.split("&") if pair and not _is_tracking(pair)]
    query = "?" + "&".join(sorted(pairs)) if pairs else ""
    return str(URL(str(parsed.origin()) + path + query))


def _is_tracking(pair: str) -> bool:
    return bool(_TRACKING.fullmatch(unquote(pair.partition("=")[0])) or _SESSION_VALUE.fullmatch(pair))


def has_scheme(typed: str) -> bool:
    return _SCHEME.match(typed.strip()) is not None


def with_scheme(typed: str) -> str:
    """As an owner types it, and as it can be opened: https is tried where he named none."""
    return typed.strip() if has_scheme(typed) else f"https://{typed.strip()}"


def looks_like_address(text: str) -> bool:
    """Whether a message is an address and nothing else: "example.com", "https://пример.рф/о-нас"."""
    text = text.strip()
    return len(text) <= LONGEST_ADDRESS and bool(_TYPED_WITH_SCHEME.fullmatch(text) or _TYPED.fullmatch(text))


def addresses_in(text: str) -> list[str]:
    """The addresses of a message that says little else, each once and in their order. A text that only mentions one has
    none."""
    if looks_like_address(text):
        return [text.strip()]
    parts = [bare for part in text.split() if (bare := part.strip(_AROUND))]
    found = [part for part in parts if _SURELY_TYPED.fullmatch(part) and looks_like_address(part)]
    return list(dict.fromkeys(found)) if len(parts) - len(found) <= _BESIDE_ADDRESSES else []


def only_addresses(text: str) -> list[str]:
    """The addresses of a message that says nothing else; between them may stand commas, list marks and "and"."""
    found = addresses_in(text)
    bare = {part.strip(_AROUND) for part in text.split()} - {"", *found}
    return found if looks_like_address(text) or all(map(_NO_WORDS.fullmatch, bare)) else []


def hash_of_site(url: str) -> str:
    """The same for all ways to write one site's address: http or https, with or without `www.` and tracking."""
    parsed = URL(canonical(with_scheme(url)))
    port = "" if parsed.port in (80, 443) else f":{parsed.port}"
    return hash_of(f"{_without_www(parsed.raw_host or '')}{port}{parsed.raw_path_qs}")


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def shown(url: str) -> str:
    """An address as people write it: no scheme, letters instead of percents, no slash at the end."""
    try:
        return URL(url).human_repr().partition("://")[2].rstrip("/") or url
    except ValueError:
        return url


def may_have_text(url: str) -> bool:
    """Not an address of pictures or programs, and not one that an endless loop of links has made."""
    path = URL(url).raw_path
    segments = [segment for segment in path.split("/") if segment]
    most = max(Counter(segments).values(), default=0)
    return (
        len(url) <= LONGEST_ADDRESS
        and len(segments) <= _DEEPEST_PATH
        and most <= _SAME_SEGMENT_AT_MOST
        and not _NEVER_TEXT.search(path)
    )


class Crowds:
    """Counts addresses that differ by numbers or parameters only: calendars, filters, sortings without end.

    `alike` is how many of such a crowd are visited: at most half of a site's pages, but never fewer than 50;
    `queries`, how many sets of parameters one path may have.
    """

    def __init__(self, max_pages: int, met: Iterable[str] = ()) -> None:
        self._alike = max(50, max_pages // 2)
        self._queries = max(20, max_pages // 5)
        self._shapes: Counter[str] = Counter()
        self._paths: Counter[str] = Counter()
        for url in met:
            self.admits(url)

    def admits(self, url: str) -> bool:
        """Whether one more such address is worth a visit; counts it if so."""
        parsed = URL(url)
        shape = self._shape(parsed)
        if (shape and self._shapes[shape] >= self._alike) or (
            parsed.raw_query_string and self._paths[parsed.raw_path] >= self._queries
        ):
            return False
        if shape:
            self._shapes[shape] += 1
        if parsed.raw_query_string:
            self._paths[parsed.raw_path] += 1
        return True

    @staticmethod
    def _shape(parsed: URL) -> str:
        """The address with its numbers blotted out; empty with fewer than two: /product/17 is no calendar."""
        shape, numbers = _DIGITS.subn("#", parsed.raw_path_qs)
        return shape if numbers > 1 else ""


def _without_www(host: str) -> str:
    return host.removeprefix("www.")
