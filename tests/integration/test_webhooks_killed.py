"""A worker is killed with -9 between an address's answer and its own note of it: nothing is lost, nothing renamed."""

import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.accounts import register
from core.conversations import conversation_of
from core.keyring import Keyring
from core.messages import Incoming
from core.models import Assistant, Delivery, DeliveryStatus
from core.settings import Settings
from core.tenancy import actor_of
from core.webhooks.endpoints import add_endpoint
from core.webhooks.outbox import outbox
from tests.receiver import receiver
from tests.subprocesses import ROOT, start_python
from tests.waiting import until

PROGRAM = ROOT / "tests" / "integration" / "deliverer.py"


async def test_killed_between_answer_and_note_the_next_worker_sends_the_same_again(
    database: Path, tmp_path: Path
) -> None:
    keys, log = tmp_path / "keys", tmp_path / "deliverer.log"
    async with receiver() as crm:
        core: Any = SimpleNamespace(
            settings=Settings(_env_file=None, allowed_private_hosts=crm.host), keyring=Keyring.open(keys)
        )
        actor = await actor_of((await register("owner@example.com", "a good password")).id)
        assistant = await Assistant.create(tenant_id=actor.tenant_id, name="Rosa")
        endpoint, secret = await add_endpoint(core, actor, assistant, crm.url())
        conversation = await conversation_of(Incoming(assistant.id, "web", "vera", "Hello?"))
        async with outbox(assistant.id) as out:
            await out.handoff_requested(conversation, "asked")
        arguments = [str(PROGRAM), f"sqlite://{database}?busy_timeout=10000", str(keys), crm.host]

        first = await start_python([*arguments, "dies"], ROOT, log)
        try:
            await until(_logged(log, "answered"), 30)
        finally:
            first.send_signal(signal.SIGKILL)
            await first.wait()
        assert [one.type for one in crm.told] == ["conversation.started"]
        assert await Delivery.filter(endpoint_id=endpoint.id, status=DeliveryStatus.DELIVERED).count() == 0

        second = await start_python(arguments, ROOT, log)
        try:
            await until(_delivered(2), 30)
        finally:
            second.terminate()
            await second.wait()
        assert [one.type for one in crm.told] == ["conversation.started"] * 2 + ["handoff.requested"]
        assert crm.told[0].id == crm.told[1].id != crm.told[2].id
        assert crm.told[0].body == crm.told[1].body
        assert all(one.verified_with(secret) for one in crm.told)


def _logged(log: Path, words: str) -> Any:
    async def logged() -> bool:
        return words in log.read_text(encoding="utf-8")  # noqa: ASYNC240 - a line

    return logged


def _delivered(number: int) -> Any:
    async def delivered() -> bool:
        return await Delivery.filter(status=DeliveryStatus.DELIVERED).count() == number

    return delivered
