"""The button that goes on with the first steps where they were left, for as long as there are any."""

from admin_bot.keyboards import Row
from admin_bot.talk import Talk
from core.drafting.steps import NUMBERS, STEPS, step_of
from core.models import Assistant, DraftStep, Role


async def going_on(talk: Talk, assistant: Assistant) -> Row:
    """With the button that does away with it; no button when all steps are done, or for somebody who may not."""
    step = await step_of(assistant)
    if step is DraftStep.DONE or not talk.actor.may(Role.MANAGER):
        return []
    return [
        talk.button("button-continue-setup", "first", assistant.id, step=NUMBERS[step], steps=STEPS),
        talk.button("button-dismiss-setup", "first.dismiss", assistant.id),
    ]
