import asyncio
import stat
import time
from pathlib import Path

import pytest

from core.keyring import Keyring, WrongMasterKey, hash_token
from tests.subprocesses import run_python

# Many keyrings, each opened by all processes at the same moment: one alone would hardly ever be contended.
_PRINT_DERIVED = """
import sys, pathlib, time
from core.keyring import Keyring
while time.time() < float(sys.argv[2]):
    pass
folders = [pathlib.Path(sys.argv[1]) / str(number) for number in range(100)]
print(*[Keyring.open(folder).derive("test").hex() for folder in folders])
"""


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = Keyring.open(tmp_path / "keys")
    second = Keyring.open(tmp_path / "keys")

    file = tmp_path / "keys" / "master.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert first.derive("anything") == second.derive("anything")
    assert [entry.name for entry in file.parent.iterdir()] == ["master.key"]


async def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    moment = str(time.time() + 1)
    async with asyncio.TaskGroup() as group:
        starts = [group.create_task(run_python(_PRINT_DERIVED, str(tmp_path), moment)) for _ in range(3)]

    assert len({start.result() for start in starts}) == 1


def test_keys_of_two_purposes_have_nothing_in_common(tmp_path: Path) -> None:
    keyring = Keyring.open(tmp_path)

    assert keyring.derive("tokens") != keyring.derive("secrets at rest")


def test_what_is_sealed_is_unreadable_and_comes_back(tmp_path: Path) -> None:
    keyring = Keyring.open(tmp_path)
    sealed = keyring.seal({"token": "1:secret"})

    assert "secret" not in sealed
    assert keyring.unseal(sealed) == {"token": "1:secret"}


def test_a_secret_of_another_installation_is_refused_in_words(tmp_path: Path) -> None:
    sealed = Keyring.open(tmp_path / "one").seal({"token": "1:secret"})

    with pytest.raises(WrongMasterKey):
        Keyring.open(tmp_path / "two").unseal(sealed)


def test_a_stored_token_cannot_be_read_back() -> None:
    assert "lcb_x" not in hash_token("lcb_x")
    assert hash_token("lcb_x") == hash_token("lcb_x") != hash_token("lcb_y")
