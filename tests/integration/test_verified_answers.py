"""Ready answers: found in any words and either language, never given to a question that only sounds alike."""

import csv
from typing import Any
from uuid import UUID

import pytest

from core.app import Core
from core.assistants import change_assistant
from core.dialog import answer_message
from core.errors import TooManyWordings, Unavailable
from core.messages import Incoming, Reply, Tier
from core.models import Assistant, Gap, GapStatus, Job, NearMiss, VerifiedAnswer
from core.near_misses import dismiss_near_miss, near_misses_of
from core.policy import VERIFIED_THRESHOLD
from core.reindexing import index_anew
from core.tenancy import actor_of
from core.tidying import tidy_index
from core.verified import (
    MOST_WORDINGS,
    NEAR,
    OTHER_LANGUAGE,
    accept_near_miss,
    add_verified_answer,
    add_wording,
    find_verified,
    forget_verified_answer,
    nearest_verified,
    wordings_of,
)
from core.words import language_of
from tests.conftest import MakeAssistant, MakeOwner
from tests.unit.test_differences import PAIRS


async def _ask(core: Core, assistant: Assistant, text: str, key: str = "") -> Reply:
    return await answer_message(core, Incoming(assistant.id, "test", key or text, text))


async def test_of_a_hundred_near_but_different_questions_none_gets_a_wrong_answer(core: Core) -> None:
    """With the bundled model and the threshold that owners begin with; nearness alone would give 92 wrong answers."""
    from core.differences import difference_between

    wrong, missed, same = list[str](), list[str](), 0
    with PAIRS.open(encoding="utf-8", newline="") as stream:
        for kind, _, one, other in csv.reader(stream, delimiter="\t"):
            cosine = float(await core.embedder.embed_query(one) @ await core.embedder.embed_query(other))
            needed = VERIFIED_THRESHOLD - (OTHER_LANGUAGE if language_of(one) != language_of(other) else 0)
            given = cosine >= needed and difference_between(one, other) is None
            same += kind == "same"
            if given and kind == "different":
                wrong.append(f"{one} | {other}")
            elif not given and kind == "same":
                missed.append(f"{one} | {other}")

    assert wrong == []
    assert len(missed) / same <= 0.4, missed


async def test_an_answer_is_found_in_other_words_and_in_the_other_language(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    await add_verified_answer(core, rosa, "Вы доставляете в Германию?", "Да, за 12 евро.")
    for asked in ("Есть ли у вас доставка в Германию?", "Do you deliver to Germany?"):
        reply = await _ask(core, rosa, asked)
        assert (reply.tier, reply.text) == (Tier.VERIFIED, "Да, за 12 евро."), asked
    for asked in ("Вы доставляете во Францию?", "Do you deliver to France?", "Вы не доставляете в Германию?"):
        assert (await _ask(core, rosa, asked)).tier == Tier.REFUSED, asked


async def test_a_near_miss_is_remembered_not_used_and_taken_in_with_one_word(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    row = await add_verified_answer(core, rosa, "Можно ли купить подарочный сертификат?", "Да, в кассе.")
    asked = "У вас продаются подарочные сертификаты?"
    for customer in ("Ann", "Ben"):
        assert (await _ask(core, rosa, asked, customer)).tier == Tier.REFUSED
    (near,) = await near_misses_of(rosa)
    assert (near.question, near.asked, near.answer_id, near.difference) == (asked, 2, row.id, "subject")
    assert near.similarity > VERIFIED_THRESHOLD - NEAR

    assert (await accept_near_miss(core, near)).wordings == [asked]
    assert await near_misses_of(rosa) == []
    assert (await Gap.get(assistant_id=rosa.id)).status == GapStatus.ANSWERED
    assert (await _ask(core, rosa, asked)).text == "Да, в кассе."


async def test_a_near_miss_that_the_owner_refused_stays_away(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await add_verified_answer(core, rosa, "Сколько стоит чай?", "Три евро.")
    await find_verified(core, rosa, "Сколько стоит кофе?")
    (near,) = await near_misses_of(rosa)
    await dismiss_near_miss(near)
    await find_verified(core, rosa, "Сколько стоит кофе?")

    assert await near_misses_of(rosa) == []
    assert (await NearMiss.get(assistant_id=rosa.id)).asked == 2


async def test_what_is_not_near_is_no_near_miss(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await add_verified_answer(core, rosa, "Сколько стоит чай?", "Три евро.")
    for asked in ("Как отменить запись к врачу?", "Who won the football championship in 1998?"):
        assert await find_verified(core, rosa, asked) is None

    assert await near_misses_of(rosa) == []


async def test_a_changed_threshold_counts_at_the_next_question(
    core: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    await add_verified_answer(core, rosa, "Есть ли у вас парковка?", "Да, за домом.")
    asked = "Где у вас можно припарковаться?"
    assert await find_verified(core, rosa, asked)
    actor = await actor_of(anna.user.id)
    await change_assistant(actor, rosa, answer_policy={"verified_threshold": 0.99})
    strict = await Assistant.get(id=rosa.id)

    assert await find_verified(core, strict, asked) is None
    (match,) = await nearest_verified(core, strict, asked)
    assert (match.why_not, match.needed) == ("far", 0.99)
    await change_assistant(actor, rosa, answer_policy={"verified_threshold": 0.8})
    assert await find_verified(core, await Assistant.get(id=rosa.id), asked)


async def test_every_wording_survives_tidying_and_a_new_index_and_goes_with_its_answer(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    row = await add_verified_answer(core, rosa, "Вы чините чайники?", "Да.", ["У вас есть мастер?"])
    row = await add_wording(core, row.id, "Kettle broken, help!")
    await tidy_index(core, rosa.id)
    assert {key for key, _ in await core.vectors.entries(rosa.id)} == set(wordings_of(row))

    await core.vectors.drop(rosa.id)
    await index_anew(core, rosa.id)
    for asked in ("Вы чините чайники?", "У вас есть мастер?", "kettle broken, help"):
        assert await find_verified(core, rosa, asked), asked
    await forget_verified_answer(core, row)

    assert await core.vectors.entries(rosa.id) == []


async def test_a_wording_is_kept_once_and_there_are_not_endlessly_many(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    row = await add_verified_answer(core, rosa, "Вы чините чайники?", "Да.")
    assert (await add_wording(core, row.id, "вы чините чайники")).wordings is None
    await VerifiedAnswer.filter(id=row.id).update(wordings=[f"wording {n}" for n in range(MOST_WORDINGS)])

    with pytest.raises(TooManyWordings):
        await add_wording(core, row.id, "Один лишний?")


async def test_a_wording_that_the_index_does_not_take_is_not_kept(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await assistant()
    row = await add_verified_answer(core, rosa, "Вы чините чайники?", "Да.")

    async def away(*_args: Any, **_named: Any) -> None:
        raise Unavailable(part="Milvus", reason="away")

    monkeypatch.setattr(core.vectors, "index", away)
    with pytest.raises(Unavailable):
        await add_wording(core, row.id, "У вас есть мастер?")

    assert (await VerifiedAnswer.get(id=row.id)).wordings is None
    assert not await Job.filter(assistant_id=rosa.id).exists()


async def test_an_owner_tries_a_question_out_and_decides_about_near_misses_by_rest(
    core: Core, api: Any, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    address = f"/api/v1/assistants/{rosa.id}/verified-answers"
    body = {"question": "Сколько стоит чай?", "answer": "Три евро.", "wordings": ["Цена чая?"]}
    made = await (await api.post(address, json=body, headers=anna.headers)).get_json()
    assert made["wordings"] == ["Цена чая?"]

    async def tried(question: str) -> Any:
        response = await api.post(f"{address}/test", json={"question": question}, headers=anna.headers)
        assert response.status_code == 200
        return await response.get_json()

    good, bad = await tried("Какая цена на чай?"), await tried("Сколько стоит кофе?")
    assert (good["would_match"], good["nearest"][0]["why_not"], good["threshold"]) == (True, "", VERIFIED_THRESHOLD)
    assert (bad["would_match"], bad["nearest"][0]["why_not"]) == (False, "subject")
    assert bad["nearest"][0]["id"] == made["id"]
    assert 0.8 < bad["nearest"][0]["similarity"] < 1
    assert await near_misses_of(rosa) == [], "trying out leaves nothing behind"

    for asked in ("Сколько стоит кофе?", "Сколько стоит какао?"):
        await _ask(core, rosa, asked)
    listed = (await (await api.get(f"{address}/near-misses", headers=anna.headers)).get_json())["near_misses"]
    ids = {one["question"]: one["id"] for one in listed}
    assert listed[0]["answered_question"] == "Сколько стоит чай?"
    gone = await api.delete(f"{address}/near-misses/{ids['Сколько стоит кофе?']}", headers=anna.headers)
    taken = await api.post(f"{address}/near-misses/{ids['Сколько стоит какао?']}/accept", headers=anna.headers)
    assert (gone.status_code, taken.status_code) == (204, 200)

    assert (await (await api.get(f"{address}/near-misses", headers=anna.headers)).get_json())["near_misses"] == []
    assert (await _ask(core, rosa, "Сколько стоит какао?")).text == "Три евро."
    assert (await _ask(core, rosa, "Сколько стоит кофе?", "somebody else")).tier == Tier.REFUSED
    assert UUID(made["id"])
