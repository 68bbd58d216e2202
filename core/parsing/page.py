"""The page of a site: its main text, where it leads, and what it says about itself. Refuses to fetch anything.

For hostile HTML, so only inside the sandbox. Which text is the page's own is decided by `main_text.py`.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from core.addresses import usual_form
from core.errors import AddressRefused
from core.parsing.base import BlockKind, ParsedDocument, WebPage
from core.parsing.html import decode_html
from core.parsing.main_text import main_blocks
from core.parsing.tidying import tidy

_MOST_LINKS = 5_000
_LONGEST_NAME = 120
_ROBOTS = {"robots", "llmchatbot"}
_SEPARATOR = re.compile(r"\s+[|–—·•»/-]\s+|\s*::\s*|\s*\|\s*")
_SPACES = re.compile(r"[\t\n\r\f]")
_REFRESH = re.compile(r"^\s*[\d.]+\s*[;,]\s*(?:url\s*=\s*)?['\"]?([^'\"]+)", re.IGNORECASE)
# A script fills one of these elements; without the script it stays empty.
_APP_ROOTS = {"root", "app", "__next", "__nuxt", "___gatsby", "app-root", "react-root", "svelte", "main-app"}
_WANTS_SCRIPT = re.compile(r"javascript|джаваскрипт", re.IGNORECASE)
_HARDLY_ANY_WORDS = 30
_LOADING = 5  # words of a place that waits for its script


def read_page(body: bytes, page_url: str) -> ParsedDocument:
    """What is at `page_url`, an absolute address. Has `page`, and no blocks when there is no text."""
    soup = BeautifulSoup(decode_html(body), "lxml")
    page = _web_page(soup, page_url)
    blocks = main_blocks(soup, page_url)
    headings = [block.text for block in blocks if block.kind is BlockKind.HEADING and not block.hidden]
    return ParsedDocument("html", title=_title(soup) or next(iter(headings), ""), blocks=blocks, page=page)


def _web_page(soup: BeautifulSoup, page_url: str) -> WebPage:
    base = soup.find("base", href=True)
    start = _absolute(_value(base, "href"), page_url) or page_url
    said = _said_to_robots(soup)
    canonical = soup.find("link", rel="canonical", href=True)
    return WebPage(
        links=_links(soup, start),
        canonical=_absolute(_value(canonical, "href"), start),
        noindex=bool(said & {"noindex", "none"}),
        nofollow=bool(said & {"nofollow", "none"}),
        scripted=_is_scripted(soup),
        site=_site_name(soup)[:_LONGEST_NAME],
    )


def _links(soup: BeautifulSoup, start: str) -> tuple[str, ...]:
    """Where a reader could go from here. Links that the page asks robots not to follow are left out."""
    found: dict[str, None] = {}
    for address in _hrefs(soup):
        if len(found) < _MOST_LINKS and (absolute := _absolute(address, start)):
            found[absolute] = None
    return tuple(found)


def _hrefs(soup: BeautifulSoup) -> Iterator[str]:
    for element in soup.find_all(["a", "area", "frame", "meta"]):
        if element.name == "meta":
            if _value(element, "http-equiv").lower() == "refresh" and (
                goal := _REFRESH.match(_value(element, "content"))
            ):
                yield goal[1]
        elif "nofollow" not in _value(element, "rel").lower().split():
            yield _value(element, "src" if element.name == "frame" else "href")


def _absolute(address: str, start: str) -> str:
    """The http(s) address that `address` means on a page at `start`; empty when it means none."""
    address = _SPACES.sub("", address).strip()
    if not address or address.startswith("#"):
        return ""
    try:
        return usual_form(urljoin(start, address))
    except (AddressRefused, ValueError):
        return ""


def _said_to_robots(soup: BeautifulSoup) -> set[str]:
    said = [_value(meta, "content") for meta in soup.find_all("meta") if _value(meta, "name").lower() in _ROBOTS]
    return set(re.split(r"[\s,]+", " ".join(said).lower()))


def _title(soup: BeautifulSoup) -> str:
    """What the page calls itself, without the name of the site."""
    own = _meta(soup, "og:title") or (tidy(soup.title.get_text(" ")) if soup.title else "")
    site = _meta(soup, "og:site_name")
    headings = {tidy(heading.get_text(" ")).casefold() for heading in soup.find_all(["h1", "h2"])}
    parts = [part for part in _SEPARATOR.split(own) if part]
    if len(parts) > 1:
        if site and parts[-1].casefold() == site.casefold():
            return own[: own.rfind(parts[-1])].rstrip(" |–—·•»/:-")
        if parts[0].casefold() in headings:
            return parts[0]
    return own


def _site_name(soup: BeautifulSoup) -> str:
    """How the page calls the site that it belongs to; empty when it does not say."""
    named = soup.find("meta", attrs={"name": re.compile("^application-name$", re.IGNORECASE)})
    return _meta(soup, "og:site_name") or tidy(_value(named, "content"))


def _is_scripted(soup: BeautifulSoup) -> bool:
    """Whether scripts would write the text: there is hardly any, and a place for it or a request for JavaScript."""
    body = soup.body
    if body is None or not soup.find("script"):
        return False
    asks = any(_WANTS_SCRIPT.search(element.get_text(" ")) for element in soup.find_all("noscript"))
    words = sum(len(text.split()) for text in body.find_all(string=True) if _is_shown(text.parent))
    if words >= _HARDLY_ANY_WORDS:
        return False
    empty_place = any(
        len(element.get_text(" ").split()) < _LOADING
        for element in body.find_all(lambda element: element.name in _APP_ROOTS or _value(element, "id") in _APP_ROOTS)
    )
    return asks or empty_place or words == 0


def _is_shown(parent: Tag | None) -> bool:
    return parent is not None and parent.name not in ("script", "style", "noscript", "template")


def _meta(soup: BeautifulSoup, name: str) -> str:
    return tidy(_value(soup.find("meta", property=name), "content"))


def _value(element: object, attribute: str) -> str:
    """The attribute's text; empty without it. An attribute of several words comes as a list."""
    value = element.get(attribute, "") if isinstance(element, Tag) else ""
    return " ".join(value) if isinstance(value, list) else str(value or "")
