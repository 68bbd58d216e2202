"""The nursery: whatever becomes of it, of a child or of the product, files are read and nothing is left behind."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import uvloop

from core.parsing import forked
from core.parsing.forked import ForkedChild, Nursery, NurseryGone, nursery_of_this_loop
from core.parsing.nursery import READERS
from core.parsing.sandbox import _ENVIRONMENT, ParseLimits, ask_child, hear_out, read_in_sandbox
from tests.subprocesses import ROOT, run_python, start_python
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each file has a Python of its own")
PATIENT = ParseLimits(wall_s=60)
DYING = "tests.dying"


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Path]:
    """Reading it hangs, because this test holds its other end open."""
    path = tmp_path / "endless"
    os.mkfifo(path)
    held = os.open(path, os.O_RDWR)
    yield path
    os.close(held)


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("Open from nine to six.\n")
    return path


def _nursery() -> Nursery:
    found = nursery_of_this_loop(ROOT, _ENVIRONMENT)
    assert found
    return found


def _readers_of(path: Path, among: psutil.Process | None = None) -> list[psutil.Process]:
    """Descendants (of this process) that were told to read it."""
    found = []
    for process in (among or psutil.Process()).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if str(path) in process.cmdline():
                found.append(process)
    return found


async def _reader_of(path: Path, *, other_than: int = 0) -> psutil.Process:
    async def there() -> psutil.Process | None:
        return next((one for one in _readers_of(path) if one.pid != other_than), None)

    found = await until(there)
    assert found
    return found


async def _gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _opened_by(pid: int) -> list[str]:
    return [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]


def _open_files() -> int:
    gc.collect()
    return sum(1 for _ in Path("/dev/fd").iterdir())


async def test_files_are_read_by_children_of_one_nursery(note: Path, endless: Path) -> None:
    await read_in_sandbox(note, "note.txt")
    nursery = _nursery()
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read_in_sandbox(endless, "endless.txt", PATIENT))
        child = await _reader_of(endless)
        assert child.ppid() == nursery.pid
        assert os.getsid(child.pid) == os.getpgid(child.pid) == child.pid
        assert os.getsid(nursery.pid) == nursery.pid
        reading.cancel()
    assert _nursery() is nursery
    assert psutil.Process(nursery.pid).children() == []


async def test_a_child_has_nothing_open_but_its_ways_out(note: Path, endless: Path) -> None:
    with note.open() as _ours:
        async with asyncio.TaskGroup() as group:
            readings = [group.create_task(read_in_sandbox(endless, "endless.txt", PATIENT)) for _ in range(2)]
            child = await _reader_of(endless)

            async def opened() -> list[str]:
                open_ones = await asyncio.to_thread(_opened_by, child.pid)
                return open_ones if str(endless) in open_ones else []

            open_ones = await until(opened)
            for reading in readings:
                reading.cancel()
    assert {one.partition(":")[0] for one in open_ones} == {"/dev/null", "pipe", str(endless)}
    assert len({one for one in open_ones if one.startswith("pipe")}) == 2


async def test_a_file_whose_nursery_is_killed_is_read_by_the_next_and_then_by_a_python_of_its_own(
    note: Path, endless: Path
) -> None:
    await read_in_sandbox(note, "note.txt")
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read_in_sandbox(endless, "endless.txt", PATIENT))
        first = await _reader_of(endless)
        nursery = first.ppid()
        os.kill(nursery, signal.SIGKILL)
        second = await _reader_of(endless, other_than=first.pid)
        assert await _gone(first.pid), "it outlived its nursery"
        assert second.ppid() not in (nursery, os.getpid())
        await read_in_sandbox(note, "note.txt")
        os.kill(second.ppid(), signal.SIGKILL)
        third = await _reader_of(endless, other_than=second.pid)
        assert await _gone(second.pid)
        assert third.ppid() == os.getpid()
        reading.cancel()
    assert not _readers_of(endless)
    assert (await read_in_sandbox(note, "note.txt")).blocks
    assert _nursery().pid not in (nursery, second.pid)


async def test_a_nursery_that_is_stopped_costs_a_file_its_time_and_no_more(
    note: Path, endless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_in_sandbox(note, "note.txt")
    monkeypatch.setattr(forked, "_GONE_S", 0.5)
    nursery = _nursery().pid
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read_in_sandbox(endless, "endless.txt", PATIENT))
        child = await _reader_of(endless)
        os.kill(nursery, signal.SIGSTOP)
        reading.cancel()
    await until(lambda: _gone(child.pid))
    await until(lambda: _gone(nursery))
    assert (await read_in_sandbox(note, "note.txt")).blocks


async def test_nothing_outlives_a_product_that_is_killed(endless: Path, tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom core.parsing.sandbox import read_in_sandbox\n"
        "async def main():\n"
        "    await asyncio.gather(*(read_in_sandbox(Path(sys.argv[1]), 'endless.txt') for _ in range(2)))\n"
        "asyncio.run(main())\n"
    )
    product = await start_python(["-c", code, str(endless)], tmp_path, tmp_path / "log")
    whole = psutil.Process(product.pid)

    async def both_read() -> bool:
        return len(_readers_of(endless, whole)) == 2

    await until(both_read)
    left = whole.children(recursive=True)
    assert len(left) == 3
    product.kill()
    await product.wait()
    for one in left:
        await until(lambda pid=one.pid: _gone(pid), 10)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        (("signal", "9"), -signal.SIGKILL),
        (("signal", "11"), -signal.SIGSEGV),
        (("time",), -signal.SIGXCPU),
        (("raise",), 1),
        (("nothing",), 0),
    ],
)
async def test_how_a_child_ended_is_told_exactly(how: tuple[str, ...], status: int) -> None:
    answer, told = await ask_child((DYING, *how), PATIENT)
    assert told == status
    assert answer.split()[1:] == ([] if status else [b"0"])


async def test_a_child_is_killed_with_its_group() -> None:
    nursery = _nursery()
    child = await ForkedChild.start(nursery, (DYING, "family"))

    async def has_a_child() -> list[psutil.Process]:
        return [one for child in psutil.Process(nursery.pid).children() for one in child.children()]

    (grandchild,) = await until(has_a_child)
    await child.end()
    await until(lambda: _gone(grandchild.pid))


@pytest.mark.parametrize("steps", range(8))
async def test_whoever_stops_waiting_leaves_nothing_open(steps: int, endless: Path, note: Path) -> None:
    await read_in_sandbox(note, "note.txt")
    before = _open_files()
    reading = asyncio.get_running_loop().create_task(read_in_sandbox(endless, "endless.txt", PATIENT))
    for _ in range(steps):
        await asyncio.sleep(0)
    reading.cancel()
    (outcome,) = await asyncio.gather(reading, return_exceptions=True)
    await asyncio.sleep(0)
    assert isinstance(outcome, asyncio.CancelledError)
    assert _open_files() == before
    assert psutil.Process(_nursery().pid).children() == []


async def test_many_files_leave_nothing_open_here_or_in_the_nursery(note: Path) -> None:
    await read_in_sandbox(note, "note.txt")
    nursery = psutil.Process(_nursery().pid)
    before, in_the_nursery = _open_files(), nursery.num_fds()
    await asyncio.gather(*(read_in_sandbox(note, "note.txt") for _ in range(30)))
    await asyncio.sleep(0)
    assert (_open_files(), nursery.num_fds()) == (before, in_the_nursery)
    assert nursery.children() == []
    assert _nursery().pid == nursery.pid


async def test_a_nursery_without_work_ends_and_another_one_begins(note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _nursery().rest()
    monkeypatch.setattr(forked, "IDLE_S", 0.1)
    await read_in_sandbox(note, "note.txt")
    before = _nursery().pid

    async def is_gone() -> bool:
        return not psutil.pid_exists(before)

    await until(is_gone)
    assert (await read_in_sandbox(note, "note.txt")).blocks
    assert _nursery().pid != before
    _nursery().rest()


async def test_each_event_loop_has_a_nursery_that_ends_with_it(note: Path) -> None:
    def elsewhere() -> int:
        async def read() -> int:
            await read_in_sandbox(note, "note.txt")
            return _nursery().pid

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(read())

    other = await asyncio.to_thread(elsewhere)
    assert other != _nursery().pid
    gc.collect()
    assert not psutil.pid_exists(other)


async def test_where_no_nursery_can_live_a_file_has_a_python_of_its_own(
    note: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def elsewhere() -> tuple[int, Nursery | None]:
        async def read() -> tuple[int, Nursery | None]:
            first = _nursery()
            os.kill(first.pid, signal.SIGKILL)
            with pytest.raises(NurseryGone):
                await hear_out(await ForkedChild.start(first, (DYING, "nothing")), PATIENT)
            return len((await read_in_sandbox(note, "note.txt")).blocks), nursery_of_this_loop(ROOT, {})

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(read())

    with caplog.at_level(logging.WARNING, "core.parsing.forked"):
        assert await asyncio.to_thread(elsewhere) == (1, None)
    assert "no nursery can live here" in caplog.text


async def test_a_nursery_that_has_imported_everything_runs_one_thread() -> None:
    code = (
        "import importlib, os, sys\nsys.modules['numpy'] = None\n"
        "for reader in sys.argv[1:]: importlib.import_module('core.parsing.' + reader)\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    assert await run_python(code, *READERS) == "1\n"
