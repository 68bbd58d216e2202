"""From which sources an assistant learns, what is left out and why, and in which form it is learnt."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.app import Core
from core.dialog import answer_message
from core.learning.data_set import DataSet, LeftOut, gather, ready_set, strike, unstrike
from core.learning.examples import Example, Source, write_examples
from core.learning.own_pairs import count_own_pairs, forget_own_pairs, take_pairs
from core.messages import Incoming
from core.models import Assistant, Author, Conversation, Message, OwnPair
from core.operators import close_conversation, reply_to_customer
from core.prompts import grounded_turns
from core.retrieval import search_documents
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner, Teach

SHOP = (
    "# Delivery\nDelivery within the town takes two days and costs four euros.\n\n# Opening hours\nWe are open daily.\n"
)
FAQ = "Q: Do you gift-wrap?\nA: We do, for two euros.\n\nQ: Is there parking?\nA: There is, in the yard.\n"


def _of(found: DataSet | Sequence[Example], source: Source) -> list[tuple[str, str]]:
    examples = found.examples if isinstance(found, DataSet) else found
    return [(one.question, one.answer) for one in examples if one.source is source]


async def _ask(core: Core, rosa: Assistant, text: str, name: str = "Vera Jones") -> Conversation:
    reply = await answer_message(core, Incoming(rosa.id, "web", name, text, contact_name=name))
    return await Conversation.get(id=reply.conversation_id).select_related("contact")


async def test_each_source_gives_its_own_examples(
    core: Core, owner: MakeOwner, assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    (tmp_path / "shop.md").write_text(SHOP)
    (tmp_path / "faq.txt").write_text(FAQ)
    await teach(rosa, tmp_path / "shop.md", tmp_path / "faq.txt")
    await add_verified_answer(core, rosa, "Do you ship abroad?", "To Ireland only, dear guest.")
    liked = await _ask(core, rosa, "How long does delivery within the town take? Write to vera@example.com")
    answer = await Message.filter(conversation_id=liked.id, author=Author.ASSISTANT).order_by("-created_at").first()
    assert answer is not None
    assert answer.citations
    await Message.filter(id=answer.id).update(feedback_score=1)
    asked = await _ask(core, rosa, "Do you repair motorcycle engines? It is for Vera", "Vera")
    await reply_to_customer(anna.actor, asked, "Good morning, Vera! We do not, dear guest. Call +44 20 7946 0958.")
    await close_conversation(core, anna.actor, asked)
    found = await gather(core, rosa)

    assert _of(found, Source.VERIFIED) == [("Do you ship abroad?", "To Ireland only, dear guest.")]
    assert ("Do you gift-wrap?", "We do, for two euros.") in _of(found, Source.PAIR)
    assert (
        "What should I know about delivery?",
        "Delivery within the town takes two days and costs four euros.",
    ) in _of(found, Source.SECTION)
    question = "How long does delivery within the town take? Write to [email]"
    assert [one[0] for one in _of(found, Source.RATED)] == [question]
    assert _of(found, Source.OPERATOR) == [
        ("Do you repair motorcycle engines? It is for [name]", "Good morning! We do not, dear guest.")
    ]
    assert ("What should I know about opening hours?", "We are open daily.") in _of(found, Source.SECTION)
    assert found.counts[Source.REFUSAL] >= 4
    assert found.taught == len(found.examples) - found.counts[Source.REFUSAL]


async def test_the_owners_own_chats_and_tables_are_learnt_and_forgotten(
    core: Core, assistant: MakeAssistant, tmp_path: Path
) -> None:
    rosa, stranger = await assistant(), await assistant()
    talk = [("Ann", "Is my kettle ready?"), ("Olga", "It is, Ann! Come at five, dear guest."), ("Ann", "Thank you.")]
    said = [
        {"id": at, "type": "message", "date_unixtime": str(1_700_000_000 + 60 * at), "from": who, "text": text}
        for at, (who, text) in enumerate(talk)
    ]
    file = tmp_path / "result.json"
    file.write_text(json.dumps({"type": "personal_chat", "messages": said}))
    asked = await take_pairs(rosa, file, file.name)
    assert [one.name for one in asked.speakers] == ["Ann", "Olga"]
    assert await count_own_pairs(rosa) == 0
    taken = await take_pairs(rosa, file, file.name, "Olga")
    assert (taken.added, taken.left_out) == (1, {})
    assert (await take_pairs(rosa, file, file.name, "Olga")).left_out == {"known": 1}

    table = tmp_path / "pairs.csv"
    table.write_text("question;answer;rating\nOpen?;We are, dear guest.;good\nClosed?;Go away now.;bad\n")
    assert (await take_pairs(rosa, table, table.name)).added == 2
    found = await gather(core, rosa)
    assert _of(found, Source.CHAT) == [("Is my kettle ready?", "It is! Come at five, dear guest.")]
    assert _of(found, Source.FILE) == [("Open?", "We are, dear guest.")], "what he did not like is not learnt"
    assert await OwnPair.filter(assistant_id=stranger.id).count() == 0
    assert await forget_own_pairs(rosa) == 3
    assert (await gather(core, rosa)).taught == 0


async def test_what_is_struck_out_alike_short_or_in_another_language_is_left_out(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    pairs = [
        ("When are you open on weekdays?", "We are open from nine to six, dear guest."),
        ("When are you open on weekdays??", "We are open from nine to six, dear guest!"),
        ("Do you sell teapots?", "We do sell teapots, dear guest."),
        ("Parking?", "Yes."),
        ("Сколько стоит доставка?", "Доставка стоит четыре евро, дорогой гость."),
        ("Wann haben Sie geöffnet?", "Wir haben jeden Tag von neun bis sechs für Sie geöffnet und freuen uns."),
    ]
    for question, answer in pairs:
        await add_verified_answer(core, rosa, question, answer)
    found = await gather(core, rosa)

    assert _of(found, Source.VERIFIED) == [pairs[0], pairs[2]]
    assert found.left_out == {LeftOut.ALIKE: 1, LeftOut.SHORT: 1, LeftOut.LANGUAGE: 2}
    key = found.of(Source.VERIFIED)[0].key
    for _ in range(2):
        await strike(rosa, key)
    struck = await gather(core, rosa)
    assert _of(struck, Source.VERIFIED) == [pairs[2]]
    assert [one.key for one in struck.struck] == [key]
    assert struck.left_out[LeftOut.STRUCK] == 1
    await unstrike(rosa, key)
    assert _of(await gather(core, rosa), Source.VERIFIED) == [pairs[0], pairs[2]]


async def test_examples_of_one_kind_are_bounded_and_others_find_room(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.learning.data_set.MOST", 3)
    monkeypatch.setattr("core.learning.sources._PART", 2)
    rosa = await assistant()
    for number in range(4):
        await add_verified_answer(core, rosa, f"Сколько стоит чай номер {number}?", f"Он стоит {number} рублей.")
    for number in range(5):
        await add_verified_answer(core, rosa, f"What does cup {number} cost?", f"Cup {number} costs {number} euros.")
    found = await gather(core, rosa)

    assert [answer for _, answer in _of(found, Source.VERIFIED)] == [f"Cup {n} costs {n} euros." for n in range(3)]
    assert found.left_out[LeftOut.BEYOND] == 2


async def test_an_example_is_the_prompt_that_serving_makes_and_an_answered_question_is_not_declined(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    rosa = await assistant()
    await _ask(core, rosa, "How long does delivery within the town take?")
    await _ask(core, rosa, "Do you repair motorcycle engines?")
    await add_verified_answer(core, rosa, "What does delivery within the town cost?", "Four euros, dear guest.")
    assert len([one for one in _of(await gather(core, rosa), Source.REFUSAL) if "delivery" in one[0]]) == 1
    (tmp_path / "shop.md").write_text(SHOP)
    await teach(rosa, tmp_path / "shop.md")
    learnt, judged = await ready_set(core, rosa)

    declined = [question for question, _ in _of([*learnt, *judged], Source.REFUSAL)]
    assert "Do you repair motorcycle engines?" in declined
    assert "How long does delivery within the town take?" not in declined, "the documents answer it by now"
    (verified,) = [one for one in [*learnt, *judged] if one.source is Source.VERIFIED]
    finding = await search_documents(core, rosa, verified.question, 2)
    assert verified.turns(rosa) == grounded_turns(rosa, verified.question, finding.passages)
    write_examples(rosa, learnt, tmp_path / "examples.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "examples.jsonl").read_text().splitlines()]
    assert [line["answer"] for line in lines] == [one.answer for one in learnt]
    assert lines[0]["turns"][0]["role"] == "system"
