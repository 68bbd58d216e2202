"""How things stand, in one message, and the one next step; everything else is a button away."""

from admin_bot.channel import sign_of
from admin_bot.going_on import going_on
from admin_bot.standing import Standing, standing_of
from admin_bot.talk import Talk
from core.channels import channels_of
from core.contradictions.settling import contradictions_of
from core.gaps import count_gaps
from core.models import Role
from core.operators import taken_by, waiting_for_people
from core.quarantine import count_waiting


async def show_menu(talk: Talk, said: str = "") -> None:
    """The menu under a sentence about what has just happened. Raises `NoAssistant`."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    standing = await standing_of(assistant)
    withheld, gaps = await count_waiting(assistant), await count_gaps(assistant)
    clashes = len(await contradictions_of(assistant))
    bots = ", ".join(sign_of(talk.core, channel, talk.locale) for channel in await channels_of(assistant))
    lines = [
        *([said, ""] if said else []),
        talk.words("admin-menu-title", name=assistant.name),
        *_counted(talk, standing),
        talk.words("admin-menu-bots", bots=bots) if bots else talk.words("admin-menu-no-bots"),
        "",
        talk.words(_next_step(standing, bool(bots)) if talk.actor.may(Role.MANAGER) else "admin-next-operator"),
    ]
    waiting, mine = len(await waiting_for_people(talk.actor.tenant_id)), len(await taken_by(talk.actor))
    await talk.show(
        "\n".join(lines),
        await going_on(talk, assistant),
        [talk.button("button-people", "people", count=waiting)] if waiting else [],
        [talk.button("button-people-mine", "people", count=mine)] if mine else [],
        [talk.button("button-quarantine", "quarantine", count=withheld)] if withheld else [],
        [talk.button("button-contradictions", "clashes", count=clashes)] if clashes else [],
        [talk.button("button-gaps", "gaps", count=gaps)] if gaps else [],
        [talk.button("button-documents", "docs"), talk.button("button-ask", "ask")],
        [talk.button("button-channels", "bots"), talk.button("button-persona", "persona")],
        [talk.button("button-verified", "answers"), talk.button("button-training", "training")],
        [talk.button("button-assistants", "assistants"), talk.button("button-team", "team")],
        [talk.button("button-public-page", "page"), talk.button("button-changes", "changes")],
        [talk.button("button-numbers", "numbers"), talk.button("button-shopper", "shopper")],
        [talk.button("button-keys", "keys")],
        [talk.button("button-language", "language"), talk.button("button-help", "help")],
    )


def _counted(talk: Talk, standing: Standing) -> list[str]:
    """Files, and sites where there are any; no "no documents yet" for somebody who only gave his site."""
    sites = [talk.words("admin-menu-sites", count=standing.sites)] if standing.sites else []
    if sites and not (standing.ready or standing.busy or standing.failed):
        return sites
    documents = talk.words("admin-menu-documents", ready=standing.ready, busy=standing.busy, failed=standing.failed)
    return [documents, *sites]


def _next_step(standing: Standing, has_bot: bool) -> str:
    if not standing.answers:
        return "admin-next-wait" if standing.reading else "admin-next-file"
    return "admin-next-ask" if has_bot else "admin-next-bot"
