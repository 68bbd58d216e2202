"""Documents that disagree: found, shown in the admin bot, settled for real, undone; over REST, too."""

from pathlib import Path
from typing import Any

import pytest

from core.app import Core
from core.changes import last_change_of
from core.contradictions.settling import (
    AlreadySettled,
    contradictions_of,
    look_for_contradictions,
    look_where_something_changed,
    say_both_are_right,
    settle,
)
from core.models import Assistant, Contradiction, Document, DocumentStatus, Job, JobStatus
from core.passage_edits import subject_of
from core.receiving import receive_text
from core.retrieval import find_passages
from core.tenancy import contradiction_of
from core.undoing import undo
from tests.conftest import Owner
from tests.integration.owners import assistant_of_person
from tests.telegram_server import Person
from tests.waiting import until
from workers.role import do_job

OLD = "Prices\n\nThe violet room costs 17 euros a night. Breakfast is served in the winter garden."
NEW = "News\n\nThe violet room costs 23 euros a night."
ASKED = "What does the violet room cost?"


async def _knows(core: Core, assistant: Assistant, *texts: str) -> None:
    for text in texts:
        document = await receive_text(core, assistant, text.partition("\n")[0], text)
        for job in await Job.filter(subject_id=document.id, status=JobStatus.QUEUED):
            await do_job(core, job.id)


async def _found(core: Core, assistant: Assistant) -> str:
    return " ".join(passage.text for passage in await find_passages(core, assistant.id, ASKED))


async def test_what_is_wrong_is_no_longer_used_and_the_rest_of_its_passage_is(
    core: Core, anna: Owner, rosa: Assistant
) -> None:
    await _knows(core, rosa, OLD, NEW)
    assert await contradictions_of(rosa) == []
    (one,) = await look_for_contradictions(core, rosa)
    assert {side.quote for side in one.sides} == {
        "The violet room costs 17 euros a night.", "The violet room costs 23 euros a night.",
    }  # fmt: skip
    assert len(await look_for_contradictions(core, rosa)) == 1, "found once"
    new_first = "23" in one.sides[0].quote
    wrong = one.sides[1 if new_first else 0].passage
    await settle(core, await contradiction_of(rosa, one.row.id), first_is_right=new_first, by=anna.actor)
    found = await _found(core, rosa)
    assert "17 euros" not in found
    assert "23 euros" in found
    assert await contradictions_of(rosa) == []
    with pytest.raises(AlreadySettled):
        await settle(core, await contradiction_of(rosa, one.row.id), first_is_right=True, by=anna.actor)
    breakfast = await find_passages(core, rosa.id, "Where is breakfast served?")
    assert any("winter garden" in passage.text for passage in breakfast), "nothing else is lost"

    change = await last_change_of(subject_of(rosa.id, wrong.content_hash))
    assert change
    await undo(core, anna.actor, change)
    assert "17 euros" in await _found(core, rosa)
    assert len(await contradictions_of(rosa)) == 1


async def test_the_older_may_be_right_and_a_passage_without_a_rest_is_hidden(
    core: Core, anna: Owner, rosa: Assistant
) -> None:
    await _knows(core, rosa, OLD, NEW)
    (one,) = await look_for_contradictions(core, rosa)
    old_first = "17" in one.sides[0].quote
    await settle(core, await contradiction_of(rosa, one.row.id), first_is_right=old_first, by=anna.actor)
    found = await _found(core, rosa)
    assert "17 euros" in found
    assert "23 euros" not in found


async def test_both_right_is_not_asked_again_unless_undone(core: Core, anna: Owner, rosa: Assistant) -> None:
    await _knows(core, rosa, OLD, NEW)
    (one,) = await look_for_contradictions(core, rosa)
    await say_both_are_right(await contradiction_of(rosa, one.row.id), anna.actor)
    assert await look_for_contradictions(core, rosa) == []
    change = await last_change_of(one.row.id)
    assert change
    await undo(core, anna.actor, change)
    assert len(await contradictions_of(rosa)) == 1


async def test_it_ends_with_the_document_and_is_looked_for_by_the_hour(
    core: Core, anna: Owner, rosa: Assistant
) -> None:
    await _knows(core, rosa, OLD, NEW)
    await look_where_something_changed(core)
    assert len(await contradictions_of(rosa)) == 1
    await Document.filter(assistant_id=rosa.id).delete()
    assert await contradictions_of(rosa) == []
    assert await Contradiction.filter(assistant_id=rosa.id).count() == 1


async def test_over_rest(core: Core, anna: Owner, rosa: Assistant, api: Any) -> None:
    await _knows(core, rosa, OLD, NEW)
    address = f"/api/v1/assistants/{rosa.id}/contradictions"
    found = await (await api.post(f"{address}/find", headers=anna.headers)).get_json()
    (one,) = found["contradictions"]
    assert one["told"] == "price"
    right = "first" if "23" in one["first"]["quote"] else "second"
    wrong = await api.post(f"{address}/{one['id']}/settle", headers=anna.headers, json={"right": "third"})
    assert wrong.status_code == 422
    settled = await api.post(f"{address}/{one['id']}/settle", headers=anna.headers, json={"right": right})
    assert settled.status_code == 204
    again = await api.post(f"{address}/{one['id']}/settle", headers=anna.headers, json={"right": right})
    assert (again.status_code, (await again.get_json())["code"]) == (409, "error-already-settled")
    listed = await (await api.get(address, headers=anna.headers)).get_json()
    assert listed == {"contradictions": []}


@pytest.mark.parametrize(
    ("language", "texts", "words"),
    [
        ("en", (OLD, NEW), ("Do my documents disagree?", "1 of 1: two documents tell a different price.", "Settled:")),
        (
            "ru",
            (
                "Цены\n\nФиолетовый номер стоит 1700 рублей за ночь. Завтрак подают в зимнем саду.",
                "Новости\n\nФиолетовый номер стоит 2300 рублей за ночь.",
            ),
            ("Нет ли противоречий?", "1 из 1: в двух документах разная цена.", "Решено:"),
        ),
    ],
)
async def test_in_the_admin_bot(
    olga: Person, house: Core, tmp_path: Path, language: str, texts: tuple[str, str], words: tuple[str, str, str]
) -> None:
    button, told, settled = words
    rosa = await assistant_of_person(olga)
    await _knows(house, rosa, *texts)
    await olga.says("/menu")
    if language == "ru":
        await olga.presses("Русский")
        await olga.reads("Теперь говорим по-русски")
    await olga.presses("📄")
    await olga.presses(button)
    card = await olga.reads(told)
    assert [one["text"][:2] for one in card.buttons[:2]] == ["✅ ", "✅ "]
    old, shown_in = card.buttons[0]["callback_data"], card.message_id
    shown = card.text.index(texts[1].partition("\n\n")[2]) < card.text.index("2. ")
    await olga.presses("1" if shown else " 2" if language == "ru" else "2 is right")
    done = await olga.reads(settled)
    assert done.buttons[0]["text"].startswith("↩️")
    assert await contradictions_of(rosa) == []
    undo = done.buttons[0]["callback_data"]
    await olga.presses_data(shown_in, old)

    async def told_so() -> bool:
        return any("already" in one.text or "уже" in one.text for one in olga.chat)

    await until(told_so)
    await olga.presses_data(shown_in, undo)

    async def back() -> bool:
        return len(await contradictions_of(rosa)) == 1

    await until(back)
    assert await Document.filter(assistant_id=rosa.id, status=DocumentStatus.INDEXED).count() >= 2
