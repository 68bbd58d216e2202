"""What a site allows robots to read (RFC 9309). Refuses to fetch anything but the site's robots.txt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from protego import Protego

from core.errors import PageTooLarge, RobotsUnavailable
from core.fetching import PRODUCT, Fetched, Fetcher

LONGEST_DELAY_S = 10.0
"""A site that asks for longer pauses is read with these: at its own pace two hundred pages would take hours."""

_READ_BYTES = 500_000  # RFC 9309 asks for 500 KiB at least; what stands behind is not read
_FETCH_BYTES = 5_000_000
_AGENT = f"{PRODUCT}/1.0"
_ROBOT = re.compile(r"[\w*.-]+")
_WITH_A_VALUE = {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for us. `delay_s` is the pause that the site asks for, within bounds; 0.0 when it asks for none."""

    _parsed: Protego
    delay_s: float = 0.0
    sitemaps: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> "Rules":
        parsed = Protego.parse(text)
        delay = parsed.crawl_delay(_AGENT) or 0.0
        rate = parsed.request_rate(_AGENT)
        if rate:
            delay = max(delay, rate.seconds / rate.requests)
        return cls(parsed, min(delay, LONGEST_DELAY_S), tuple(parsed.sitemaps))

    def allow(self, url: str) -> bool:
        return self._parsed.can_fetch(url, _AGENT)


async def read_rules(fetcher: Fetcher, origin: str) -> Rules:
    """The rules of the site at `origin` (https://example.com). No robots.txt: everything is allowed.

    Raises `RobotsUnavailable` when the site cannot say now (5xx, 429), a `FetchFailed` or `AddressRefused` when it
    does not answer at all.
    """
    try:
        answer = await fetcher.fetch(f"{origin}/robots.txt", max_bytes=_FETCH_BYTES)
    except PageTooLarge as error:
        raise RobotsUnavailable from error
    if answer.status >= 500 or answer.status == 429:
        raise RobotsUnavailable
    return Rules.of(_text_of(answer) if answer.status < 300 else "")


def said_to_robots(lines: Iterable[str]) -> set[str]:
    """What lines of the header X-Robots-Tag say to every robot, or to us: {"noindex", "nofollow"}.

    A robot's name holds for all that follows it, up to the next name or the line's end
    (https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag#xrobotstag).
    """
    said: set[str] = set()
    for line in lines:
        is_for_us = True
        for part in line.lower().split(","):
            whom, colon, what = (piece.strip() for piece in part.partition(":"))
            if colon and _ROBOT.fullmatch(whom) and whom not in _WITH_A_VALUE:
                is_for_us = whom in ("*", PRODUCT.lower())
            else:
                what = whom
            if is_for_us:
                said.add(what)
    return said


def _text_of(answer: Fetched) -> str:
    """Empty for a page in the place of the file: many sites answer with their front page to every address."""
    text = answer.body[:_READ_BYTES].decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    return "" if text.startswith("<") else text
