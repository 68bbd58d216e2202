"""The team of a business: who works there, who is invited, and what was done lately.

Everybody sees his colleagues and may leave; the rest is the owner's. A link is shown once: nobody can read it again,
only withdraw it.
"""

from collections.abc import Mapping
from uuid import UUID

from aiogram import Router

from admin_bot.change_words import line_words
from admin_bot.joining import JOIN
from admin_bot.keyboards import PAGE, Press, Row, page_of
from admin_bot.knowledge import turn_pages
from admin_bot.moments import moment_words, role_words
from admin_bot.routes import on_button, on_press
from admin_bot.start import greet
from admin_bot.talk import Talk
from core.audit import changes_of, who_did
from core.models import Membership, Role, Tenant
from core.profiles import names_of
from core.team import (
    InvitationOver,
    change_role,
    invite,
    leave,
    members_of,
    open_invitations,
    remove_member,
    withdraw_invitation,
)
from core.tenancy import invitation_of, member_of

_ROLES = (Role.OPERATOR, Role.MANAGER, Role.OWNER)


async def open_team(talk: Talk, press: Press) -> None:
    await talk.expect_nothing()
    await _show(talk, press.page)


async def _show(talk: Talk, page: int = 0, said: str = "", undo: Row = ()) -> None:
    """`undo` takes back what has just been done."""
    members = await members_of(talk.actor)
    names = await names_of([member.user_id for member in members])
    part = page_of(members, page)
    business = (await Tenant.get(id=talk.actor.tenant_id)).name
    lines = [*([said, ""] if said else []), talk.words("admin-team", business=business)]
    lines += [_line(talk, member, names) for member in part]
    rows: list[Row] = [undo]
    if talk.actor.may(Role.OWNER):
        rows += [
            [talk.button("button-team-member", "team.member", member.id, name=names.get(member.user_id, "—"))]
            for member in part
            if member.user_id != talk.user.id
        ]
        invited, more = await _invitations(talk)
        lines += invited
        rows += more
        lines += ["", talk.words("admin-team-next" if len(members) == 1 else "admin-team-hint")]
    rows.append(turn_pages(talk, "team", page, len(members)))
    rows.append([talk.button("button-team-invite", "team.invite"), talk.button("button-team-done", "team.done")])
    rows.append([talk.button("button-group", "group")])
    rows.append([talk.button("button-team-leave", "team.leave"), talk.button("button-menu", "menu")])
    await talk.show("\n".join(lines), *rows)


def _line(talk: Talk, member: Membership, names: Mapping[UUID, str]) -> str:
    role = role_words(talk.core, talk.locale, member.role)
    key = "admin-team-you" if member.user_id == talk.user.id else "admin-team-line"
    return talk.words(key, name=names.get(member.user_id, "—"), role=role)


async def _invitations(talk: Talk) -> tuple[list[str], list[Row]]:
    """Those that can still be used, newest first."""
    lines: list[str] = []
    rows: list[Row] = []
    for number, one in enumerate((await open_invitations(talk.actor))[:PAGE], 1):
        until, role = moment_words(talk.core, talk.locale, one.expires_at), role_words(talk.core, talk.locale, one.role)
        lines.append(talk.words("admin-team-invited", number=number, role=role, until=until))
        rows.append([talk.button("button-team-withdraw", "team.withdraw", one.id, number=number)])
    return ["", *lines] if lines else [], rows


async def ask_role(talk: Talk) -> None:
    await talk.show(
        talk.words("admin-team-which-role"),
        *([talk.named_button(role_words(talk.core, talk.locale, role), f"team.link.{role.value}")] for role in _ROLES),
        [talk.button("button-cancel", "team")],
    )


async def make_link(talk: Talk, press: Press) -> None:
    """The link, once, in a message of its own that can be forwarded."""
    role = Role(press.do.removeprefix("team.link."))
    username = await talk.outbound.username()
    invitation, token = await invite(talk.actor, role)
    business = (await Tenant.get(id=talk.actor.tenant_id)).name
    words = role_words(talk.core, talk.locale, role)
    link = f"https://t.me/{username}?start={JOIN}{token}"
    until = moment_words(talk.core, talk.locale, invitation.expires_at)
    await talk.show(
        talk.words("admin-team-link", role=words, until=until),
        [talk.button("button-team-withdraw-this", "team.withdraw", invitation.id), talk.button("button-team", "team")],
    )
    await talk.say(talk.words("admin-team-forward", business=business, role=words, until=until, link=link))


async def withdraw(talk: Talk, press: Press) -> None:
    """Nobody joins by it any more, unless somebody has."""
    invitation = await invitation_of(talk.actor, press.id)
    try:
        await withdraw_invitation(talk.actor, invitation)
    except InvitationOver:
        await _show(talk, said=talk.words("admin-team-withdrawn-late"))
        return
    await _show(talk, said=talk.words("admin-team-withdrawn"))


async def show_member(talk: Talk, press: Press) -> None:
    member = await member_of(talk.actor, press.id)
    others = [role for role in _ROLES if role != member.role]
    await talk.show(
        talk.words("admin-team-member", **await _facts(talk, member)),
        *([talk.button(f"button-team-make-{role.value}", f"team.role.{role.value}", member.id)] for role in others),
        [talk.button("button-team-remove", "team.remove", member.id), talk.button("button-team", "team")],
    )


async def set_role(talk: Talk, press: Press) -> None:
    """Raises `LastOwner`."""
    member = await member_of(talk.actor, press.id)
    await change_role(talk.actor, member, Role(press.do.removeprefix("team.role.")))
    member = await member_of(talk.actor, press.id)
    said = talk.words("admin-team-role-changed", **await _facts(talk, member))
    await _show(talk, said=said, undo=await talk.undo_row(member.user_id))


async def confirm_remove(talk: Talk, press: Press) -> None:
    member = await member_of(talk.actor, press.id)
    await talk.show(
        talk.words("admin-team-remove", **await _facts(talk, member)),
        [talk.button("button-team-remove-yes", "team.remove.yes", member.id), talk.button("button-keep", "team")],
    )


async def remove(talk: Talk, press: Press) -> None:
    """Raises `LastOwner`."""
    member = await member_of(talk.actor, press.id)
    facts = await _facts(talk, member)
    if member.user_id == talk.user.id:
        await go(talk, press)
        return
    await remove_member(talk.actor, member)
    said = talk.words("admin-team-removed", **facts)
    await _show(talk, said=said, undo=await talk.undo_row(member.user_id))


async def confirm_leave(talk: Talk) -> None:
    business = (await Tenant.get(id=talk.actor.tenant_id)).name
    stay = talk.button("button-team-stay", "team")
    yes = talk.button("button-team-leave-yes", "team.leave.yes", talk.actor.tenant_id)
    await talk.show(talk.words("admin-team-leave", business=business), [yes, stay])


async def go(talk: Talk, press: Press) -> None:
    """Out of this business; where he works besides, he goes on. Raises `LastOwner`."""
    if press.do == "team.leave.yes" and press.id != talk.actor.tenant_id:
        await confirm_leave(talk)  # he has begun to work elsewhere since he was asked
        return
    business = (await Tenant.get(id=talk.actor.tenant_id)).name
    await leave(talk.actor)
    await talk.state.clear()
    await talk.show(talk.words("admin-team-gone", business=business), [talk.button("button-menu", "menu")])


async def show_done(talk: Talk, press: Press) -> None:
    """What was done lately, newest first."""
    page = max(press.page, 0)
    events = await changes_of(talk.actor.tenant_id, PAGE + 1, page * PAGE)
    names = await who_did(events)
    lines = [line_words(talk.core, talk.locale, event, names) for event in events[:PAGE]]
    head = talk.words("admin-team-done" if lines else "admin-team-nothing-done")
    pages = turn_pages(talk, "team.done", page, page * PAGE + len(events))
    last = [talk.button("button-changes", "changes"), talk.button("button-team", "team")]
    await talk.show("\n".join([head, "", *lines] if lines else [head]), pages, last)


async def _facts(talk: Talk, member: Membership) -> dict[str, str]:
    names = await names_of([member.user_id])
    return {"name": names.get(member.user_id, "—"), "role": role_words(talk.core, talk.locale, member.role)}


def setup() -> Router:
    router = Router(name="team")
    on_button(router, Role.OPERATOR, "own", greet)
    on_press(router, Role.OPERATOR, "team", open_team)
    on_button(router, Role.OPERATOR, "team.leave", confirm_leave)
    on_press(router, Role.OPERATOR, "team.leave.yes", go)
    on_button(router, Role.OWNER, "team.invite", ask_role)
    on_press(router, Role.OWNER, "team.link.", make_link)
    on_press(router, Role.OWNER, "team.withdraw", withdraw)
    on_press(router, Role.OWNER, "team.member", show_member)
    on_press(router, Role.OWNER, "team.role.", set_role)
    on_press(router, Role.OWNER, "team.remove", confirm_remove)
    on_press(router, Role.OWNER, "team.remove.yes", remove)
    on_press(router, Role.OWNER, "team.done", show_done)
    return router
