"""Archives and customers over REST: made, fetched, restored, shown, erased; and a deleted assistant is nowhere."""

import io
from typing import Any

import pytest
from quart.datastructures import FileStorage

from core.api_keys import issue_api_key
from core.app import Core
from core.archive.archives import link_to
from core.dialog import answer_message
from core.messages import Incoming
from core.models import Archive, Assistant, Contact
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner
from tests.waiting import until

V1 = "/api/v1"
pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def desk(core: Core, api: Any, owner: MakeOwner, assistant: MakeAssistant) -> Any:
    """(client, assistant, headers of its owner)."""
    anna = await owner()
    rosa = await assistant(anna)
    await add_verified_answer(core, rosa, "Are dogs welcome?", "Yes, on a lead.")
    return api, rosa, anna.headers


async def _over(api: Any, address: str, headers: dict[str, str]) -> dict[str, Any]:
    async def ended() -> dict[str, Any] | None:
        archive = await (await api.get(address, headers=headers)).get_json()
        return archive if archive["status"] in {"done", "failed"} else None

    return dict(await until(ended, 30) or {})


async def test_an_assistant_is_exported_fetched_and_restored(core: Core, desk: Any) -> None:
    api, rosa, headers = desk
    asked = await api.post(f"{V1}/assistants/{rosa.id}/export", headers=headers)
    assert asked.status_code == 202
    address = f"{V1}/assistants/{rosa.id}/export/{(await asked.get_json())['id']}"
    made = await _over(api, address, headers)
    assert made["status"] == "done"
    fetched = await api.get(f"{address}/file", headers=headers)
    data = await fetched.get_data()
    assert fetched.headers["Content-Type"] == "application/zip"
    assert len(data) == made["size_bytes"]

    sent = await api.post(
        f"{V1}/assistants/restore", headers=headers, files={"file": FileStorage(io.BytesIO(data), filename="a.zip")}
    )
    assert sent.status_code == 202
    restored = await _over(api, f"{V1}/restores/{(await sent.get_json())['id']}", headers)
    assert restored["status"] == "done"
    got = await (await api.get(f"{V1}/assistants/{restored['assistant_id']}", headers=headers)).get_json()
    assert got["name"] == "Rosa"


async def test_an_archive_may_be_larger_than_a_document_and_not_larger_than_allowed(core: Core, desk: Any) -> None:
    api, _, headers = desk
    large = b"x" * (core.settings.max_upload_mb * 1_000_000 + 2_000_000)
    sent = await api.post(
        f"{V1}/assistants/restore", headers=headers, files={"file": FileStorage(io.BytesIO(large), filename="a.zip")}
    )
    assert sent.status_code == 422
    assert (await sent.get_json())["code"] == "error-archive-broken"
    document = f"{V1}/assistants/{desk[1].id}/documents"
    refused = await api.post(
        document, headers=headers, files={"file": FileStorage(io.BytesIO(large), filename="a.txt")}
    )
    assert refused.status_code == 413


async def test_a_link_gives_the_file_once(core: Core, desk: Any) -> None:
    api, rosa, headers = desk
    asked = await (await api.post(f"{V1}/assistants/{rosa.id}/export", headers=headers)).get_json()
    await _over(api, f"{V1}/assistants/{rosa.id}/export/{asked['id']}", headers)
    link = "/archives/" + (await link_to(core, await Archive.get(id=asked["id"]))).rpartition("/")[2]
    first, second = await api.get(link), await api.get(link)
    assert (first.status_code, second.status_code) == (200, 404)
    assert (await first.get_data())[:2] == b"PK"


async def test_a_customer_is_listed_shown_and_erased(core: Core, desk: Any) -> None:
    api, rosa, headers = desk
    await answer_message(core, Incoming(rosa.id, "api", "77", "Do you sell the Zorblatt?", "Mr Vexmoor"))
    listed = await (await api.get(f"{V1}/assistants/{rosa.id}/contacts?name=vexm", headers=headers)).get_json()
    address = f"{V1}/assistants/{rosa.id}/contacts/{listed['contacts'][0]['id']}"
    shown = await (await api.get(address, headers=headers)).get_json()
    assert shown["conversations"][0]["messages"][0]["text"] == "Do you sell the Zorblatt?"
    receipt = await (await api.delete(address, headers=headers)).get_json()
    assert receipt["erased"]["messages"] == 2
    assert len(receipt["sha256_of_ids"]) == 64
    assert (await api.get(address, headers=headers)).status_code == 404
    assert not await Contact.filter(assistant_id=rosa.id).exists()


async def test_a_deleted_assistant_is_nowhere_and_comes_back_whole(core: Core, desk: Any, owner: MakeOwner) -> None:
    api, rosa, headers = desk
    await Assistant.filter(id=rosa.id).update(public_page=True)
    user_id = (await (await api.get(f"{V1}/team", headers=headers)).get_json())["members"][0]["user_id"]
    _, key = await issue_api_key(rosa, user_id, "program", ["chat", "read"])
    as_program = {"Authorization": f"Bearer {key}"}
    visitor = await (await api.post(f"{V1}/assistants/{rosa.id}/visitors")).get_json()
    as_visitor = {"Authorization": f"Bearer {visitor['token']}"}
    said = {"json": {"message": "Are dogs welcome?"}}
    assert (await api.post(f"{V1}/chat", headers=as_program, **said)).status_code == 200
    assert (await api.delete(f"{V1}/assistants/{rosa.id}", headers=headers)).status_code == 204

    for below in ("", "/documents", "/conversations", "/contacts", "/gaps", "/sites", "/channels", "/numbers"):
        assert (await api.get(f"{V1}/assistants/{rosa.id}{below}", headers=headers)).status_code == 404, below
    assert (await api.get(f"/a/{rosa.id}")).status_code == 404
    assert (await api.post(f"{V1}/assistants/{rosa.id}/visitors")).status_code == 404
    assert (await api.post(f"{V1}/chat", headers=as_program, **said)).status_code == 401
    assert (await api.post(f"{V1}/chat", headers=as_visitor, **said)).status_code == 404
    listed = await (await api.get(f"{V1}/assistants", headers=headers)).get_json()
    assert listed["assistants"] == []

    changes = (await (await api.get(f"{V1}/changes", headers=headers)).get_json())["changes"]
    assert [one["action"] for one in changes] == ["delete assistant"]
    undone = await api.post(f"{V1}/changes/{changes[0]['id']}/undo", headers=headers)
    assert undone.status_code == 200
    assert (await api.get(f"{V1}/assistants/{rosa.id}", headers=headers)).status_code == 200
    answer = await (await api.post(f"{V1}/chat", headers=as_program, **said)).get_json()
    assert answer["answer"] == "Yes, on a lead."
    talks = await (await api.get(f"{V1}/assistants/{rosa.id}/conversations", headers=headers)).get_json()
    assert len(talks["conversations"]) >= 1
