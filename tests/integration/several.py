"""One installation of several processes: a database for all, vectors and a model in servers, a folder for each process.

So each process sees no life sign of another, as if all were on machines of their own.
"""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.milvus_lite import MilvusLite
from tests.bench.overhead import model_at_once
from tests.subprocesses import run_python, start_python

SHOPS = Path(__file__).with_name("shops.py")


class Installation:
    """`settings` are those of every process."""

    def __init__(self, folder: Path, **settings: str | int | Path) -> None:
        self.folder = folder
        self.settings = settings
        self.running: list[asyncio.subprocess.Process] = []

    async def open_shops(self, tokens: list[str]) -> list[str]:
        """A business for each bot; the ids of their channels."""
        code = f"import runpy, sys; runpy.run_path({str(SHOPS)!r}, run_name='__main__')"
        said = await run_python(code, *tokens, data_dir=self.folder / "first", **self.settings)
        return said.split()

    async def start(self, role: str, name: str) -> asyncio.subprocess.Process:
        """`python -m ROLE`; what it logs is `NAME.log`."""
        data = self.folder / name
        await asyncio.to_thread(shutil.copytree, self.folder / "first" / "keys", data / "keys")
        log = self.folder / f"{name}.log"
        process = await start_python(["-m", role], self.folder, log, data_dir=data, **self.settings)
        self.running.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    async def stop(self, process: asyncio.subprocess.Process) -> int:
        """As a rolling restart does; the exit status."""
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            return await process.wait()


@asynccontextmanager
async def installation(
    folder: Path, models_dir: Path, database_url: str, **settings: str | int | Path
) -> AsyncIterator[Installation]:
    vectors = await asyncio.to_thread(MilvusLite, folder / "vectors.db")
    async with model_at_once() as url:
        made = Installation(
            folder,
            models_dir=models_dir,
            database_url=database_url,
            milvus_uri=vectors.uri,
            llm_url=url,
            llm_model="at-once",
            model_threads=1,
            **settings,
        )
        try:
            yield made
        finally:
            for process in made.running:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            await asyncio.to_thread(vectors.close)
