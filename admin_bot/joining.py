"""What somebody reads who has just joined a team by a link: where he is now, what he may do, and the next step."""

from contextlib import suppress

from admin_bot.assistants import ask_business
from admin_bot.keyboards import PAGE, button, keyboard
from admin_bot.menu import show_menu
from admin_bot.moments import role_words
from admin_bot.talk import Talk
from core.errors import Unavailable
from core.models import Membership, Role, User
from core.profiles import names_of
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Place
from core.tenancy import assistants_everywhere

JOIN = "join_"
"""How the parameter of a link begins that carries an invitation."""


async def welcome(talk: Talk, joined: Membership) -> None:
    """Who works in another business chooses himself when to work in this one."""
    await talk.expect_nothing()
    await _tell_owners(talk, joined)
    facts = {"business": joined.tenant.name, "role": role_words(talk.core, talk.locale, joined.role)}
    there = [one for one in await assistants_everywhere(talk.user.id) if one.tenant_id == joined.tenant_id]
    if talk.actor.tenant_id != joined.tenant_id:
        choose = [[button(one.name, "choose", one.id)] for one in there[:PAGE]]
        await talk.say(
            talk.words("admin-team-joined-besides", **facts), *choose, [talk.button("button-assistants", "assistants")]
        )
        return
    said = talk.words(f"admin-team-joined-{joined.role}", **facts)
    if there:
        await show_menu(talk, said)
    else:
        await talk.say(said)
        await ask_business(talk, "admin-no-assistant")


async def _tell_owners(talk: Talk, joined: Membership) -> None:
    """Whoever sent the link waits for this."""
    name = (await names_of([talk.user.id])).get(talk.user.id, "—")
    owners = User.filter(memberships__tenant_id=joined.tenant_id, memberships__role=Role.OWNER)
    for owner in await owners.filter(telegram_id__not_isnull=True).exclude(id=talk.user.id).distinct():
        say, role = talk.core.texts.say, role_words(talk.core, owner.locale, joined.role)
        rows = [[button(say(owner.locale, "button-team"), "team")]]
        text = say(owner.locale, "admin-team-has-joined", name=name, role=role)
        with suppress(ChatClosed, Unavailable):
            await talk.outbound.send(Place(owner.telegram_id or 0), Rich(text), keyboard(rows))
