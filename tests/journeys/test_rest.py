"""From nothing to a cited answer and back, by REST alone; and how the product starts, weighs and stops."""

import asyncio
import re
import signal
from pathlib import Path

from tests.journeys.documents import FACT, QUESTION, otter_house
from tests.journeys.product import Client, Product, alive, client, product
from tests.waiting import until

MOST_MEMORY = 1.3e9


async def test_an_owner_teaches_is_answered_deletes_is_not_answered_and_stops_with_ctrl_c(
    tmp_path: Path, models_dir: Path
) -> None:
    async with product(tmp_path, models_dir) as running, client(running) as owner:
        credentials = {"email": "anna@example.com", "password": "a good password"}
        await owner.call("POST", "/api/v1/auth/register", 201, json=credentials)
        await owner.log_in(**credentials)
        rosa = (await owner.call("POST", "/api/v1/assistants", 201, json={"name": "Otter house"}))["id"]
        document = await owner.upload(rosa, otter_house(tmp_path))
        assert document["status"] in {"uploaded", "processing"}
        (indexed,) = await owner.wait_until_indexed(rosa, 1)
        assert (indexed["id"], indexed["page_count"]) == (document["id"], 1)
        key = await owner.call(
            "POST", f"/api/v1/assistants/{rosa}/api-keys", 201, json={"name": "site", "scopes": ["chat"]}
        )

        async with client(running) as program:
            program.token = key["key"]
            await _is_answered(program, document["id"])
            await owner.call("DELETE", f"/api/v1/assistants/{rosa}/documents/{document['id']}", 204)
            after = await program.chat(QUESTION)
        assert after["tier"] == "refused"
        assert after["citations"] == []
        assert FACT not in after["answer"]
        await _is_light(running)
        assert await running.interrupt() == 0, running.log[-3000:]
        assert "Traceback" not in running.log


async def _is_answered(program: Client, document_id: str) -> None:
    """As JSON and as a stream alike, with the sentence that says so."""
    answer = await program.chat(QUESTION)
    heard = await program.listen(QUESTION)
    for told in (answer, heard.done):
        assert FACT in told["answer"]
        assert told["tier"] in {"grounded", "quoted"}
        assert told["citations"][0]["document_id"] == document_id
        assert FACT in told["citations"][0]["quote"]
    assert heard.text == heard.done["answer"]
    assert [name for name, _ in heard.events][-2:] == ["citations", "done"]


async def _is_light(running: Product) -> None:
    libraries = running.loaded_libraries()
    assert "openvino" in libraries
    assert not re.search(r"libtorch|/torch/", libraries)
    assert running.resident_bytes() < MOST_MEMORY, f"{running.resident_bytes() / 1e6:.0f} MB"


async def test_a_product_that_is_still_starting_can_be_stopped(tmp_path: Path, models_dir: Path) -> None:
    from tests.subprocesses import ROOT, free_port, start_python

    log = tmp_path / "serve.log"
    process = await start_python(
        [str(ROOT / "serve.py")], tmp_path, log, data_dir=tmp_path / "var", models_dir=models_dir, port=free_port()
    )

    async def at_work() -> bool:
        return (tmp_path / "var").exists()

    await until(at_work)
    process.send_signal(signal.SIGTERM)

    async with asyncio.timeout(15):
        status = await process.wait()

    assert status == 0, log.read_text()[-3000:]
    assert not alive(process.pid)


async def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path, models_dir: Path) -> None:
    import socket

    from tests.subprocesses import ROOT, start_python

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        log = tmp_path / "serve.log"
        port = other.getsockname()[1]
        process = await start_python(
            [str(ROOT / "serve.py")], tmp_path, log, data_dir=tmp_path / "var", models_dir=models_dir, port=port
        )
        async with asyncio.timeout(60):
            status = await process.wait()

    assert status != 0
    assert str(port) in log.read_text().splitlines()[-1]
    assert "Traceback" not in log.read_text()
