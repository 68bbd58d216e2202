"""What an address of a site answered with: a page, a file that can be read, or neither. Refuses to know sites.

The content decides, the server's word only tells pictures and programs from what is worth looking into.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from yarl import URL

from core.app import Core
from core.errors import DocumentTypeUnknown
from core.fetching import Fetched
from core.parsing.base import Block, ParsedDocument, WebPage
from core.parsing.detect import Format, detect_format
from core.parsing.sandbox import ParseLimits, read_in_sandbox
from core.receiving import new_upload

_HTML = {"text/html", "application/xhtml+xml"}
_FILES = {
    *("application/pdf", "application/x-pdf", "text/plain", "text/markdown", "text/x-markdown", "text/csv"),
    *("application/msword", "application/vnd.ms-excel", "application/zip", "application/x-zip-compressed"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    *("", "application/octet-stream", "binary/octet-stream", "application/force-download", "application/download"),
    *("application/x-download", "application/save"),
}
# A page takes a fraction of a second; one that is made to take minutes must not hold up its whole site.
_ONE_PAGE = ParseLimits(memory_bytes=768 * 1024 * 1024, cpu_s=20, wall_s=60.0)
# Encodings of the web (https://encoding.spec.whatwg.org/#names-and-labels). A server may name any codec that Python
# has, and some of those take half an hour for what others take a second for.
_WEB_ENCODINGS = {
    *("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii", "latin1", "latin-1", "l1", "windows-874"),
    *(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
    *(f"{maker}{page}" for maker in ("windows-", "cp") for page in range(1250, 1259)),
    *("koi8-r", "koi8-u", "ibm866", "cp866", "macintosh", "x-mac-cyrillic", "mac-cyrillic", "tis-620"),
    *("gb2312", "gbk", "gb18030", "big5", "big5-hkscs", "euc-jp", "iso-2022-jp", "shift_jis", "shift-jis", "sjis"),
    *("euc-kr", "ks_c_5601-1987"),
}
_PYTHONS_NAMES = {"x-mac-cyrillic": "mac-cyrillic", "windows-874": "cp874"}
_BOM = b"\xef\xbb\xbf"
_DECLARE = b"<!doctype html>\n"


class NotText(Exception):
    """A picture, a program, a feed: nothing that customers ask about."""


@dataclass(frozen=True, slots=True)
class Content:
    """`place` is where the bytes lie, for `receive_page` to take; `text_hash` is of what is said, not of the bytes.

    `parsed` is None for a file: it is read when it is indexed.
    """

    place: Path
    title: str
    text_hash: str
    page: WebPage
    is_empty: bool = False
    parsed: ParsedDocument | None = None


async def read_content(core: Core, answer: Fetched) -> Content:
    """Look into an answer of status 200. The caller takes or removes the file at `place`.

    Raises `NotText`, or a `DocumentRejected`; then nothing is left behind.
    """
    if answer.content_type not in _HTML | _FILES:
        raise NotText
    name = PurePosixPath(unquote(URL(answer.url).raw_path)).name
    place = new_upload(core)
    try:
        found = await asyncio.to_thread(_lay_down, answer, place, name)
        if found is not Format.HTML:
            text_hash = hashlib.sha256(answer.body).hexdigest()
            return Content(place, name, text_hash, WebPage())
        parsed = await read_in_sandbox(place, "page.html", _ONE_PAGE, page_url=answer.url)
    except BaseException:  # also when cancelled: the file must not stay
        await asyncio.to_thread(place.unlink, missing_ok=True)
        raise
    page = parsed.page or WebPage()
    seen = [block for block in parsed.blocks if not block.hidden]
    return Content(place, parsed.title, hash_of_text(seen), page, not seen, parsed)


def hash_of_text(blocks: Iterable[Block]) -> str:
    """The same for pages that say the same, however they are wrapped. Hidden text, such as tokens, does not count."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(f"{block.kind}\x1f{block.level}\x1f{block.question}\x1f{block.text}\x1e".encode())
    return digest.hexdigest()


def _lay_down(answer: Fetched, place: Path, name: str) -> Format:
    """Write the bytes, HTML as UTF-8 when the server says which encoding it is; its format.

    A server's "text/html" is believed for text only: a piece of a page without its head is a page, too.
    """
    says_html = answer.content_type in _HTML
    body = _as_utf8(answer) if says_html else answer.body
    place.write_bytes(body)
    try:
        found = detect_format(place, "page.html" if says_html else name)
    except DocumentTypeUnknown:
        if says_html or answer.content_type == "text/plain":
            raise NotText from None
        raise
    if says_html and found in (Format.TEXT, Format.MARKDOWN, Format.CSV):
        place.write_bytes(_DECLARE + body.removeprefix(_BOM))
        return Format.HTML
    return found


def _as_utf8(answer: Fetched) -> bytes:
    marked = answer.body.startswith((_BOM, b"\xff\xfe", b"\xfe\xff"))
    if marked or answer.charset in ("utf-8", "utf8") or answer.charset not in _WEB_ENCODINGS:
        return answer.body
    try:
        return _BOM + answer.body.decode(_PYTHONS_NAMES.get(answer.charset, answer.charset)).encode()
    except UnicodeError:  # the page's own word, or its letters, will tell
        return answer.body
