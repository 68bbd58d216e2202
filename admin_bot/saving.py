"""The buttons of a card: save what it proposes, or see three answers before and after, or all of them."""

from collections.abc import Awaitable, Callable

from aiogram import Router

from admin_bot import hours, parameters, persona, quick_replies, tone_examples
from admin_bot.comparing import compare_answers
from admin_bot.keyboards import Press, Row
from admin_bot.proposing import forget_proposal, proposal_of
from admin_bot.routes import on_press
from admin_bot.shopper import follow_run
from admin_bot.talk import Talk
from core.assistants import change_assistant, with_settings
from core.models import Role, RunKind
from core.shopper.runs import accept_checked, start_run

Show = Callable[[Talk, str, Row], Awaitable[None]]
SCREENS: dict[str, Show] = {
    "persona": persona.show_persona,
    "hours": hours.show_hours,
    "quick": quick_replies.show_questions,
    "style": tone_examples.show_examples,
    "parameters": parameters.show_parameters,
}
"""By the names of the buttons that open them."""


async def save(talk: Talk, press: Press) -> None:
    """Only what the last card showed: an older card's Save shows how things stand instead."""
    proposal = await proposal_of(talk, press)
    if proposal is None:
        await persona.show_persona(talk, talk.words("admin-old-button"))
        return
    assistant = proposal.assistant
    await accept_checked(talk.core, assistant, proposal.settings)
    await change_assistant(talk.actor, assistant, **with_settings(assistant, proposal.settings))
    await forget_proposal(talk)
    await talk.choose(assistant.id)
    undo = await talk.undo_row(assistant.id)
    await SCREENS.get(proposal.screen, persona.show_persona)(talk, talk.words("admin-persona-saved"), undo)


async def compare(talk: Talk, press: Press) -> None:
    """An older card's button shows how things stand instead."""
    proposal = await proposal_of(talk, press)
    if proposal is None:
        await persona.show_persona(talk, talk.words("admin-old-button"))
        return
    await compare_answers(talk, proposal)


async def check(talk: Talk, press: Press) -> None:
    """The mystery shopper's whole list, as it is and as it would be. Raises `NothingToAsk`, `Unavailable`."""
    proposal = await proposal_of(talk, press)
    if proposal is None:
        await persona.show_persona(talk, talk.words("admin-old-button"))
        return
    run = await start_run(talk.core, proposal.assistant, RunKind.CHANGE, settings=proposal.settings)
    await follow_run(talk, run, proposal.assistant, proposal.card)


def setup() -> Router:
    router = Router(name="saving")
    on_press(router, Role.MANAGER, "persona.save", save)
    on_press(router, Role.MANAGER, "persona.compare", compare)
    on_press(router, Role.MANAGER, "persona.check", check)
    return router
