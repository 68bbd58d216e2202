"""Sample answers: made of what was read, answered as a customer would be, and nothing that no passage carries."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.app import Core
from core.drafting.decisions import approve, approve_all, skip
from core.drafting.samples import MOST, give_up_samples, make_samples
from core.drafting.steps import begin, step_of, waiting, write_draft
from core.llm.openai import Limits, OpenAiLanguageModel
from core.models import (
    Assistant,
    Contact,
    Document,
    Draft,
    DraftStep,
    PassageRow,
    SampleAnswer,
    SamplesState,
    VerifiedAnswer,
)
from core.sentences import split_sentences
from core.verified import add_verified_answer
from core.words import language_of
from tests.conftest import MakeAssistant, Teach
from tests.language_models import ChatServer, say
from tests.language_models import begin as begin_stream

FAQ = {"en": "faq.txt", "ru": "voprosy-i-otvety.txt"}
OF = {
    "en": ("faq.txt", "delivery-and-returns.pdf", "product-care-guide.docx"),
    "ru": ("voprosy-i-otvety.txt", "dostavka-i-vozvrat.pdf", "uhod-za-tovarom.docx"),
}


async def _made(core: Core, assistant: Assistant) -> list[SampleAnswer]:
    await Draft.filter(assistant_id=assistant.id).delete()
    await Draft.create(assistant=assistant, step=DraftStep.SAMPLES, samples=SamplesState.MAKING)
    await make_samples(core, assistant.id)
    return await SampleAnswer.filter(assistant_id=assistant.id).order_by("position")


def _plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_of_a_shops_documents_twenty_answers_are_made_and_each_stands_in_its_passage(
    language: str, core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant()
    await teach(rosa, *(file for file in shop_documents if file.name in OF[language]))
    samples = await _made(core, rosa)

    assert len(samples) == MOST
    assert len({sample.document_id for sample in samples}) == 3, "no document speaks for all"
    assert len({sample.question for sample in samples}) == len({sample.answer for sample in samples}) == MOST
    for sample in samples:
        assert language_of(sample.question) == language_of(sample.answer) == language
        assert sample.question.endswith("?")
        passage = await PassageRow.get(id=sample.passage_id)
        said = _plain(passage.text)
        assert all(_plain(sentence) in said for sentence in split_sentences(sample.answer)), sample.question


async def test_making_them_again_doubles_nothing_and_giving_up_leaves_none(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant()
    await teach(rosa, *(file for file in shop_documents if file.name == "faq.txt"))
    made = len(await _made(core, rosa))
    await make_samples(core, rosa.id)
    assert await SampleAnswer.filter(assistant_id=rosa.id).count() == made > 0

    lena = await assistant()
    await Draft.create(assistant=lena, step=DraftStep.SAMPLES, samples=SamplesState.MAKING)
    await give_up_samples(lena.id)
    assert await step_of(lena) is DraftStep.TRYING


async def test_what_its_owner_has_answered_or_forbidden_is_not_asked(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant(answer_policy={"forbidden_topics": ["parking", "cars"]})
    await add_verified_answer(core, rosa, "Do you wrap presents?", "Never.")
    await teach(rosa, *(file for file in shop_documents if file.name == "faq.txt"))
    asked = {sample.question for sample in await _made(core, rosa)}
    assert "Do you have gift cards?" in asked
    assert not asked & {"Do you wrap presents?", "Is there parking?"}


async def test_a_decision_is_made_once_and_what_no_document_says_any_more_is_not_approved(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant()
    await teach(rosa, *(file for file in shop_documents if file.name == "faq.txt"))
    first, second, third, *_ = await _made(core, rosa)
    assert await approve(core, rosa, first)
    assert not await approve(core, rosa, first)
    assert not await skip(first)
    assert await approve(core, rosa, second, "In my own words.")
    await PassageRow.filter(id=third.passage_id).delete()
    assert not await approve(core, rosa, third)
    assert third.id not in [one.id for one in await waiting(rosa)]
    answers = await VerifiedAnswer.filter(assistant_id=rosa.id).order_by("created_at")
    assert [(one.question, one.answer) for one in answers] == [
        (first.question, first.answer),
        (second.question, "In my own words."),
    ]
    # Approved, and killed before that was written down: pressing again finishes it.
    await SampleAnswer.filter(id=first.id).update(decision="waiting")
    await first.refresh_from_db()
    assert await approve(core, rosa, first)
    assert await VerifiedAnswer.filter(assistant_id=rosa.id).count() == 2
    left = len(await waiting(rosa))
    assert await approve_all(core, rosa) == left
    assert await waiting(rosa) == []


async def test_a_draft_is_written_once_and_leaves_what_its_owner_wrote(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant(name="faq", greeting="Hello from me!")
    await begin(rosa)
    assert await step_of(rosa) is DraftStep.READING
    await teach(rosa, *(file for file in shop_documents if file.name == "faq.txt"))
    await write_draft(core, rosa)
    assert (rosa.name, rosa.greeting) == ("Copper Kettle", "Hello from me!")
    assert rosa.persona == "Warm and friendly, in simple words."
    await Assistant.filter(id=rosa.id).update(name="Mine")
    await write_draft(core, rosa)
    assert (await Assistant.get(id=rosa.id)).name == "Mine"
    assert (await Draft.get(assistant_id=rosa.id)).step is DraftStep.DRAFT


async def test_where_its_owners_stand_is_looked_at(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    assert await step_of(rosa) is DraftStep.DONE, "made without first steps"
    await begin(rosa)
    await Draft.filter(assistant_id=rosa.id).update(step=DraftStep.TRYING)
    assert await step_of(rosa) is DraftStep.TRYING
    await Contact.create(assistant=rosa, channel="preview", key="1")
    assert await step_of(rosa) is DraftStep.CHANNEL


@pytest.fixture
async def liar(core: Core) -> AsyncIterator[tuple[Core, ChatServer]]:
    """A core whose model is able, and says the same whatever it is asked."""

    async def answer(request: web.Request, _body: dict[str, Any]) -> web.StreamResponse:
        stream = await begin_stream(request)
        await say(stream, "Delivery to the Moon costs 99 euros.")
        await stream.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
        return stream

    async with ChatServer().running() as server:
        model = await OpenAiLanguageModel.open(server.url, "", limits=Limits(connect_s=2, first_token_s=5, total_s=9))
        server.script = [answer] * 500
        yield replace(core, llm=model), server
        await model.close()


async def test_what_an_able_model_makes_up_is_no_sample_answer(
    liar: tuple[Core, ChatServer], assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    rosa = await assistant()
    shop = tmp_path / "shop.md"
    shop.write_text("# Delivery\nDelivery within the town takes two days and costs four euros.\n")
    await teach(rosa, shop)
    lying, server = liar
    samples = await _made(lying, rosa)
    assert samples
    assert len(server.requests) > len(samples), "the model was asked for questions and for answers"
    assert all("99" not in sample.answer and "Moon" not in sample.question for sample in samples)
    assert await Document.filter(assistant_id=rosa.id).count() == 1
