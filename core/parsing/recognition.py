"""Scanned documents: the text of pages that are pictures, where recognition is installed (`make ocr`).

Refuses to import what recognises: that happens in a child of the sandbox, a few pages each, so that one hostile
picture costs its neighbours at most.
"""

import itertools
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from core.errors import DocumentRejected, DocumentScanned, DocumentUnreadable
from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.sandbox import ParseLimits, Told, read_in_sandbox

_log = logging.getLogger(__name__)
# Five pages take 2 to 30 s and 150 MB; four times as long when each is tried lying on every side.
LIMITS = ParseLimits(memory_bytes=1536 * 1024 * 1024, cpu_s=300, wall_s=600.0, characters=500_000)
_PAGES_A_CHILD = 5
_MOST_PAGES = 500
_MOST_FAILURES = 2
_NEEDED = ("tesserocr", "pypdfium2")


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A folder with Tesseract's *.traineddata, and which of them to use: "rus+eng"."""

    models: Path
    languages: str


def find_recogniser(folder: Path | None, languages: str) -> Recogniser | None:
    """What recognition can work with here; None when it is not installed or has no model of these languages.

    Without `folder`, the places where the model packages of Python and of the system put theirs; the one with most of
    the languages is taken.
    """
    if not all(find_spec(name) for name in _NEEDED):
        return None
    wanted = [language for language in languages.replace(",", "+").split("+") if language]
    found = [
        ([language for language in wanted if (place / f"{language}.traineddata").is_file()], place)
        for place in ([folder] if folder else _usual_places())
    ]
    known, place = max(found, key=lambda held: len(held[0]), default=([], Path()))
    return Recogniser(place, "+".join(known)) if known else None


async def read_with_recognition(
    path: Path, filename: str, recogniser: Recogniser | None, page_url: str = "", told: Told | None = None
) -> ParsedDocument:
    """As `read_in_sandbox`, and pages that are pictures are recognised if `recogniser` is there.

    What could not be read stays in `picture_pages`. Raises `DocumentScanned` when nothing can be read without
    recognition, `DocumentUnreadable` when recognition found nothing either.
    """
    try:
        parsed = await read_in_sandbox(path, filename, page_url=page_url, told=told)
    except DocumentScanned as scanned:
        if recogniser is None:
            raise
        pages = int(scanned.facts["pages"])
        parsed = ParsedDocument("pdf", pages=pages, picture_pages=tuple(range(1, pages + 1)))
    if recogniser is None or not parsed.picture_pages:
        return parsed
    blocks, unread = await _recognise(path, filename, recogniser, parsed.picture_pages, told)
    if not parsed.blocks and not blocks:
        raise DocumentUnreadable(pages=parsed.pages)
    together = sorted([*parsed.blocks, *blocks], key=lambda block: block.page or 0)
    headings = (block.text for block in together if block.kind is BlockKind.HEADING)
    return replace(
        parsed,
        title=parsed.title or next(headings, ""),
        blocks=tuple(together),
        picture_pages=tuple(unread),
    )


def named_pages(pages: Sequence[int]) -> str:
    """Pages as people name them: "3, 7–12"."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1][1:] = [page]
        else:
            runs.append([page])
    return ", ".join("–".join(map(str, run)) for run in runs)


async def _recognise(
    path: Path, filename: str, recogniser: Recogniser, pages: Sequence[int], told: Told | None
) -> tuple[list[Block], list[int]]:
    """(blocks, pages that could not be read). Children that fail twice in a row end it: the rest is alike."""
    blocks: list[Block] = []
    unread = list(pages[_MOST_PAGES:])
    failures = 0
    for start in range(0, min(len(pages), _MOST_PAGES), _PAGES_A_CHILD):
        part = pages[start : start + _PAGES_A_CHILD]
        how = (",".join(map(str, part)), str(recogniser.models.resolve()), recogniser.languages)
        try:
            found = await read_in_sandbox(path, filename, LIMITS, told=_further(told, start, len(pages)), recognise=how)
        except DocumentRejected as error:
            _log.warning("pages %s of %r could not be recognised: %s", how[0], filename, error.code)
            failures += 1
            unread += part
            if failures >= _MOST_FAILURES:
                return blocks, sorted([*unread, *pages[start + _PAGES_A_CHILD : _MOST_PAGES]])
            continue
        failures = 0
        blocks += found.blocks
        unread += found.picture_pages
        if found.picture_pages:
            _log.info("no text in %s recognised on pages %s of %r", how[2], found.picture_pages, filename)
    return blocks, sorted(unread)


def _further(told: Told | None, before: int, total: int) -> Told | None:
    """Passes on a child's count as that of the whole document."""
    if told is None:
        return None

    async def tell(done: int, _: int) -> None:
        await told(before + done, total)

    return tell


def _usual_places() -> Iterator[Path]:
    roots = [Path(sys.prefix) / "share", Path("/usr/share"), Path("/usr/local/share"), Path("/opt/homebrew/share")]
    return itertools.chain.from_iterable(
        (root / "tessdata", *sorted(root.glob("tesseract-ocr/*/tessdata"), reverse=True)) for root in roots
    )
