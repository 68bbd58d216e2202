"""What somebody reads who has just joined a team by a link: where he is now, what he may do, and the next step."""

from admin_bot.assistants import ask_first_name
from admin_bot.keyboards import PAGE, button
from admin_bot.menu import show_menu
from admin_bot.talk import Talk
from admin_bot.team_words import role_words
from core.models import Membership
from core.tenancy import assistants_everywhere

JOIN = "join_"
"""How the parameter of a link begins that carries an invitation."""


async def welcome(talk: Talk, joined: Membership) -> None:
    """Who works in another business chooses himself when to work in this one."""
    await talk.expect_nothing()
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
        await ask_first_name(talk, "admin-no-assistant")
