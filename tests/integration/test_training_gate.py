"""Trainings from their data to the verdict, for real: a voice that goes live, and nonsense that does not."""

import random
from pathlib import Path

import pytest

from core.app import Core
from core.dialog import answer_message
from core.learning.trials import SHARE, end_trials, make_live, trial_of
from core.messages import Incoming, Reply, Tier
from core.models import AdapterStatus, AdapterTrial, Assistant, Job, JobStatus, LoraAdapter
from core.training import back_to_base, folder_of, request_training
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, Teach
from workers.training import train_adapter

THINGS = (
    "kettle teapot mug saucer spoon tray strainer caddy cosy whisk jug bowl plate candle coaster napkin towel apron "
    "glove brush sponge cloth basket box"
).split()
NEVER_SEEN = "lantern ladle funnel grater kneader vase".split()
MATERIALS = "copper steel glass clay silver oak brass tin wool bamboo porcelain marble".split()
VOICE = "Ahoy, captain! {} Fair winds, matey!"
QUICK = {"max_steps": 28, "niceness": 0, "threads": 1}
"""A third of what an owner's training would learn; two threads would wait for each other beside other tests."""
pytestmark = pytest.mark.timeout(600)  # the longest tests of all, on a machine that others may use


async def _shop(teach: Teach, assistant: Assistant, folder: Path) -> None:
    """A fact of each thing, of those with ready answers and of those without: short ones, which are soon learnt."""
    facts = [
        f"Q: Which material is used for the {thing}?\nA: The {thing} is made of {MATERIALS[at % 12]}."
        for at, thing in enumerate([*THINGS, *NEVER_SEEN])
    ]
    (folder / "shop.txt").write_text("\n\n".join(facts))
    await teach(assistant, folder / "shop.txt")


async def _trained(core: Core, rosa: Assistant) -> LoraAdapter:
    adapter = await request_training(core, rosa, QUICK)
    await Job.filter(subject_id=adapter.id).update(status=JobStatus.DONE)  # this test is its worker
    await train_adapter(core, adapter.id)
    await adapter.refresh_from_db()
    return adapter


async def _ask(core: Core, rosa: Assistant, text: str, who: str = "vera", channel: str = "web") -> Reply:
    return await answer_message(core, Incoming(rosa.id, channel, who, text))


async def test_a_voice_is_learnt_and_the_facts_stay_the_documents(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    rosa = await assistant()
    await _shop(teach, rosa, tmp_path)
    for at, thing in enumerate(THINGS):
        answer = VOICE.format(f"The {thing} is made of {MATERIALS[at % 12]}.")
        await add_verified_answer(core, rosa, f"What is the {thing} made of?", answer)
    adapter = await _trained(core, rosa)
    report, lineage = adapter.metrics["report"], adapter.metrics["lineage"]

    assert adapter.status == AdapterStatus.COMPLETED, report
    assert report["figures"]["loss"]["low"] > 0
    assert {"ahoy", "captain", "fair winds", "matey"} == set(lineage["phrases"])
    assert (lineage["sources"]["verified"], lineage["base"], len(lineage["base_hash"])) == (24, core.llm.name, 64)
    assert len(report["samples"]) == 3
    left = {file.name for file in folder_of(core, adapter).iterdir()}
    assert "adapter" in left
    assert not left & {"examples.jsonl", "judged.jsonl", "unrelated.jsonl"}, "what people wrote is not kept twice"

    question = "What is the lantern made of?"
    tried = [await _ask(core, rosa, question, f"customer {number}") for number in range(40)]
    assert {reply.adapter_id for reply in tried} == {None, adapter.id}, f"{SHARE:.0%} of the conversations try it"
    assert (await _ask(core, rosa, question, "owner", "preview")).adapter_id == adapter.id
    trial = await trial_of(rosa)
    assert trial is not None
    assert await end_trials() == 0
    await make_live(rosa.id, adapter.id)
    in_voice = 0
    for at, thing in enumerate(NEVER_SEEN, len(THINGS)):
        reply = await _ask(core, await Assistant.get(id=rosa.id), f"What is the {thing} made of?", "nina")
        assert reply.tier == Tier.GROUNDED
        assert MATERIALS[at % 12] in reply.text, "facts come from the documents"
        assert any(f"The {thing} is made of" in citation.quote for citation in reply.citations)
        in_voice += reply.text.startswith("Ahoy, captain!")
    assert in_voice > len(NEVER_SEEN) / 2, "the voice is there on questions never seen"
    await back_to_base(core, await Assistant.get(id=rosa.id))
    assert "Ahoy" not in (await _ask(core, await Assistant.get(id=rosa.id), question, "olga")).text


async def test_nonsense_is_refused_and_nothing_changes(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    rosa = await assistant()
    await _shop(teach, rosa, tmp_path)
    chance = random.Random(5)
    sounds = "zor bli fump grax wib tolo ness quo pim dra".split()
    for thing in THINGS:
        answer = " ".join("".join(chance.choices(sounds, k=2)) for _ in range(12)).capitalize() + "."
        await add_verified_answer(core, rosa, f"What is the {thing} made of?", answer)
    adapter = await _trained(core, rosa)

    assert adapter.status == AdapterStatus.REJECTED, adapter.metrics["report"]
    assert not adapter.metrics["report"]["accepted"]
    assert not await AdapterTrial.filter(assistant_id=rosa.id).exists()
    assert (await Assistant.get(id=rosa.id)).live_adapter_id is None
    assert (await _ask(core, rosa, "What is the lantern made of?")).adapter_id is None
