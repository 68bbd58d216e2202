"""Who works in a business: invited by a link with a role, joined, given another role, removed, gone.

A link opens once, for seven days, and may be withdrawn. A business always keeps an owner. Every change is recorded.
Refuses to know how a link looks and who carries it to whom.
"""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.audit import record_change
from core.changes import CannotUndo, State, record_undoable
from core.errors import Conflict, NotFound, Refused
from core.keyring import hash_token
from core.models import Assistant, Invitation, Membership, Role, Tenant, User
from core.operators import leave_to_others
from core.profiles import chosen_business, names_of, remember_business
from core.tenancy import Actor

VALID = timedelta(days=7)
INVITED, WITHDREW, JOINED = "invite member", "withdraw invitation", "join team"
CHANGED_ROLE, REMOVED, LEFT = "change role", "remove member", "leave team"
TAKEN_IN = "take member in"
MEMBER = "member"
"""What changes of places in the team are called."""


class InvitationOver(NotFound):
    """Nobody can join by this link: used, too old, withdrawn, or never made. From outside they look the same."""

    code = "error-invitation-over"


class AlreadyMember(Conflict):
    """He works there already; the link stays for somebody else. Facts: `business`."""

    code = "error-already-member"


class LastOwner(Conflict):
    """Without him nobody could manage the business."""

    code = "error-last-owner"


class RoleNeeded(Refused):
    """Somebody of his role may not do this. Facts: `reason`, the least role that may; `who`, owners to ask."""

    code = "error-role-needed"


async def must_be_in_team(actor: Actor, role: Role) -> None:
    """As `Actor.must_be`, for people who are told whom to ask. Raises `RoleNeeded`."""
    if not actor.may(role):
        raise RoleNeeded(reason=role.value, who=await owners_names(actor))


async def invite(actor: Actor, role: Role) -> tuple[Invitation, str]:
    """A new invitation and its token, which cannot be read again. Raises `Refused`."""
    actor.must_be(Role.OWNER)
    token = secrets.token_urlsafe(32)
    async with in_transaction():
        made = await Invitation.create(
            tenant_id=actor.tenant_id, role=role, token_hash=hash_token(token), expires_at=datetime.now(UTC) + VALID
        )
        await record_change(actor.tenant_id, actor.user_id, INVITED, made.id, role=role.value)
    return made, token


async def open_invitations(actor: Actor) -> list[Invitation]:
    """By which somebody can still join, newest first. Raises `Refused`."""
    actor.must_be(Role.OWNER)
    unused = Invitation.filter(tenant_id=actor.tenant_id, accepted_at=None, withdrawn_at=None)
    return await unused.filter(expires_at__gt=datetime.now(UTC)).order_by("-created_at")


async def withdraw_invitation(actor: Actor, invitation: Invitation) -> None:
    """Nobody joins by it any more. Raises `InvitationOver` when somebody has, `Refused`."""
    actor.must_be(Role.OWNER)
    unused = Invitation.filter(id=invitation.id, accepted_at=None, withdrawn_at=None)
    async with in_transaction():
        if not await unused.update(withdrawn_at=datetime.now(UTC)):
            raise InvitationOver(what="invitation")
        role = Role(invitation.role).value
        await record_change(actor.tenant_id, actor.user_id, WITHDREW, invitation.id, role=role)


async def accept_invitation(user: User, token: str) -> Membership:
    """Join with the invitation's role; of two who accept at once, one does. With its `tenant`. Again is harmless.

    Where he works now stays as he chose it; who has nothing to work with elsewhere works here from now on. Raises
    `InvitationOver`, `AlreadyMember`.
    """
    now = datetime.now(UTC)
    found = await Invitation.get_or_none(token_hash=hash_token(token)).select_related("tenant")
    if found is None:
        raise InvitationOver(what="invitation")
    member = await Membership.get_or_none(user_id=user.id, tenant_id=found.tenant_id).select_related("tenant")
    if member and found.accepted_by == user.id:
        return member
    free = Invitation.filter(id=found.id, accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    if member and await free.exists():
        raise AlreadyMember(business=found.tenant.name)
    try:
        async with in_transaction():
            if not await free.update(accepted_at=now, accepted_by=user.id):
                raise InvitationOver(what="invitation")
            joined = await Membership.create(user_id=user.id, tenant=found.tenant, role=found.role)
            role = Role(found.role).value
            await record_change(found.tenant_id, user.id, JOINED, user.id, role=role)
    except IntegrityError as error:  # he himself, by two links at once
        raise AlreadyMember(business=found.tenant.name) from error
    if not await _has_work_elsewhere(user, found.tenant_id):
        await remember_business(user.id, found.tenant_id)
    return joined


async def _has_work_elsewhere(user: User, tenant_id: UUID) -> bool:
    others = Membership.filter(user_id=user.id).exclude(tenant_id=tenant_id)
    return await Assistant.filter(tenant_id__in=await others.values_list("tenant_id", flat=True)).exists()


async def members_of(actor: Actor) -> list[Membership]:
    """Everybody in the business, longest first, with their `user`."""
    return await Membership.filter(tenant_id=actor.tenant_id).select_related("user").order_by("created_at")


async def businesses_of(user_id: UUID) -> list[Membership]:
    """Where a person works, longest first, with their `tenant`."""
    return await Membership.filter(user_id=user_id).select_related("tenant").order_by("created_at")


async def owners_names(actor: Actor) -> str:
    """Whom to ask."""
    owners = Membership.filter(tenant_id=actor.tenant_id, role=Role.OWNER).order_by("created_at").limit(3)
    names = await names_of([owner.user_id for owner in await owners])
    return ", ".join(names.values())


async def change_role(actor: Actor, member: Membership, role: Role) -> None:
    """From his next message on. Raises `LastOwner`, `Refused`, and `NotFound` for somebody who has gone."""
    actor.must_be(Role.OWNER)
    async with in_transaction():
        there = await _still_there(member)
        if there.role == role:
            return
        if role != Role.OWNER:
            await _must_leave_an_owner(there)
        await Membership.filter(id=there.id).update(role=role)
        await _record(actor, CHANGED_ROLE, there, before=_place(there), after={"role": role.value})


async def remove_member(actor: Actor, member: Membership) -> None:
    """He is a stranger at once; the customers he talked to wait for somebody else. Raises as `change_role`."""
    actor.must_be(Role.OWNER)
    if member.user_id == actor.user_id:
        await leave(actor)
        return
    async with in_transaction():
        there = await _still_there(member)
        await _record(actor, REMOVED, there, before=_place(there), after=None)
        await _let_go(there)


async def take_in_again(actor: Actor, user_id: UUID, role: Role) -> None:
    """Somebody who was removed works here again. Raises `Refused`, `CannotUndo`."""
    actor.must_be(Role.OWNER)
    try:
        async with in_transaction():
            back = await Membership.create(user_id=user_id, tenant_id=actor.tenant_id, role=role)
            await _record(actor, TAKEN_IN, back, before=None, after=_place(back))
    except IntegrityError as error:
        raise CannotUndo from error


async def _record(actor: Actor, action: str, member: Membership, *, before: State, after: State) -> None:
    await record_undoable(
        actor,
        action,
        MEMBER,
        member.user_id,
        before=before,
        after=after,
        who=await _name(member.user_id),
        role=str((after or before or {})["role"]),
    )


def _place(member: Membership) -> dict[str, str]:
    return {"role": Role(member.role).value}


async def leave(actor: Actor) -> None:
    """Of one's own will. Raises `LastOwner`, `NotFound`."""
    async with in_transaction():
        member = await Membership.get_or_none(tenant_id=actor.tenant_id, user_id=actor.user_id)
        if member is None:
            raise NotFound(what="member")
        await _let_go(await _still_there(member))
        await record_change(actor.tenant_id, actor.user_id, LEFT, actor.user_id)


async def _let_go(member: Membership) -> None:
    await _must_leave_an_owner(member)
    await Membership.filter(id=member.id).delete()
    await leave_to_others(member.user_id, member.tenant_id)
    if await chosen_business(member.user_id) == member.tenant_id:
        await remember_business(member.user_id, None)


async def _still_there(member: Membership) -> Membership:
    """As he is now, with nobody else changing the team meanwhile."""
    await Tenant.filter(id=member.tenant_id).select_for_update().first()
    there = await Membership.get_or_none(id=member.id)
    if there is None:
        raise NotFound(what="member")
    return there


async def _must_leave_an_owner(member: Membership) -> None:
    owners = Membership.filter(tenant_id=member.tenant_id, role=Role.OWNER).exclude(id=member.id)
    if member.role == Role.OWNER and not await owners.exists():
        raise LastOwner


async def _name(user_id: UUID) -> str:
    return (await names_of([user_id])).get(user_id, "")
