"""The owner asks as a customer would and sees the very answer, and under it the evidence (`evidence.py`).

Whatever he types when nothing else was asked of him, and that is no wish (`understanding.py`), is such a question,
unless it is plainly a text to remember.
"""

from uuid import UUID, uuid4

from aiogram import Router

from admin_bot.evidence import show_evidence
from admin_bot.keyboards import Press
from admin_bot.knowledge import PASTED
from admin_bot.routes import on_button, on_press
from admin_bot.standing import standing_of
from admin_bot.talk import Talk
from core.channel_names import PREVIEW
from core.dialog import answer_message
from core.errors import NotFound
from core.messages import Incoming, Said
from core.models import Assistant, Role
from core.passage_edits import count_edits
from core.telegram.replies import show_reply
from core.tenancy import find_answer
from core.tracing import question_behind
from core.words import language_of

LONG_TEXT = 600
ASKED = "asked"
CUSTOMER = "customer"
"""Who asks in this try-out: questions one after the other are a conversation, and "start over" makes somebody new."""


async def invite(talk: Talk) -> None:
    """What to type, or why not yet."""
    assistant = await talk.assistant()
    await talk.expect_nothing()
    await _next_customer(talk)
    if not_yet := await _not_yet(talk, assistant):
        await talk.show(not_yet, [talk.button("button-paste", "paste")])
        return
    edits = await count_edits(assistant)
    put_aside = [talk.button("button-edits", "edits", count=edits)] if edits else []
    await talk.show(talk.words("admin-ask"), put_aside, [talk.button("button-menu", "menu")])


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


async def answer(talk: Talk, text: str, history: tuple[Said, ...] | None = None) -> None:
    """The customer's answer, then the evidence under it. `history` stands for what was said before."""
    assistant = await talk.assistant()
    if not_yet := await _not_yet(talk, assistant):
        await talk.say(not_yet, [talk.button("button-paste", "paste")])
        return
    customer = str((await talk.state.get_data()).get(CUSTOMER, talk.user.id))
    incoming = Incoming(assistant.id, PREVIEW, customer, text, history=history)
    async with talk.outbound.typing(talk.place):
        reply = await answer_message(talk.core, incoming)
    await talk.state.update_data({ASKED: text})
    await talk.say(show_reply(talk.core.texts, reply, language_of(text)))
    talk.shown = None  # the answer stays in sight
    await show_evidence(talk, *await find_answer(talk.actor, reply.message_id))


async def start_over(talk: Talk) -> None:
    """Somebody new asks next, with whom nothing has been said."""
    await _next_customer(talk)
    await talk.expect_nothing()
    talk.shown = None
    await talk.say(talk.words("admin-try-over"), [talk.button("button-menu", "menu")])


async def ask_again(talk: Talk, press: Press) -> None:
    await repeat(talk, press.id)


async def repeat(talk: Talk, answer_id: UUID | None) -> None:
    """The question of an earlier answer, by somebody new; a question that leans on what was said before keeps that."""
    assistant, earlier = await find_answer(talk.actor, answer_id)
    question, whole, before = await question_behind(earlier)
    if not question:
        raise NotFound(what="question")
    await talk.expect_nothing()
    await talk.choose(assistant.id)
    await _next_customer(talk)
    await talk.say(talk.words("admin-try-asks", question=question))
    await answer(talk, question, before if whole != question else None)


async def _next_customer(talk: Talk) -> None:
    await talk.state.update_data({CUSTOMER: f"{talk.user.id}:{uuid4().hex[:12]}"})


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
    on_button(router, Role.OPERATOR, "try.over", start_over)
    on_press(router, Role.OPERATOR, "try.again", ask_again)
    return router
