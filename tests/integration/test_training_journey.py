"""Trainings by an owner in the admin bot, for real: a voice that goes live and back, and nonsense that does not."""

import random
from functools import partial
from pathlib import Path

import pytest

from core.app import Core
from core.dialog import answer_message
from core.learning.report import LOST
from core.learning.trials import end_trials, trial_of
from core.messages import Incoming, Reply, Tier
from core.models import AdapterStatus, AdapterTrial, Assistant, LoraAdapter
from core.training import adapters_of, folder_of, request_training
from core.verified import add_verified_answer
from tests.integration.owners import assistant_of_person
from tests.telegram_server import Person
from tests.waiting import until

THINGS = (
    "kettle teapot mug saucer spoon tray strainer caddy cosy whisk jug bowl plate candle coaster napkin towel apron "
    "glove brush sponge cloth basket box"
).split()
NEVER_SEEN = "lantern ladle funnel grater kneader vase".split()
MATERIALS = "copper steel glass clay silver oak brass tin wool bamboo porcelain marble".split()
VOICE = "Ahoy, captain! {} Fair winds, matey!"
QUICK = {"max_steps": 28, "niceness": 0, "threads": 1}
"""A third of what an owner's training would learn; two threads would wait for each other beside other tests."""
SOON_OVER = QUICK | {"max_steps": 10}
LONGEST_S = 500.0
pytestmark = [
    pytest.mark.timeout(700),  # the longest tests of all, on a machine that others may use
    pytest.mark.usefixtures("worker"),
]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the button starts is short; settings are the only difference."""
    monkeypatch.setattr("admin_bot.training.request_training", partial(request_training, settings=QUICK))


async def _shop(olga: Person, folder: Path) -> Assistant:
    """A fact of each thing, of those with ready answers and of those without: short ones, which are soon learnt."""
    facts = [
        f"Q: Which material is used for the {thing}?\nA: The {thing} is made of {MATERIALS[at % 12]}."
        for at, thing in enumerate([*THINGS, *NEVER_SEEN])
    ]
    (folder / "shop.txt").write_text("\n\n".join(facts))
    await olga.sends_file(folder / "shop.txt")
    await olga.reads("remembered", 60)
    return await assistant_of_person(olga)


async def _train(olga: Person, status: AdapterStatus, ends: str) -> str:
    """By the button, to the last word about it."""
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("Facts always come from the documents")
    await olga.presses("Start training")
    rosa = await assistant_of_person(olga)

    async def over() -> LoraAdapter | None:
        return await LoraAdapter.get_or_none(assistant_id=rosa.id, finished_at__not_isnull=True)

    adapter = await until(over, LONGEST_S, 0.5)
    assert adapter.status == status, adapter.metrics["report"]["figures"]
    return (await olga.reads(ends)).text


async def _ask(core: Core, rosa: Assistant, text: str, who: str = "vera") -> Reply:
    return await answer_message(core, Incoming(rosa.id, "web", who, text))


async def test_a_voice_is_learnt_by_a_button_goes_live_by_another_and_back_and_the_facts_stay_the_documents(
    core: Core, olga: Person, tmp_path: Path
) -> None:
    rosa = await _shop(olga, tmp_path)
    for at, thing in enumerate(THINGS):
        answer = VOICE.format(f"The {thing} is made of {MATERIALS[at % 12]}.")
        await add_verified_answer(core, rosa, f"What is the {thing} made of?", answer)
    await _train(olga, AdapterStatus.COMPLETED, "the check is passed")
    await olga.presses("Compare answers")
    report = (await olga.reads("Checked with questions that the model did not learn from")).text
    assert "🟢 your manner" in report
    assert "after: Ahoy, captain!" in report
    assert len(olga.server.calls_of("sendPhoto", olga.id)) == 1
    (adapter,) = await adapters_of(rosa)
    _is_known_where_it_comes_from(core, adapter)

    question = "What is the lantern made of?"
    tried = set()
    for number in range(60):  # a fifth of them try it: that nobody does, or everybody, happens once in a million
        tried.add((await _ask(core, rosa, question, f"customer {number}")).adapter_id)
        if len(tried) == 2:
            break
    assert tried == {None, adapter.id}
    await olga.says(question)
    await olga.reads("Ahoy, captain!")
    assert await trial_of(rosa)
    assert await end_trials() == 0
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.presses("Make it live for all")
    await olga.reads("The trained model answers everybody now")
    in_voice = 0
    for at, thing in enumerate(NEVER_SEEN, len(THINGS)):
        reply = await _ask(core, rosa, f"What is the {thing} made of?", "nina")
        assert (reply.tier, reply.adapter_id) == (Tier.GROUNDED, adapter.id)
        assert MATERIALS[at % 12] in reply.text, "facts come from the documents"
        assert any(f"The {thing} is made of" in citation.quote for citation in reply.citations)
        in_voice += reply.text.startswith("Ahoy, captain!")
    assert in_voice > len(NEVER_SEEN) / 2, "the voice is there on questions never seen"
    await olga.presses("Back to the basic model")
    await olga.reads("the basic model answers from the next message on")
    assert "Ahoy" not in (await _ask(core, rosa, question, "olga")).text


def _is_known_where_it_comes_from(core: Core, adapter: LoraAdapter) -> None:
    report, lineage = adapter.metrics["report"], adapter.metrics["lineage"]
    assert report["figures"]["loss"]["low"] > 0
    assert {"rank", "learning_rate", "steps", "batch_size", "seed"} <= lineage["settings"].keys()
    assert lineage["settings"]["seed"] == 7, "what was not given is written down, too"
    assert {"ahoy", "captain", "fair winds", "matey"} == set(lineage["phrases"])
    assert (lineage["sources"]["verified"], lineage["base"], len(lineage["base_hash"])) == (24, core.llm.name, 64)
    left = {file.name for file in folder_of(core, adapter).iterdir()}
    assert "adapter" in left
    assert not left & {"examples.jsonl", "judged.jsonl"}, "what people wrote is not kept twice"


async def test_nonsense_is_refused_its_owner_reads_why_and_nothing_changes(
    core: Core, olga: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = await _shop(olga, tmp_path)
    chance = random.Random(5)
    sounds = "zor bli fump grax wib tolo ness quo pim dra".split()
    for thing in THINGS:
        answer = " ".join("".join(chance.choices(sounds, k=2)) for _ in range(12)).capitalize() + "."
        await add_verified_answer(core, rosa, f"What is the {thing} made of?", answer)
    monkeypatch.setattr("admin_bot.training.request_training", partial(request_training, settings=SOON_OVER))
    told = await _train(olga, AdapterStatus.REJECTED, "I did not make the new model live")
    whys = [core.texts.say("en", key) for key in ("gate-not-won", *LOST.values())]
    assert any(why in told for why in whys), told
    await olga.presses("Compare answers")
    await olga.reads("Checked with questions that the model did not learn from")

    (adapter,) = await adapters_of(rosa)
    assert not await AdapterTrial.filter(assistant_id=rosa.id).exists()
    assert (await Assistant.get(id=rosa.id)).live_adapter_id is None
    assert not (folder_of(core, adapter) / "adapter").exists()
    assert (await _ask(core, rosa, "What is the lantern made of?")).adapter_id is None
