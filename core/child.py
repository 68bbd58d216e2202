"""Programs that we start and listen to, beside a busy event loop.

uvloop's own way to start a program copies the whole process first: all conversations stand still for 20 to 40 ms, and
for a moment the system must promise our memory twice. `subprocess` does not copy. Refuses to know which program it is.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO


class Ears:
    """What a program writes, as two streams that end when it closes them."""

    def __init__(self) -> None:
        self.stdout, self.stderr = asyncio.StreamReader(), asyncio.StreamReader()
        self._transports: list[asyncio.ReadTransport] = []

    async def listen(
        self, stdout: IO[bytes] | None, stderr: IO[bytes] | None, give_up: Callable[[], Awaitable[None]]
    ) -> None:
        """Call it once, with our ends of the pipes. Whoever stops waiting for it has `give_up` done first."""
        # Shielded: uvloop, cancelled half-way, closes a pipe that Python still takes for open.
        listening = asyncio.get_running_loop().create_task(self._connect(stdout, stderr))
        try:
            await asyncio.shield(listening)
        except BaseException:  # also when cancelled: nobody else knows of the program yet
            await asyncio.wait((listening,))
            await give_up()
            raise

    def close(self) -> None:
        """Hear no more."""
        for transport in self._transports:
            transport.close()

    async def _connect(self, *pipes: IO[bytes] | None) -> None:
        loop = asyncio.get_running_loop()
        for pipe, reader in zip(pipes, (self.stdout, self.stderr), strict=True):
            transport, _ = await loop.connect_read_pipe(partial(asyncio.StreamReaderProtocol, reader), pipe)
            self._transports.append(transport)


class Child:
    """A program in a process group of its own; made by `start`. What it writes comes from `stdout` and `stderr`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.pid = process.pid
        self._process = process
        self._ears = Ears()
        self.stdout, self.stderr = self._ears.stdout, self._ears.stderr

    @classmethod
    async def start(cls, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> "Child":
        """Without input. Whoever starts a child must `end` it. Raises `OSError` when there is no such program."""
        process = subprocess.Popen(  # noqa: ASYNC220, S603 - takes a millisecond or two, and starts our own programs
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        child = cls(process)
        await child._ears.listen(process.stdout, process.stderr, child.end)
        return child

    async def wait(self) -> int:
        """The exit status, negative for a signal."""
        return await asyncio.to_thread(self._process.wait)

    async def end(self) -> None:
        """Kill it and its group if it still runs, and wait until it is gone."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._ears.close()
        await asyncio.shield(self.wait())
