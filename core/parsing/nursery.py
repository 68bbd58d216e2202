"""The process that has imported the readers and forks a child for each file: `python -m core.parsing.nursery ROOM`.

Refuses to open a file, to run a thread, and to outlive the product. Stdin is a socket. A message there is a JSON list,
the module whose `main` the child runs and its arguments, with three descriptors: the child's stdout, its stderr, and
its line. On the line its exit status is said when it is gone; when the other end hangs up, it is killed with its group.
When stdin hangs up, all are. ROOM is only space, in which `ps` shows what a child reads. Linux only.
"""

import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

READERS = ("child", "page", "html", "pdf", "docx", "xlsx", "markdown", "csv_table", "text")
"""Imported one by one after the first child, while nothing else is to do: the first file waits for none of it. A child
imports itself what is lacking yet.

What recognises scans is left to its children: native code that would bring threads of its own.
"""
_MOST_BYTES = 256 * 1024
_SET_PDEATHSIG = 1  # linux/prctl.h
_ARG_START = 47  # of /proc/self/stat, counted from 0
_libc = ctypes.CDLL(None)


class Nursery:
    """The children that live, by their ids, each with its line."""

    def __init__(self, orders: socket.socket) -> None:
        self._orders = orders
        self._lines: dict[int, socket.socket] = {}
        self._is_at_leisure = False
        self._ears = selectors.DefaultSelector()
        woken, waker = socket.socketpair()
        for end in (woken, waker):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno())
        self._kept = waker
        self._listen(orders, self._take_order)
        self._listen(woken, lambda: self._bury(woken))

    def run(self) -> NoReturn:
        """Until the product hangs up."""
        # openpyxl would bring numpy, only to know its numbers, and that brings threads and 100 MB.
        sys.modules["numpy"] = None  # type: ignore[assignment]
        waiting = [f"core.parsing.{reader}" for reader in READERS]
        while True:
            heard = self._ears.select(0 if waiting and self._is_at_leisure else None)
            for key, _ in heard:
                key.data()
            if not heard:
                import_module(waiting.pop(0))
                gc.freeze()

    def _listen(self, to: socket.socket, then: Callable[[], None]) -> None:
        self._ears.register(to, selectors.EVENT_READ, then)

    def _take_order(self) -> None:
        message, descriptors, _, _ = socket.recv_fds(self._orders, _MOST_BYTES, 3)
        if not message:
            for child in list(self._lines):
                self._kill(child)
            sys.exit()
        module, *arguments = json.loads(message)
        stdout, stderr, line = descriptors
        if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208 - names suffice
            sys.exit("A library has started a thread here: no child can be forked safely.")
        nursery = os.getpid()
        child = os.fork()
        if not child:
            _live(nursery, stdout, stderr, module, arguments)
        os.close(stdout)
        os.close(stderr)
        self._lines[child] = socket.socket(fileno=line)
        self._listen(self._lines[child], lambda: self._hang_up(child))

    def _hang_up(self, child: int) -> None:
        """Nobody waits for it any more."""
        if line := self._lines.get(child):
            self._ears.unregister(line)
            self._kill(child)

    def _kill(self, child: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.kill(child, signal.SIGKILL)  # one that was just born has no group yet

    def _bury(self, woken: socket.socket) -> None:
        """Say how each child ended that did."""
        with suppress(BlockingIOError):
            woken.recv(1024)
        for child, line in list(self._lines.items()):
            gone, status = os.waitpid(child, os.WNOHANG)
            if not gone:
                continue
            del self._lines[child]
            self._is_at_leisure = True
            with suppress(KeyError):
                self._ears.unregister(line)
            with line, suppress(OSError):
                line.send(str(os.waitstatus_to_exitcode(status)).encode())


def _live(nursery: int, stdout: int, stderr: int, module: str, arguments: list[str]) -> NoReturn:
    """The life of a child: alone, in a session of its own, with nothing open but its ways out."""
    status = 1
    try:
        os.setsid()
        _libc.prctl(_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == nursery:  # it has not died before we could be told
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(stdout, 1)
            os.dup2(stderr, 2)
            _close_all_but_three()
            call_oneself(sys.executable, "-m", module, *arguments)
            import_module(module).main(arguments)
            status = 0
    finally:
        os._exit(status)


def _close_all_but_three() -> None:
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 - names suffice
        if descriptor > 2:
            with suppress(OSError):  # the listing's own is closed already
                os.close(descriptor)


def call_oneself(*command: str) -> None:
    """Show `command` in `ps`, cut to the room that there is; where the system does not allow it, nothing changes."""
    with suppress(OSError, ValueError):
        start, end = map(int, Path("/proc/self/stat").read_text().rpartition(")")[2].split()[_ARG_START - 2 :][:2])
        shown = b"\0".join(map(os.fsencode, command))[: end - start - 1]
        memory = os.open("/proc/self/mem", os.O_WRONLY)
        try:
            os.pwrite(memory, shown.ljust(end - start, b"\0"), start)
        finally:
            os.close(memory)


def main() -> None:
    call_oneself(sys.executable, "-m", "core.parsing.nursery")
    with socket.socket(fileno=os.dup(0)) as orders:
        Nursery(orders).run()


if __name__ == "__main__":
    main()
