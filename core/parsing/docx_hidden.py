"""Runs of a Word document that a reader would not see: hidden, tiny, or in the colour of their ground.

Where the ground cannot be told (a table's style, a text box, a page with a background) text counts as seen. Refuses
to judge the words.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from lxml import etree

from core.parsing.base import Block, BlockKind
from core.parsing.docx_styles import Styles, W, child, value
from core.parsing.tidying import has_words, tidy

_SMALLEST = 4  # half-points
_ALIKE = 16
_WHITE = (255, 255, 255)
_MARKERS = {"white": _WHITE, "black": (0, 0, 0), "none": _WHITE}

Colour = tuple[int, int, int]
Hidden = list[tuple[str, str]]
"""(how, words) of runs in their order."""


def hidden_blocks(hidden: Sequence[tuple[str, str]]) -> Iterator[Block]:
    """A block for each stretch that is hidden in one way."""
    for how, run in itertools.groupby(hidden, lambda one: one[0]):
        if has_words(words := tidy("".join(text for _, text in run))):
            yield Block(BlockKind.PARAGRAPH, words, hidden=how)


def hiding_of(styles: Styles, run: "etree._Element", paragraph: "etree._Element") -> str:
    """ "invisible", "tiny", "white", or nothing for a run that is seen."""
    properties = list(styles.run_properties(run, paragraph))
    if not properties:
        return ""
    vanish = _first(properties, "vanish")
    if vanish is not None and value(vanish, "val") not in ("0", "false", "off"):
        return "invisible"
    size = value(_first(properties, "sz"), "val")
    if size.isdecimal() and int(size) <= _SMALLEST:
        return "tiny"
    colour = _colour(value(_first(properties, "color"), "val"))
    if colour is None:
        return ""
    ground = _ground(properties, paragraph)
    alike = ground is not None and max(abs(one - two) for one, two in zip(colour, ground, strict=True)) <= _ALIKE
    return "white" if alike else ""


def _first(properties: "Sequence[etree._Element]", name: str) -> "etree._Element | None":
    return next((found for holder in properties if (found := child(holder, name)) is not None), None)


def _ground(properties: "Sequence[etree._Element]", paragraph: "etree._Element") -> Colour | None:
    marker = value(_first(properties, "highlight"), "val")
    if marker and marker != "none":
        return _MARKERS.get(marker)
    shaded = (_first(properties, "shd"), child(paragraph, "pPr", "shd"))
    for shade in shaded:
        if (fill := value(shade, "fill")) not in ("", "auto"):
            return _colour(fill)
    for holder in paragraph.iterancestors():
        if holder.tag == f"{W}tc":
            fill = value(child(holder, "tcPr", "shd"), "fill")
            return _colour(fill) if fill not in ("", "auto") else None
        if holder.tag == f"{W}txbxContent" or child(holder, "background") is not None:
            return None
    return _WHITE


def _colour(written: str) -> Colour | None:
    if not re.fullmatch(r"[0-9A-Fa-f]{6}", written):
        return None
    return int(written[:2], 16), int(written[2:4], 16), int(written[4:], 16)
