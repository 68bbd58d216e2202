"""A customer sees his answer while it is written, where Telegram can show it; the answer itself comes in any case."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.app import Core
from core.llm.openai import Limits, OpenAiLanguageModel
from tests.conftest import MakeAssistant, Teach
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.language_models import ChatServer, begin, say
from tests.telegram_server import Fault, Person
from tests.waiting import until

TEXT = (
    "A ticket to the otter house costs 17 euros. Children under six years enter free of charge. "
    "The otter house opens at 9:40. Dogs are not allowed inside."
)
QUESTION = "How much is a ticket to the otter house?"
SENTENCES = ("A ticket to the otter house costs 17 euros. ", "Children under six years enter free of charge. ")


async def _slowly(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
    """Two sentences with a pause behind each that is longer than a draft needs."""
    stream = await begin(request)
    for sentence in SENTENCES:
        for word in sentence.split(" "):
            await say(stream, f"{word} " if word else "")
        await asyncio.sleep(1.8)
    await stream.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
    return stream


@dataclass
class Shop:
    ann: Person
    model: ChatServer

    async def answers(self) -> str:
        """What Ann is told at last, the model writing slowly."""
        self.model.script[:] = [_slowly]
        before = len(self.ann.chat)
        await self.ann.says(QUESTION)

        async def told() -> bool:
            return len(self.ann.chat) > before

        await until(told, 30)
        return self.ann.chat[-1].text

    def drafts(self) -> list[Any]:
        return self.ann.server.calls_of("sendMessageDraft", self.ann.id)


@pytest.fixture
async def shop(
    house: Core,
    assistant: MakeAssistant,
    teach: Teach,
    connect: Connect,
    customer: MakeCustomer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Shop]:
    from bots.registry import Registry

    monkeypatch.setattr("core.dialog.PATIENCE_S", 30.0)  # a busy machine is no part of these stories
    rosa = await assistant()
    (tmp_path / "otters.txt").write_text(TEXT)
    await teach(rosa, tmp_path / "otters.txt")
    limits = Limits(connect_s=2, first_token_s=5, total_s=20, tries=1, pause_s=0.01)
    async with ChatServer().running() as server:
        model = await OpenAiLanguageModel.open(server.url, "", limits=limits)
        core = replace(house, llm=model)
        async with running(core, Registry(core, every_s=0.1).run()):
            yield Shop(customer(await connect(rosa)), server)
        await model.close()


async def test_an_answer_is_seen_while_it_is_written_and_then_sent(shop: Shop) -> None:
    said = await shop.answers()
    assert said.startswith("A ticket to the otter house costs 17 euros.")
    seen = shop.drafts()
    assert seen, "nothing was seen before it was whole"
    assert all(said.startswith(one.fields["text"].strip()) for one in seen), "a draft says what the answer says"
    assert len({one.fields["draft_id"] for one in seen}) == 1
    assert all(later.at - earlier.at >= 1.0 for earlier, later in pairwise(seen))
    [sent] = shop.ann.server.calls_of("sendMessage", shop.ann.id)
    assert seen[-1].at < sent.at


@pytest.mark.parametrize(("status", "said"), [(404, "Not Found"), (400, "Bad Request: method not found")])
async def test_a_server_without_drafts_is_asked_once_and_the_answer_comes(shop: Shop, status: int, said: str) -> None:
    shop.ann.server.faults.append(Fault("sendMessageDraft", status, said, times=100))
    assert "17 euros" in await shop.answers()
    assert "17 euros" in await shop.answers()
    assert len(shop.drafts()) == 1


async def test_while_telegram_wants_to_be_left_alone_no_draft_is_sent_and_the_answer_waits(shop: Shop) -> None:
    refusal = Fault("sendMessageDraft", 429, "Too Many Requests: retry after 4", {"retry_after": 4}, times=1)
    shop.ann.server.faults.append(refusal)
    assert "17 euros" in await shop.answers()
    [refused] = shop.drafts()
    [sent] = shop.ann.server.calls_of("sendMessage", shop.ann.id)
    assert sent.at - refused.at >= 4.0


async def test_in_a_group_nothing_is_seen_before_the_answer(shop: Shop) -> None:
    shop.model.script[:] = [_slowly]
    name = shop.ann.server.names[shop.ann.token]
    group = {"id": -100, "type": "supergroup", "title": "Friends"}
    await shop.ann.sends(text=f"@{name} {QUESTION}", chat=group)

    async def told() -> bool:
        return any(one.chat_id == -100 for one in shop.ann.server.shown)

    await until(told, 30)
    assert not shop.ann.server.calls_of("sendMessageDraft")
