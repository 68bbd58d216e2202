"""The team of a business: members, invitations, what was done; and which of his businesses a person works in."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_request, validate_response

from api.access import login_required, owner_required, person_required
from api.limits import per_minute
from api.paging import Part
from core.audit import changes_of, who_did
from core.models import AuditEvent, Invitation, Membership, Role, Tenant, User
from core.profiles import names_of, remember_business
from core.team import (
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
from core.tenancy import actor_of, member_of

blueprint = Blueprint("team", __name__)


class GivenRole(BaseModel):
    """operator: looks, and talks to customers; manager: also changes what assistants know and say; owner: the rest."""

    model_config = ConfigDict(extra="forbid")
    role: Role


class Token(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: Annotated[str, Field(min_length=1, max_length=200)]


class Nothing(BaseModel):
    """No fields."""


class BusinessView(BaseModel):
    """`current`: what is not about one assistant happens here."""

    id: UUID
    name: str
    role: Role
    current: bool

    @classmethod
    def of(cls, row: Membership, current: UUID | None) -> Self:
        return cls(id=row.tenant_id, name=row.tenant.name, role=Role(row.role), current=row.tenant_id == current)


class Businesses(BaseModel):
    businesses: list[BusinessView]


class MemberView(BaseModel):
    id: UUID
    user_id: UUID
    name: str
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, row: Membership, names: dict[UUID, str]) -> Self:
        name = names.get(row.user_id, "")
        return cls(id=row.id, user_id=row.user_id, name=name, role=Role(row.role), created_at=row.created_at)


class InvitationView(BaseModel):
    id: UUID
    role: Role
    expires_at: datetime
    created_at: datetime

    @classmethod
    def of(cls, row: Invitation) -> Self:
        return cls.model_validate(row, from_attributes=True)


class MadeInvitation(InvitationView):
    """`token` is shown here and never again. In Telegram it is carried by https://t.me/YOUR_ADMIN_BOT?start=join_TOKEN"""

    token: str


class Team(BaseModel):
    """`invitations` that can still be used; only owners see them."""

    id: UUID
    name: str
    members: list[MemberView]
    invitations: list[InvitationView]


class ChangeView(BaseModel):
    """`who` is empty for what went on alone; `action` is a verb and a noun."""

    id: UUID
    created_at: datetime
    actor: str
    who: str
    action: str
    subject: str
    details: dict[str, Any]

    @classmethod
    def of(cls, row: AuditEvent, names: dict[str, str]) -> Self:
        own = {name: getattr(row, name) for name in cls.model_fields if name != "who"}
        return cls(who=names.get(row.actor, ""), **own)


class Changes(BaseModel):
    changes: list[ChangeView]


@blueprint.get("/businesses")
@rate_limit(limits=per_minute(300))
@person_required
@validate_response(Businesses)
async def list_businesses() -> Businesses:
    """Where you work, longest first."""
    rows = await businesses_of(g.user_id)
    current = (await actor_of(g.user_id)).tenant_id if rows else None
    return Businesses(businesses=[BusinessView.of(row, current) for row in rows])


@blueprint.post("/businesses/<uuid:tenant_id>/choose")
@rate_limit(limits=per_minute(60))
@login_required
@validate_response(BusinessView)
async def choose(tenant: Membership) -> BusinessView:
    """Work in this business from now on. An assistant's address always works in the assistant's own business."""
    await remember_business(g.actor.user_id, tenant.tenant_id)
    return BusinessView.of(tenant, tenant.tenant_id)


@blueprint.get("/team")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(Team)
async def get() -> Team:
    """Everybody in the business that you work in, longest first."""
    members = await members_of(g.actor)
    names = await names_of([member.user_id for member in members])
    invitations = await open_invitations(g.actor) if g.actor.may(Role.OWNER) else []
    business = await Tenant.get(id=g.actor.tenant_id)
    return Team(
        id=business.id,
        name=business.name,
        members=[MemberView.of(member, names) for member in members],
        invitations=[InvitationView.of(one) for one in invitations],
    )


@blueprint.post("/team/invitations")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_request(GivenRole)
@validate_response(MadeInvitation, 201)
async def make_invitation(data: GivenRole) -> tuple[MadeInvitation, int]:
    """Invite somebody: the token opens once, within seven days."""
    row, token = await invite(g.actor, data.role)
    return MadeInvitation(**InvitationView.of(row).model_dump(), token=token), 201


@blueprint.delete("/team/invitations/<uuid:invitation_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def withdraw(invitation: Invitation) -> tuple[str, int]:
    """Nobody joins by this invitation any more."""
    await withdraw_invitation(g.actor, invitation)
    return "", 204


@blueprint.post("/team/accept")
@rate_limit(limits=per_minute(20))
@person_required
@validate_request(Token)
@validate_response(BusinessView)
async def accept(data: Token) -> BusinessView:
    """Join a business by an invitation. You go on working where you are, if there is an assistant, until you choose."""
    joined = await accept_invitation(await User.get(id=g.user_id), data.token)
    return BusinessView.of(joined, (await actor_of(g.user_id)).tenant_id)


@blueprint.patch("/team/members/<uuid:member_id>")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_request(GivenRole)
@validate_response(MemberView)
async def give_role(member: Membership, data: GivenRole) -> MemberView:
    """Change what a member may do; the last owner stays one."""
    await change_role(g.actor, member, data.role)
    return MemberView.of(await member_of(g.actor, member.id), await names_of([member.user_id]))


@blueprint.delete("/team/members/<uuid:member_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def remove(member: Membership) -> tuple[str, int]:
    """Remove a member at once; customers whom he talked to wait for somebody else."""
    await remove_member(g.actor, member)
    return "", 204


@blueprint.post("/team/leave")
@rate_limit(limits=per_minute(20))
@login_required
@validate_response(Nothing)
async def go() -> Nothing:
    """Leave the business that you work in; the last owner cannot."""
    await leave(g.actor)
    return Nothing()


@blueprint.get("/team/audit")
@rate_limit(limits=per_minute(300))
@owner_required
@validate_querystring(Part)
@validate_response(Changes)
async def list_changes(query_args: Part) -> Changes:
    """What was done in the business, and who did it; newest first."""
    events = await changes_of(g.actor.tenant_id, query_args.limit, query_args.offset)
    names = await who_did(events)
    return Changes(changes=[ChangeView.of(event, names) for event in events])
