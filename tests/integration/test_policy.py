"""What an owner sets about answers, through the whole house: small talk, topics, length, tone."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from core.app import Core
from core.assistants import change_assistant
from core.dialog import answer_message
from core.llm.openai import OpenAiLanguageModel
from core.messages import Incoming, Reply, Tier
from core.models import Assistant, Document, DocumentStatus, Gap, Role
from core.policy import Length, Policy, policy_of
from core.tenancy import Actor
from core.verified import add_verified_answer
from core.words import language_of
from tests.conftest import MakeAssistant, MakeOwner, Teach
from tests.language_models import Answering, ChatServer, begin, refuse, say

_visitors = count()


async def ask(core: Core, assistant: Assistant, text: str) -> Reply:
    """As somebody who has not written before."""
    return await answer_message(core, Incoming(assistant.id, "test", f"policy-{next(_visitors)}", text))


async def _has_read(assistant: Assistant, *titles: str) -> None:
    for title in titles:
        row = {"filename": f"{title}.pdf", "title": title, "content_hash": uuid4().hex}
        await Document.create(assistant=assistant, status=DocumentStatus.INDEXED, **row)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Thank you so much!", "You are welcome! If anything else comes up, just ask."),
        ("Большое спасибо!", "Пожалуйста! Появятся ещё вопросы — спрашивайте."),
        ("how are you?", "All is well here, thank you! What would you like to know?"),
        ("ok", "Отлично! Появятся ещё вопросы — спрашивайте."),
        ("👍", "🙂 Я здесь. Что вам подсказать?"),
        ("", "До меня не дошло ни слова. Напишите, пожалуйста, ваш вопрос."),
        ("\u200b\x00 …", "До меня не дошло ни слова. Напишите, пожалуйста, ваш вопрос."),
        ("🎉" * 4000, "🙂 Я здесь. Что вам подсказать?"),
    ],
)
async def test_small_talk_is_answered_kindly_and_is_no_gap(
    core: Core, assistant: MakeAssistant, text: str, told: str
) -> None:
    rosa = await assistant(locale="ru")
    reply = await ask(core, rosa, text)

    assert (reply.text, reply.tier, reply.citations) == (told, Tier.VERIFIED, ())
    assert "retrieval_s" not in reply.timings
    assert not await Gap.filter(assistant_id=rosa.id).exists()


@pytest.mark.parametrize(("text", "word"), [("Are you a robot?", "AI"), ("Я с человеком говорю?", "ИИ")])
@pytest.mark.parametrize("small_talk", [True, False])
async def test_whoever_asks_is_told_that_no_person_writes(
    core: Core, assistant: MakeAssistant, text: str, word: str, small_talk: bool
) -> None:
    rosa = await assistant(answer_policy={"small_talk": small_talk})

    assert word in (await ask(core, rosa, text)).text


async def test_what_can_you_do_names_documents_and_a_question_that_can_be_asked(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant(answer_policy={"sample_questions": {"en": ["Do you deliver?"]}})
    await _has_read(rosa, "scan_0017", "Delivery and returns", "Доставка", "https://example.com/a", "Tea care")
    told = {text: (await ask(core, rosa, text)).text for text in ("What can you do?", "Что ты умеешь?")}

    assert told["What can you do?"].endswith(
        "documents: “Delivery and returns”, “Tea care”. Just ask. For example: “Do you deliver?”"
    )
    assert "«Доставка»" in told["Что ты умеешь?"]
    assert "deliver" not in told["Что ты умеешь?"]


async def test_an_owners_own_answer_goes_before_small_talk(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await add_verified_answer(core, rosa, "Who are you?", "The otter of Mill Lane.")

    assert (await ask(core, rosa, "who are you?")).text == "The otter of Mill Lane."
    assert (await ask(core, rosa, "how are you?")).text.startswith("All is well here")


async def test_without_small_talk_customers_are_led_back_to_business_and_still_greeted(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant(answer_policy={"small_talk": False}, greeting="Welcome!")
    redirect = "I am Rosa, an AI assistant, and I answer questions about our business. What would you like to know?"

    assert (await ask(core, rosa, "Hello!")).text == "Welcome!"
    assert {(await ask(core, rosa, text)).text for text in ("how are you", "thanks", "tell me a joke")} == {redirect}


async def test_examples_are_in_the_customers_language(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await add_verified_answer(core, rosa, "Where are the otters fed?", "At the pond.")
    reply = await ask(core, rosa, "как дела?")

    assert language_of(reply.text) == "ru"
    assert "otters" not in reply.text
    assert (await ask(core, rosa, "hi, how are you")).text.endswith("For example: “Where are the otters fed?”")


def test_a_row_of_earlier_days_keeps_its_defaults_and_one_of_later_days_can_be_read() -> None:
    assert policy_of(Assistant(answer_policy={})) == Policy()
    known = policy_of(Assistant(answer_policy={"length": "long", "forbidden_topics": ["war"], "a_later_key": 1}))
    assert known == Policy(length=Length.LONG, forbidden_topics=("war",))
    with pytest.raises(ValueError, match="threshold"):
        policy_of(Assistant(answer_policy={"threshold": "broken"}))


OTTERS = """The otter house opens at 9:40 in the morning. A ticket to the otter house costs 17 euros. The ticket to the
otter house is valid for one whole day. Every ticket to the otter house comes with a printed map. The ticket to the
otter house can be bought at the gate. The ticket to the otter house can be shown on a telephone. The ticket to the
otter house cannot be given to somebody else. The ticket to the otter house covers the feeding at noon. A lost ticket to
the otter house is not replaced. The cafe beside the pond sells waffles and juice. Prams can be left at the gate."""
QUESTION = "What is a ticket to the otter house good for?"


@dataclass
class House:
    """An assistant that has read OTTERS, and a model that says all it was given to read, sentence by sentence."""

    core: Core
    server: ChatServer
    assistant: Assistant

    async def ask(self, *answers: Answering, **values: Any) -> Reply:
        """After these changes, with a model that reads aloud, or does what `answers` say."""
        actor = Actor(uuid4(), self.assistant.tenant_id, Role.OWNER)
        await change_assistant(actor, self.assistant, **values)
        self.server.script[:] = answers or [_speak(OTTERS.replace("\n", " ").partition(". ")[2])]
        return await ask(self.core, self.assistant, QUESTION)

    @property
    def told(self) -> str:
        """All that the model was told last."""
        return "\n".join(turn["content"] for turn in self.server.requests[-1]["messages"])


def _speak(text: str) -> Answering:
    async def answer(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        stream = await begin(request)
        await say(stream, text)
        await stream.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
        return stream

    return answer


@pytest.fixture
async def house(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setattr("core.dialog.PATIENCE_S", 30.0)  # a busy machine is no part of these stories
    rosa = await assistant()
    (tmp_path / "otters.txt").write_text(OTTERS.replace("\n", " "))
    await teach(rosa, tmp_path / "otters.txt")
    async with ChatServer().running() as server:
        model = await OpenAiLanguageModel.open(server.url, "")
        yield House(replace(core, llm=model), server, rosa)
        await model.close()


async def test_what_the_owner_sets_reaches_the_model_from_the_next_answer_on(house: House) -> None:
    await house.ask(generation={"temperature": 0.7, "top_p": 0.4, "max_tokens": 99}, persona="Talk like a pirate.")
    asked = house.server.requests[-1]

    assert {key: asked[key] for key in ("temperature", "top_p", "max_tokens")} == {
        "temperature": 0.7,
        "top_p": 0.4,
        "max_tokens": 99,
    }
    assert "Talk like a pirate." in asked["messages"][0]["content"]
    await house.ask(generation={}, persona="")
    assert house.server.requests[-1]["temperature"] == 0.0
    assert "pirate" not in house.told


async def test_length_changes_what_the_model_is_told_and_how_much_of_it_is_said(house: House) -> None:
    told, said = {}, {}
    for length in Length:
        reply = await house.ask(answer_policy={"length": length.value})
        assert reply.tier is Tier.GROUNDED, reply.reason
        told[length], said[length] = house.told, reply.text.count(".")

    assert said == {Length.SHORT: 1, Length.MEDIUM: 3, Length.LONG: 6}
    assert "one short sentence" in told[Length.SHORT]
    assert "one or two short sentences" in told[Length.MEDIUM]
    assert "three to six sentences" in told[Length.LONG]


async def test_length_changes_how_much_is_quoted(house: House) -> None:
    quoted = {}
    for length in Length:
        reply = await house.ask(refuse(400), answer_policy={"length": length.value})
        assert reply.tier is Tier.QUOTED
        quoted[length] = reply.text.count(".")

    assert quoted[Length.SHORT] == 1
    assert quoted[Length.SHORT] < quoted[Length.MEDIUM] < quoted[Length.LONG] <= 6


async def test_the_api_takes_and_tells_topics_length_and_small_talk(api: Any, owner: MakeOwner) -> None:
    headers = (await owner()).headers
    wanted = {
        "length": "short",
        "small_talk": False,
        "allowed_topics": ["tea", "чай"],
        "forbidden_topics": ["  politics "],
        "forbidden_calls_person": True,
    }
    made = await api.post("/api/v1/assistants", headers=headers, json={"name": "Rosa", "answer_policy": wanted})
    row = await Assistant.get(id=(await made.get_json())["id"])

    assert row.answer_policy == wanted | {"forbidden_topics": ["politics"]}
    assert policy_of(row) == Policy(
        length=Length.SHORT,
        small_talk=False,
        allowed_topics=("tea", "чай"),
        forbidden_topics=("politics",),
        forbidden_calls_person=True,
    )
    contract = await (await api.get("/openapi.json")).get_json()
    assert "declined kindly" in str(contract)


async def test_a_tone_may_change_the_words_and_never_a_fact(house: House) -> None:
    merry = "With pleasure: the ticket to the otter house covers the feeding at noon."
    wrong = "With pleasure: the ticket to the otter house costs only 3 euros."
    kept = await house.ask(_speak(merry), persona="Talk like a butler.")
    cut = await house.ask(_speak(wrong), persona="Talk like a butler.")

    assert (kept.tier, kept.text) == (Tier.GROUNDED, merry), kept.reason
    assert cut.tier is Tier.QUOTED
    assert "pleasure" not in cut.text
    assert not re.search(r"\b3\b", cut.text)
