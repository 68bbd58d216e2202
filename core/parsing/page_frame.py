"""What stands around the text of a web page: menus, cookie banners, headers, footers. Refuses to read text itself.

Small sites rarely use the elements made for this, so names of classes and the share of links count too.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

_BANNER = re.compile(r"cookie|consent|gdpr|cc-window", re.IGNORECASE)
# A bakery has cookies, too: what a banner says, in the languages of most pages.
_ASKS = re.compile(r"accept|agree|consent|uses? cookies|соглас|использу|принима|zustimm|akzept", re.IGNORECASE)
_LONGEST_BANNER = 150  # words; a page about cookies may be named so too
_MENU = re.compile(
    r"(?:^|[\s_-])(?:(?:main|top|site|left|side)?(?:menu|nav)|navbar|navigation|topbar|(?:bread)?crumbs?|pagination|"
    r"pager|paging|shar(?:e|ing)|socials?|langs?|languages?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_FOOTER = re.compile(r"(?:^|[\s_-])(?:footer|colophon)(?:$|\s)", re.IGNORECASE)
_SKIPS = re.compile(r"\bskip", re.IGNORECASE)  # links past the menu, for those who hear a page
_SIDE_BY_SIDE = ["span", "label", "a", "b", "strong"]
_TOGGLE = re.compile(
    r"accordion|faq|toggle|spoiler|collaps|expand|tab-?(?:pane|panel|content|item)|question|answer", re.IGNORECASE
)
_FOLDED = re.compile(
    r"(?:display\s*:\s*none|(?:max-)?height\s*:\s*0(?:px)?)\s*(?:!important)?\s*(?:;|$)", re.IGNORECASE
)
_CONTROLS = ("aria-controls", "data-target", "data-bs-target", "href")
_CONTACT = re.compile("^(?:tel|mailto):")
_LINKS = 0.75
_LONGEST_LINK = 5  # words, on average, in a menu
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"]


@dataclass(frozen=True, slots=True)
class PageParts:
    """A page taken apart; headers and footers are each an element of its own, outside the body."""

    headers: list[Tag]
    body: Tag
    footers: list[Tag]


def clear_away(soup: BeautifulSoup) -> None:
    """Takes away what is never text of a page, and unfolds what a reader unfolds with a click."""
    for element in soup.find_all(_is_never_text):
        element.extract()
    for element in soup.find_all(_SIDE_BY_SIDE):
        _keep_apart(element)
    for button in soup.find_all("button"):
        if button.find_parent(_HEADINGS) or button.has_attr("aria-expanded") or _words(button)[-1:] == ["?"]:
            button.name = "span"  # the question of an answer that unfolds
    named = {str(link[name]).lstrip("#") for name in _CONTROLS for link in soup.find_all(True, {name: True})}
    for element in soup.find_all(_is_folded):
        if _unfolds(element, named):
            element.attrs.pop("hidden", None)
            element.attrs.pop("aria-hidden", None)
            element["style"] = _FOLDED.sub("", str(element.get("style", "")))


def take_apart(soup: BeautifulSoup, is_text: Callable[[str], bool]) -> PageParts:
    """Changes `soup`: menus go, headers and footers are taken out of the body.

    `is_text` knows whether some words belong to the text of the page, which saves lists of links from being menus.
    """
    body = soup.body or soup
    for menu in _menus(body, is_text):
        menu.extract()
    footers = _outermost(body, lambda element: element.name == "footer" or bool(_FOOTER.search(_names(element))))
    headers = _outermost(body, lambda element: element.name == "header")
    for part in (*headers, *footers):
        part.extract()
        part.name = "div"
        del part["role"]
    return PageParts(headers, body, footers)


def _is_folded(element: Tag) -> bool:
    shut = element.has_attr("hidden") or str(element.get("aria-hidden", "")).lower() == "true"
    return shut or _FOLDED.search(str(element.get("style", ""))) is not None


def _unfolds(element: Tag, named: set[str]) -> bool:
    """Whether something on the page opens it: a question above it, a tab, an element that names it."""
    above, parent = element.find_previous_sibling(), element.parent
    if element.get("id") in named or str(element.get("role", "")).lower() == "tabpanel":
        return True
    if above is not None and (above.name in (*_HEADINGS, "button") or above.has_attr("aria-expanded")):
        return True
    return any(_TOGGLE.search(_names(near)) for near in (element, above, parent) if near is not None)


def _is_never_text(element: Tag) -> bool:
    if element.name == "a":
        return _SKIPS.search(_names(element)) is not None
    return element.name in ("nav", "noscript") or _is_banner(element)


def _keep_apart(element: Tag) -> None:
    """A space between "Pizza" and "7.50" of two elements side by side: a style sheet, unknown here, sets them apart."""
    after = element.next_sibling
    if isinstance(after, Tag) and after.name in _SIDE_BY_SIDE:
        end, start = element.get_text()[-1:], after.get_text()[:1]
        if end.isalnum() and (start.isalnum() or start in "$€£₽+") and not (end.isdigit() and start.isdigit()):
            element.insert_after(" ")


def _is_banner(element: Tag) -> bool:
    if not _BANNER.search(_names(element)):
        return False
    text = element.get_text(" ")
    return _ASKS.search(text) is not None and len(text.split()) <= _LONGEST_BANNER


def _menus(body: Tag, is_text: Callable[[str], bool]) -> list[Tag]:
    """Elements that are little more than short links, unless they are (a part of) the text. None within another."""
    words, linked, links = _count(body)
    found: dict[int, Tag] = {}
    for element in body.find_all(["div", "ul", "ol", "section", "aside", "p", "span", "td", "form", "table"]):
        mine = id(element)
        if links[mine] < 2 or linked[mine] < _LINKS * words[mine] or linked[mine] > _LONGEST_LINK * links[mine]:
            continue
        if words[mine] > words[id(body)] / 2 or any(id(parent) in found for parent in element.parents):
            continue
        if element.find(href=_CONTACT) is None and (_stands_like_menu(element) or not is_text(element.get_text(" "))):
            found[mine] = element
    return list(found.values())


def _stands_like_menu(element: Tag) -> bool:
    return _MENU.search(_names(element)) is not None or element.find_parent(["header", "aside"]) is not None


def _count(body: Tag) -> tuple[Counter[int], Counter[int], Counter[int]]:
    """For every element, by its id: how many words it has, how many of them in links, and how many links."""
    words, linked, links = Counter[int](), Counter[int](), Counter[int]()
    for text in body.find_all(string=True):
        size, parents = len(text.split()), list(text.parents)
        if not size or parents[0].name in ("script", "style", "template", "noscript"):
            continue
        in_link = any(parent.name == "a" for parent in parents)
        for parent in parents:
            words[id(parent)] += size
            linked[id(parent)] += size if in_link else 0
    for link in body.find_all("a"):
        links.update(id(parent) for parent in link.parents)
    return words, linked, links


def _outermost(body: Tag, wanted: Callable[[Tag], bool]) -> list[Tag]:
    """The elements wanted that stand neither in another of them nor in an article."""
    found = body.find_all(wanted)
    known = {id(element) for element in found}
    return [
        element
        for element in found
        if not any(id(parent) in known or parent.name in ("article", "main") for parent in element.parents)
    ]


def _names(element: Tag) -> str:
    """Its classes, id and role in one line."""
    classes = element.get("class", "")
    return " ".join(
        [*([classes] if isinstance(classes, str) else classes or ()), str(element.get("id", "")), _role(element)]
    )


def _role(element: Tag) -> str:
    return {"navigation": "nav", "contentinfo": "footer"}.get(str(element.get("role", "")).lower(), "")


def _words(element: Tag) -> list[str]:
    return re.findall(r"\w+|\?", element.get_text(" "))
