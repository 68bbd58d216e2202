"""Programs started by tests: the product as its users start it, with an environment that only the test decides."""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


def clean_environment(**settings: str | int | Path) -> dict[str, str]:
    """This machine's environment without the product's settings, then the given ones (in capitals)."""
    ours = {name.upper() for name in Settings.model_fields}
    inherited = {name: value for name, value in os.environ.items() if name.upper() not in ours}  # noqa: TID251 - what a child inherits is the machine's
    return inherited | {"PYTHONPATH": str(ROOT)} | {name.upper(): str(value) for name, value in settings.items()}


async def run_python(code: str, *arguments: str, timeout_s: float = 120.0, **settings: str | int | Path) -> str:
    """Run a small program to its end; its standard output. Fails with its standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *arguments,
        cwd=ROOT, env=clean_environment(**settings),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(timeout_s):
            out, complaints = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"exit {process.returncode}\n{out.decode()}\n{complaints.decode()[-6000:]}"
    return out.decode()


async def start_python(
    arguments: Sequence[str], folder: Path, log: Path, **settings: str | int | Path
) -> asyncio.subprocess.Process:
    """Start a program in the working folder `folder` that goes on running; both of its outputs go to `log`."""
    with log.open("ab") as stream:
        return await asyncio.create_subprocess_exec(
            sys.executable, *arguments,
            cwd=folder, env=clean_environment(**settings),
            stdin=asyncio.subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
