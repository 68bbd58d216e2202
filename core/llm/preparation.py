"""Runs core/llm/prepare.py once and puts its folder in place whole or not at all. Refuses to know what is in it."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import cast

from core.errors import ModelUnavailable
from core.llm.bundled import bundled_gguf
from core.llm.engine_process import HOUSE
from core.llm.marker import is_prepared

TIMEOUT_S = 600


def is_for_openvino(source: Path) -> bool:
    """A GGUF file, there or not, or an OpenVINO folder. Any other folder is transformers' affair."""
    return source.suffix == ".gguf" or (source / "openvino_model.xml").is_file()


def prepared_in(models: Path, source: Path) -> Path:
    """The folder of a prepared model of one's own, below that of all models."""
    return models / f"{source.stem}-{sha256(bytes(source.absolute())).hexdigest()[:8]}"


async def prepare_language_model(folder: Path, say: Callable[[str], None], source: Path | None = None) -> None:
    """Make `folder` of `source` (a GGUF file or an OpenVINO folder; the bundled model otherwise), unless this version
    has made it already. Seconds of work, about 1 GB of memory for the bundled one, in a child that gives it back. `say`
    gets the lines of progress. Raises `ModelUnavailable` when it cannot be done."""
    source = await asyncio.to_thread(_whole_path, source)
    if await asyncio.to_thread(_is_ready, folder, source):
        return
    made = await asyncio.to_thread(_empty_sibling, folder)
    try:
        await _run_preparation(source, made, say)
        await asyncio.to_thread(_put_in_place, made, folder, source)
    finally:
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)


async def _run_preparation(source: Path, made: Path, say: Callable[[str], None]) -> None:
    command = sys.executable, "-m", "core.llm.prepare", str(source), str(made)
    child = await asyncio.create_subprocess_exec(
        *command, cwd=HOUSE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    last = ""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            async for line in cast(asyncio.StreamReader, child.stdout):
                last = line.decode(errors="replace").strip()
                say(f"language model: {last}")
            status = await child.wait()
    except TimeoutError as late:
        raise ModelUnavailable(reason=f"preparing took longer than {TIMEOUT_S} s") from late
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if status:
        raise ModelUnavailable(reason=f"preparing failed: {last}")


def _whole_path(source: Path | None) -> Path:
    return source.absolute() if source else bundled_gguf()


def _is_ready(folder: Path, source: Path) -> bool:
    try:
        return is_prepared(folder, source)
    except OSError as missing:
        raise ModelUnavailable(reason=f"{source} cannot be read: {missing.strerror}") from missing


def _empty_sibling(folder: Path) -> Path:
    made = folder.absolute().with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    return made


def _put_in_place(made: Path, folder: Path, source: Path) -> None:
    """Another process may have been faster: then its folder stays."""
    if is_prepared(folder, source):
        return
    if folder.exists():
        shutil.rmtree(folder)
    made.rename(folder)
