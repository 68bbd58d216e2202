"""Which blocks of a web page are its own text. Refuses to know links and formats other than HTML.

Measured on pages of small sites: trafilatura alone loses prices, phones and opening hours, our reader of HTML alone
keeps menus and banners. So our reader reads, trafilatura says which text it is sure of, and of the rest stays what
carries facts. Headers and footers, the same on every page, are read for their facts only on the front page, on a page
of contacts, or where there is little else.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

import lxml.etree
import trafilatura
from bs4 import BeautifulSoup, Tag

from core.parsing.base import Block, BlockKind
from core.parsing.html import read_html
from core.parsing.html_hidden import take_hidden
from core.parsing.page_frame import clear_away, take_apart

_LITTLE = 40
"""Words. Below it a page is short: everything in it counts."""
_SURE = 0.3
"""If trafilatura knows less than this share of the words, it has not understood the page."""
_TANGLED = 300_000
"""The depths of all elements, added up; a page of 5,000 elements has about 75,000."""
_FRONT = re.compile(r"/?(?:[a-z]{2}/?)?(?:(?:index|default|home)\.\w{3,5})?", re.IGNORECASE)
_CONTACTS = re.compile(r"conta[ck]t|kontakt|контакт|about|impressum|o-?nas|о-?нас", re.IGNORECASE)
_SHOWN_ADDRESS = re.compile(r" \((?:https?://[^\s)]+|[^\s()@]+@[^\s()@]+)\)")
_FACT = re.compile(r"\d|@")
_OWNERSHIP = re.compile(r"©|\(c\)|copyright|all rights reserved|все права защищены", re.IGNORECASE)
_SENTENCE = 8  # words, when nothing ends it
_LEAST_HIDDEN = 4  # words: comments such as "end of header" tell nobody anything
_FAULTS = (ValueError, TypeError, AttributeError, LookupError, RecursionError, lxml.etree.LxmlError)


def main_blocks(soup: BeautifulSoup, page_url: str) -> tuple[Block, ...]:
    """The page's own text in reading order, then what is hidden in it; empty when there is none. Changes `soup`."""
    clear_away(soup)
    hidden = [block for block in take_hidden(soup) if _size(block) >= _LEAST_HIDDEN]
    for element in soup.find_all(lambda element: element.has_attr("style") or element.has_attr("color")):
        del element["style"], element["color"]  # what is left is seen; read part by part, white on black would not be
    sure = _SureText("" if _is_tangled(soup) else str(soup))
    parts = take_apart(soup, sure.has)
    body = _blocks(parts.body)
    words = sum(_size(block) for block in body)
    if words > _LITTLE and sum(_size(block) for block in body if sure.has(block.text)) >= _SURE * words:
        body = _chosen(body, [sure.has(block.text) or _is_telling(block) for block in body])
    body = _without_last_headings(body)
    framed = words <= _LITTLE or _shows_contacts(page_url)
    header = [block for part in parts.headers for block in _blocks(part)]
    footer = [block for part in parts.footers for block in _blocks(part)]
    return (
        *_chosen(header, [sure.has(block.text) or (framed and _has_fact(block)) for block in header]),
        *body,
        *(_chosen(footer, [_has_fact(block) for block in footer]) if framed else ()),
        *hidden,
    )


def _shows_contacts(page_url: str) -> bool:
    path = unquote(urlsplit(page_url).path)
    return bool(_FRONT.fullmatch(path) or _CONTACTS.search(path))


def _is_tangled(soup: BeautifulSoup) -> bool:
    """Whether asking trafilatura would take long: its time grows with the elements and how deep each of them lies."""
    return sum(sum(1 for _ in element.parents) for element in soup.find_all(True)) > _TANGLED


class _SureText:
    """What trafilatura takes for the text of the page."""

    def __init__(self, html: str) -> None:
        try:
            found = trafilatura.extract(html, output_format="txt", favor_recall=True, include_comments=False)
        except _FAULTS:  # a stranger's HTML: without its judgement everything is kept
            found = None
        lines = [_plain(line) for line in (found or "").splitlines()]
        self._lines = set(lines)
        self._text = f" {' '.join(lines)} "

    def has(self, text: str) -> bool:
        """Whether these words stand there in a row; one or two words, as a line of their own."""
        words = _plain(text)
        return bool(words) and (words in self._lines if words.count(" ") < 2 else f" {words} " in self._text)


def _blocks(part: Tag) -> list[Block]:
    return list(read_html(f"<!doctype html><body>{part}</body>".encode()).blocks)


def _chosen(blocks: Sequence[Block], wanted: Sequence[bool]) -> list[Block]:
    """The wanted ones, and with each what names it: the headings above it, or the short label before it."""
    kept, next_kept = [], False
    for block, is_wanted in zip(reversed(blocks), reversed(wanted), strict=True):
        is_name = block.kind is BlockKind.HEADING or (_size(block) < _SENTENCE and not _OWNERSHIP.search(block.text))
        if is_wanted or (next_kept and is_name):
            kept.append(block)
        next_kept = is_wanted or (next_kept and block.kind is BlockKind.HEADING)
    return kept[::-1]


def _without_last_headings(blocks: list[Block]) -> list[Block]:
    """Headings at the end had only links under them ("You may also like")."""
    end = len(blocks)
    while end and blocks[end - 1].kind is BlockKind.HEADING and not _has_fact(blocks[end - 1]):
        end -= 1
    return blocks[:end] or blocks


def _is_telling(block: Block) -> bool:
    """Worth keeping even if trafilatura does not know it."""
    if block.kind in (BlockKind.TABLE_ROW, BlockKind.PAIR) or _has_fact(block):
        return True
    return _size(block) >= _SENTENCE or (_size(block) >= 3 and block.text.endswith((".", "!", "?", ":", "…")))


def _has_fact(block: Block) -> bool:
    """A price, a phone, an hour, an e-mail; who owns the page since when is none."""
    return _FACT.search(block.text) is not None and not _OWNERSHIP.search(block.text)


def _size(block: Block) -> int:
    return len(block.text.split()) + len(block.question.split())


def _plain(text: str) -> str:
    """Words alone, without the address that our reader shows after a link."""
    return " ".join(re.findall(r"\w+", _SHOWN_ADDRESS.sub("", text).lower()))
