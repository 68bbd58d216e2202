"""A SQLite database that is up to date and empty, made once and copied: walking all migrations takes seconds of CPU.

It is made by the product's own migrations, and anew when anything changes that they are made of. That they work is
proven where nothing is copied: tests/integration/test_databases.py and tests/journeys/test_rest.py.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tests.subprocesses import ROOT, clean_environment

FOLDER = ROOT / ".cache" / "databases"
_MADE_OF = ("migrations/*.py", "core/models/*.py", "core/database.py", "core/sqlite.py", "core/transactions.py")
_MAKE = """
import asyncio, sys
from core.database import open_database

async def main():
    async with open_database(f"sqlite://{sys.argv[1]}"):
        pass

asyncio.run(main())
"""


@cache
def empty_database() -> Path:
    """The file to copy; kept between runs."""
    file = FOLDER / f"{_fingerprint()}.sqlite3"
    if not file.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
            made = Path(folder) / "made.sqlite3"
            command = [sys.executable, "-c", _MAKE, str(made)]
            subprocess.run(command, cwd=ROOT, env=clean_environment(), check=True, timeout=120)
            os.replace(made, file)  # noqa: PTH105 - whoever else made one meanwhile made the same
    return file


def lay_down_database(data_dir: Path) -> Path:
    """An up-to-date, empty database where the product with this DATA_DIR keeps its own; `data_dir`."""
    data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(empty_database(), data_dir / "llmchatbot.sqlite3")
    return data_dir


def _fingerprint() -> str:
    files = sorted(file for pattern in _MADE_OF for file in ROOT.glob(pattern))
    digest = hashlib.sha256(f"{version('tortoise-orm')} {sys.version}".encode())
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:24]
