"""What of a page a reader would not see: hidden, tiny or in the colour of its ground; comments and templates.

Looks at attributes and styles written on the elements themselves; what style sheets do is not known here, and where
they may decide, text counts as seen. Refuses to judge the words.
"""

import re
from collections.abc import Iterable

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, PageElement

from core.parsing.base import Block, BlockKind
from core.parsing.tidying import has_words, tidy

_LONGEST = 20_000
_NEVER_TEXT = ["script", "style", "svg", "math", "object", "head"]
_GONE = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|content-visibility:hidden|opacity:0?\.?0[0-5]?(?:;|$|!)"
    r"|clip:rect\((?:0|1px)\D|clip-path:inset\((?:50|100)%|(?:left|top|right|bottom|text-indent|margin-left):-\d{3,}"
    r"|transform:scale\(0|max-height:0(?:px)?(?:;|$|!)|max-width:0(?:px)?(?:;|$|!))"
)
_COLLAPSED = re.compile(r"(?:^|;)(?:width|height):[01](?:px)?(?:;|$|!)")
_SIZE = re.compile(r"(?:^|;)font-size:(\d*\.?\d+)(px|pt|em|rem|%|)")
_SMALLEST = {"px": 2.0, "pt": 2.0, "em": 0.15, "rem": 0.15, "%": 15.0, "": 2.0}
_COLOUR = re.compile(r"(?:^|;)color:([^;!]+)")
_GROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_TRANSPARENT = re.compile(r"rgba\([\d,]+,0?\.?0+\)|#[0-9a-f]{6}00")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240)}
_ALIKE = 12

Colour = tuple[int, int, int]


def take_hidden(soup: BeautifulSoup) -> list[Block]:
    """Takes everything that a reader would not see out of the page, and gives it back as blocks with `hidden`."""
    found: list[Block] = []
    styled = soup.find(["link", "style"]) is not None
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        found += _block(str(comment), "comment")
        comment.extract()
    for element in soup.find_all(_NEVER_TEXT):
        if element.name != "head":
            element.extract()
    taken: set[int] = set()
    for element in soup.find_all(True):
        if id(element) not in taken and (how := _hiding(element, styled=styled)):
            found += _block(element.get_text(" "), how)
            taken.update(id(inner) for inner in element.find_all(True))  # `decomposed` would search the whole element
            element.extract()
    return found


def _block(text: str, how: str) -> list[Block]:
    words = tidy(text[:_LONGEST])
    return [Block(BlockKind.PARAGRAPH, words, hidden=how)] if has_words(words) else []


def _hiding(element: Tag, *, styled: bool) -> str:
    if element.name in ("template", "noscript") or element.has_attr("hidden"):
        return "invisible"
    if str(element.get("aria-hidden", "")).lower() == "true":
        return "invisible"
    style = _style(element)
    if _GONE.search(style) or ("overflow:hidden" in style and _COLLAPSED.search(style)):
        return "invisible"
    size = _SIZE.search(style)
    if size and float(size[1]) <= _SMALLEST[size[2]] and not _is_set_within(element, "font-size"):
        return "tiny"
    written = _written_colour(element, style)
    if written == "transparent" or _TRANSPARENT.fullmatch(written):
        return "invisible"
    colour = _colour(written)
    if colour is None:
        return ""
    ground = _ground_of(element, styled=styled)
    if ground and max(abs(one - two) for one, two in zip(colour, ground, strict=True)) <= _ALIKE:
        return "" if _is_set_within(element, "color") or _is_set_within(element, "background") else "white"
    return ""


def _style(element: PageElement) -> str:
    """ "name:value;name:value", without spaces, in small letters."""
    style = element.get("style", "") if isinstance(element, Tag) else ""
    return "".join(str(style).lower().split())


def _is_set_within(element: Tag, name: str) -> bool:
    """Whether something inside chooses for itself."""
    return any(name in _style(inner) for inner in element.find_all(style=True))


def _written_colour(element: Tag, style: str) -> str:
    if said := _COLOUR.search(style):
        return said[1]
    return str(element.get("color", "")).lower() if element.name == "font" else ""


def _ground_of(element: Tag, *, styled: bool) -> Colour | None:
    """The colour behind an element, paper being white; None when a picture or a style sheet may decide."""
    holders: Iterable[Tag] = (element, *element.parents)
    for holder in holders:
        written = _GROUND.search(_style(holder))
        if written or holder.has_attr("bgcolor"):
            return _colour(written[1] if written else str(holder["bgcolor"]).lower())
        if holder.has_attr("background") or (styled and (holder.has_attr("class") or holder.has_attr("id"))):
            return None
    return 255, 255, 255


def _colour(written: str) -> Colour | None:
    if written in _NAMED:
        return _NAMED[written]
    if short := re.fullmatch(r"#([0-9a-f])([0-9a-f])([0-9a-f])", written):
        return int(short[1] * 2, 16), int(short[2] * 2, 16), int(short[3] * 2, 16)
    if long := re.fullmatch(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", written):
        return int(long[1], 16), int(long[2], 16), int(long[3], 16)
    if numbers := re.fullmatch(r"rgba?\((\d{1,3}),(\d{1,3}),(\d{1,3})(?:,[\d.]+)?\)", written):
        return int(numbers[1]), int(numbers[2]), int(numbers[3])
    return None
