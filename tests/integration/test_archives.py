"""An assistant as a file: taken, restored elsewhere, and answering the same."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.app import Core
from core.archive.archives import (
    KEPT,
    archive_of,
    export_assistant,
    file_of,
    forget_old_archives,
    link_to,
    open_link,
    request_export,
    request_restore,
)
from core.archive.errors import ArchiveGone
from core.archive.restoring import restore_assistant
from core.dialog import answer_message
from core.errors import NotFound, TooManyAssistants
from core.gaps import record_gap
from core.messages import Incoming, Reply, Tier
from core.models import (
    Archive,
    ArchiveStatus,
    Assistant,
    Contact,
    Document,
    DocumentStatus,
    Gap,
    Job,
    LoraAdapter,
    PassageEdit,
    Tenant,
    VerifiedAnswer,
)
from core.passage_edits import correct_passage, edits_of, hide_passage
from core.pausing import pause_document
from core.receiving import new_upload
from core.retrieval import find_passages
from core.tenancy import assistants_of
from core.training import folder_of
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner, Owner, Teach
from tests.integration.archives import contents_of, ended, exported, lines_of, restored
from workers.role import do_job

QUESTIONS = (
    "How long does delivery take?",
    "How long is a gift card valid?",
    "Сколько действует подарочная карта?",
    "Do you sell bicycles?",
    "Are dogs welcome in the shop?",
)
SECRET = "I am Mister Snorkelby"


async def asked(core: Core, assistant: Assistant, question: str) -> Reply:
    return await answer_message(core, Incoming(assistant.id, "api", "somebody", question))


def kind(reply: Reply) -> tuple[str, set[str]]:
    """How it was answered, and from what. A model's sums come out a little otherwise each time, so that its words may
    differ by a comma, or give way to the quotation."""
    sourced = reply.tier in (Tier.GROUNDED, Tier.QUOTED)
    return "from documents" if sourced else f"{reply.tier}: {reply.text}", {one.document for one in reply.citations}


async def taught(core: Core, anna: Owner, assistant: MakeAssistant, teach: Teach, files: list[Path]) -> Assistant:
    """With all that an owner can give and say."""
    policy = {"contact": "+353 1", "forbidden_topics": ["politics"], "tone_examples": ["Hello, dear!"]}
    made = await assistant(anna, "Copper Kettle", persona="Warm and short", greeting="Welcome!", answer_policy=policy)
    await teach(made, *files)
    await add_verified_answer(core, made, "Are dogs welcome in the shop?", "Yes, on a lead.", ["May I bring my dog?"])
    await record_gap(core, made.id, "Do you sell bicycles?")
    hidden, corrected = await gift_cards(core, made), await delivery(core, made)
    await hide_passage(hidden, anna.actor)
    await correct_passage(core, corrected, "Delivery takes seventeen days by otter.", anna.actor)
    return made


async def gift_cards(core: Core, assistant: Assistant):  # type: ignore[no-untyped-def]
    from core.models import PassageRow

    found = await find_passages(core, assistant.id, "Сколько действует подарочная карта?")
    return await PassageRow.get(id=found[0].id).select_related("document")


async def delivery(core: Core, assistant: Assistant):  # type: ignore[no-untyped-def]
    from core.models import PassageRow

    found = await find_passages(core, assistant.id, "How long does delivery take?")
    return await PassageRow.get(id=found[0].id).select_related("document")


@pytest.fixture
async def anna(owner: MakeOwner) -> Owner:
    return await owner()


async def test_a_restored_assistant_answers_as_the_one_that_was_taken(
    core: Core, anna: Owner, owner: MakeOwner, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    kettle = await taught(core, anna, assistant, teach, shop_documents)
    boris = await owner()
    copy = await restored(core, boris.actor, await exported(core, anna.actor, kettle))

    assert copy.id != kettle.id
    assert [one.id for one in await assistants_of(boris.actor)] == [copy.id]
    kept = ("name", "persona", "greeting", "locale", "generation", "answer_policy")
    assert {name: getattr(copy, name) for name in kept} == {name: getattr(kettle, name) for name in kept}
    for question in QUESTIONS:
        before, after = await asked(core, kettle, question), await asked(core, copy, question)
        assert kind(after) == kind(before), (question, before.reason, after.reason)
    assert "seventeen days by otter" in (await asked(core, copy, "How long does delivery take?")).text
    assert (await asked(core, copy, "May I bring my dog?")).text == "Yes, on a lead."
    hidden = [one.edit for one in await edits_of(copy) if not one.edit.wording]
    assert len(hidden) == 1
    assert (await edits_of(copy))[0].applies
    found = await find_passages(core, copy.id, "Сколько действует подарочная карта?")
    assert hidden[0].text not in {one.text for one in found}
    assert await Gap.filter(assistant_id=copy.id, question="Do you sell bicycles?").exists()
    assert await Document.filter(assistant_id=copy.id, kind="file").count() == len(shop_documents)


async def test_states_are_kept_and_nothing_of_customers_or_secrets_goes_along(
    core: Core, anna: Owner, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    from core.api_keys import issue_api_key

    rosa = await assistant(anna)
    documents = await teach(rosa, *shop_documents[:2])
    await pause_document(core, documents[0], anna.actor)
    _, key = await issue_api_key(rosa, anna.user.id, "program", ["chat"])
    await answer_message(core, Incoming(rosa.id, "api", "key-of-a-customer", f"Hello, {SECRET}", "Ms Snork"))
    file = await exported(core, anna.actor, rosa)
    inside = b"".join(contents_of(file).values())
    for secret in (SECRET, key, "key-of-a-customer", "Ms Snork", str(anna.user.id), str(anna.actor.tenant_id)):
        assert secret.encode() not in inside, secret

    copy = await restored(core, anna.actor, file)
    states = {one.filename: one.status for one in await Document.filter(assistant_id=copy.id)}
    assert states[documents[0].filename] == DocumentStatus.PAUSED
    assert states[documents[1].filename] == DocumentStatus.INDEXED
    assert not await Contact.filter(assistant_id=copy.id).exists()
    assert not copy.public_page, "a restored assistant is private until its owner says otherwise"


async def test_taken_twice_the_content_is_the_same(
    core: Core, anna: Owner, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant(anna)
    await teach(rosa, shop_documents[0])
    first = contents_of(await exported(core, anna.actor, rosa))
    second = contents_of(await exported(core, anna.actor, rosa))
    first.pop("manifest.json")
    second.pop("manifest.json")

    assert first == second
    assert list(first) == list(second)


async def test_an_adapter_goes_along_and_is_live_where_the_same_model_answers(
    core: Core, anna: Owner, assistant: MakeAssistant, worker: None
) -> None:
    rosa = await assistant(anna)
    report = {"samples": [{"question": SECRET}], "accepted": True}
    adapter = await LoraAdapter.create(
        assistant=rosa, base_model_name=core.llm.name, status="completed", metrics={"report": report}
    )
    folder = folder_of(core, adapter) / "adapter"
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text("{}")
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    (folder.parent / "examples.jsonl").write_text(SECRET)
    await Assistant.filter(id=rosa.id).update(live_adapter_id=adapter.id)
    file = await exported(core, anna.actor, await Assistant.get(id=rosa.id))
    copy = await restored(core, anna.actor, file)

    made = await LoraAdapter.get(assistant_id=copy.id)
    assert copy.live_adapter_id == made.id
    assert (folder_of(core, made) / "adapter" / "adapter_model.safetensors").read_bytes() == b"weights"
    assert SECRET.encode() not in b"".join(contents_of(file).values())


async def test_a_worker_that_is_killed_in_the_middle_changes_nothing(
    core: Core, anna: Owner, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    """A killed job is claimed again when its lease runs out: it begins anew, over what was written."""
    rosa = await taught(core, anna, assistant, teach, shop_documents[:3])
    file = await exported(core, anna.actor, rosa)
    place = new_upload(core)
    place.write_bytes(file.read_bytes())
    archive = await request_restore(core, anna.actor, place)
    await ended(archive)
    made = await Assistant.get(id=archive.assistant_id)
    counts = await _counts(made)
    from core.hidden import NOBODY

    # As if the process had been killed just before the assistant was shown.
    await Job.filter(assistant_id=made.id).delete()
    await Assistant.filter(id=made.id).update(tenant_id=NOBODY)
    await Archive.filter(id=archive.id).update(status=ArchiveStatus.RUNNING)
    assert made.id not in [one.id for one in await assistants_of(anna.actor)]
    core.settings.archives_folder.joinpath(f"{archive.id}.zip").write_bytes(file.read_bytes())
    await restore_assistant(core, archive.id)

    assert await _counts(made) == counts
    assert made.id in [one.id for one in await assistants_of(anna.actor)]
    assert (await asked(core, made, "May I bring my dog?")).text == "Yes, on a lead."


async def _counts(assistant: Assistant) -> dict[str, int]:
    return {
        model.__name__: await model.filter(assistant_id=assistant.id).count()
        for model in (Document, VerifiedAnswer, PassageEdit, Gap)
    }


async def test_a_business_that_is_full_restores_nothing(
    core: Core, anna: Owner, assistant: MakeAssistant, worker: None
) -> None:
    rosa = await assistant(anna)
    file = await exported(core, anna.actor, rosa)
    await Tenant.filter(id=anna.actor.tenant_id).update(limits={"assistants": 1})
    place = new_upload(core)
    place.write_bytes(file.read_bytes())
    with pytest.raises(TooManyAssistants):
        await request_restore(core, anna.actor, place)
    assert not place.exists()


async def test_a_link_opens_once_and_an_archive_lasts_a_day(
    core: Core, anna: Owner, owner: MakeOwner, assistant: MakeAssistant, worker: None
) -> None:
    rosa = await assistant(anna)
    archive = await request_export(core, anna.actor, rosa)
    assert (await request_export(core, anna.actor, rosa)).id == archive.id, "one at a time"
    await ended(archive)
    token = (await link_to(core, archive)).rpartition("/")[2]
    opened, place = await open_link(core, token)
    assert opened.id == archive.id
    assert place.is_file()
    for spoilt in (token, "nonsense", ""):
        with pytest.raises(NotFound):
            await open_link(core, spoilt)
    with pytest.raises(NotFound):
        await archive_of(await assistant(await owner()), archive.id)

    await Archive.filter(id=archive.id).update(created_at=datetime.now(UTC) - KEPT - timedelta(minutes=1))
    await forget_old_archives(core)
    assert not place.exists()
    with pytest.raises(ArchiveGone):
        await file_of(core, archive)


async def test_an_export_that_was_stopped_is_made_anew(core: Core, anna: Owner, assistant: MakeAssistant) -> None:
    rosa = await assistant(anna)
    archive = await request_export(core, anna.actor, rosa)
    await Archive.filter(id=archive.id).update(status=ArchiveStatus.RUNNING, done=3)
    await do_job(core, (await Job.get(subject_id=archive.id)).id)
    await archive.refresh_from_db()
    assert archive.status == ArchiveStatus.DONE
    assert archive.size_bytes == (await file_of(core, archive)).stat().st_size
    assert lines_of(await file_of(core, archive), "assistant.jsonl")[0]["name"] == "Rosa"
    await export_assistant(core, archive.id)  # once more changes nothing
