"""A change of settings before it is saved: a card with before and after, and if he wants to see them three answers
before and after, or all of the mystery shopper's.

What a card proposes is in the database, so its buttons work after a restart; a number in them tells it from every other
card. Refuses to know what is proposed: each room says so in its own words.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from admin_bot.keyboards import Press, Row
from admin_bot.talk import Talk
from core.assistants import differing, with_settings
from core.models import Assistant
from core.tenancy import assistant_of

PENDING = "pending"
_LONGEST_SHOWN = 1500


@dataclass(frozen=True, slots=True)
class Proposal:
    """`settings` as core/assistants.py: `with_settings` takes them; `screen` is where he came from."""

    assistant: Assistant
    settings: dict[str, Any]
    screen: str
    card: int


async def propose(
    talk: Talk,
    assistant: Assistant,
    settings: dict[str, Any],
    screen: str,
    before: str,
    after: str,
    *others: Row,
) -> None:
    """The card: before, after, Save. `others` are buttons for what he might mean instead."""
    await talk.expect_nothing()
    _, new = differing(assistant, with_settings(assistant, settings))
    if not new:
        await talk.show(
            talk.words("admin-persona-same"), *others, [talk.button("button-settings-back", screen)], _menu(talk)
        )
        return
    card = secrets.randbits(31)
    pending = {"settings": settings, "screen": screen, "assistant": str(assistant.id), "card": card}
    await talk.state.update_data({PENDING: pending})
    none = talk.words("admin-persona-none")
    text = talk.words("admin-persona-card", before=_shown(before) or none, after=_shown(after) or none)
    await talk.show(text, *card_rows(talk, Proposal(assistant, settings, screen, card)), *others)


def card_rows(talk: Talk, proposal: Proposal, *, compared: bool = False) -> list[Row]:
    """Save, look first, or not at all."""
    about = proposal.assistant.id, proposal.card
    look = [talk.button("button-before-after-again" if compared else "button-before-after", "persona.compare", *about)]
    save = [talk.button("button-save", "persona.save", *about), talk.button("button-cancel", proposal.screen)]
    return [save, look, [talk.button("button-check-all", "persona.check", *about)]]


async def proposal_of(talk: Talk, press: Press) -> Proposal | None:
    """What the last card proposes; None for the buttons of an older one. Raises `NotFound`."""
    pending = (await talk.state.get_data()).get(PENDING) or {}
    if press.id is None or (pending.get("assistant"), pending.get("card")) != (str(press.id), press.page):
        return None
    if "settings" not in pending:  # written by an earlier version
        return None
    assistant = await assistant_of(talk.actor, press.id)
    return Proposal(assistant, pending["settings"], pending["screen"], press.page)


async def forget_proposal(talk: Talk) -> None:
    await talk.state.update_data({PENDING: None})


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1].rstrip()}…"


def _menu(talk: Talk) -> Row:
    return [talk.button("button-menu", "menu")]
