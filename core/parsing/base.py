"""What reading a file yields: blocks of text in reading order. Refuses to know formats, models and databases."""

from dataclasses import dataclass, field
from enum import StrEnum


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document. `level` is a heading's depth, 1 the highest; `page` counts from 1, None without pages.

    A pair's `text` is the answer to its `question`. `hidden` names how a reader of the document would not have seen
    this text ("white", "tiny", "invisible", "comment"); empty for text in plain sight.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    question: str = ""
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a page of a site says beside its text. `links` are absolute http(s) addresses in their order, each once.

    `canonical` is the address it gives itself, `site` the name of the whole site, or empty. `scripted`: there is no
    text because scripts would make it.
    """

    links: tuple[str, ...] = ()
    canonical: str = ""
    noindex: bool = False
    nofollow: bool = False
    scripted: bool = False
    site: str = ""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A file as text. `format` is what the content is (pdf, docx, xlsx, csv, txt, md, html), whatever the name says.

    `page` is there only when the file was read as a page of a site. `picture_pages` are those, from 1, whose text
    could not be read because they are pictures, `unread_pages`
    those that nothing could be read of because they are damaged or too hard.
    """

    format: str
    title: str = ""
    pages: int = 0
    blocks: tuple[Block, ...] = field(default=())
    page: WebPage | None = None
    picture_pages: tuple[int, ...] = ()
    unread_pages: tuple[int, ...] = ()
