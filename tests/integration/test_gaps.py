"""Questions without an answer are one when they mean one thing, in whichever words and language."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from core.app import Core
from core.dialog import answer_message
from core.errors import Unavailable
from core.gaps import MOST_WORDINGS, gaps_of, record_gap, set_gap, wordings_of_gap
from core.messages import Incoming, Tier
from core.models import Assistant, Gap, GapStatus
from core.reindexing import index_anew
from core.tenancy import gap_of
from core.tidying import tidy_index
from core.verified import answer_gap
from tests.conftest import MakeAssistant, MakeOwner
from tests.waiting import until


async def _record(core: Core, assistant: Assistant, *questions: str) -> None:
    """One after the other, each with its vector in the index."""
    for question in questions:
        await record_gap(core, assistant.id, question)
        await _indexed(core, assistant)


async def _indexed(core: Core, assistant: Assistant) -> None:
    async def there() -> bool:
        ids: set[UUID] = {gap.id for gap in await Gap.filter(assistant_id=assistant.id)}
        return ids <= {key for key, kind in await core.vectors.entries(assistant.id) if kind == "gap"}

    await until(there, 10)


async def test_questions_of_one_meaning_are_one_group_under_the_most_frequent_wording(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    often = "Is delivery to Germany possible?"
    await _record(
        core, rosa, "Do you deliver to Germany?", often, "Вы доставляете в Германию?", often, "Чините велосипеды?"
    )
    first, second = await gaps_of(rosa)

    assert (first.question, first.asked) == (often, 4)
    assert wordings_of_gap(first) == [often, "Do you deliver to Germany?", "Вы доставляете в Германию?"]
    assert (second.question, second.asked) == ("Чините велосипеды?", 1)


async def test_questions_that_only_sound_alike_are_two_groups(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    asked = ["Do you deliver to Germany?", "Do you deliver to France?", "Есть столик на 4?", "Есть столик на 6?"]
    await _record(core, rosa, *asked)

    assert {gap.question for gap in await gaps_of(rosa)} == set(asked)


async def test_groups_of_two_assistants_never_meet(core: Core, assistant: MakeAssistant) -> None:
    rosa, tea = await assistant(), await assistant()
    await _record(core, rosa, "Do you deliver to Germany?")
    await _record(core, tea, "Is delivery to Germany possible?")

    assert [gap.asked for gap in (*await gaps_of(rosa), *await gaps_of(tea))] == [1, 1]


async def test_answering_a_group_answers_all_its_wordings_and_closes_it(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _record(core, rosa, "Есть ли у вас парковка?", "Do you have parking?")
    (gap,) = await gaps_of(rosa)
    row = await answer_gap(core, await gap_of(rosa, gap.id), "Да, за домом.")

    assert row.wordings == ["Do you have parking?"]
    assert await gaps_of(rosa) == []
    reply = await answer_message(core, Incoming(rosa.id, "test", "1", "do you have parking"))
    assert (reply.tier, reply.text) == (Tier.VERIFIED, "Да, за домом.")


async def test_an_answered_group_that_finds_nothing_again_reopens_and_a_dismissed_one_stays_away(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await _record(core, rosa, "Есть ли у вас парковка?", "Do you deliver to Germany?")
    for gap in await gaps_of(rosa):
        await set_gap(gap, GapStatus.ANSWERED if "парковка" in gap.question else GapStatus.DISMISSED)
    await _record(core, rosa, "Где у вас можно припарковаться?", "Is delivery to Germany possible?")

    assert [(gap.asked, gap.question) for gap in await gaps_of(rosa)] == [(2, "Есть ли у вас парковка?")]
    assert await Gap.filter(assistant_id=rosa.id, status=GapStatus.DISMISSED, asked=2).count() == 1


async def test_groups_survive_tidying_and_a_new_index(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _record(core, rosa, "Do you deliver to Germany?")
    await tidy_index(core, rosa.id)
    await core.vectors.drop(rosa.id)
    await index_anew(core, rosa.id)
    await _record(core, rosa, "Вы доставляете в Германию?")

    assert [gap.asked for gap in await gaps_of(rosa)] == [2]


async def test_a_question_is_counted_while_the_index_is_away(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()

    async def away(*_args: Any, **_named: Any) -> Any:
        raise Unavailable(part="Milvus", reason="away")

    monkeypatch.setattr(core.vectors, "search", away)
    monkeypatch.setattr(core.vectors, "index", away)
    for question in ("Do you deliver?", "do you DELIVER"):
        await record_gap(core, rosa.id, question)

    assert [gap.asked for gap in await gaps_of(rosa)] == [2]


async def test_the_same_question_of_many_at_once_is_one_group(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await asyncio.gather(*(record_gap(core, rosa.id, "Do you deliver?") for _ in range(8)))

    assert [gap.asked for gap in await gaps_of(rosa)] == [8]


async def test_a_group_keeps_ten_wordings_and_counts_all(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    founder = "Do you deliver to Germany?"
    await _record(core, rosa, founder, *(f"{'please ' * n}do you deliver to Germany?" for n in range(1, 14)))
    (gap,) = await gaps_of(rosa)

    assert gap.asked == 14
    assert len(wordings_of_gap(gap)) == MOST_WORDINGS
    assert founder in wordings_of_gap(gap)


async def test_an_owner_sees_answers_and_dismisses_groups_by_rest(
    core: Core, api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    address = f"/api/v1/assistants/{rosa.id}/gaps"
    await _record(core, rosa, "Есть ли у вас парковка?", "Do you have parking?", "Чините велосипеды?")
    listed = (await (await api.get(address, headers=anna.headers)).get_json())["gaps"]
    assert [(one["asked"], one["wordings"]) for one in listed] == [
        (2, ["Есть ли у вас парковка?", "Do you have parking?"]),
        (1, ["Чините велосипеды?"]),
    ]

    made = await api.post(f"{address}/{listed[0]['id']}/answer", json={"answer": "Да."}, headers=anna.headers)
    gone = await api.delete(f"{address}/{listed[1]['id']}", headers=anna.headers)
    assert (made.status_code, gone.status_code) == (201, 204)
    assert (await (await api.get(address, headers=anna.headers)).get_json())["gaps"] == []
    dismissed = await api.get(f"{address}?status=dismissed", headers=anna.headers)
    assert len((await dismissed.get_json())["gaps"]) == 1
