"""What a question finds, through the whole search: duplicates, neighbours, FAQ questions, re-ranking, HyDE, REST."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from core.app import Core
from core.assistant_index import Searchable, index_texts
from core.assistants import change_assistant
from core.dialog import answer_message
from core.embeddings.base import Embedder, Vectors
from core.errors import Unavailable
from core.indexing import searchable_text
from core.messages import Incoming, Tier
from core.models import Assistant, Document, DocumentStatus, PassageRow
from core.retrieval import find_passages, search_documents
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner

KETTLES = "Electric kettles have a warranty of 24 months. Keep the receipt, it is your proof of purchase."
PARKING = "There are three free parking places in the yard behind the shop."


async def _knows(
    core: Core, assistant: Assistant, *texts: str, heading: str = "", questions: Sequence[str] = ()
) -> Document:
    """The assistant learns a document that was cut into these passages."""
    document = await Document.create(
        assistant=assistant, filename="a.txt", content_hash=uuid4().hex, status=DocumentStatus.INDEXED
    )
    asked = [*questions, *[""] * (len(texts) - len(questions))]
    rows = [
        PassageRow(
            document=document,
            assistant=assistant,
            chunk_index=index,
            heading=heading,
            text=text,
            question=question,
            page=index + 1,
            content_hash=uuid4().hex,
        )
        for index, (text, question) in enumerate(zip(texts, asked, strict=True))
    ]
    await PassageRow.bulk_create(rows)
    entries = [Searchable(row.id, searchable_text(row.heading, row.text), row.question) for row in rows]
    await index_texts(core, assistant.id, entries)
    return document


async def test_the_same_text_in_two_documents_is_found_once_and_the_newer_one_stays(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await _knows(core, rosa, KETTLES, PARKING)
    newer = await _knows(core, rosa, KETTLES.replace("Keep", "keep"))

    found = await find_passages(core, rosa.id, "How long is the warranty of a kettle?")

    assert [passage.document_id for passage in found if "warranty" in passage.text] == [newer.id]
    assert len(found) == 2


async def test_a_document_that_is_being_read_anew_goes_on_answering(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    document = await _knows(core, rosa, KETTLES)
    await Document.filter(id=document.id).update(status=DocumentStatus.PROCESSING)

    assert (await search_documents(core, rosa, "How long is the warranty of an electric kettle?")).sufficient


async def test_what_is_no_longer_in_sql_is_not_found_whatever_the_index_holds(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    document = await _knows(core, rosa, KETTLES)
    await document.delete()

    assert await find_passages(core, rosa.id, "How long is the warranty of a kettle?") == []


async def test_a_list_that_was_cut_in_two_is_quoted_from_where_it_stands(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _knows(
        core,
        rosa,
        "To descale a kettle you need:\n- a spoon of citric acid\n- a litre of water",
        "To descale a kettle you need:\n- a soft cloth\n- twenty minutes of time",
        heading="Descaling",
    )

    best, *_ = await find_passages(core, rosa.id, "What do I need to descale a kettle, citric acid?")

    assert "citric acid" in best.text
    assert "soft cloth" in best.text
    for part in best.parts:
        row = await PassageRow.get(id=part.id)
        quote = row.text.splitlines()[-1]
        assert best.home_of(quote).id == row.id
        assert best.home_of(quote).page == row.page


async def test_an_answer_whose_words_are_not_the_questions_is_found_by_its_own_question(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    answer = "Yes, until the evening, and it costs nothing."
    await _knows(core, rosa, PARKING, KETTLES, answer, questions=["", "", "May I leave my bicycle in the yard?"])

    best, *_ = await find_passages(core, rosa.id, "Can I leave my bike in your yard?")

    assert best.text == answer


async def test_a_question_is_read_by_the_model_once_for_an_answer(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa, read = await assistant(), list[str]()
    await _knows(core, rosa, "Гарантия на чайники действует 24 месяца.")
    await add_verified_answer(core, rosa, "Где вы находитесь?", "На Липовой, 5.")
    ask = type(core.embedder).embed_query

    async def listen(self: Embedder, text: str) -> Vectors:
        read.append(text)
        return await ask(self, text)

    monkeypatch.setattr(type(core.embedder), "embed_query", listen)
    reply = await answer_message(core, Incoming(rosa.id, "test", "visitor", "Сколько длится гарантия на чайники?"))

    assert reply.tier is Tier.QUOTED
    assert read == ["Сколько длится гарантия на чайники?"]


async def test_search_over_rest_shows_why(core: Core, api: Any, owner: MakeOwner, assistant: MakeAssistant) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    await _knows(core, rosa, KETTLES, PARKING)
    path = f"/api/v1/assistants/{rosa.id}/search"

    async def search(query: str) -> dict[str, Any]:
        response = await api.post(path, headers=anna.headers, json={"query": query, "limit": 2})
        assert response.status_code == 200
        told: dict[str, Any] = await response.get_json()
        return told

    known = await search("How long is the warranty of an electric kettle?")
    unknown = await search("Who won the football championship in 1998?")

    best, second = known["passages"]
    assert best["text"] == KETTLES
    assert best["score"] > second["score"]
    assert 0.7 < best["cosine"] < best["score"]
    assert best["words"] == 1.0
    assert {"id", "document_id", "document", "text", "score"} <= best.keys()
    assert known["sufficient"] is True
    assert known["confidence"] >= known["needed"] == 0.6
    assert unknown["sufficient"] is False
    assert unknown["confidence"] < 0.6


async def test_the_owners_threshold_is_what_is_needed(core: Core, owner: MakeOwner, assistant: MakeAssistant) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    await _knows(core, rosa, KETTLES)
    await change_assistant(anna.actor, rosa, answer_policy={"threshold": 1.0})

    finding = await search_documents(core, rosa, "How long is the warranty of an electric kettle?")

    assert (finding.needed, finding.sufficient) == (1.0, False)


async def test_milvus_that_is_away_is_one_error_and_not_a_group_of_them(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()
    await _knows(core, rosa, KETTLES)

    async def away(*_: object, **__: object) -> None:
        raise Unavailable(part="Milvus")

    with monkeypatch.context() as patch:
        patch.setattr(type(core.vectors), "_call", away)
        with pytest.raises(Unavailable):
            await find_passages(core, rosa.id, "How long is the warranty?")
        incoming = Incoming(rosa.id, "test", "in the storm", "How long is the warranty?")
        assert (await answer_message(core, incoming)).tier is Tier.REFUSED


async def test_hyde_is_one_setting_and_finds_what_the_question_finds(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _knows(core, rosa, KETTLES, PARKING)
    question = "How long is the warranty of an electric kettle?"
    imagining = replace(core, settings=core.settings.model_copy(update={"hyde": True}))

    plain = await search_documents(core, rosa, question)
    widened = await search_documents(imagining, rosa, question)

    assert widened.passages[0].text == KETTLES
    assert widened.passages[0].score != plain.passages[0].score
    assert widened.passages[0].cosine == pytest.approx(plain.passages[0].cosine, abs=1e-4)
    assert widened.confidence == pytest.approx(plain.confidence, abs=1e-3)


async def test_hyde_leaves_questions_alone_that_the_model_cannot_write_about(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await _knows(core, rosa, "Гарантия на электрические чайники 24 месяца.")
    imagining = replace(core, settings=core.settings.model_copy(update={"hyde": True}))
    question = "Какая гарантия на чайник?"

    assert (await find_passages(imagining, rosa.id, question))[0].score == pytest.approx(
        (await find_passages(core, rosa.id, question))[0].score, abs=1e-6
    )
