"""The first owner and his demo: made once, finished after a kill, and never forced on him again."""

from dataclasses import replace
from typing import Any

import pytest

from core.app import Core
from core.documents import documents_of
from core.farewell import delete_assistant
from core.first_start import SHOP, ensure_first_owner
from core.models import Assistant, User
from core.settings import Settings
from core.tenancy import actor_of


@pytest.fixture
def first(core: Core, request: pytest.FixtureRequest) -> Core:
    """The same core for an owner whom nobody has made yet."""
    settings = core.settings.model_copy(update={"owner_email": f"{request.node.name}@example.com", "demo": True})
    assert isinstance(settings, Settings)
    return replace(core, settings=settings)


async def _demo(core: Core) -> Assistant | None:
    user = await User.get(email=core.settings.owner_email.lower())
    return await Assistant.get_or_none(tenant_id=(await actor_of(user.id)).tenant_id, name=SHOP)


async def test_the_password_is_shown_once_and_the_demo_has_six_documents(first: Core) -> None:
    shown, again = await ensure_first_owner(first), await ensure_first_owner(first)
    demo = await _demo(first)

    assert shown.password
    assert again.password is None
    assert demo is not None
    assert len(await documents_of(demo)) == 6


async def test_a_first_start_that_was_killed_is_finished_by_the_next(
    first: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core import first_start

    receive, sent = first_start.receive_file, 0

    async def killed_after_two(*what: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent > 2:
            raise KeyboardInterrupt
        return await receive(*what)

    with monkeypatch.context() as patch:
        patch.setattr(first_start, "receive_file", killed_after_two)
        with pytest.raises(KeyboardInterrupt):
            await ensure_first_owner(first)
    await ensure_first_owner(first)
    demo = await _demo(first)

    assert demo is not None
    assert len(await documents_of(demo)) == 6


async def test_a_demo_that_its_owner_deleted_does_not_come_back(first: Core) -> None:
    await ensure_first_owner(first)
    demo = await _demo(first)
    assert demo is not None
    user = await User.get(email=first.settings.owner_email.lower())
    await delete_assistant(first, await actor_of(user.id), demo)
    await ensure_first_owner(first)

    assert await _demo(first) is None
