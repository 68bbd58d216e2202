"""An owner's word on single passages: hidden ones reach nobody, corrected ones answer in his words, both come back."""

import asyncio
from typing import Any

import pytest

from core.app import Core
from core.dialog import answer_message
from core.documents import documents_of, forget_document, passages_of
from core.errors import Conflict
from core.learning.sources import from_sections
from core.messages import Incoming, Tier
from core.models import Assistant, Document, Job, JobStatus, PassageRow
from core.passage_edits import (
    Kind,
    correct_passage,
    correction_of,
    count_edits,
    count_idle_in,
    edits_of,
    hide_passage,
    take_back,
)
from core.receiving import new_upload, receive_file, receive_pairs
from core.retrieval import CANDIDATES, find_passages, search_documents
from core.tenancy import passage_of
from core.tidying import tidy_index
from tests.conftest import MakeAssistant, MakeOwner
from workers.role import do_job

PRICE = "What does the violet room cost?"
WRONG = (
    "The violet room costs 17 euros a night. It looks to the garden, has one wide bed, a desk and a bath of its own."
)
RIGHT = WRONG.replace("17", "23")
OLDER = WRONG.replace("17", "20")
NOW = "Every guest pays what he likes, whatever he may have read about it elsewhere."
BREAKFAST = "Breakfast is served from seven to ten in the winter garden, with bread, eggs, fruit, tea and fresh coffee."
DOGS = "Dogs are welcome in the rooms by the garden, cats are not; please bring a basket and a bowl for your dog."
ROOMS = f"# Rooms\n\n{WRONG}\n\n# Breakfast\n\n{BREAKFAST}"
"""Sections long enough to be passages of their own."""


async def _learn(core: Core, assistant: Assistant, text: str = ROOMS, name: str = "rooms.md") -> Document:
    """Sent by its owner, and read as a worker would."""
    arrived = new_upload(core)
    arrived.write_text(text, encoding="utf-8")
    return await _read(core, await receive_file(core, assistant, name, arrived))


async def _read(core: Core, document: Document) -> Document:
    for job in await Job.filter(subject_id=document.id, status=JobStatus.QUEUED):
        await do_job(core, job.id)
    return await Document.get(id=document.id)


async def _passage(assistant: Assistant, part: str = WRONG) -> PassageRow:
    """As a button or a route finds it."""
    row = await PassageRow.filter(assistant_id=assistant.id, text__contains=part).first()
    assert row
    return await passage_of(assistant, row.id)


async def _answer(core: Core, assistant: Assistant, key: str) -> Any:
    return await answer_message(core, Incoming(assistant.id, "web", key, PRICE))


async def _found(core: Core, assistant: Assistant) -> list[str]:
    return [passage.text for passage in await find_passages(core, assistant.id, PRICE)]


async def test_what_is_hidden_reaches_no_search_and_no_customer_until_it_is_used_again(
    core: Core, assistant: MakeAssistant, owner: MakeOwner, api: Any
) -> None:
    person = await owner()
    rosa = await assistant(person)
    await _learn(core, rosa)
    first = await _answer(core, rosa, "1")
    assert "17 euros" in first.text
    edit = await hide_passage(await _passage(rosa), person.actor)

    assert not any("17 euros" in text for text in await _found(core, rosa))
    second = await _answer(core, rosa, "2")
    assert second.tier == Tier.REFUSED
    assert "17 euros" not in second.text
    url = f"/api/v1/assistants/{rosa.id}/search"
    response = await api.post(url, json={"query": PRICE}, headers=person.headers)
    assert "17 euros" not in (await response.get_data()).decode()
    assert not [one async for one in from_sections(core, rosa) if "17 euros" in one.answer]

    await take_back(core, edit)
    await take_back(core, edit)
    assert "17 euros" in (await _answer(core, rosa, "3")).text
    assert [one async for one in from_sections(core, rosa) if "17 euros" in one.answer]


async def test_what_is_hidden_stays_hidden_when_its_document_is_read_again_or_sent_anew(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    document = await _learn(core, rosa)
    await hide_passage(await _passage(rosa), None)
    longer = await _learn(core, rosa, f"{ROOMS}\n\n# Dogs\n\n{DOGS}")
    assert longer.id == document.id
    assert longer.version == 2
    assert not any("17 euros" in text for text in await _found(core, rosa))
    assert await count_idle_in(longer) == 0

    await forget_document(core, longer)
    assert [one.applies for one in await edits_of(rosa)] == [False]
    await _learn(core, rosa, ROOMS, "the same under another name.md")
    assert not any("17 euros" in text for text in await _found(core, rosa))
    assert [one.applies for one in await edits_of(rosa)] == [True]


async def test_a_document_that_says_something_else_by_now_is_used_as_it_is(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await _learn(core, rosa)
    await correct_passage(core, await _passage(rosa), RIGHT, None)
    await hide_passage(await _passage(rosa, "Breakfast"), None)
    changed = ROOMS.replace("17 euros", "29 euros").replace("seven", "eight")
    document = await _learn(core, rosa, changed)

    found = await _found(core, rosa)
    assert any("29 euros" in text for text in found)
    assert any("from eight to ten" in text for text in found)
    assert not any("23 euros" in text for text in found), "a correction of what is no longer said"
    assert {one.applies for one in await edits_of(rosa)} == {False}
    assert await count_idle_in(document) == 2


async def test_hiding_at_once_and_twice_is_hiding_once(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _learn(core, rosa)
    passage = await _passage(rosa)
    edits = await asyncio.gather(*(hide_passage(passage, None) for _ in range(5)))

    assert len({edit.id for edit in edits}) == 1
    assert await count_edits(rosa) == 1


async def test_many_hidden_passages_take_no_real_ones_place(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    rooms = [f"# Room {at}\n\n{WRONG.replace('violet room', f'violet room {at}')}" for at in range(100, 130)]
    await _learn(core, rosa, "\n\n".join(rooms), "old.md")
    await _learn(core, rosa, f"# Prices\n\n{NOW}", "new.md")
    old = await PassageRow.filter(assistant_id=rosa.id, text__contains="euros").select_related("document")
    assert len(old) > CANDIDATES
    for passage in old:
        await hide_passage(passage, None)

    assert await _found(core, rosa) == [NOW]


async def test_a_correction_answers_in_the_owners_words_and_is_cited_as_his(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    document = await _learn(core, rosa)
    edit = await correct_passage(core, await _passage(rosa), RIGHT, None)
    finding = await search_documents(core, rosa, PRICE)
    reply = await _answer(core, rosa, "1")

    assert finding.passages[0].text == RIGHT
    assert not any(WRONG in passage.text for passage in finding.passages)
    assert "23 euros" in reply.text
    assert {one.document for one in reply.citations} == {"Correction to “Rooms”"}
    assert {one.document_id for one in reply.citations} == {edit.correction_id}
    assert document.id not in {one.document_id for one in reply.citations}
    assert [one.id for one in await documents_of(rosa)] == [document.id], "it is listed as a correction, not as a file"
    assert next(passage.text for passage in await passages_of(document)) == WRONG, "the document says what it says"

    await take_back(core, edit)
    assert "17 euros" in (await _answer(core, rosa, "2")).text
    assert not await Document.filter(id=edit.correction_id).exists()
    assert await count_edits(rosa) == 0


async def test_a_correction_outlives_reading_and_tidying_and_can_be_worded_anew(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await _learn(core, rosa)
    first = await correct_passage(core, await _passage(rosa), OLDER, None)
    await _learn(core, rosa, f"{ROOMS}\n\n# Dogs\n\n{DOGS}")
    await tidy_index(core, rosa.id)
    assert (await _found(core, rosa))[0] == OLDER

    again = await correct_passage(core, await _passage(rosa, "20 euros"), RIGHT, None)
    assert again.id == first.id
    assert again.text == WRONG
    assert (await _found(core, rosa))[0] == RIGHT
    assert not any("20 euros" in text for text in await _found(core, rosa))
    assert not await PassageRow.filter(assistant_id=rosa.id, text=OLDER).exists()


async def test_two_corrections_at_once_leave_one_that_is_found(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _learn(core, rosa)
    passage = await _passage(rosa)
    await asyncio.gather(*(correct_passage(core, passage, RIGHT, None) for _ in range(3)))

    assert await count_edits(rosa) == 1
    assert (await _found(core, rosa)).count(RIGHT) == 1


async def test_the_question_of_a_pair_stays_with_its_corrected_answer(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _read(core, await receive_pairs(core, rosa, "Questions", [(PRICE, "It costs 17 euros a night.")]))
    passage = await _passage(rosa, "17 euros")
    await correct_passage(core, passage, "It costs 23 euros a night.", None)
    (found,) = await find_passages(core, rosa.id, PRICE)

    assert (found.text, found.question) == (f"{PRICE}\nIt costs 23 euros a night.", PRICE)


async def test_what_contradicts_is_refused_and_changes_nothing(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _learn(core, rosa)
    passage = await _passage(rosa)
    with pytest.raises(Conflict):
        await correct_passage(core, passage, WRONG, None)
    hidden = await hide_passage(passage, None)
    with pytest.raises(Conflict):
        await correct_passage(core, passage, RIGHT, None)
    await take_back(core, hidden)
    edit = await correct_passage(core, passage, RIGHT, None)
    with pytest.raises(Conflict):
        await hide_passage(passage, None)
    assert (await edits_of(rosa, Kind.CORRECTED))[0].edit.id == edit.id
    assert await edits_of(rosa, Kind.HIDDEN) == []

    await hide_passage(await _passage(rosa, RIGHT), None)
    assert not any("euros" in text for text in await _found(core, rosa)), "his own words may be hidden, too"
    found = await correction_of(passage)
    assert found
    await take_back(core, found)
    assert await count_edits(rosa) == 0
    assert WRONG in await _found(core, rosa)


async def test_what_is_hidden_for_one_is_not_hidden_for_another(core: Core, assistant: MakeAssistant) -> None:
    rosa, other = await assistant(), await assistant()
    for one in (rosa, other):
        await _learn(core, one)
    await hide_passage(await _passage(rosa), None)

    assert WRONG not in await _found(core, rosa)
    assert WRONG in await _found(core, other)


async def test_passages_are_hidden_and_corrected_over_rest(
    core: Core, owner: MakeOwner, assistant: MakeAssistant, api: Any
) -> None:
    anna, boris = await owner(), await owner()
    rosa, other = await assistant(anna), await assistant(boris)
    document = await _learn(core, rosa)
    passage, url = await _passage(rosa), f"/api/v1/assistants/{rosa.id}"
    foreign = f"/api/v1/assistants/{other.id}/hidden-passages"
    assert (await api.post(foreign, json={"passage_id": str(passage.id)}, headers=boris.headers)).status_code == 404

    made = await api.post(f"{url}/hidden-passages", json={"passage_id": str(passage.id)}, headers=anna.headers)
    assert made.status_code == 201
    hidden = await made.get_json()
    assert (hidden["text"], hidden["document"], hidden["applies"]) == (WRONG, "Rooms", True)
    listed = await (await api.get(f"{url}/hidden-passages", headers=anna.headers)).get_json()
    assert [one["id"] for one in listed["hidden_passages"]] == [hidden["id"]]
    passages = await (await api.get(f"{url}/documents/{document.id}/passages", headers=anna.headers)).get_json()
    assert [one["used"] for one in passages["passages"]] == [False, True]
    wrong_door = await api.delete(f"{url}/corrections/{hidden['id']}", headers=anna.headers)
    assert wrong_door.status_code == 404
    body = {"passage_id": str(passage.id), "text": RIGHT}
    assert (await api.post(f"{url}/corrections", json=body, headers=anna.headers)).status_code == 409
    gone = await api.delete(f"{url}/hidden-passages/{hidden['id']}", headers=anna.headers)
    assert gone.status_code == 204

    corrected = await api.post(f"{url}/corrections", json=body, headers=anna.headers)
    assert corrected.status_code == 201
    correction = await corrected.get_json()
    assert (correction["text"], correction["correction"], correction["applies"]) == (WRONG, RIGHT, True)
    found = await (await api.post(f"{url}/search", json={"query": PRICE}, headers=anna.headers)).get_json()
    assert found["passages"][0]["document_id"] == correction["correction_document_id"]
    documents = await (await api.get(f"{url}/documents", headers=anna.headers)).get_json()
    assert [one["id"] for one in documents["documents"]] == [str(document.id)]
    assert (await api.delete(f"{url}/corrections/{correction['id']}", headers=anna.headers)).status_code == 204
    assert (await (await api.get(f"{url}/corrections", headers=anna.headers)).get_json()) == {"corrections": []}
    assert (await api.post(f"{url}/corrections", json=body | {"text": " "}, headers=anna.headers)).status_code == 422
