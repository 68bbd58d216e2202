"""What it costs to read a file in a process of its own: `make bench-parsing`.

Reads a page of a site and a file of each kind, one after the other and two at once: by children of the nursery, as the
product does, and by a new Python for each, as it does where nothing can be forked safely. CPU is of all processes that
read, the nursery's start and imports among them. Prints a table; the last line is one JSON object.

`--files N` reads each N times (40).
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import docx
import openpyxl
import uvloop
from reportlab.pdfgen.canvas import Canvas

from core.parsing import sandbox
from core.parsing.forked import nursery_of_this_loop
from core.parsing.sandbox import ParseLimits

LIMITS = ParseLimits()
SENTENCE = (
    "Every order above forty euros is delivered on the next working day, and may be returned within thirty days. "
)
Ask = Callable[[tuple[str, ...]], Awaitable[tuple[bytes, int]]]


def samples(folder: Path) -> dict[str, Path]:
    """A file of each kind, as small as most are: what is measured is not the reading."""
    canvas = Canvas(str(folder / "terms.pdf"))
    for line in range(30):
        canvas.drawString(72, 780 - 20 * line, SENTENCE[:90])
    canvas.save()
    letter = docx.Document()
    for _ in range(20):
        letter.add_paragraph(SENTENCE)
    letter.save(str(folder / "letter.docx"))
    book = openpyxl.Workbook()
    for row in range(50):
        book.active.append([f"Tea {row}", row])
    book.save(folder / "prices.xlsx")
    paragraphs = "".join(f"<h2>Part {number}</h2><p>{SENTENCE * 3}</p>" for number in range(12))
    (folder / "page.html").write_text(f"<!doctype html><html><body><main>{paragraphs}</main></body></html>")
    (folder / "notes.txt").write_text(f"{SENTENCE}\n\n" * 20)
    return {file.name: file for file in sorted(folder.iterdir())}


async def from_the_nursery(command: tuple[str, ...]) -> tuple[bytes, int]:
    return await sandbox.ask_child(command, LIMITS)


async def by_a_new_python(command: tuple[str, ...]) -> tuple[bytes, int]:
    return await sandbox.hear_out(await sandbox.start_apart(command), LIMITS)


async def read(ask: Ask, file: Path) -> None:
    page_url = "https://shop.example/terms" if file.suffix == ".html" else ""
    answer, status = await ask(sandbox._command(file, file.name, page_url, LIMITS))
    assert status == 0, (file, status)
    assert json.loads(answer)["blocks"], (file, answer)


async def one_by_one(ask: Ask, files: Sequence[Path]) -> None:
    for file in files:
        await read(ask, file)


async def two_at_once(ask: Ask, files: Sequence[Path]) -> None:
    async with asyncio.TaskGroup() as group:
        for part in (files[::2], files[1::2]):
            group.create_task(one_by_one(ask, part))


async def measured(ask: Ask, files: Sequence[Path]) -> tuple[float, float]:
    """(seconds until the first file is read, seconds a file with two at once) after that."""
    begun = time.monotonic()
    await read(ask, files[0])
    first = time.monotonic() - begun
    begun = time.monotonic()
    await two_at_once(ask, files)
    return first, (time.monotonic() - begun) / len(files)


async def alone(ask: Ask, file: Path, count: int) -> float:
    """Seconds a file, one after the other."""
    await read(ask, file)
    begun = time.monotonic()
    await one_by_one(ask, [file] * count)
    return (time.monotonic() - begun) / count


async def measure(ask: Ask, files: dict[str, Path], count: int) -> dict[str, float]:
    first, together = await measured(ask, [*files.values()] * count)
    figures = {"first_s": first, "two_at_once_s": together}
    figures |= {f"{name}_s": await alone(ask, file, count) for name, file in files.items()}
    return figures


def in_a_loop(ask: Ask, files: dict[str, Path], count: int) -> dict[str, float]:
    """With the CPU seconds a file of all processes that were begun, and ended, meanwhile."""

    async def whole() -> dict[str, float]:
        figures = await measure(ask, files, count)
        if ask is from_the_nursery and (nursery := nursery_of_this_loop(sandbox._ROOT, {})):
            nursery.kill()  # reaped, so that its time and that of its children count
        return figures

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(whole())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return figures | {"cpu_s": cpu / (len(files) * (2 * count + 1) + 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=40)
    count = parser.parse_args().files
    with tempfile.TemporaryDirectory() as folder:
        files = samples(Path(folder))
        apart = in_a_loop(by_a_new_python, files, count)
        forked = in_a_loop(from_the_nursery, files, count)
    print(Path("/proc/loadavg").read_text().strip())
    print(f"{'seconds a file':20} {'new Python':>12} {'nursery':>12}")
    for name in apart:
        print(f"{name:20} {apart[name]:12.4f} {forked[name]:12.4f}")
    figures = {
        name: {key: round(value, 4) for key, value in found.items()}
        for name, found in {"new_python": apart, "nursery": forked}.items()
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
