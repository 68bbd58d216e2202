"""Children of the nursery, as the product sees them: one nursery an event loop, started when the first file comes.

A child costs a fork (5 ms) in the place of a new Python with its imports (200 to 600 ms), and is otherwise the same:
core/parsing/nursery.py. Refuses to know what is read.
"""

import asyncio
import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO
from weakref import WeakKeyDictionary

from core.child import Ears

_log = logging.getLogger(__name__)
IDLE_S = 600.0
"""A nursery without work ends after it: it holds 70 MB."""
_GONE_S = 10.0
"""A child that was killed is gone at once; a nursery that does not say so by then is killed itself."""
_ROOM = "." * 2048


class NurseryGone(Exception):
    """The nursery ended before its child did. The child is gone, too; nothing is known of its file."""


class Nursery:
    """A nursery process; made by `nursery_of_this_loop`. It ends with its event loop, and with this process."""

    def __init__(self, cwd: Path, env: Mapping[str, str]) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                (sys.executable, "-m", "core.parsing.nursery", _ROOM),
                cwd=cwd,
                env=env,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._orders.setblocking(False)
        self.pid = self._process.pid
        self.has_served = False
        self._children = 0
        self._used_at = 0.0
        self._is_watched = False
        self._end = weakref.finalize(asyncio.get_running_loop(), _end, self._orders, self._process)

    @property
    def lives(self) -> bool:
        return self._end.alive and self._process.poll() is None

    def order(self, command: Sequence[str], descriptors: Sequence[int]) -> None:
        """Have a child. Raises `NurseryGone`."""
        try:
            socket.send_fds(self._orders, [json.dumps(command).encode()], descriptors)
        except (BlockingIOError, ConnectionError) as error:
            self.kill()
            raise NurseryGone from error
        self._children += 1

    def child_ended(self) -> None:
        self._children -= 1
        self._used_at = time.monotonic()
        if not self._is_watched:
            self._is_watched = True
            self._watch()

    def _watch(self) -> None:
        left = IDLE_S - (time.monotonic() - self._used_at)
        if self._children or left > 0:  # the timer is not kept: it knows the loop, whose end is ours
            asyncio.get_running_loop().call_later(max(left, 1.0), self._watch)
        else:
            self.rest()

    def rest(self) -> None:
        """Let it end, without waiting for it."""
        if self._end.detach():
            self._orders.close()
            asyncio.get_running_loop().run_in_executor(None, self._process.wait)

    def kill(self) -> None:
        """With all its children."""
        self._process.kill()
        self._end()


def _end(orders: socket.socket, process: subprocess.Popen[bytes]) -> None:
    """The nursery sees that we hang up, and ends at once."""
    orders.close()
    try:
        process.wait(_GONE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


_NURSERIES: WeakKeyDictionary[asyncio.AbstractEventLoop, Nursery | None] = WeakKeyDictionary()


def nursery_of_this_loop(cwd: Path, env: Mapping[str, str]) -> Nursery | None:
    """The one that lives, or a new one. None where there is none: one has ended here without ever serving."""
    loop = asyncio.get_running_loop()
    last = _NURSERIES.get(loop)
    if last and last.lives:
        return last
    if last:
        last.kill()  # it is dead: what is left is our end of its socket
    if last and not last.has_served:
        _log.warning("no nursery can live here: each file is read by a new Python")
        _NURSERIES[loop] = None
    elif last or loop not in _NURSERIES:
        _NURSERIES[loop] = Nursery(cwd, env)
    return _NURSERIES[loop]


class ForkedChild:
    """A child of a nursery, in a session of its own; made by `start`. What it writes comes from two streams."""

    def __init__(self, nursery: Nursery, line: socket.socket) -> None:
        self._nursery = nursery
        self._line = line
        self._status: int | None = None
        self._ears = Ears()
        self.stdout, self.stderr = self._ears.stdout, self._ears.stderr

    @classmethod
    async def start(cls, nursery: Nursery, command: Sequence[str]) -> "ForkedChild":
        """It runs `main` of a module with arguments. Whoever starts a child must `end` it. Raises `NurseryGone`."""
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as its:
            (stdout, its_stdout), (stderr, its_stderr) = _pipe(ours, its), _pipe(ours, its)
            line, its_line = socket.socketpair()
            ours.enter_context(line)
            its.enter_context(its_line)
            line.setblocking(False)
            nursery.order(command, [its_stdout.fileno(), its_stderr.fileno(), its_line.fileno()])
            ours.pop_all()
        child = cls(nursery, line)
        await child._ears.listen(stdout, stderr, child.end)
        return child

    async def wait(self) -> int:
        """The exit status, negative for a signal. Raises `NurseryGone`."""
        if self._status is None:
            said = await asyncio.get_running_loop().sock_recv(self._line, 16)
            if not said:
                raise NurseryGone
            self._status = int(said)
            self._nursery.has_served = True
        return self._status

    async def end(self) -> None:
        """Have it killed with its group if it still runs, and wait until it is gone."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        self._ears.close()
        await asyncio.shield(self._be_gone())

    async def _be_gone(self) -> None:
        try:
            async with asyncio.timeout(_GONE_S):
                await self.wait()
        except NurseryGone:
            pass
        except TimeoutError:
            self._nursery.kill()
        finally:
            self._line.close()
            self._nursery.child_ended()


def _pipe(ours: contextlib.ExitStack, its: contextlib.ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    read, write = os.pipe()
    return ours.enter_context(os.fdopen(read, "rb", 0)), its.enter_context(os.fdopen(write, "wb", 0))
