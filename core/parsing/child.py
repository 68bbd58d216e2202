"""The process that reads one file: `python -m core.parsing.child LIMITS PATH NAME PAGE_URL`. Refuses to trust the file.

With `PAGES MODELS LANGUAGES` after these it recognises the text of those pages of a scan instead. It bounds itself
before it opens anything, answers with one JSON object on stdout, and dies; on stderr it says how many pages are read.
Run by `sandbox.py` only, on Linux and macOS.
"""

import json
import logging
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from core.errors import DocumentRejected, DocumentTooHard
from core.parsing.base import ParsedDocument
from core.parsing.pages_read import open_line
from core.parsing.read import read_document

_ROOM_TO_ANSWER = 64 * 1024 * 1024


def main(arguments: list[str]) -> None:
    memory, cpu_s, characters = (int(number) for number in arguments[0].split(","))
    bound(memory, cpu_s)
    logging.disable(logging.CRITICAL)
    answer = take(1)
    line = take(2)
    open_line(line)
    verdict = _verdict_on(Path(arguments[1]), arguments[2:], characters)
    os.close(line)
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        json.dump(verdict, out, ensure_ascii=False)


def _verdict_on(path: Path, how: list[str], characters: int) -> dict[str, object]:
    """The document, or why not."""
    try:
        parsed = _recognised(path, *how[2:]) if how[2:] else read_document(path, *how)
        return _as_json(parsed, characters)
    except DocumentRejected as error:
        make_room()
        return {"error": error.code, "facts": error.facts, "cause": _name(error.__cause__)}
    except (MemoryError, RecursionError) as error:
        make_room()
        return {"error": DocumentTooHard.code, "facts": {}, "cause": type(error).__name__}


def _recognised(path: Path, pages: str, models: str, languages: str) -> ParsedDocument:
    from core.parsing.ocr import recognise  # noqa: PLC0415 - what it needs is installed by `make ocr` only

    return recognise(path, [int(page) for page in pages.split(",")], Path(models), languages)


def bound(memory: int, cpu_s: int) -> None:
    """No more memory and time than allowed, no file written, no core dump, no further process's files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    if sys.platform == "linux":  # elsewhere the address space cannot be bounded, or holds gigabytes from the start
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory + _ROOM_TO_ANSWER))


def make_room() -> None:
    """A reader that failed for memory still holds it: without a little more, not even the verdict could be said."""
    if sys.platform == "linux":
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def take(descriptor: int) -> int:
    """Our own way out; whatever a library prints goes nowhere and cannot spoil what we say."""
    ours = os.dup(descriptor)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    return ours


def _as_json(parsed: ParsedDocument, characters: int) -> dict[str, object]:
    if sum(len(block.text) + len(block.question) for block in parsed.blocks) > characters:
        raise DocumentTooHard
    blocks = [(b.kind.value, b.text, b.level, b.page, b.question, b.hidden) for b in parsed.blocks]
    page = asdict(parsed.page) if parsed.page else None
    said = {"format": parsed.format, "title": parsed.title, "pages": parsed.pages, "blocks": blocks, "page": page}
    return {**said, "picture_pages": parsed.picture_pages, "unread_pages": parsed.unread_pages}


def _name(error: BaseException | None) -> str:
    return "" if error is None else f"{type(error).__name__}: {str(error)[:200]}"


if __name__ == "__main__":
    main(sys.argv[1:])
