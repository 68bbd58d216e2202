"""A team: invited by a link that opens once, given work by role, removed; never without an owner; all is recorded."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.accounts import ACCESS_LIFE, person_of_telegram, sign
from core.app import Core
from core.audit import changes_of, who_did
from core.errors import NotFound, Refused
from core.models import (
    Assistant,
    Contact,
    Conversation,
    ConversationState,
    Invitation,
    Membership,
    Role,
    Tenant,
    User,
)
from core.operators import take_conversation, waiting_for_people
from core.profiles import remember_business, remember_name
from core.team import (
    AlreadyMember,
    InvitationOver,
    LastOwner,
    accept_invitation,
    businesses_of,
    change_role,
    invite,
    leave,
    members_of,
    open_invitations,
    remove_member,
    withdraw_invitation,
)
from core.tenancy import Actor, actor_of, actor_with_assistant, assistants_everywhere, invitation_of, member_of
from tests.conftest import MakeAssistant, MakeOwner, Owner


async def _stranger(name: str = "Boris") -> User:
    """Somebody whom nobody knows yet, without a business."""
    user = await person_of_telegram(uuid4().int % 10**12, "en")
    await remember_name(user.id, name)
    return user


async def _colleague(anna: Owner, role: Role = Role.OPERATOR, name: str = "Boris") -> Actor:
    user = await _stranger(name)
    _, token = await invite(anna.actor, role)
    await accept_invitation(user, token)
    return await actor_of(user.id)


def _headers(core: Core, user_id: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {sign(core.keyring, 'access', str(user_id), ACCESS_LIFE)}"}


async def _done(anna: Owner) -> list[str]:
    return [event.action for event in await changes_of(anna.actor.tenant_id, 100)]


async def test_who_accepts_an_invitation_works_there_and_owns_nothing_of_his_own(anna: Owner) -> None:
    businesses = await Tenant.all().count()
    boris = await _colleague(anna, Role.MANAGER)
    assert (boris.tenant_id, boris.role) == (anna.actor.tenant_id, Role.MANAGER)
    assert [one.tenant_id for one in await businesses_of(boris.user_id)] == [anna.actor.tenant_id]
    assert await Tenant.all().count() == businesses
    assert await open_invitations(anna.actor) == []
    assert await _done(anna) == ["join team", "invite member"]
    [joined, invited] = await changes_of(anna.actor.tenant_id, 10)
    names = await who_did([joined, invited])
    assert names[joined.actor] == "Boris"
    assert invited.actor == str(anna.user.id)


async def test_a_token_is_kept_nowhere(anna: Owner) -> None:
    row, token = await invite(anna.actor, Role.OPERATOR)
    values = await Invitation.filter(id=row.id).values()
    events = [event.details for event in await changes_of(anna.actor.tenant_id, 10)]
    assert token not in str(values) + str(events)


async def test_an_invitation_that_is_used_old_withdrawn_or_unknown_opens_nothing(anna: Owner) -> None:
    used = (await invite(anna.actor, Role.OPERATOR))[1]
    await accept_invitation(await _stranger(), used)
    old_row, old = await invite(anna.actor, Role.OPERATOR)
    await Invitation.filter(id=old_row.id).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    withdrawn_row, withdrawn = await invite(anna.actor, Role.OWNER)
    await withdraw_invitation(anna.actor, withdrawn_row)
    clara = await _stranger("Clara")
    for token in (used, old, withdrawn, "nobody-made-this"):
        with pytest.raises(InvitationOver):
            await accept_invitation(clara, token)
    assert await businesses_of(clara.id) == []
    with pytest.raises(InvitationOver):
        await withdraw_invitation(anna.actor, withdrawn_row)


async def test_of_two_who_accept_at_once_one_joins(anna: Owner) -> None:
    _, token = await invite(anna.actor, Role.OPERATOR)
    people = [await _stranger(f"Person {number}") for number in range(4)]
    outcomes = await asyncio.gather(*(accept_invitation(one, token) for one in people), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["InvitationOver"] * 3 + ["Membership"]
    assert len(await members_of(anna.actor)) == 2


async def test_accepting_again_is_harmless_and_a_member_uses_up_nobodys_invitation(anna: Owner) -> None:
    boris = await _stranger()
    _, token = await invite(anna.actor, Role.OPERATOR)
    await accept_invitation(boris, token)
    assert (await accept_invitation(boris, token)).user_id == boris.id, "a killed process may be asked twice"
    _, another = await invite(anna.actor, Role.OWNER)
    with pytest.raises(AlreadyMember):
        await accept_invitation(boris, another)
    assert (await actor_of(boris.id)).role == Role.OPERATOR
    await accept_invitation(await _stranger("Clara"), another)
    assert len(await members_of(anna.actor)) == 3


async def test_only_an_owner_invites_withdraws_changes_and_removes(anna: Owner) -> None:
    row, _ = await invite(anna.actor, Role.OPERATOR)
    operator = await _colleague(anna)
    manager = await _colleague(anna, Role.MANAGER)
    member = await Membership.get(user_id=operator.user_id)
    before = await _done(anna)
    for actor in (operator, manager):
        for attempt in (
            invite(actor, Role.OWNER),
            withdraw_invitation(actor, row),
            change_role(actor, member, Role.OWNER),
            remove_member(actor, member),
            open_invitations(actor),
        ):
            with pytest.raises(Refused):
                await attempt
    assert await _done(anna) == before
    assert (await actor_of(operator.user_id)).role == Role.OPERATOR


async def test_the_last_owner_stays_owner(anna: Owner) -> None:
    boris = await _colleague(anna, Role.MANAGER)
    mine = await Membership.get(user_id=anna.user.id)
    for attempt in (leave(anna.actor), remove_member(anna.actor, mine), change_role(anna.actor, mine, Role.MANAGER)):
        with pytest.raises(LastOwner):
            await attempt
    assert (await actor_of(anna.user.id)).role == Role.OWNER
    his = await Membership.get(user_id=boris.user_id)
    await change_role(anna.actor, his, Role.OWNER)
    await leave(anna.actor)
    with pytest.raises(NotFound):
        await actor_of(anna.user.id)
    assert (await _done(anna))[:2] == ["leave team", "change role"]


async def test_of_two_owners_who_leave_at_once_one_stays(anna: Owner) -> None:
    boris = await _colleague(anna, Role.OWNER)
    outcomes = await asyncio.gather(leave(anna.actor), leave(boris), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["LastOwner", "NoneType"]
    assert await Membership.filter(tenant_id=anna.actor.tenant_id, role=Role.OWNER).count() == 1


async def test_the_customers_of_who_is_removed_wait_for_somebody_else(anna: Owner, assistant: MakeAssistant) -> None:
    rosa = await assistant(anna)
    boris = await _colleague(anna)
    long_ago = datetime.now(UTC) - timedelta(days=3)
    talks = []
    for key in ("vera", "max"):
        contact = await Contact.create(assistant=rosa, channel="web", key=key)
        talks.append(await Conversation.create(assistant=rosa, contact=contact, handed_over_at=long_ago))
    await take_conversation(boris, talks[0])
    await take_conversation(anna.actor, talks[1])
    await remove_member(anna.actor, await Membership.get(user_id=boris.user_id))
    waiting = await waiting_for_people(anna.actor.tenant_id)
    assert [one.id for one in waiting] == [talks[0].id]
    assert waiting[0].taken_by is None
    assert waiting[0].handed_over_at
    assert waiting[0].handed_over_at > long_ago, "his day of waiting begins anew"
    assert (await Conversation.get(id=talks[1].id)).state == ConversationState.PERSON
    with pytest.raises(NotFound):
        await actor_of(boris.user_id)
    assert (await _done(anna))[0] == "remove member"


async def test_who_works_in_two_businesses_chooses_in_which(
    owner: MakeOwner, assistant: MakeAssistant, anna: Owner
) -> None:
    boris = await owner()
    rosa, own = await assistant(anna, "Rosa"), await assistant(boris, "Boris's own")
    _, token = await invite(anna.actor, Role.OPERATOR)
    await accept_invitation(boris.user, token)
    assert (await actor_of(boris.user.id)).tenant_id == boris.actor.tenant_id, "nobody is moved unasked"
    assert {one.id for one in await assistants_everywhere(boris.user.id)} == {rosa.id, own.id}
    await remember_business(boris.user.id, anna.actor.tenant_id)
    chosen = await actor_of(boris.user.id)
    assert (chosen.tenant_id, chosen.role) == (anna.actor.tenant_id, Role.OPERATOR)
    at_home, _ = await actor_with_assistant(boris.user.id, own.id)
    assert (at_home.tenant_id, at_home.role) == (boris.actor.tenant_id, Role.OWNER)
    await leave(chosen)
    assert (await actor_of(boris.user.id)).tenant_id == boris.actor.tenant_id
    with pytest.raises(NotFound):
        await actor_with_assistant(boris.user.id, rosa.id)


async def test_whose_own_business_is_empty_works_where_he_joined(owner: MakeOwner, anna: Owner) -> None:
    boris = await owner()
    _, token = await invite(anna.actor, Role.OPERATOR)
    await accept_invitation(boris.user, token)
    assert (await actor_of(boris.user.id)).tenant_id == anna.actor.tenant_id


async def test_another_business_has_no_members_and_no_invitations(owner: MakeOwner, anna: Owner) -> None:
    boris = await owner()
    row, _ = await invite(anna.actor, Role.OPERATOR)
    member = await Membership.get(user_id=anna.user.id)
    for attempt in (member_of(boris.actor, member.id), invitation_of(boris.actor, row.id)):
        with pytest.raises(NotFound):
            await attempt
    with pytest.raises(NotFound):
        await actor_of(boris.user.id, anna.actor.tenant_id)


async def test_a_team_over_rest(core: Core, api: Any, owner: MakeOwner, anna: Owner) -> None:
    boris = await owner()
    made = await api.post("/api/v1/team/invitations", headers=anna.headers, json={"role": "operator"})
    assert made.status_code == 201
    invitation = await made.get_json()
    team = await (await api.get("/api/v1/team", headers=anna.headers)).get_json()
    assert [one["id"] for one in team["invitations"]] == [invitation["id"]]
    assert "token" not in team["invitations"][0]

    joined = await api.post("/api/v1/team/accept", headers=boris.headers, json={"token": invitation["token"]})
    assert (joined.status_code, (await joined.get_json())["role"]) == (200, "operator")
    again = await api.post("/api/v1/team/accept", headers=(await owner()).headers, json={"token": invitation["token"]})
    assert (again.status_code, (await again.get_json())["code"]) == (404, "error-invitation-over")
    seen = await (await api.get("/api/v1/team", headers=boris.headers)).get_json()
    assert (len(seen["members"]), seen["invitations"]) == (2, [])

    [his] = [one for one in seen["members"] if one["user_id"] == str(boris.user.id)]
    refused = await api.patch(f"/api/v1/team/members/{his['id']}", headers=boris.headers, json={"role": "owner"})
    assert refused.status_code == 403
    changed = await api.patch(f"/api/v1/team/members/{his['id']}", headers=anna.headers, json={"role": "manager"})
    assert (await changed.get_json())["role"] == "manager"
    wrong = await api.patch(f"/api/v1/team/members/{his['id']}", headers=anna.headers, json={"role": "king"})
    assert wrong.status_code == 422
    last = await api.post("/api/v1/team/leave", headers=anna.headers)
    assert (last.status_code, (await last.get_json())["code"]) == (409, "error-last-owner")

    removed = await api.delete(f"/api/v1/team/members/{his['id']}", headers=anna.headers)
    assert removed.status_code == 204
    back_home = await (await api.get("/api/v1/team", headers=boris.headers)).get_json()
    assert back_home["id"] == str(boris.actor.tenant_id)
    audit = await (await api.get("/api/v1/team/audit?limit=2", headers=anna.headers)).get_json()
    assert [one["action"] for one in audit["changes"]] == ["remove member", "change role"]
    assert audit["changes"][0]["actor"] == str(anna.user.id)


async def test_an_assistants_address_works_in_its_own_business(
    core: Core, api: Any, owner: MakeOwner, assistant: MakeAssistant, anna: Owner
) -> None:
    boris = await owner()
    rosa, own = await assistant(anna, "Rosa"), await assistant(boris, "Boris's own")
    _, token = await invite(anna.actor, Role.OPERATOR)
    await accept_invitation(boris.user, token)
    listed = await (await api.get("/api/v1/assistants", headers=boris.headers)).get_json()
    assert {one["id"]: one["tenant_id"] for one in listed["assistants"]} == {
        str(rosa.id): str(anna.actor.tenant_id),
        str(own.id): str(boris.actor.tenant_id),
    }
    for one, expected in ((rosa, 403), (own, 200)):
        changed = await api.patch(f"/api/v1/assistants/{one.id}", headers=boris.headers, json={"name": "New"})
        assert changed.status_code == expected
    assert (await Assistant.get(id=rosa.id)).name == "Rosa"
    chosen = await api.post(f"/api/v1/businesses/{anna.actor.tenant_id}/choose", headers=boris.headers)
    assert (await chosen.get_json())["current"] is True
    refused = await api.post("/api/v1/assistants", headers=boris.headers, json={"name": "Third"})
    assert refused.status_code == 403
    still = await api.patch(f"/api/v1/assistants/{own.id}", headers=boris.headers, json={"name": "Mine"})
    assert still.status_code == 200
    businesses = await (await api.get("/api/v1/businesses", headers=boris.headers)).get_json()
    assert {one["id"]: one["current"] for one in businesses["businesses"]} == {
        str(boris.actor.tenant_id): False,
        str(anna.actor.tenant_id): True,
    }


async def test_a_removed_persons_token_opens_nothing_but_a_new_invitation(core: Core, api: Any, anna: Owner) -> None:
    boris = await _colleague(anna)
    headers = _headers(core, boris.user_id)
    assert (await api.get("/api/v1/team", headers=headers)).status_code == 200
    await remove_member(anna.actor, await Membership.get(user_id=boris.user_id))
    assert (await api.get("/api/v1/team", headers=headers)).status_code == 401
    assert await (await api.get("/api/v1/businesses", headers=headers)).get_json() == {"businesses": []}
    _, token = await invite(anna.actor, Role.MANAGER)
    back = await api.post("/api/v1/team/accept", headers=headers, json={"token": token})
    assert await back.get_json() == {
        "id": str(anna.actor.tenant_id),
        "name": (await Tenant.get(id=anna.actor.tenant_id)).name,
        "role": "manager",
        "current": True,
    }
