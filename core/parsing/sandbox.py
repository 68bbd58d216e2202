"""Reads a stranger's file in a process of its own. Refuses to let a file take the product down with it.

The child is bounded in memory, CPU time, wall time and answer, gets none of our environment, and is killed with its
whole group when the time is up or nobody waits for it any more.
"""

import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from core.child import Child
from core.errors import DocumentBroken, DocumentRejected, DocumentTooHard
from core.parsing.base import Block, BlockKind, ParsedDocument, WebPage
from core.parsing.forked import ForkedChild, NurseryGone, nursery_of_this_loop

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
_BYTES_A_CHARACTER = 8
_NURSERIES_A_FILE = 2
CHILDREN = 2
"""As many run at once, whatever the number of jobs: each may take a gigabyte and a processor."""
_PLACES: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
# The kernel's word for "too much": CPU time used up, killed for memory.
_TOO_MUCH = {-signal.SIGXCPU, -signal.SIGKILL}


Told = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one document may cost. A PDF of 500 pages takes about 25 s of CPU and 250 MB."""

    memory_bytes: int = 1024 * 1024 * 1024
    cpu_s: int = 90
    wall_s: float = 180.0
    characters: int = 5_000_000


async def read_in_sandbox(
    path: Path,
    filename: str,
    limits: ParseLimits | None = None,
    page_url: str = "",
    told: Told | None = None,
    recognise: tuple[str, ...] = (),
) -> ParsedDocument:
    """The document at `path`, called `filename` by its owner, as blocks; with `page_url`, as the page of a site.

    At most `CHILDREN` are read at once; the others wait their turn without their clock running.

    `told` hears a few times a second how many pages are read, and of how many. `recognise` is what the child needs to
    recognise pages of a scan (core/parsing/recognition.py).

    Raises a `DocumentRejected`: what the child said of the file, `DocumentTooHard` when it ran out of time or
    memory, `DocumentBroken` when it died of the file.
    """
    limits = limits or ParseLimits()
    answer, status = await ask_child((*_command(path, filename, page_url, limits), *recognise), limits, told)
    return await asyncio.to_thread(_understand, answer, status, filename)


def _places() -> asyncio.Semaphore:
    """Places for children of this event loop."""
    return _PLACES.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(CHILDREN))


async def ask_child(command: tuple[str, ...], limits: ParseLimits, told: Told | None = None) -> tuple[bytes, int]:
    """What a bounded reader answers, and its exit status, once there is a place for it. Raises `DocumentTooHard`.

    `command` is the module that reads, and its arguments.
    """
    async with _places():
        return await _ask(command, limits, told)


async def _ask(command: tuple[str, ...], limits: ParseLimits, told: Told | None) -> tuple[bytes, int]:
    """Of a child that is forked, where that is safe; a nursery that dies meanwhile costs the file nothing but time."""
    for _ in range(_NURSERIES_A_FILE):
        if nursery := sys.platform == "linux" and nursery_of_this_loop(_ROOT, _ENVIRONMENT):
            with contextlib.suppress(NurseryGone):
                return await hear_out(await ForkedChild.start(nursery, command), limits, told)
    return await hear_out(await start_apart(command), limits, told)


async def start_apart(command: tuple[str, ...]) -> Child:
    """A reader in a Python of its own, which imports everything anew."""
    return await Child.start((sys.executable, "-m", *command), cwd=_ROOT, env=_ENVIRONMENT)


async def hear_out(child: Child | ForkedChild, limits: ParseLimits, told: Told | None = None) -> tuple[bytes, int]:
    """What a child answers, and its exit status; it is gone afterwards. Raises `DocumentTooHard`, `NurseryGone`."""
    try:
        async with asyncio.timeout(limits.wall_s):
            await _listen(child, told)
            answer = await _read_answer(child, limits.characters * _BYTES_A_CHARACTER)
            status = await child.wait()
    except TimeoutError:
        raise DocumentTooHard from None
    finally:
        await child.end()
    return answer, status


def _command(path: Path, filename: str, page_url: str, limits: ParseLimits) -> tuple[str, ...]:
    numbers = f"{limits.memory_bytes},{limits.cpu_s},{limits.characters}"
    return "core.parsing.child", numbers, str(path.resolve()), filename, page_url


async def _read_answer(child: Child | ForkedChild, most: int) -> bytes:
    """All that the child writes. Raises `DocumentTooHard` above `most` bytes."""
    answer = bytearray()
    while piece := await child.stdout.read(65_536):
        answer += piece
        if len(answer) > most:
            raise DocumentTooHard
    return bytes(answer)


async def _listen(child: Child | ForkedChild, told: Told | None) -> None:
    """Pass on the child's "done total" lines until it hangs up, which it does before it answers."""
    while piece := await child.stderr.read(4096):
        numbers = piece.split(b"\n")[-2].split() if piece.endswith(b"\n") else []
        if told and len(numbers) == 2 and all(number.isdigit() and len(number) < 9 for number in numbers):
            await told(int(numbers[0]), int(numbers[1]))


def _understand(answer: bytes, status: int, filename: str) -> ParsedDocument:
    if status != 0:
        _log.warning("reading %r ended with status %d", filename, status)
        raise DocumentTooHard if status in _TOO_MUCH else DocumentBroken
    verdict: dict[str, Any] = json.loads(answer)
    if code := verdict.get("error"):
        _log.info("document %r rejected: %s %s", filename, code, verdict["cause"])
        raise _ERRORS[code](**verdict["facts"])
    blocks = tuple(Block(BlockKind(kind), *rest) for kind, *rest in verdict["blocks"])
    page = WebPage(**{**verdict["page"], "links": tuple(verdict["page"]["links"])}) if verdict["page"] else None
    unread = tuple(verdict["picture_pages"]), tuple(verdict["unread_pages"])
    return ParsedDocument(verdict["format"], verdict["title"], verdict["pages"], blocks, page, *unread)


def _family(root: type[DocumentRejected]) -> Iterator[type[DocumentRejected]]:
    yield root
    for child in root.__subclasses__():
        yield from _family(child)


_ERRORS = {error.code: error for error in _family(DocumentRejected)}
