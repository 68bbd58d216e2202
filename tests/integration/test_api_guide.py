"""docs/api.md as a newcomer follows it: every command of it, in order, in a shell."""

import asyncio
import re

import pytest

from core.app import Core
from tests.integration.test_api_server import serving
from tests.subprocesses import ROOT


@pytest.mark.usefixtures("worker")
async def test_every_command_of_the_guide_works(core: Core) -> None:
    guide = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```", guide, re.DOTALL | re.MULTILINE))
    async with serving(core) as server:
        script = commands.replace("http://127.0.0.1:8080", server.url).replace("anna@", "anna.of.the.guide@")
        shell = await asyncio.create_subprocess_exec(
            "bash", "-eu", "-o", "pipefail", "-c", script, cwd=ROOT, stdout=-1, stderr=-1
        )
        async with asyncio.timeout(120):
            out, complaints = await shell.communicate()
    said = out.decode()

    assert shell.returncode == 0, complaints.decode() + said
    assert "indexed" in said
    assert '"document":"Delivery and returns"' in said
    assert "event: done" in said
    assert '"object":"chat.completion"' in said
    assert "error-unauthenticated" in said
