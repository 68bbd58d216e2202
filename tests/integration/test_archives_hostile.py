"""Archives that somebody has made to do harm: each is refused with a sentence, and nothing of it stays."""

import asyncio
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.app import Core
from core.archive.archives import request_restore
from core.archive.errors import ArchiveRejected
from core.archive.reading import MOST_ENTRIES
from core.models import Archive, ArchiveStatus, Assistant
from core.receiving import new_upload, receive_text
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner, Owner
from tests.integration.archives import as_bytes, contents_of, ended, exported, zipped

Contents = dict[str, bytes]


@pytest.fixture
async def anna(owner: MakeOwner) -> Owner:
    return await owner()


@pytest.fixture
async def good(core: Core, anna: Owner, assistant: MakeAssistant, worker: None) -> Path:
    rosa = await assistant(anna)
    await receive_text(core, rosa, "Prices", "The violet room costs 17 euros a night.")
    await add_verified_answer(core, rosa, "Are dogs welcome?", "Yes.")
    return await exported(core, anna.actor, rosa)


async def _refused(core: Core, anna: Owner, file: Path) -> Archive | None:
    """At once, or by the job; afterwards there is as much as before."""
    before = await _there(core)
    arrived = new_upload(core)
    shutil.copy(file, arrived)
    try:
        archive = await ended(await request_restore(core, anna.actor, arrived))
    except ArchiveRejected:
        archive = None
    else:
        assert archive.status == ArchiveStatus.FAILED
        assert archive.error_code.startswith("error-archive") or archive.error_code == "error-address-refused"
        assert await Assistant.filter(id=archive.assistant_id).count() == 0
        await archive.delete()
    assert not arrived.exists()
    assert await _there(core) == before
    return archive


async def _there(core: Core) -> tuple[set[Any], set[Path], set[Any]]:
    files = {
        file
        for folder in (core.settings.uploads_folder, core.settings.adapters_folder, core.settings.archives_folder)
        for file in folder.rglob("*")
        if file.is_file()
    }
    return set(await Assistant.all().values_list("id", flat=True)), files, await core.vectors.assistants()


def _edited(name: str, change: Callable[[list[dict[str, Any]]], None]) -> Callable[[Contents], None]:
    def edit(contents: Contents) -> None:
        lines = [json.loads(line) for line in contents[name].decode().splitlines()]
        change(lines)
        contents[name] = as_bytes(lines)

    return edit


def _manifest(**values: Any) -> Callable[[Contents], None]:
    def edit(contents: Contents) -> None:
        contents["manifest.json"] = json.dumps(json.loads(contents["manifest.json"]) | values).encode()

    return edit


SPOILT: dict[str, Callable[[Contents], None]] = {
    "a path out of the folder": lambda one: one.update({"../../../tmp/evil": b"x"}),
    "an absolute path": lambda one: one.update({"/etc/cron.d/evil": b"x"}),
    "a path with backslashes": lambda one: one.update({"files\\..\\evil": b"x"}),
    "a file that is none of ours": lambda one: one.update({"evil.py": b"import os"}),
    "another kind of archive": _manifest(format="something else"),
    "a later version": _manifest(version=99, product_version="9.0"),
    "a version that never was": _manifest(version=0),
    "no manifest at all": lambda one: one.update({"manifest.json": b"[]"}),
    "a line that is no JSON": lambda one: one.update({"gaps.jsonl": b"{not json}\n"}),
    "JSON without an end": lambda one: one.update({"gaps.jsonl": b"[" * 100_000 + b"\n"}),
    "a line of another kind": lambda one: one.update({"gaps.jsonl": b'{"id": 1}\n'}),
    "no assistant": lambda one: one.update({"assistant.jsonl": b""}),
    "two assistants": lambda one: one.update({"assistant.jsonl": one["assistant.jsonl"] * 2}),
    "a hash that is a path": _edited("documents.jsonl", lambda lines: lines[0].update(content_hash="../../evil")),
    "a file that is not there": _edited(
        "documents.jsonl", lambda lines: lines[0].update(stored="0" * 64, content_hash="0" * 64)
    ),
    "content of another hash": _edited("documents.jsonl", lambda lines: lines[0].update(content_hash="1" * 64)),
    "the same thing twice": _edited("verified_answers.jsonl", lambda lines: lines.append(lines[0])),
    "a reference to nothing": lambda one: one.update(
        {
            "quarantine.jsonl": as_bytes(
                [
                    {
                        **{"document_id": str(uuid4()), "text": "x", "text_hash": "0" * 64},
                        **{"reason": "hidden", "decision": "kept"},
                    }
                ]
            )
        }
    ),
    "a setting out of its bounds": _edited(
        "assistant.jsonl", lambda lines: lines[0].update(generation={"temperature": 1000})
    ),
    "rules that are none": _edited(
        "assistant.jsonl", lambda lines: lines[0].update(answer_policy={"length": "endless"})
    ),
    "an adapter without its files": lambda one: one.update(
        {
            "adapters.jsonl": as_bytes(
                [{"id": str(uuid4()), "created_at": "2026-01-01T00:00:00Z", "base_model_name": "x"}]
            )
        }
    ),
    "a site without its first page": lambda one: one.update(
        {
            "sites.jsonl": as_bytes(
                [{"id": str(uuid4()), "created_at": "2026-01-01T00:00:00Z", "url": "https://shop.example/"}]
            )
        }
    ),
    "a site of our own network": lambda one: one.update(
        {
            "sites.jsonl": as_bytes(
                [{"id": str(uuid4()), "created_at": "2026-01-01T00:00:00Z", "url": "http://127.0.0.1/admin"}]
            )
        }
    ),
}


@pytest.mark.parametrize("how", SPOILT)
async def test_a_spoilt_archive_leaves_nothing_behind(
    core: Core, anna: Owner, good: Path, tmp_path: Path, how: str
) -> None:
    contents = contents_of(good)
    SPOILT[how](contents)
    await _refused(core, anna, zipped(contents, tmp_path / "spoilt.zip"))


async def test_content_that_is_not_what_the_manifest_says_is_refused(
    core: Core, anna: Owner, good: Path, tmp_path: Path
) -> None:
    contents = contents_of(good)
    name = next(one for one in contents if one.startswith("files/"))
    contents[name] = b"X" * len(contents[name])
    await _refused(core, anna, zipped(contents, tmp_path / "changed.zip", counted=False))


async def test_what_no_manifest_names_is_refused(core: Core, anna: Owner, good: Path, tmp_path: Path) -> None:
    contents = contents_of(good) | {f"files/{'a' * 64}": b"stowaway"}
    await _refused(core, anna, zipped(contents, tmp_path / "more.zip", counted=False))


async def test_a_bomb_is_not_unpacked(core: Core, anna: Owner, good: Path, tmp_path: Path) -> None:
    contents = contents_of(good)
    contents["gaps.jsonl"] = b"\n" * 90_000_000
    assert await _refused(core, anna, zipped(contents, tmp_path / "bomb.zip")) is None


async def test_a_bomb_that_lies_about_its_size_is_not_unpacked(
    core: Core, anna: Owner, good: Path, tmp_path: Path
) -> None:
    contents = contents_of(good)
    contents["gaps.jsonl"] = b"\n" * 5_000_000
    file = zipped(contents, tmp_path / "liar.zip")
    raw = file.read_bytes()
    assert struct.pack("<L", 5_000_000) in raw
    file.write_bytes(raw.replace(struct.pack("<L", 5_000_000), struct.pack("<L", 900)))
    await _refused(core, anna, file)


async def test_a_symbolic_link_is_refused(core: Core, anna: Owner, good: Path, tmp_path: Path) -> None:
    contents = contents_of(good)
    file = tmp_path / "link.zip"
    with zipfile.ZipFile(file, "w") as made:
        for name, one in contents.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name.startswith("files/") else 0o100600) << 16
            made.writestr(info, one)
    assert await _refused(core, anna, file) is None


async def test_more_files_than_anybody_has_are_refused(core: Core, anna: Owner, tmp_path: Path) -> None:
    file = tmp_path / "many.zip"
    with zipfile.ZipFile(file, "w") as made:
        for number in range(MOST_ENTRIES + 1):
            made.writestr(f"files/{number:064x}", b"")
    assert await _refused(core, anna, file) is None


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06", b"no zip at all", b"PK\x05\x06" + b"\xff" * 18])
async def test_what_is_no_zip_file_is_refused(core: Core, anna: Owner, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "none.zip"
    file.write_bytes(content)
    assert await _refused(core, anna, file) is None


async def test_half_of_an_archive_is_refused(core: Core, anna: Owner, good: Path, tmp_path: Path) -> None:
    raw = await asyncio.to_thread(good.read_bytes)
    half = tmp_path / "half.zip"
    for part in (raw[: len(raw) // 2], raw[len(raw) // 2 :]):
        half.write_bytes(part)
        await _refused(core, anna, half)
