"""What Word's styles say of a paragraph: is it a heading, and is it in a list? Refuses to know text."""

import re
from collections.abc import Iterator

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import nsmap
from lxml import etree

W = f"{{{nsmap['w']}}}"
_HEADING_NAME = re.compile(r"(?i)^(?:heading|заголовок)\s*([1-9])\b")
_TITLE_NAME = re.compile(r"(?i)^(?:title|название|заголовок)$")
_LIST_NAME = re.compile(r"(?i)^(?:list\b|список|маркированный|нумерованный)")
_LONGEST_HEADING = 250


def child(element: "etree._Element", *names: str) -> "etree._Element | None":
    """The first descendant along this path of names in Word's namespace."""
    return element.find("/".join(W + name for name in names))


def value(element: "etree._Element | None", attribute: str) -> str:
    """An attribute in Word's namespace, "" when it or the element is missing."""
    return "" if element is None else element.get(W + attribute, "")


class Styles:
    """Headings and lists by style, through the chain of "based on"."""

    def __init__(self, document: Document) -> None:
        self._styles = {style.styleId: style for style in document.styles.element.style_lst}
        self._numbered = any(rel.reltype == RELATIONSHIP_TYPE.NUMBERING for rel in document.part.rels.values())

    def heading_level(self, paragraph: "etree._Element") -> int:
        """1 to 9, or 0 for no heading. A "heading" of several lines is a paragraph that was styled for looks."""
        if sum(len(text) for text in paragraph.itertext(f"{W}t")) > _LONGEST_HEADING:
            return 0
        level = _outline_level(paragraph)
        for style in self._chain(paragraph):
            if level is not None:
                break
            name = style.name_val or ""
            if named := _HEADING_NAME.match(name):
                return int(named[1])
            if _TITLE_NAME.match(name):
                return 1
            level = _outline_level(style)
        return level or 0

    def is_list_item(self, paragraph: "etree._Element") -> bool:
        """Numbered or bulleted, by the paragraph itself or by its style."""
        for holder in (paragraph, *self._chain(paragraph)):
            number = child(holder, "pPr", "numPr", "numId")
            if number is not None:
                return self._numbered and value(number, "val") != "0"
            if holder is not paragraph and _LIST_NAME.match(holder.name_val or ""):
                return True
        return False

    def run_properties(self, run: "etree._Element", paragraph: "etree._Element") -> "Iterator[etree._Element]":
        """What says how a run looks, the nearest first: its own properties, its style's, the paragraph's style's."""
        own = child(run, "rPr")
        if own is not None:
            yield own
        named = self._based_on(value(child(run, "rPr", "rStyle"), "val"))
        for style in (*named, *self._chain(paragraph)):
            if (properties := child(style, "rPr")) is not None:
                yield properties

    def _chain(self, paragraph: "etree._Element") -> "list[etree._Element]":
        return self._based_on(value(child(paragraph, "pPr", "pStyle"), "val"))

    def _based_on(self, name: str) -> "list[etree._Element]":
        """The style of this name, and those it is based on."""
        chain: list[etree._Element] = []
        style = self._styles.get(name)
        while style is not None and style not in chain:
            chain.append(style)
            style = self._styles.get(style.basedOn_val)
        return chain


def _outline_level(holder: "etree._Element") -> int | None:
    """Word counts from 0 and means "body text" by 9."""
    level = value(child(holder, "pPr", "outlineLvl"), "val")
    return (int(level) + 1) % 10 if level.isdecimal() else None
