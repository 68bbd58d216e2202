"""The process that reads one file: `python -m core.parsing.child LIMITS PATH NAME PAGE_URL`. Refuses to trust the file.

It bounds itself before it opens anything, answers with one JSON object on stdout, and dies. Run by `sandbox.py`
only, on Linux and macOS.
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
from core.parsing.read import read_document

_ROOM_TO_ANSWER = 64 * 1024 * 1024


def main(arguments: list[str]) -> None:
    memory, cpu_s, characters = (int(number) for number in arguments[0].split(","))
    _bound(memory, cpu_s)
    logging.disable(logging.CRITICAL)
    answer = _take_stdout()
    verdict = _verdict_on(Path(arguments[1]), arguments[2], arguments[3], characters)
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        json.dump(verdict, out, ensure_ascii=False)


def _verdict_on(path: Path, filename: str, page_url: str, characters: int) -> dict[str, object]:
    """The document, or why not."""
    try:
        return _as_json(read_document(path, filename, page_url), characters)
    except DocumentRejected as error:
        _make_room()
        return {"error": error.code, "facts": error.facts, "cause": _name(error.__cause__)}
    except (MemoryError, RecursionError) as error:
        _make_room()
        return {"error": DocumentTooHard.code, "facts": {}, "cause": type(error).__name__}


def _bound(memory: int, cpu_s: int) -> None:
    """No more memory and time than allowed, no file written, no core dump, no further process's files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    if sys.platform == "linux":  # elsewhere the address space cannot be bounded, or holds gigabytes from the start
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory + _ROOM_TO_ANSWER))


def _make_room() -> None:
    """A reader that failed for memory still holds it: without a little more, not even the verdict could be said."""
    if sys.platform == "linux":
        most = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _take_stdout() -> int:
    """Our own way out; whatever a library prints goes nowhere and cannot spoil the answer."""
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answer


def _as_json(parsed: ParsedDocument, characters: int) -> dict[str, object]:
    if sum(len(block.text) for block in parsed.blocks) > characters:
        raise DocumentTooHard
    blocks = [(b.kind.value, b.text, b.level, b.page, b.question, b.hidden) for b in parsed.blocks]
    page = asdict(parsed.page) if parsed.page else None
    return {"format": parsed.format, "title": parsed.title, "pages": parsed.pages, "blocks": blocks, "page": page}


def _name(error: BaseException | None) -> str:
    return "" if error is None else f"{type(error).__name__}: {str(error)[:200]}"


if __name__ == "__main__":
    main(sys.argv[1:])
