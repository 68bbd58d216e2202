"""The owner asks as a customer would and sees the very answer, where it came from, and what to do about it.

Whatever he types when nothing else was asked of him, and that is no wish (`understanding.py`), is such a question,
unless it is plainly a text to remember.
"""

from aiogram import Router

from admin_bot.keyboards import Row
from admin_bot.knowledge import PASTED
from admin_bot.routes import on_button
from admin_bot.standing import standing_of
from admin_bot.talk import Talk
from core.channels import channels_of
from core.dialog import answer_message
from core.messages import Incoming, Reply, Tier
from core.models import Assistant, Role
from core.telegram.formatting import Rich
from core.telegram.replies import show_reply
from core.topics import OFF_LIMITS
from core.words import language_of

LONG_TEXT = 600
ASKED = "asked"


async def invite(talk: Talk) -> None:
    """What to type, or why not yet."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    if not_yet := await _not_yet(talk, assistant):
        await talk.show(not_yet, [talk.button("button-paste", "paste")])
        return
    await talk.show(talk.words("admin-ask"), [talk.button("button-menu", "menu")])


async def take_text(talk: Talk, said: str) -> None:
    text = said.strip()
    await talk.assistant()
    if len(text) > LONG_TEXT:
        await talk.state.update_data({PASTED: text})
        await talk.say(
            talk.words("admin-long-text"),
            [talk.button("button-save-as-document", "remember"), talk.button("button-ask-this", "ask.pasted")],
        )
        return
    await answer(talk, text)


async def answer_pasted(talk: Talk) -> None:
    text = str((await talk.state.get_data()).get(PASTED, ""))
    if text:
        await answer(talk, text)
    else:
        await invite(talk)


async def answer(talk: Talk, text: str) -> None:
    """The customer's answer, then where it came from and the next step."""
    assistant = await talk.assistant()
    if not_yet := await _not_yet(talk, assistant):
        await talk.say(not_yet, [talk.button("button-paste", "paste")])
        return
    incoming = Incoming(assistant.id, "preview", str(talk.user.id), text)
    async with talk.outbound.typing(talk.place):
        reply = await answer_message(talk.core, incoming)
    await talk.state.update_data({ASKED: text})
    await talk.say(show_reply(talk.core.texts, reply, language_of(text)))
    live = bool(await channels_of(assistant))
    await talk.say(Rich(_explain(talk, reply, live)), *_next_steps(talk, reply, live))


def _explain(talk: Talk, reply: Reply, live: bool) -> str:
    if reply.reason == "courtesy":
        return talk.words("admin-tier-courtesy")
    if reply.reason.startswith(OFF_LIMITS):
        return talk.words("admin-tier-off-limits")
    if reply.tier == Tier.HANDED_OVER:
        return talk.words("admin-tier-handed_over")
    said = [f"admin-tier-{reply.tier.value}"]
    if reply.tier == Tier.VERIFIED:
        said.append("admin-tier-next-answers")
    elif reply.tier != Tier.REFUSED:
        said.append("admin-tier-next-own")
    if reply.tier != Tier.REFUSED and not live:
        said.append("admin-tier-next-bot")
    return "\n".join(talk.words(key) for key in said)


def _next_steps(talk: Talk, reply: Reply, live: bool) -> list[Row]:
    if reply.reason == "courtesy":
        own = []
    elif reply.tier == Tier.VERIFIED:
        own = [talk.button("button-verified", "answers")]
    else:
        own = [talk.button("button-teach", "teach"), talk.button("button-why", "search.last")]
    connect = [] if live else [talk.button("button-connect", "connect")]
    return [own, connect, [talk.button("button-menu", "menu")]]


async def _not_yet(talk: Talk, assistant: Assistant) -> str:
    """Why nothing can be answered yet; empty when something can."""
    standing = await standing_of(assistant)
    if standing.answers:
        return ""
    return talk.words("admin-next-wait" if standing.reading else "admin-ask-empty")


def setup() -> Router:
    router = Router(name="ask")
    on_button(router, Role.OPERATOR, "ask", invite)
    on_button(router, Role.OPERATOR, "ask.pasted", answer_pasted)
    return router
