"""The list of pages that a site offers itself (sitemaps.org): XML, an index of lists, gzip, or plain lines.

Refuses to believe it: entities are not expanded; the files, their size, their nesting and the addresses are bounded.
"""

import asyncio
import gzip
import logging
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]  # it ships no types

from core.crawling.addresses import LONGEST_ADDRESS, Home, may_have_text
from core.crawling.pace import PacedFetcher
from core.errors import AddressRefused, FetchFailed
from core.fetching import Fetched
from core.settings import MEGABYTE

log = logging.getLogger(__name__)
_MOST_FILES = 20
_DEEPEST = 2
_MOST_BYTES = 10 * MEGABYTE
_MOST_UNPACKED = 50 * MEGABYTE  # the protocol's own limit for one file
_MOST_ADDRESSES = 5_000
_MOST_PIECES = 50


@dataclass(slots=True)
class SiteMap:
    """What was found. `whole` is False when a file that should be there could not be read, or a bound was reached."""

    urls: list[str] = field(default_factory=list)
    whole: bool = True


async def read_sitemaps(fetcher: PacedFetcher, home: Home, announced: Iterable[str]) -> SiteMap:
    """Pages of `home` in its sitemaps: those `announced` in robots.txt, otherwise /sitemap.xml. Short paths first.

    Raises nothing: a site without a sitemap, or with a broken one, is read by its links.
    """
    found = SiteMap()
    names = [own for url in announced if (own := home.own(url))]
    waiting = [(url, 0) for url in names or [f"{home.origin}/sitemap.xml"]]
    seen: set[str] = set()
    while waiting:
        url, depth = waiting.pop(0)
        if url in seen:
            continue
        if len(seen) >= _MOST_FILES or len(found.urls) >= _MOST_ADDRESSES:
            found.whole = False
            break
        seen.add(url)
        pages, lists = await _read_one(fetcher, url, found, must_be_there=bool(names) or depth > 0)
        found.urls += [own for page in pages if (own := home.own(page)) and may_have_text(own)]
        if depth < _DEEPEST:
            waiting += [(own, depth + 1) for one in lists if (own := home.own(one))]
    unique = list(dict.fromkeys(found.urls))
    found.urls = sorted(unique, key=lambda url: url.count("/"))[:_MOST_ADDRESSES]
    return found


async def _read_one(
    fetcher: PacedFetcher, url: str, found: SiteMap, *, must_be_there: bool
) -> tuple[list[str], list[str]]:
    """(pages, further lists) of one file."""
    try:
        answer = await fetcher.get(url, max_bytes=_MOST_BYTES)
    except (FetchFailed, AddressRefused) as error:
        log.info("sitemap %s was not read: %s", url, error.code)
        found.whole = False
        return [], []
    if answer.status != 200:
        if must_be_there or answer.status >= 500:
            found.whole = False
        return [], []
    try:
        return await asyncio.to_thread(_parse, answer)
    except (ParseError, ValueError, LookupError, OSError, EOFError, zlib.error) as error:  # LookupError: an encoding
        log.info("sitemap %s cannot be understood: %s", url, error)
        found.whole = False
        return [], []


def _parse(answer: Fetched) -> tuple[list[str], list[str]]:
    body = _unpacked(answer.body)
    if not body.lstrip().startswith((b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        lines = body.decode("utf-8", errors="replace").split()
        return [line for line in lines[:_MOST_ADDRESSES] if line.startswith("http")], []
    if body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        return [], []  # the front page in the place of a file that is not there
    parser = DefusedXMLParser(target=(reader := _Locations()), forbid_dtd=True)
    parser.feed(body.lstrip())
    parser.close()
    return ([], reader.found) if reader.root == "sitemapindex" else (reader.found, [])


def _unpacked(body: bytes) -> bytes:
    """A .gz that the server did not unpack by itself. Raises `OSError` or `zlib.error` for a broken or endless one."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    unpacked = unpacker.decompress(body, _MOST_UNPACKED)
    if unpacker.unconsumed_tail:
        raise gzip.BadGzipFile("larger than a sitemap may be")
    return unpacked


class _Locations:
    """Hears the file go by and keeps the addresses only: a tree of fifty megabytes would take gigabytes.

    A page's <loc> lies in the third place from the root; those of its pictures lie deeper and are left.
    """

    def __init__(self) -> None:
        self.root = ""
        self.found: list[str] = []
        self._depth = 0
        self._text: list[str] | None = None

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        name = tag.rpartition("}")[2].lower()
        self.root = self.root or name
        if self._depth == 3 and name == "loc" and len(self.found) < _MOST_ADDRESSES:
            self._text = []

    def data(self, text: str) -> None:
        if self._text is not None and len(self._text) < _MOST_PIECES:
            self._text.append(text)

    def end(self, _tag: str) -> None:
        self._depth -= 1
        if self._text is not None:
            self.found.append("".join(self._text).strip()[: LONGEST_ADDRESS + 1])
            self._text = None

    def close(self) -> None:
        """Nothing is held."""
