"""A deleted assistant is gone everywhere at once, and comes back whole; or is erased for good."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.app import Core
from core.assistants import ASSISTANT, change_assistant, create_assistant
from core.changes import CannotUndo, forget_old_changes, last_change_of, undoable_in
from core.dialog import answer_message
from core.errors import NotFound, Refused, TooManyAssistants
from core.farewell import WHOLE, delete_assistant, erase_change, erase_forgotten
from core.hidden import NOBODY
from core.messages import Incoming
from core.models import (
    Assistant,
    Change,
    Channel,
    Conversation,
    Document,
    DocumentStatus,
    Gap,
    Job,
    LoraAdapter,
    Membership,
    Role,
    Site,
    Tenant,
    User,
)
from core.mornings import new_gaps
from core.operators import waiting_for_people
from core.receiving import receive_text
from core.reindexing import queue_stale_indexes
from core.sites import start_due_readings
from core.tenancy import Actor, assistants_everywhere, assistants_of, first_public_assistant, public_assistant
from core.tidying import tidy_indexes
from core.undoing import undo
from core.verified import add_verified_answer, find_verified
from tests.conftest import MakeAssistant, MakeOwner, Owner


@pytest.fixture
async def anna(owner: MakeOwner) -> Owner:
    return await owner()


@pytest.fixture
async def rosa(core: Core, anna: Owner, assistant: MakeAssistant) -> AsyncIterator[Assistant]:
    """With something of everything that goes on by itself."""
    made = await assistant(anna, public_page=True)
    await add_verified_answer(core, made, "Are dogs welcome?", "Yes, on a lead.")
    await receive_text(core, made, "Prices", "The violet room costs 17 euros a night.")
    await Gap.create(assistant=made, question="Why?", question_key="why", last_asked_at=datetime.now(UTC))
    await Site.create(
        assistant=made,
        url="https://shop.example/",
        url_hash="0" * 64,
        every_hours=24,
        status="done",
        next_reading_at=datetime.now(UTC) - timedelta(hours=1),
    )
    await Channel.create(
        assistant=made, kind="telegram", identity=f"bot {made.id}"[:60], name="kettle_bot", secrets="x"
    )
    await answer_message(core, Incoming(made.id, "api", "x", "Are dogs welcome?"))
    await Conversation.filter(assistant_id=made.id).update(state="waiting", handed_over_at=datetime.now(UTC))
    await LoraAdapter.create(assistant=made, status="queued")
    await change_assistant(anna.actor, made, greeting="Welcome!")
    yield made
    await Site.filter(assistant_id=made.id).delete()


async def _gone(core: Core, anna: Owner, rosa: Assistant) -> None:
    user = await User.get(id=anna.user.id)
    assert await assistants_of(anna.actor) == []
    assert await assistants_everywhere(user.id) == []
    first = await first_public_assistant()
    assert first is None or first.id != rosa.id
    for asking in (public_assistant(rosa.id), answer_message(core, Incoming(rosa.id, "api", "x", "Are dogs welcome?"))):
        with pytest.raises(NotFound):
            await asking
    with pytest.raises(NotFound):
        await answer_message(core, Incoming(rosa.id, "telegram:9", "somebody new", "Are dogs welcome?"))
    assert await new_gaps(user, datetime.now(UTC) - timedelta(days=1)) == []
    assert rosa.id not in {one.assistant_id for one in await waiting_for_people(anna.actor.tenant_id)}
    assert not await Channel.filter(assistant_id=rosa.id).exists()
    await start_due_readings(core.queue)
    await queue_stale_indexes(core)
    await tidy_indexes(core)
    assert not await Job.filter(assistant_id=rosa.id).exists()
    assert await LoraAdapter.filter(assistant_id=rosa.id, status="cancelled").exists()
    assert not await Membership.filter(tenant_id=NOBODY).exists()


async def _deletion(rosa: Assistant) -> Change:
    found = await last_change_of(rosa.id, WHOLE)
    assert found
    return found


async def test_it_is_gone_everywhere_at_once_and_comes_back_whole(core: Core, anna: Owner, rosa: Assistant) -> None:
    await delete_assistant(core, anna.actor, rosa)
    await _gone(core, anna, rosa)
    listed = await undoable_in(anna.actor.tenant_id, 10)
    assert [one.kind for one in listed] == [WHOLE], "what was done in it cannot be undone without it"

    await undo(core, anna.actor, listed[0])
    assert [one.id for one in await assistants_of(anna.actor)] == [rosa.id]
    assert (await answer_message(core, Incoming(rosa.id, "api", "x", "Are dogs welcome?"))).conversation_id
    assert await Channel.filter(assistant_id=rosa.id, secrets="x").exists()
    assert await find_verified(core, rosa, "Are dogs welcome?")
    assert (await public_assistant(rosa.id)).greeting == "Welcome!"
    document = await Document.get(assistant_id=rosa.id)
    assert document.status == DocumentStatus.UPLOADED
    assert await Job.filter(subject_id=document.id).exists(), "what was unread is read now"
    assert [one.kind for one in await undoable_in(anna.actor.tenant_id, 10)] == [ASSISTANT]


async def test_a_bot_that_serves_another_assistant_by_then_stays_there(
    core: Core, anna: Owner, rosa: Assistant, assistant: MakeAssistant
) -> None:
    bot = await Channel.get(assistant_id=rosa.id)
    await delete_assistant(core, anna.actor, rosa)
    sister = await assistant(anna)
    await Channel.create(assistant=sister, kind=bot.kind, identity=bot.identity, name=bot.name)
    await undo(core, anna.actor, await _deletion(rosa))

    assert (await Channel.get(identity=bot.identity)).assistant_id == sister.id
    assert await Assistant.filter(id=rosa.id, tenant_id=anna.actor.tenant_id).exists()


async def test_two_delete_at_once_and_somebody_else_may_not(core: Core, anna: Owner, rosa: Assistant) -> None:
    with pytest.raises(Refused):
        await delete_assistant(core, Actor(anna.user.id, anna.actor.tenant_id, Role.MANAGER), rosa)
    await delete_assistant(core, anna.actor, rosa)
    with pytest.raises(NotFound):
        await delete_assistant(core, anna.actor, rosa)
    assert await Change.filter(subject_id=rosa.id, kind=WHOLE).count() == 1


async def test_erased_for_good_nothing_is_left(core: Core, anna: Owner, rosa: Assistant) -> None:
    path = core.settings.uploads_folder / str(rosa.id)
    assert path.exists()
    await delete_assistant(core, anna.actor, rosa)
    assert path.exists(), "until it is erased it can come back"
    change = await _deletion(rosa)
    await erase_change(core, change)
    await _is_erased(core, rosa, path)
    with pytest.raises(CannotUndo):
        await undo(core, anna.actor, change)


async def test_after_the_days_of_undo_it_is_erased(core: Core, anna: Owner, rosa: Assistant) -> None:
    path = core.settings.uploads_folder / str(rosa.id)
    await delete_assistant(core, anna.actor, rosa)
    await erase_forgotten(core)
    assert await Assistant.filter(id=rosa.id).exists()
    await Change.filter(subject_id=rosa.id).update(created_at=datetime.now(UTC) - timedelta(days=8))
    await forget_old_changes(core.settings)
    await erase_forgotten(core)
    await _is_erased(core, rosa, path)


async def _is_erased(core: Core, rosa: Assistant, path: Path) -> None:
    there = await asyncio.to_thread(path.exists)
    tables: tuple[Any, ...] = (Document, Gap, Site, Conversation, LoraAdapter, Change)
    assert not await Assistant.filter(id=rosa.id).exists()
    for table in tables:
        assert not await table.filter(assistant_id=rosa.id).exists()
    assert not there
    assert not await core.vectors.has(rosa.id)


async def test_a_full_business_makes_room_first(core: Core, anna: Owner, rosa: Assistant) -> None:
    await Tenant.filter(id=anna.actor.tenant_id).update(limits={"assistants": 1})
    await delete_assistant(core, anna.actor, rosa)
    sister = await create_assistant(core, anna.actor, "Sister")
    with pytest.raises(TooManyAssistants):
        await undo(core, anna.actor, await _deletion(rosa))
    await delete_assistant(core, anna.actor, sister)
    await undo(core, anna.actor, await _deletion(rosa))
    assert [one.id for one in await assistants_of(anna.actor)] == [rosa.id]
