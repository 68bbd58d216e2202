"""What tests stand on: a real Core on SQLite, Milvus Lite and the bundled models; owners in businesses of their own.

Nothing inside the house is faked. Every test makes its own tenant, so tests share one Core and never each other's
data. Connections of the database live in a context variable, which pytest-asyncio carries from a fixture to the
tests that ask for it.
"""

import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from core.settings import Settings
from tests.subprocesses import ROOT
from tests.waiting import until

if TYPE_CHECKING:  # imported when first needed: a unit test should not wait for Milvus and the models' libraries
    from core.app import Core
    from core.models import Assistant, Document, User
    from core.tenancy import Actor

_numbers = itertools.count(10_000)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person with a business of his own; `headers` are those of his REST requests."""

    user: "User"
    actor: "Actor"
    headers: dict[str, str]


MakeOwner = Callable[[], Awaitable[Owner]]
MakeAssistant = Callable[..., Awaitable["Assistant"]]
Teach = Callable[..., Awaitable[list["Document"]]]


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], uvloop.Loop]]:
    """Tests run on the event loop that the product runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session", autouse=True)
def _only_the_tests_decide_settings() -> Iterator[None]:
    """Settings of the machine that runs the tests must not change what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """Prepared models, shared by all tests and kept between runs."""
    return ROOT / ".cache" / "models"


@pytest.fixture(scope="session")
async def smollm2(models_dir: Path) -> Path:
    """The bundled language model, prepared."""
    from core.llm.openvino import prepare_language_model

    folder = models_dir / "smollm2-135m-instruct"
    await prepare_language_model(folder, print)
    return folder


@pytest.fixture
def settings(tmp_path: Path, models_dir: Path) -> Settings:
    """The embedded default in a folder of this test."""
    return Settings(_env_file=None, data_dir=tmp_path / "var", models_dir=models_dir)


@pytest.fixture(scope="session")
async def core(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> AsyncIterator["Core"]:
    """The real thing, opened once."""
    from core.app import open_core

    folder = tmp_path_factory.mktemp("core")
    settings = Settings(_env_file=None, data_dir=folder, models_dir=models_dir, demo=False, max_upload_mb=2)
    async with open_core(settings, say=print) as opened:  # pytest shows the preparation's progress when it fails
        yield opened


@pytest.fixture(scope="session")
async def _migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from core.database import open_database

    file = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    async with open_database(f"sqlite://{file}"):
        pass
    return file


@pytest.fixture
async def database(_migrated_database: Path, tmp_path: Path) -> AsyncIterator[Path]:
    """An empty SQLite database for one test, for what needs neither models nor vectors."""
    from core.database import open_database

    file = tmp_path / "test.sqlite3"
    shutil.copy(_migrated_database, file)
    async with open_database(f"sqlite://{file}?busy_timeout=10000"):
        yield file


@pytest.fixture
async def worker(core: "Core") -> AsyncIterator[None]:
    """A worker beside the test, as in the embedded process."""
    from workers.role import run

    task = core.background.start(run(core), "worker of the tests")
    yield
    task.cancel()
    await until(lambda: _ended(task))


async def _ended(task: Any) -> bool:
    return bool(task.done())


@pytest.fixture
def owner(core: "Core") -> MakeOwner:
    """Makes people, each the owner of a new business."""
    from core.accounts import ACCESS_LIFE, sign, user_of_telegram
    from core.tenancy import actor_of

    async def make() -> Owner:
        number = next(_numbers)
        user = await user_of_telegram(number, f"Business {number}", "en")
        token = sign(core.keyring, "access", str(user.id), ACCESS_LIFE)
        return Owner(user, await actor_of(user.id), {"Authorization": f"Bearer {token}"})

    return make


@pytest.fixture
def assistant(core: "Core", owner: MakeOwner) -> MakeAssistant:
    """Makes assistants: of a given owner, or each of a new one."""
    from core.assistants import create_assistant

    async def make(of: Owner | None = None, name: str = "Rosa", **values: Any) -> "Assistant":
        actor = (of or await owner()).actor
        return await create_assistant(core, actor, name, **values)

    return make


@pytest.fixture
def teach(core: "Core", worker: None) -> Teach:
    """Gives an assistant files and waits until they are indexed or failed."""
    from core.models import Document, DocumentStatus

    async def give(assistant: "Assistant", *files: Path, timeout_s: float = 60.0) -> list["Document"]:
        documents = [await send_copy(core, assistant, file) for file in files]

        async def settled() -> bool:
            open_ones = Document.filter(
                id__in=[document.id for document in documents],
                status__in=(DocumentStatus.UPLOADED, DocumentStatus.PROCESSING),
            )
            return not await open_ones.exists()

        await until(settled, timeout_s)
        return [await Document.get(id=document.id) for document in documents]

    return give


async def send_copy(core: "Core", assistant: "Assistant", file: Path) -> "Document":
    """As an owner sends it: receiving moves the file away, so it gets a copy."""
    from core.receiving import new_upload, receive_file

    place = new_upload(core)
    shutil.copy(file, place)
    return await receive_file(core, assistant, file.name, place)


@pytest.fixture
def api(core: "Core") -> Any:
    """A client of the real web application on the real Core, without limits on how fast a test may ask."""
    from api.app import create_app

    return create_app(core, rate_limits=False).test_client()


@pytest.fixture(scope="session")
def shop_documents() -> list[Path]:
    """The fictional shop's documents, English and Russian, that the demo assistant knows."""
    files = sorted(file for file in (ROOT / "core" / "demo").rglob("*") if file.suffix in {".pdf", ".docx", ".txt"})
    assert files, "core/demo has no documents"
    return files


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line that is read, instead of a letter that is not."""
    from tests.slack_server import NO_NODE

    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_NODE in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(NO_NODE)
